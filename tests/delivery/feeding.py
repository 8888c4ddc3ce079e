"""Messages for a pool or a line without a mailing behind them, and what became of them."""

import time
from collections.abc import Iterable
from typing import Any

from tests.support.smtp import ScriptedSmtp
from webapp.delivery.message import Message
from webapp.delivery.outcomes import Outcome, ServerTrouble
from webapp.delivery.pool import Pool
from webapp.mailings.models import RecipientState
from webapp.platform.config import MailConfig

CONTENT = b"Subject: Hi\r\n\r\nHello.\r\n"
PATIENCE = 20.0
"""Seconds that a test may take that would otherwise not end."""


def letter(number: int, to: str = "", content: bytes = CONTENT, *, utf8: bool = False) -> Message:
    return Message(number, "news@fjordlys.example", to or f"p{number}@x.dk", content, utf8)


def letters(number: int) -> list[Message]:
    return [letter(each) for each in range(number)]


def large(number: int, size: int) -> Message:
    line = b"0123456789abcdef" * 4 + b"\r\n"
    return letter(number, content=CONTENT + line * (size // len(line) + 1))


class Feed:
    """Gives each message once, and hears of each once."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.trouble: ServerTrouble | None = None
        self.begun: list[str] = []
        self.lets_begin = True
        self._messages = list(messages)
        self._ends_at = time.monotonic() + PATIENCE

    def next(self) -> Message | None:
        return self._messages.pop(0) if self._messages else None

    def waiting(self) -> int:
        return len(self._messages)

    def goes_on(self) -> bool:
        assert time.monotonic() < self._ends_at, "it does not come to an end"
        return True

    def may_begin(self, message: Message) -> bool:
        if self.lets_begin:
            self.begun.append(message.envelope_to)
        return self.lets_begin

    def settle(self, message: Message, outcome: Outcome) -> None:
        assert message.envelope_to not in self.outcomes, "it was settled already"
        self.outcomes[message.envelope_to] = outcome

    @property
    def states(self) -> dict[str, RecipientState]:
        return {to: outcome.state for to, outcome in self.outcomes.items()}


def send(
    smtp: ScriptedSmtp,
    messages: Iterable[Message],
    *,
    most: int = 1,
    per_line: int = 1000,
    timeout: float = 10.0,
    **config: Any,
) -> Feed:
    """As a pool of so many lines sends them."""
    server = MailConfig(**{"server": "127.0.0.1", "port": smtp.port, "timeout": timeout} | config)
    feed = Feed(messages)
    pool = Pool(server, feed, most=most, per_line=per_line)
    pool.run()
    feed.trouble = pool.trouble
    return feed
