"""One SMTP conversation (RFC 5321) on a connection that Flask-Mail's configuration opened."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from webapp.delivery import outcomes
from webapp.delivery.outcomes import Outcome, ServerRefusesUs, ServerUnavailable
from webapp.platform.locales import _
from webapp.platform.mail import mail

_NO_RELAYING = re.compile(
    rb"relay(ing)?( access)? (denied|not (permitted|allowed)|prohibited)"
    rb"|(unable|not (permitted|allowed)|cannot|can't|refus\w+) to relay|do(es)? not relay",
    re.IGNORECASE,
)
"""But not Postfix's “User unknown in relay recipient table”, which is about one person."""

FINAL_REPLY_PATIENCE = 6
"""Times the usual time-out. A server may think long about a whole message (RFC 5321, 4.5.3.2.6),
and giving up makes the outcome unknown."""


@dataclass(frozen=True)
class Message:
    """A whole message (CRLF line ends) with its envelope; addresses are ASCII unless `utf8`."""

    envelope_from: str
    envelope_to: str
    content: bytes
    utf8: bool = False


class SmtpConnection:
    """Opens itself when needed, also after the server closed it."""

    def __init__(self) -> None:
        self._host: smtplib.SMTP | None = None

    def __enter__(self) -> "SmtpConnection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._host is not None:
            try:
                self._host.quit()
            except (OSError, smtplib.SMTPException):
                self._host.close()

    def deliver(self, message: Message) -> Outcome:
        """Raises ServerUnavailable or ServerRefusesUs when it is not about this message."""
        host = self._begun(message)
        if message.utf8 and not host.has_extn("smtputf8"):
            self._reset(host)
            return outcomes.failed(
                _("The mail server does not take addresses with international letters (SMTPUTF8).")
            )
        try:
            refusal = _offer(host, message)
        except ServerRefusesUs:
            self._drop()
            raise
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            return outcomes.deferred(_("The connection was lost: %(error)s", error=error))
        if refusal is not None:
            self._reset(host)
            return refusal
        return self._hand_over(host, message)

    def _begun(self, message: Message) -> smtplib.SMTP:
        """A connection on which MAIL FROM was taken. Servers end one after a while, or after so
        many messages; that is no reason to wait, so a used one is replaced."""
        used = self._host is not None
        try:
            return self._mail_from(message)
        except ServerUnavailable:
            if not used:
                raise
        return self._mail_from(message)

    def _mail_from(self, message: Message) -> smtplib.SMTP:
        host = self._opened()
        options = ["SMTPUTF8"] if message.utf8 and host.has_extn("smtputf8") else []
        try:
            code, text = host.mail(message.envelope_from, options)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            raise ServerUnavailable(_reason(error)) from error
        if not _is_yes(code):
            self._drop()
            raise (ServerRefusesUs if code >= 500 else ServerUnavailable)(_words(code, text))
        return host

    def _opened(self) -> smtplib.SMTP:
        if self._host is None:
            try:
                self._host = mail.connect().configure_host()
            except smtplib.SMTPAuthenticationError as error:
                raise ServerRefusesUs(_words(error.smtp_code, error.smtp_error)) from error
            except smtplib.SMTPResponseException as error:
                said = _words(error.smtp_code, error.smtp_error)
                kind = ServerRefusesUs if error.smtp_code >= 500 else ServerUnavailable
                raise kind(said) from error
            except smtplib.SMTPNotSupportedError as error:
                raise ServerRefusesUs(str(error)) from error
            except (OSError, smtplib.SMTPException) as error:
                raise ServerUnavailable(_reason(error)) from error
        return self._host

    def _hand_over(self, host: smtplib.SMTP, message: Message) -> Outcome:
        """The content and the reply to its final dot: between the two nobody knows."""
        try:
            host.send(_dot_stuffed(message.content))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            return outcomes.deferred(_("The connection was lost: %(error)s", error=error))
        try:
            with _patience(host):
                code, text = host.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            return outcomes.unknown(
                _("The connection was lost before the answer: %(error)s", error=error)
            )
        if _is_yes(code):
            return outcomes.sent(_words(code, text))
        if code < 400 or code == 421:
            self._drop()
        return _judged(code, text) or outcomes.unknown(_words(code, text))

    def _reset(self, host: smtplib.SMTP) -> None:
        """Clear the envelope for the next message; the verdict on this one stands."""
        try:
            host.rset()
        except (smtplib.SMTPServerDisconnected, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._host is not None:
            self._host.close()
            self._host = None


def _offer(host: smtplib.SMTP, message: Message) -> Outcome | None:
    """The recipient and DATA, up to the server's 354. An outcome means that it said no."""
    code, text = host.rcpt(message.envelope_to)
    if _is_about_us(code, text):
        raise ServerRefusesUs(_words(code, text))
    if _is_yes(code):
        code, text = host.docmd("DATA")
    if code == 354:
        return None
    if code == 421:
        raise smtplib.SMTPServerDisconnected(_words(code, text))
    return _judged(code, text) or outcomes.deferred(_words(code, text))


def _is_yes(code: int) -> bool:
    """smtplib answers -1 for what is no reply at all."""
    return 200 <= code < 300


def _judged(code: int, text: bytes) -> Outcome | None:
    if code >= 500:
        return outcomes.failed(_words(code, text))
    if code >= 400:
        return outcomes.deferred(_words(code, text))
    return None


def _is_about_us(code: int, text: bytes) -> bool:
    """A refusal at RCPT that would meet everybody: sign in first, or no relaying for us."""
    return code in {530, 535, 538} or (code >= 500 and _NO_RELAYING.search(text) is not None)


def _reason(error: OSError) -> str:
    """Words for the page of a mailing that waits, without the operating system's number."""
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return _("It did not answer in time.")
    return error.strerror or str(error)


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:500]


def _dot_stuffed(content: bytes) -> bytes:
    """RFC 5321, 4.5.2, with the final dot."""
    body = content if content.endswith(b"\r\n") else content + b"\r\n"
    return body.replace(b"\r\n.", b"\r\n..") + b".\r\n"


@contextmanager
def _patience(host: smtplib.SMTP) -> Iterator[None]:
    """A longer time-out for one reply; the connection may be gone afterwards."""
    connected = host.sock
    usual = connected.gettimeout() if connected else None
    if connected and usual:
        connected.settimeout(usual * FINAL_REPLY_PATIENCE)
    yield
    if connected and host.sock:
        connected.settimeout(usual)
