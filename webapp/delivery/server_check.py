"""Trying a mail server out: one conversation with it, written down word for word."""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import formataddr, localtime, make_msgid
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import Any

from webapp.delivery.message import on_the_wire
from webapp.delivery.models import SendingServer
from webapp.delivery.server_faults import Fault, explained
from webapp.people.addresses import Address, parse_address
from webapp.platform import mail
from webapp.platform.config import MailConfig
from webapp.platform.locales import _

PATIENCE = 10.0
"""Seconds for the whole conversation."""

HIDDEN = "…"


class Speaker(StrEnum):
    US = "us"
    SERVER = "server"
    NOTE = "note"
    """Nobody said it, it happened."""


@dataclass(frozen=True)
class Line:
    speaker: Speaker
    text: str


@dataclass(frozen=True)
class Certificate:
    subject: str
    issuer: str
    expires_at: datetime


@dataclass(frozen=True)
class Letter:
    """A message that only shows that it arrives."""

    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True)
class Check:
    """What came of it."""

    lines: tuple[Line, ...]
    offers: tuple[str, ...]
    """What it said to EHLO, the last time, such as `SIZE 10240000`."""
    protocol: str
    """`TLSv1.3`; empty when nothing was encrypted."""
    certificate: Certificate | None
    signed_in: bool
    sent_to: str
    fault: Fault | None


def try_out(config: MailConfig, letter: Letter | None = None) -> Check:
    """Open a connection, sign in where a password is set, send the letter if there is one.

    It takes PATIENCE at most, so hold no transaction meanwhile.
    """
    transcript = _Transcript(config)
    fault = None
    try:
        _converse(config, transcript, letter)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        found = explained(error, config)
        fault = replace(found, what=transcript.without_secrets(found.what))
    return Check(
        lines=tuple(transcript.lines),
        offers=transcript.offers,
        protocol=transcript.protocol,
        certificate=transcript.certificate,
        signed_in=transcript.signed_in,
        sent_to=letter.recipient if letter and not fault else "",
        fault=fault,
    )


def letter(server: SendingServer, to: Address, writer: Address) -> Letter:
    """From the address that mailings usually come from, or `writer`'s, if the server may send for
    its domain."""
    usual = mail.of_environment().default_sender
    sender = on_the_wire(parse_address(usual) if usual else writer)
    if server.from_domains and sender.rpartition("@")[2].lower() not in server.from_domains:
        sender = f"postmaster@{server.from_domains[0]}"
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr(("Brevdue", sender))
    message["To"] = on_the_wire(to)
    message["Subject"] = _("A test of the sending server “%(name)s”", name=server.name)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    words = _("This message has arrived, so the sending server “%(name)s” works.", name=server.name)
    message.set_content(words, cte="quoted-printable")
    return Letter(sender, on_the_wire(to), message.as_bytes())


def _converse(config: MailConfig, transcript: "_Transcript", letter: Letter | None) -> None:
    host = mail.Connection(
        # A host may have two addresses, and each is given this time.
        replace(config, timeout=PATIENCE / 2),
        partial(_Recorder, transcript),
        partial(_TlsRecorder, transcript),
    ).configure_host()
    try:
        if letter:
            host.sendmail(letter.sender, [letter.recipient], letter.content)
        host.noop()
        with suppress(smtplib.SMTPServerDisconnected):
            host.quit()
    finally:
        host.close()


class _Transcript:
    """What is said, without what signs us in."""

    def __init__(self, config: MailConfig) -> None:
        self.lines: list[Line] = []
        self.offers: tuple[str, ...] = ()
        self.protocol = ""
        self.certificate: Certificate | None = None
        self.signed_in = False
        self._ends_at = monotonic() + PATIENCE
        password = config.password or ""
        self._secrets = {password, b64encode(password.encode()).decode()}

    @property
    def time_left(self) -> float:
        return max(self._ends_at - monotonic(), 0.1)

    def we_said(self, words: str) -> None:
        verb, space, rest = words.partition(" ")
        self.lines.append(Line(Speaker.US, verb.upper() + space + rest))

    def we_said_secretly(self, words: str) -> None:
        """Of `AUTH PLAIN AGJv…` only the mechanism is shown; of an answer to 334, nothing."""
        verb, _space, rest = words.partition(" ")
        shown, _space, secret = rest.partition(" ") if verb == "AUTH" else ("", "", words)
        self._secrets.add(secret)
        visible = [verb, shown] if shown else []
        self.we_said(" ".join([*visible, *([HIDDEN] if secret else [])]))

    def it_said(self, code: int, text: bytes) -> None:
        *firsts, last = self.without_secrets(text.decode("utf-8", "replace")).split("\n")
        number = str(code) if code >= 0 else ""
        for line in firsts:
            self.lines.append(Line(Speaker.SERVER, f"{number}-{line}"))
        self.lines.append(Line(Speaker.SERVER, f"{number} {last}".strip()))

    def encrypted(self, line: ssl.SSLSocket) -> None:
        self.protocol = line.version() or "TLS"
        self.certificate = _certificate(line.getpeercert() or {})
        encryption = _("From here on everything is encrypted (%(how)s).", how=self.protocol)
        self.lines.append(Line(Speaker.NOTE, encryption))

    def without_secrets(self, words: str) -> str:
        """Some servers repeat them. To hide a very short one would tell it."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            words = words.replace(secret, HIDDEN) if len(secret) > 3 else words
        return words


class _Recorder(smtplib.SMTP):
    """An SMTP connection that writes down what is said on it, and does not wait for ever."""

    def __init__(self, transcript: _Transcript, *args: Any, **kwargs: Any) -> None:
        self._transcript, self._secret = transcript, False
        super().__init__(*args, **kwargs)

    def putcmd(self, cmd: str, args: str = "") -> None:
        self._look()
        transcript = self._transcript
        say = transcript.we_said_secretly if self._secret else transcript.we_said
        say(f"{cmd} {args}".strip())
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        self._look()
        code, text = super().getreply()
        self._transcript.it_said(code, text)
        return code, text

    def ehlo(self, name: str = "") -> tuple[int, bytes]:
        answer = super().ehlo(name)
        features = self.esmtp_features.items()
        self._transcript.offers = tuple(f"{key.upper()} {value}".strip() for key, value in features)
        return answer

    def auth(
        self, mechanism: str, authobject: Callable[..., Any], *, initial_response_ok: bool = True
    ) -> tuple[int, bytes]:
        self._secret = True
        try:
            answer = super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        finally:
            self._secret = False
        self._transcript.signed_in = True
        return answer

    def _look(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._transcript.time_left)
        if isinstance(self.sock, ssl.SSLSocket) and not self._transcript.protocol:
            self._transcript.encrypted(self.sock)


class _TlsRecorder(_Recorder, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


def _certificate(found: dict[str, Any]) -> Certificate:
    subject, issuer = _names(found["subject"]), _names(found["issuer"])
    alternatives = [name for kind, name in found.get("subjectAltName", ()) if kind == "DNS"]
    return Certificate(
        subject=subject.get("commonName") or ", ".join(alternatives),
        issuer=", ".join(
            issuer[part] for part in ("organizationName", "commonName") if part in issuer
        ),
        expires_at=datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC),
    )


def _names(parts: tuple[tuple[tuple[str, str], ...], ...]) -> dict[str, str]:
    return dict(pair for part in parts for pair in part)
