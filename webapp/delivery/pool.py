"""The lines to one server, all in the hands of one sender: whichever can go on is served next."""

import selectors
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from smtplib import SMTP
from typing import Protocol

from webapp.delivery.message import Message
from webapp.delivery.outcomes import ServerRefusesUs, ServerTrouble, ServerUnavailable
from webapp.delivery.smtp import ConnectionLost, Desk, Line, NotBegun, opened
from webapp.platform.config import MailConfig
from webapp.platform.locales import _
from webapp.platform.mail import Connection

MESSAGES_PER_LINE = 10
"""Another connection is opened for so many messages that wait: a handful is not worth one."""
GOODBYE = 2.0
"""Seconds for the answer to QUIT."""
_WAIT = 0.25
_WAIT_FOR_LINE = 0.02


class Feed(Desk, Protocol):
    """What a pool sends."""

    def next(self) -> Message | None:
        """None: there is nothing more to send just now."""

    def waiting(self) -> int:
        """How many messages `next` would give at least."""

    def goes_on(self) -> bool:
        """Whether another message may be begun."""


class Pool:
    """Opens its lines when needed, also after the server closed one."""

    def __init__(self, config: MailConfig, feed: Feed, *, most: int, per_line: int) -> None:
        self.trouble: ServerTrouble | None = None
        """Why it stopped before the feed was empty."""
        self._connection = Connection(config)
        self._timeout = config.timeout
        self._feed = feed
        self._most = most
        self._per_line = per_line
        self._lines: set[Line] = set()
        self._returned: deque[Message] = deque()
        """Taken from the feed, and not offered yet, or offered in vain on a line that was lost."""
        self._selector = selectors.DefaultSelector()
        self._openers = ThreadPoolExecutor(max_workers=most)
        self._opening: set[Future[SMTP]] = set()
        self._silence_checked_at = 0.0

    def run(self, between: Callable[[], None] = lambda: None) -> None:
        """Until the feed gives nothing more, or there is trouble with the server; every message
        that was begun is settled then. `between` is called again and again."""
        try:
            while self._works():
                self._turn()
                between()
        finally:
            self._close()

    def _works(self) -> bool:
        if any(line.busy for line in self._lines):
            return True
        if not self._goes_on():
            return False
        if not self._returned and not self._feed.waiting():
            # Perhaps it can get more: every line may have been closed as its last batch ended.
            self._return(self._feed.next())
        return bool(self._returned or self._feed.waiting())

    def _goes_on(self) -> bool:
        return self.trouble is None and self._feed.goes_on()

    def _turn(self) -> None:
        self._open_lines()
        wait = _WAIT_FOR_LINE if self._opening else _WAIT
        for key, events in self._selector.select(wait):
            if key.data in self._lines:
                self._serve(key.data, events)
        if self._returned:
            for line in [line for line in self._lines if line.free]:
                self._serve(line, selectors.EVENT_WRITE)
        now = time.monotonic()
        if now - self._silence_checked_at > _WAIT:
            self._silence_checked_at = now
            for line in [line for line in self._lines if line.silent]:
                self._lost(line, _("It did not answer in time."))

    def _open_lines(self) -> None:
        for opening in [each for each in self._opening if each.done()]:
            self._opening.remove(opening)
            self._begin(opening)
        waiting = self._feed.waiting() + len(self._returned)
        if not waiting or not self._goes_on():
            return
        wanted = min(self._most, 1 + waiting // MESSAGES_PER_LINE)
        for _each in range(wanted - len(self._lines) - len(self._opening)):
            self._opening.add(self._openers.submit(self._connection.configure_host))

    def _begin(self, opening: "Future[SMTP]") -> None:
        try:
            line = Line(opened(opening.result), self._feed, self._timeout)
        except ServerTrouble as error:
            self._fewer_lines_or(error)
            return
        self._lines.add(line)
        self._selector.register(line.socket, selectors.EVENT_READ, line)
        self._serve(line, selectors.EVENT_WRITE)

    def _serve(self, line: Line, events: int) -> None:
        wrote = line.wants_to_write
        try:
            if events & selectors.EVENT_READ:
                line.read()
            self._feed_line(line)
            line.write()
        except ConnectionLost as error:
            self._lost(line, str(error))
        except NotBegun:
            # Its message is not offered again: the feed will not have it begun.
            self._remove(line)
            line.give_up()
        except ServerTrouble as error:
            self._refused(line, error)
        else:
            if line.wants_to_write != wrote:
                more = selectors.EVENT_WRITE if line.wants_to_write else 0
                self._selector.modify(line.socket, selectors.EVENT_READ | more, line)
            if line.offers >= self._per_line and not line.busy:
                self._remove(line)
                line.say_goodbye()
                line.close()

    def _feed_line(self, line: Line) -> None:
        while line.free and line.offers < self._per_line and self._goes_on():
            message = self._returned.popleft() if self._returned else self._feed.next()
            if message is None:
                return
            line.offer(message)

    def _lost(self, line: Line, why: str) -> None:
        self._remove(line)
        untouched = line.lose(why)
        if untouched is not None and line.offers == 1:
            self._fewer_lines_or(ServerUnavailable(why))
        self._return(untouched)

    def _refused(self, line: Line, error: ServerTrouble) -> None:
        """Servers end a line after a while, or after so many messages; then a used one is
        replaced."""
        self._remove(line)
        self._return(line.lose(str(error)))
        if isinstance(error, ServerRefusesUs):
            self.trouble = error
        elif line.offers == 1:
            self._fewer_lines_or(error)

    def _fewer_lines_or(self, error: ServerTrouble) -> None:
        """While others work, a new line that fails says that the server wants no more of them."""
        if self._lines or self._opening:
            self._most = len(self._lines) + len(self._opening)
        else:
            self.trouble = error

    def _return(self, message: Message | None) -> None:
        if message is not None:
            self._returned.append(message)

    def _remove(self, line: Line) -> None:
        self._selector.unregister(line.socket)
        self._lines.remove(line)

    def _close(self) -> None:
        for opening in self._opening:
            opening.add_done_callback(_close_unused)
        self._openers.shutdown(wait=False, cancel_futures=True)
        self._selector.close()
        for line in [line for line in self._lines if line.busy]:
            # Something of ours went wrong in the middle: what was begun is unknown, not untouched.
            self._lines.remove(line)
            line.lose(_("The sender stopped."))
        for line in self._lines:
            line.say_goodbye()
        patience = time.monotonic() + GOODBYE
        for line in self._lines:
            line.hang_up(max(0.01, patience - time.monotonic()))


def _close_unused(opening: "Future[SMTP]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
