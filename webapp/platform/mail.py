"""Flask-Mail with a connection that verifies certificates and gives up in time."""

import smtplib
import ssl

import flask_mail
from flask import Flask, current_app

from webapp.platform.config import MailConfig


class Connection(flask_mail.Connection):
    def configure_host(self) -> smtplib.SMTP:
        """An open connection, encrypted and signed in as configured. Raises OSError, SMTPException.

        Flask-Mail's own has no timeout and does not verify certificates.
        """
        mail, tls = self.mail, ssl.create_default_context()
        timeout = current_app.config["MAIL_TIMEOUT"]
        if mail.use_ssl:
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.server, mail.port, timeout=timeout, context=tls
            )
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=timeout)
        if mail.use_tls:
            host.starttls(context=tls)
        host.ehlo_or_helo_if_needed()
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host


class Mail(flask_mail.Mail):
    def connect(self) -> Connection:
        return Connection(current_app.extensions["mail"])


mail = Mail()


def init_app(app: Flask, config: MailConfig) -> None:
    app.config.update(
        MAIL_SERVER=config.server,
        MAIL_PORT=config.port,
        MAIL_USE_TLS=config.use_tls,
        MAIL_USE_SSL=config.use_ssl,
        MAIL_USERNAME=config.username,
        MAIL_PASSWORD=config.password,
        MAIL_DEFAULT_SENDER=config.default_sender,
        MAIL_TIMEOUT=config.timeout,
        # Flask-Mail sends nothing and prints everything when it thinks that tests are running.
        MAIL_SUPPRESS_SEND=False,
        MAIL_DEBUG=False,
    )
    mail.init_app(app)
