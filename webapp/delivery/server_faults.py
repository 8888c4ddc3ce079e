"""Why a mail server could not be used, in plain words, and what to do about it."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.platform.config import MailConfig
from webapp.platform.locales import _

SELF_SIGNED = {18, 19}
EXPIRED = {10}
OTHER_NAME = {62, 64}
"""Of OpenSSL's verification results (X509_V_ERR_…)."""


@dataclass(frozen=True)
class Fault:
    what: str
    advice: str


def explained(error: Exception, config: MailConfig) -> Fault:
    for kind, explain in _EXPLANATIONS:
        if isinstance(error, kind):
            return explain(error, config)
    return Fault(
        getattr(error, "strerror", None) or str(error),
        _("Look at the host, the port and the network of this computer."),
    )


def _distrusted(error: ssl.SSLCertVerificationError, config: MailConfig) -> Fault:
    if error.verify_code in SELF_SIGNED:
        return Fault(
            _("Its certificate is self-signed, so it may be anybody's."),
            _("Give the server a certificate from a public authority, such as Let's Encrypt, or "
              "install its own authority on this computer."),
        )  # fmt: skip
    if error.verify_code in EXPIRED:
        return Fault(
            _("Its certificate has expired."), _("Whoever runs the server has to renew it.")
        )
    if error.verify_code in OTHER_NAME:
        return Fault(
            _("Its certificate is for another name than %(host)s.", host=config.server),
            _("Write the host as the certificate names it."),
        )
    return Fault(
        _("Its certificate is not trusted: %(reason)s.", reason=error.verify_message),
        _("The server has to send its whole chain of certificates, from an authority that this "
          "computer knows."),
    )  # fmt: skip


def _no_tls(error: ssl.SSLError, config: MailConfig) -> Fault:
    if config.use_ssl and error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
        return Fault(
            _("It does not speak TLS from the start on port %(port)d.", port=config.port),
            _("Choose STARTTLS for this port, or the port for TLS, which usually is 465."),
        )
    reason = (error.reason or error.strerror or str(error)).replace("_", " ").lower()
    return Fault(
        _("No encryption could be agreed on: %(reason)s.", reason=reason),
        _("The server may only know versions of TLS that are not safe any more. Ask whoever runs "
          "it."),
    )  # fmt: skip


def _unknown_host(error: socket.gaierror, config: MailConfig) -> Fault:
    if error.errno == socket.EAI_AGAIN:
        return Fault(
            _("The name %(host)s could not be looked up just now.", host=config.server),
            _("Check its spelling. If it is right, the name server (DNS) of this computer does not "
              "answer: try again in a minute."),
        )  # fmt: skip
    return Fault(
        _("There is no host called %(host)s.", host=config.server),
        _("Check its spelling. Your mail provider says what it is called."),
    )


def _refused(_error: Exception, config: MailConfig) -> Fault:
    return Fault(
        _("%(host)s takes no connections on port %(port)d.", host=config.server, port=config.port),
        _("Check the port. Usual are 587 (STARTTLS), 465 (TLS) and 25."),
    )


def _no_answer(_error: Exception, config: MailConfig) -> Fault:
    return Fault(
        _("%(host)s did not answer on port %(port)d.", host=config.server, port=config.port),
        _("Check host and port. A firewall may be in the way; many networks close port 25, so try "
          "587."),
    )  # fmt: skip


def _lost(error: smtplib.SMTPServerDisconnected, config: MailConfig) -> Fault:
    if not isinstance(error.__context__, TimeoutError):
        return Fault(
            _("It ended the connection before we were done."),
            _("Read its last words below. It may not know this computer, or want another "
              "encryption on this port."),
        )  # fmt: skip
    if config.use_ssl:
        return _no_answer(error, config)
    return Fault(
        _("It takes the connection and then is silent."),
        _("A server that wants TLS from the start is silent like this. Choose TLS if the port is "
          "465; else try again, as it may be busy."),
    )  # fmt: skip


def _not_signed_in(error: smtplib.SMTPAuthenticationError, _config: MailConfig) -> Fault:
    what = _("It does not let us sign in. It said: %(reply)s", reply=_reply(error))
    if 400 <= error.smtp_code < 500:
        return Fault(what, _("Try again in a few minutes."))
    if error.smtp_code in {530, 538}:
        return Fault(what, _("It wants encryption first: choose STARTTLS or TLS."))
    return Fault(
        what,
        _("Type user name and password again. Many providers want a password made for programs "
          "(an app password or API key), not the one that people sign in with."),
    )  # fmt: skip


def _not_offered(error: smtplib.SMTPNotSupportedError, config: MailConfig) -> Fault:
    if "STARTTLS" in str(error):
        return Fault(
            _("It does not offer STARTTLS on port %(port)d.", port=config.port),
            _("Choose TLS with port 465 if it has that. Without encryption everybody on the way "
              "can read the messages."),
        )  # fmt: skip
    encrypted = config.use_tls or config.use_ssl
    return Fault(
        _("It offers no sign-in (AUTH) on this connection."),
        _("If it needs no password, leave user name and password empty.")
        if encrypted
        else _("Many servers offer it only when the connection is encrypted: choose STARTTLS or "
               "TLS. If it needs no password, leave user name and password empty."),
    )  # fmt: skip


def _turned_away(error: smtplib.SMTPConnectError, _config: MailConfig) -> Fault:
    if error.smtp_code < 0:
        return Fault(
            _("What answers there is no mail server."),
            _("Check host and port. Usual are 587 (STARTTLS), 465 (TLS) and 25."),
        )
    return Fault(
        _("It turned us away. It said: %(reply)s", reply=_reply(error)),
        _("It may not know the address of this computer, or have it on a list of senders that it "
          "blocks. Ask whoever runs it."),
    )  # fmt: skip


def _bad_sender(error: smtplib.SMTPSenderRefused, _config: MailConfig) -> Fault:
    return Fault(
        _("It does not send for %(address)s. It said: %(reply)s",
          address=error.sender, reply=_reply(error)),
        _("Have the domain approved by your mail provider, or list under From domains what this "
          "server sends for."),
    )  # fmt: skip


def _bad_recipient(error: smtplib.SMTPRecipientsRefused, _config: MailConfig) -> Fault:
    ((address, (code, text)),) = error.recipients.items()
    return Fault(
        _("It did not take the message to %(address)s. It said: %(reply)s",
          address=address, reply=_words(code, text)),
        _("If it says that it does not relay, it wants a user name and password, or does not know "
          "the address of this computer. Else try another address."),
    )  # fmt: skip


def _refused_message(error: smtplib.SMTPDataError, _config: MailConfig) -> Fault:
    return Fault(
        _("It did not take the message. It said: %(reply)s", reply=_reply(error)),
        _("Ask whoever runs it, with these words."),
    )


def _other_reply(error: smtplib.SMTPResponseException, _config: MailConfig) -> Fault:
    return Fault(
        _("It said no: %(reply)s", reply=_reply(error)),
        _("Ask whoever runs it, with these words."),
    )


def _no_common_way(_error: smtplib.SMTPException, _config: MailConfig) -> Fault:
    return Fault(
        _("It offers no way to sign in that Brevdue knows."),
        _("It has to offer PLAIN, LOGIN or CRAM-MD5. Ask your mail provider for an app password."),
    )


def _foreign_letters(_error: UnicodeError, _config: MailConfig) -> Fault:
    return Fault(
        _("The host, user name or password has letters that cannot be sent."),
        _("Use only plain letters, digits and signs, without accents."),
    )


def _reply(error: smtplib.SMTPResponseException) -> str:
    return _words(error.smtp_code, error.smtp_error)


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"[:500]


_EXPLANATIONS: list[tuple[type[Exception], Callable[[Any, MailConfig], Fault]]] = [
    (ssl.SSLCertVerificationError, _distrusted),
    (ssl.SSLError, _no_tls),
    (socket.gaierror, _unknown_host),
    (ConnectionRefusedError, _refused),
    (TimeoutError, _no_answer),
    (smtplib.SMTPServerDisconnected, _lost),
    (smtplib.SMTPAuthenticationError, _not_signed_in),
    (smtplib.SMTPNotSupportedError, _not_offered),
    (smtplib.SMTPConnectError, _turned_away),
    (smtplib.SMTPSenderRefused, _bad_sender),
    (smtplib.SMTPRecipientsRefused, _bad_recipient),
    (smtplib.SMTPDataError, _refused_message),
    (smtplib.SMTPResponseException, _other_reply),
    (smtplib.SMTPException, _no_common_way),
    (UnicodeError, _foreign_letters),
]
"""A kind before those that it is a case of."""
