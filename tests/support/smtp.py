"""An SMTP server that does as it is told and remembers everything: the other side, for tests.

smtp.at(Moment.RCPT, recipient="gone@example.com", reply="550 5.1.1 No such user")
smtp.at(Moment.DOT, nth=3, hang_up=True)
…
assert smtp.count_by_recipient() == {"a@example.com": 1}
"""

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import Enum

from webapp.platform.development import smtp
from webapp.platform.development.smtp import Envelope, HangUp, Host


class Moment(Enum):
    CONNECT = "connect"
    RCPT = "rcpt"
    CONTENT = "content"
    """After our 354, when the content has begun and its final dot has not been read."""
    DOT = "dot"
    """After the final dot: the message is ours, the sender does not know it yet."""


@dataclass
class Received:
    """One message that was taken, whatever the sender was told then."""

    sender: str
    recipients: list[str]
    content: bytes
    acknowledged: bool
    """Whether a 2xx was on its way (not, when the line broke after the final dot)."""

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=policy.default).parsebytes(self.content)


@dataclass
class _Rule:
    moment: Moment
    recipient: str | None
    nth: int | None
    times: int | None
    reply: str | None
    hang_up: bool
    silence: float
    met: int = 0

    def strikes(self, moment: Moment, recipients: list[str]) -> bool:
        if moment is not self.moment or not self._is_for(recipients):
            return False
        self.met += 1
        if self.nth is not None:
            return self.met == self.nth
        return self.times is None or self.met <= self.times

    def _is_for(self, recipients: list[str]) -> bool:
        return self.recipient is None or self.recipient in recipients


class ScriptedSmtp(Host):
    """Listens on `port` of 127.0.0.1 from `start` to `stop`. Without a script it takes all."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[Received] = []
        self.connections = 0
        self.delay = 0.0
        """Seconds before each reply to a final dot."""
        self._rules: list[_Rule] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        serving = smtp.serve(self, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(timeout=10)
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(_end_conversations(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def clear(self) -> None:
        """Forget messages, script and delay."""
        self.messages, self._rules = [], []
        self.connections, self.delay = 0, 0.0

    def at(
        self,
        moment: Moment,
        *,
        recipient: str | None = None,
        nth: int | None = None,
        times: int | None = None,
        reply: str | None = None,
        hang_up: bool = False,
        silence: float = 0.0,
    ) -> None:
        """At this moment (of that recipient; only the nth time, or the first so many times) be
        silent for some seconds, then hang up, or give `reply`, or go on as if nothing were."""
        self._rules.append(_Rule(moment, recipient, nth, times, reply, hang_up, silence))

    def count_by_recipient(self) -> Counter[str]:
        return Counter(recipient for taken in self.messages for recipient in taken.recipients)

    def to(self, recipient: str) -> list[EmailMessage]:
        return [taken.message for taken in self.messages if recipient in taken.recipients]

    def wait_for(self, count: int, *, seconds: float = 20.0) -> None:
        """Raises AssertionError unless so many messages have come in that time."""
        deadline = time.monotonic() + seconds
        while len(self.messages) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.messages) >= count, f"{len(self.messages)} of {count} messages came"

    async def greet(self) -> str:
        self.connections += 1
        return await self._act(Moment.CONNECT, []) or await super().greet()

    async def admit(self, envelope: Envelope, recipient: str) -> str:
        return await self._act(Moment.RCPT, [recipient]) or smtp.OK

    async def listen(self, envelope: Envelope) -> None:
        await self._act(Moment.CONTENT, envelope.recipients)

    async def receive(self, envelope: Envelope) -> str:
        # A conversation that outlives its test must not count in the next one.
        messages = self.messages
        await asyncio.sleep(self.delay)
        try:
            reply = await self._act(Moment.DOT, envelope.recipients) or smtp.OK
        except HangUp:
            messages.append(_received(envelope, acknowledged=False))
            raise
        if reply.startswith("2"):
            messages.append(_received(envelope, acknowledged=True))
        return reply

    async def _act(self, moment: Moment, recipients: list[str]) -> str | None:
        reply = None
        for rule in self._rules:
            if rule.strikes(moment, recipients):
                await asyncio.sleep(rule.silence)
                if rule.hang_up:
                    raise HangUp
                reply = reply or rule.reply
        return reply


def _received(envelope: Envelope, *, acknowledged: bool) -> Received:
    return Received(envelope.sender, envelope.recipients, envelope.content, acknowledged)


async def _end_conversations() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
