"""One SMTP conversation (RFC 5321) on which messages follow each other, pipelined where the server
offers it (RFC 2920).

Then a message costs one round trip: its end and the offer of the next one leave in one packet. The
socket never blocks, so that one sender can hold many such lines at once.
"""

import re
import smtplib
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from webapp.delivery import outcomes
from webapp.delivery.message import Message
from webapp.delivery.outcomes import Outcome, ServerRefusesUs, ServerUnavailable
from webapp.platform.locales import _

FINAL_REPLY_PATIENCE = 6
"""Times the usual time-out. A server may think long about a whole message (RFC 5321, 4.5.3.2.6),
and giving up makes the outcome unknown."""

_LONGEST_REPLY = 65_536
_PORTION = 8_192
"""Octets written at a time, so that a slow server is seen to take them: TLS tells of a portion only
when all of it is gone."""
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_NO_RELAYING = re.compile(
    rb"relay(ing)?( access)? (denied|not (permitted|allowed)|prohibited)"
    rb"|(unable|not (permitted|allowed)|cannot|can't|refus\w+) to relay|do(es)? not relay",
    re.IGNORECASE,
)
"""But not Postfix's “User unknown in relay recipient table”, which is about one person."""

Step = Callable[[int, bytes], None]
"""What a reply means: its code, and its text."""


class Desk(Protocol):
    """Where a line gets its messages from, and whom it tells."""

    def may_begin(self, message: Message) -> bool:
        """Asked when the server waits for the content: from a yes on it may have arrived."""

    def settle(self, message: Message, outcome: Outcome) -> None: ...


class ConnectionLost(Exception):
    """The text says how."""


class NotBegun(Exception):
    """The server waits for a content that must not be sent any more."""


def opened(attempt: Callable[[], smtplib.SMTP]) -> smtplib.SMTP:
    """What the attempt to connect and sign in gave. Raises ServerUnavailable, ServerRefusesUs."""
    try:
        return attempt()
    except smtplib.SMTPResponseException as error:
        signing_in = isinstance(error, smtplib.SMTPAuthenticationError)
        refused = error.smtp_code >= 500 or signing_in
        said = words(error.smtp_code, error.smtp_error)
        raise (ServerRefusesUs if refused else ServerUnavailable)(said) from error
    except smtplib.SMTPNotSupportedError as error:
        raise ServerRefusesUs(str(error)) from error
    except UnicodeEncodeError as error:
        said = _("The user name or the password has letters that mail servers do not take.")
        raise ServerRefusesUs(said) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ServerUnavailable(_reason(error)) from error


class Line:
    """An open connection. It is offered a message whenever it is `free`."""

    def __init__(self, host: smtplib.SMTP, desk: Desk, timeout: float) -> None:
        assert isinstance(host.sock, socket.socket)
        self.socket = host.sock
        self.socket.setblocking(False)
        self.offers = 0
        self._desk = desk
        self._timeout = timeout
        self._pipelining = host.has_extn("pipelining")
        self._international = host.has_extn("smtputf8")
        self._offered: Message | None = None
        self._mail_taken = False
        self._refusal: Outcome | None = None
        self._begun: Message | None = None
        """Its content is on its way, or the reply to its final dot is."""
        self._commands: deque[tuple[bytes, Step]] = deque()
        self._awaited: deque[Step] = deque()
        self._outgoing = memoryview(b"")
        self._written = self._queued = self._dot_at = 0
        self._incoming = b""
        self._said = b""
        self._progress_at = time.monotonic()

    @property
    def free(self) -> bool:
        """Whether it can be offered a message."""
        return self._offered is None and (self._pipelining or not self.busy)

    @property
    def busy(self) -> bool:
        return bool(self._awaited or self._commands)

    @property
    def wants_to_write(self) -> bool:
        return bool(self._outgoing)

    @property
    def silent(self) -> bool:
        """Whether the server has let the time for its reply run out."""
        patience = FINAL_REPLY_PATIENCE if self._begun and not self._outgoing else 1
        waited = time.monotonic() - self._progress_at
        return (self.busy or bool(self._outgoing)) and waited > self._timeout * patience

    def offer(self, message: Message) -> None:
        if message.utf8 and not self._international:
            words = _("The mail server does not take addresses with international letters.")
            self._desk.settle(message, outcomes.failed(words))
            return
        if not self.busy:
            self._progress_at = time.monotonic()
        self.offers += 1
        self._offered, self._mail_taken, self._refusal = message, False, None
        option = " SMTPUTF8" if message.utf8 else ""
        mail = f"MAIL FROM:<{message.envelope_from}>{option}\r\n"
        self._commands += [
            (mail.encode(), self._on_mail),
            (f"RCPT TO:<{message.envelope_to}>\r\n".encode(), self._on_rcpt),
            (b"DATA\r\n", self._on_data),
        ]

    def write(self) -> None:
        """As much as the socket takes. Raises ConnectionLost."""
        try:
            while self._outgoing or self._load():
                written = self.socket.send(self._outgoing[:_PORTION])
                self._outgoing = self._outgoing[written:]
                self._written += written
                self._progress_at = time.monotonic()
        except _NOT_YET:
            return
        except OSError as error:
            raise ConnectionLost(_reason(error)) from error

    def read(self) -> None:
        """Take the replies that are there. Raises ConnectionLost, NotBegun, ServerTrouble."""
        try:
            received = self.socket.recv(_LONGEST_REPLY)
            while isinstance(self.socket, ssl.SSLSocket) and self.socket.pending():
                received += self.socket.recv(_LONGEST_REPLY)
        except _NOT_YET:
            return
        except OSError as error:
            raise ConnectionLost(_reason(error)) from error
        *lines, self._incoming = (self._incoming + received).split(b"\n")
        if lines:
            self._progress_at = time.monotonic()
        for line in lines:
            self._take(line)
        if not received or len(self._incoming) + len(self._said) > _LONGEST_REPLY:
            raise ConnectionLost(_("The server ended the connection."))

    def lose(self, why: str) -> Message | None:
        """The connection is gone: settles what was under way on it.

        Gives back the message that the server had not looked at yet.
        """
        self.close()
        lost = _("The connection was lost: %(error)s", error=why)
        if self._begun:
            dot_left = self._written >= self._dot_at
            in_doubt = _("The connection was lost before the answer: %(error)s", error=why)
            outcome = outcomes.unknown(in_doubt) if dot_left else outcomes.deferred(lost)
            self._settle_begun(outcome)
        untouched, self._offered = self._offered, None
        if untouched and self._mail_taken:
            self._desk.settle(untouched, self._refusal or outcomes.deferred(lost))
            return None
        return untouched

    def give_up(self) -> None:
        """Hang up in front of a content that must not be sent."""
        self.close()
        self._offered = None

    def say_goodbye(self) -> None:
        """Only when it is not busy."""
        try:
            self.socket.send(b"QUIT\r\n")
        except OSError:
            return

    def hang_up(self, patience: float) -> None:
        """After the goodbye: waits a moment for the answer to it, as is polite."""
        try:
            self.socket.settimeout(patience)
            self.socket.recv(_LONGEST_REPLY)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        self.socket.close()

    def _load(self) -> bool:
        """Put out the commands that may leave now: all, or without pipelining one at a time."""
        due = []
        while self._commands and (self._pipelining or not self._awaited):
            command, step = self._commands.popleft()
            self._awaited.append(step)
            self._queued += len(command)
            if step == self._on_dot:
                self._dot_at = self._queued
            due.append(command)
        self._outgoing = memoryview(b"".join(due))
        return bool(due)

    def _take(self, line: bytes) -> None:
        """One line of a reply; the last one has no hyphen after its code (RFC 5321, 4.2.1)."""
        text = line[4:].rstrip()
        if self._said or line[3:4] == b"-":
            self._said += text + b" "
            text = self._said
        if line[3:4] == b"-":
            return
        self._said = b""
        code = int(line[:3]) if line[:3].isdigit() else -1
        if not self._awaited:
            # Nobody asked: the server closes the connection, or is out of step.
            raise ConnectionLost(words(code, text))
        self._awaited.popleft()(code, text)

    def _on_mail(self, code: int, text: bytes) -> None:
        if not _is_yes(code):
            raise (ServerRefusesUs if code >= 500 else ServerUnavailable)(words(code, text))
        self._mail_taken = True

    def _on_rcpt(self, code: int, text: bytes) -> None:
        if _is_about_us(code, text):
            self._mail_taken = False
            raise ServerRefusesUs(words(code, text))
        if not _is_yes(code):
            self._refuse(code, text)
            if not self._pipelining:
                # DATA has not left yet.
                self._commands.clear()
                self._settle_refused()

    def _on_data(self, code: int, text: bytes) -> None:
        if code == 354:
            self._commands.appendleft(self._content())
            return
        if self._refusal is None:
            self._refuse(code, text)
        self._settle_refused()

    def _content(self) -> tuple[bytes, Step]:
        message = self._offered
        assert message is not None
        if self._refusal is not None:
            # A server that took DATA without a recipient wants an end to it (RFC 2920, 3.1).
            return b".\r\n", lambda _code, _text: self._settle_refused()
        if not self._desk.may_begin(message):
            raise NotBegun
        self._begun, self._offered = message, None
        self._dot_at = sys.maxsize
        return message.content + b".\r\n", self._on_dot

    def _on_dot(self, code: int, text: bytes) -> None:
        """Between the final dot and this nobody knows."""
        said = words(code, text)
        if _is_yes(code):
            self._settle_begun(outcomes.sent(said))
            return
        self._settle_begun(_judged(code, text) or outcomes.unknown(said))
        if code < 400 or code == 421:
            raise ConnectionLost(said)

    def _refuse(self, code: int, text: bytes) -> None:
        if code == 421:
            raise ConnectionLost(words(code, text))
        self._refusal = _judged(code, text) or outcomes.deferred(words(code, text))

    def _settle_refused(self) -> None:
        """The verdict stands; the envelope is cleared for the next message."""
        message, self._offered = self._offered, None
        assert message is not None
        assert self._refusal is not None
        self._desk.settle(message, self._refusal)
        self._commands.append((b"RSET\r\n", lambda _code, _text: None))

    def _settle_begun(self, outcome: Outcome) -> None:
        message, self._begun = self._begun, None
        assert message is not None
        self._desk.settle(message, outcome)


def words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.replace(chr(0), ' ').split())}"[:500]


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _judged(code: int, text: bytes) -> Outcome | None:
    if code >= 500:
        return outcomes.failed(words(code, text))
    if code >= 400:
        return outcomes.deferred(words(code, text))
    return None


def _is_about_us(code: int, text: bytes) -> bool:
    """A refusal at RCPT that would meet everybody: sign in first, or no relaying for us."""
    return code in {530, 535, 538} or (code >= 500 and _NO_RELAYING.search(text) is not None)


def _reason(error: OSError | smtplib.SMTPException) -> str:
    """Words for the page of a mailing that waits, without the operating system's number."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return _("It did not answer in time.")
    return getattr(error, "strerror", None) or str(error)
