"""Flask-Mail's connections to SMTP servers, with verified certificates and a time limit."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from functools import cached_property
from typing import cast

import flask_mail
from flask import Flask, current_app

from webapp.platform.config import MailConfig


class Connection(flask_mail.Connection):
    def __init__(
        self,
        config: MailConfig,
        smtp: Callable[..., smtplib.SMTP] = smtplib.SMTP,
        smtp_ssl: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL,
    ) -> None:
        """`smtp` and `smtp_ssl` open a connection like smtplib's classes of that name."""
        super().__init__(cast(flask_mail.Mail, flask_mail.Mail().init_mail(_variables(config))))
        self._timeout = config.timeout
        self._smtp, self._smtp_ssl = smtp, smtp_ssl

    def configure_host(self) -> smtplib.SMTP:
        """Another open connection, encrypted and signed in as configured. Raises OSError,
        SMTPException, UnicodeError (of a user name or password beyond ASCII).

        Flask-Mail's own has no timeout and does not verify certificates.
        """
        mail = self.mail
        if mail.use_ssl:
            host = self._smtp_ssl(mail.server, mail.port, timeout=self._timeout, context=self._tls)
        else:
            host = self._smtp(mail.server, mail.port, timeout=self._timeout)
        assert host.sock is not None
        # Or the end of a message waits until the server has acknowledged its beginning (RFC 896).
        host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if mail.use_tls:
                host.starttls(context=self._tls)
            host.ehlo_or_helo_if_needed()
            if mail.username and mail.password:
                host.login(mail.username, mail.password)
        except (OSError, smtplib.SMTPException, UnicodeError):
            host.close()
            raise
        return host

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Reading the authorities that the system trusts takes longer than to connect: once, and
        only where there is something to verify."""
        return ssl.create_default_context()


def init_app(app: Flask, config: MailConfig) -> None:
    app.config.update(_variables(config))
    app.extensions["mail_config"] = config


def of_environment() -> MailConfig:
    """The server that the MAIL_* variables name."""
    config: MailConfig = current_app.extensions["mail_config"]
    return config


def _variables(config: MailConfig) -> dict[str, object]:
    return {
        "MAIL_SERVER": config.server,
        "MAIL_PORT": config.port,
        "MAIL_USE_TLS": config.use_tls,
        "MAIL_USE_SSL": config.use_ssl,
        "MAIL_USERNAME": config.username,
        "MAIL_PASSWORD": config.password,
        "MAIL_DEFAULT_SENDER": config.default_sender,
    }
