"""An SMTP server that does as it is told and remembers everything: the other side, for tests.

smtp.at(Moment.RCPT, recipient="gone@example.com", reply="550 5.1.1 No such user")
smtp.at(Moment.DOT, nth=3, hang_up=True)
smtp.pipelining = False
…
assert smtp.count_by_recipient() == {"a@example.com": 1}
"""

import asyncio
import ssl
import threading
import time
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from enum import Enum
from types import TracebackType

from webapp.platform.development import smtp
from webapp.platform.development.smtp import Envelope, HangUp, Host
from webapp.platform.development.smtp import _Conversation as Conversation

NOBODY = "554 5.5.1 No valid recipients"
OUT_OF_STEP = "503 5.5.0 One command at a time, please"


class Moment(Enum):
    CONNECT = "connect"
    EHLO = "ehlo"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    """After our 354, when the content has begun and its final dot has not been read."""
    DOT = "dot"
    """After the final dot: the message is ours, the sender does not know it yet."""
    RSET = "rset"
    QUIT = "quit"


SCRIPTED = (Moment.EHLO, Moment.MAIL, Moment.DATA, Moment.RSET, Moment.QUIT)
VERBS = {moment.name: moment for moment in SCRIPTED}


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

    pipelining: bool
    international: bool
    """Whether SMTPUTF8 is offered."""
    delay: float
    """Seconds before each reply to a final dot."""
    slow: bool
    """Takes a content in small portions, with pauses, so that its sender has to wait."""
    in_bytes: bool
    """Each byte of a reply leaves by itself."""
    without_recipient: str
    """The answer to DATA when every recipient was refused; 354 asks for a content all the same."""
    most_messages: int | None
    """On one connection; then it ends with `farewell`, or without a word where that is empty."""
    farewell: str
    most_connections: int | None
    """At once; others are turned away."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.clear()

    def __enter__(self) -> "ScriptedSmtp":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()
        serving = asyncio.start_server(
            self._converse,
            "127.0.0.1",
            0,
            ssl=self._tls,
            limit=smtp.LARGEST_MESSAGE,
            backlog=512,
        )
        server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(timeout=10)
        self.port = server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(_end_conversations(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def clear(self) -> None:
        """Forget messages, script and habits."""
        self.messages: list[Received] = []
        self.by_connection: list[int] = []
        """How many messages each connection brought."""
        self.talking = 0
        """Connections that are open."""
        self.most_talking = 0
        self.heard: Counter[Moment] = Counter()
        """How often each moment came."""
        self.empty_contents = 0
        """Contents that were ended at once, as nobody was to get them."""
        self._rules: list[_Rule] = []
        self.pipelining, self.international = True, True
        self.delay, self.slow, self.in_bytes = 0.0, False, False
        self.without_recipient = NOBODY
        self.most_messages, self.farewell = None, "421 4.3.2 Enough for this connection"
        self.most_connections = None

    @property
    def connections(self) -> int:
        """That there were so far."""
        return len(self.by_connection)

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

    def wait_until_quiet(self, *, seconds: float = 20.0) -> None:
        """Raises AssertionError unless every connection has ended in that time."""
        deadline = time.monotonic() + seconds
        while self.talking and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not self.talking, f"{self.talking} connections are still open"

    async def greet(self) -> str:
        if self.most_connections is not None and self.talking > self.most_connections:
            return "421 4.7.0 Too many connections"
        return await self.act(Moment.CONNECT, []) or await super().greet()

    async def admit(self, envelope: Envelope, recipient: str) -> str:
        return await self.act(Moment.RCPT, [recipient]) or smtp.OK

    async def listen(self, envelope: Envelope) -> None:
        await self.act(Moment.CONTENT, envelope.recipients)

    async def receive(self, envelope: Envelope) -> str:
        # A conversation that outlives its test must not count in the next one.
        messages = self.messages
        await asyncio.sleep(self.delay)
        try:
            reply = await self.act(Moment.DOT, envelope.recipients) or smtp.OK
        except HangUp:
            messages.append(_received(envelope, acknowledged=False))
            raise
        if reply.startswith("2"):
            messages.append(_received(envelope, acknowledged=True))
        return reply

    async def act(self, moment: Moment, recipients: list[str]) -> str | None:
        """What the script wants said. Raises HangUp."""
        self.heard[moment] += 1
        reply = None
        for rule in self._rules:
            if rule.strikes(moment, recipients):
                await asyncio.sleep(rule.silence)
                if rule.hang_up:
                    raise HangUp
                reply = reply or rule.reply
        return reply

    async def _converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        lost = (HangUp, IncompleteReadError, LimitOverrunError, ConnectionError, ssl.SSLError)
        stopped = asyncio.CancelledError
        conversation = _ScriptedConversation(self, reader, writer)
        try:
            with suppress(*lost, stopped):
                await conversation.run()
        finally:
            writer.close()
            conversation.end()


class _ScriptedConversation(Conversation):
    host: ScriptedSmtp

    def __init__(self, host: ScriptedSmtp, reader: StreamReader, writer: StreamWriter) -> None:
        super().__init__(host, reader, writer)
        self._by_connection, self._number = host.by_connection, len(host.by_connection)
        host.by_connection.append(0)
        host.talking += 1
        host.most_talking = max(host.most_talking, host.talking)

    def end(self) -> None:
        if self._by_connection is self.host.by_connection:
            self.host.talking -= 1

    async def _answer(self, words: str) -> str:
        reply = await self._scripted(words[:4].upper()) or await super()._answer(words)
        if reply.split("\r\n")[-1].startswith("421"):
            self._say(reply)
            self._flush()
            raise HangUp
        return reply

    async def _scripted(self, verb: str) -> str | None:
        if not self.host.pipelining and self.reader._buffer:  # type: ignore[attr-defined]
            return OUT_OF_STEP
        if verb == "MAIL" and self._taken == self.host.most_messages:
            if not self.host.farewell:
                self._flush()
                raise HangUp
            return self.host.farewell
        recipients = self.envelope.recipients if self.envelope else []
        return await self.host.act(VERBS[verb], recipients) if verb in VERBS else None

    @property
    def _taken(self) -> int:
        return self._by_connection[self._number]

    def _hello(self, verb: str) -> str:
        hidden = [] if self.host.pipelining else ["PIPELINING"]
        hidden += [] if self.host.international else ["SMTPUTF8"]
        offers = [line[4:] for line in super()._hello(verb).split("\r\n")]
        *others, last = [offer for offer in offers if offer not in hidden]
        return "\r\n".join([*(f"250-{offer}" for offer in others), f"250 {last}"])

    def _flush(self) -> None:
        if not self.host.in_bytes:
            super()._flush()
            return
        for byte in "".join(self.replies).encode():
            self.writer.write(bytes([byte]))
        self.replies.clear()

    async def _data(self) -> str:
        envelope = self.envelope
        if envelope is not None and not envelope.recipients:
            return await self._data_for_nobody()
        reply = await super()._data()
        self._by_connection[self._number] += reply.startswith("2")
        return reply

    async def _data_for_nobody(self) -> str:
        if self.host.without_recipient.startswith("354"):
            self._say(self.host.without_recipient)
            self.host.empty_contents += await self._rest(bytearray()) == b""
            self.envelope = None
            return NOBODY
        return self.host.without_recipient

    async def _rest(self, content: bytearray) -> bytes:
        if not self.host.slow:
            return await super()._rest(content)
        hesitating = asyncio.ensure_future(self._hesitate())
        try:
            return await super()._rest(content)
        finally:
            hesitating.cancel()
            self.writer.transport.resume_reading()  # type: ignore[attr-defined]

    async def _hesitate(self) -> None:
        while True:
            self.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(0.005)
            self.writer.transport.resume_reading()  # type: ignore[attr-defined]
            await asyncio.sleep(0.001)


def _received(envelope: Envelope, *, acknowledged: bool) -> Received:
    return Received(envelope.sender, envelope.recipients, envelope.content, acknowledged)


async def _end_conversations() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
