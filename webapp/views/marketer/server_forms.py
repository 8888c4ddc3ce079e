"""The form of a sending server. A password goes in and never comes out again."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from webapp.delivery import servers
from webapp.delivery.models import Security, SendingServer
from webapp.people.addresses import Address, parse_address
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.views.forms import TOO_LONG, EmailField, LineField, choices_of

SECURITY_NAMES = {
    Security.STARTTLS: _l("STARTTLS (usually port 587)"),
    Security.TLS: _l("TLS from the start (usually port 465)"),
    Security.NONE: _l("None (usually port 25)"),
}
BETWEEN = _l("Write %(min)s to %(max)s.")
AT_LEAST_ONE = NumberRange(1, 1_000_000_000, _l("Write 1 or more, or nothing for no limit."))


class WholeNumberField(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Write a whole number.")) from error


class DomainsField(TextAreaField):
    """Domains divided by commas, spaces or line ends; `data` is the list of them."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else "\n".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        written = [each for each in re.split(r"[\s,;]+", "".join(valuelist)) if each]
        try:
            self.data = list(dict.fromkeys(map(servers.parse_domain, written)))
        except servers.NotADomain as error:
            raise ValueError(str(error)) from error


def between(least: int, most: int) -> NumberRange:
    return NumberRange(least, most, BETWEEN)


def limit(label: Any) -> WholeNumberField:
    return WholeNumberField(label, validators=[Optional(), AT_LEAST_ONE])


class UseForm(FlaskForm):
    """How a server is used: all there is to say about the one of the environment."""

    name = LineField(_l("Name"), DataRequired(_l("What do you call it?")), max_length=100)
    from_domains = DomainsField(_l("From domains"))
    weight = WholeNumberField(_l("Share of the work"), [between(0, 100)], default=1)
    connections = WholeNumberField(_l("Connections"), [between(1, 50)], default=4)
    messages_per_connection = WholeNumberField(
        _l("Messages per connection"), [between(1, 100_000)], default=1000
    )
    per_minute = limit(_l("In a minute"))
    per_hour = limit(_l("In an hour"))
    per_day = limit(_l("In a day"))
    per_domain_hour = limit(_l("In an hour to each recipient domain"))
    enabled = BooleanField(_l("In use"), default=True)
    test_to = EmailField(_l("Test message to"))
    send = SubmitField(_l("Send test message"))

    CONNECTION: tuple[str, ...] = ("test_to",)
    """The fields that a test of the connection needs."""

    def settings(self) -> dict[str, Any]:
        return {field.name: field.data for field in self if hasattr(SendingServer, field.name)}

    @property
    def new_password(self) -> str | None:
        """As servers.change wants it."""
        return None

    def validate_connection(self) -> bool:
        """Whatever else is not filled in yet."""
        self.validate()
        for field in self:
            if field.name not in self.CONNECTION:
                field.errors = ()
        return not self.errors

    def validate_test_to(self, field: Any) -> None:
        if not self.send.data or field.errors:
            return
        if not field.data:
            raise ValidationError(_("Where should it go?"))
        if not self.test_address.key.partition("@")[0].isascii():
            raise ValidationError(_("Use an address with plain letters before the @."))

    @property
    def test_address(self) -> Address:
        return parse_address(self.test_to.data)


class ServerForm(UseForm):
    host = LineField(_l("Host"), DataRequired(_l("Where is it? Your mail provider says.")))
    port = WholeNumberField(_l("Port"), [between(1, 65535)], default=587)
    security = SelectField(
        _l("Encryption"),
        choices=choices_of(SECURITY_NAMES),
        coerce=Security,
        default=Security.STARTTLS,
    )
    username = LineField(_l("User name"))
    password = PasswordField(
        _l("Password"),
        filters=[lambda value: value or ""],
        validators=[Length(max=500, message=TOO_LONG)],
    )
    remove_password = BooleanField(_l("Remove the password"))

    CONNECTION = ("host", "port", "security", "username", "password", "test_to")

    def __init__(self, server: SendingServer, **kwargs: Any) -> None:
        super().__init__(obj=server if server.id else None, **kwargs)
        self.server = server

    @property
    def new_password(self) -> str | None:
        return "" if self.remove_password.data else self.password.data or None

    def validate_host(self, field: Any) -> None:
        try:
            field.data = servers.parse_host(field.data)
        except DomainError as error:
            raise ValidationError(str(error)) from error

    def validate_username(self, field: Any) -> None:
        if not field.data and self.password.data:
            raise ValidationError(_("A password needs its user name."))
        if not field.data.isascii():
            raise ValidationError(_("Use plain letters, digits and signs only."))

    def validate_password(self, field: Any) -> None:
        if not field.data.isascii():
            raise ValidationError(_("Use plain letters, digits and signs only."))
        if field.data or self.remove_password.data:
            return
        if self.server.sealed_password and self.host.data != self.server.host:
            # Else it could be sent to a host that is there to read it.
            raise ValidationError(_("For another host, type the password again."))
        if self.username.data and not self.server.sealed_password:
            raise ValidationError(_("A user name needs its password."))

    def draft(self) -> SendingServer:
        """What is typed, saved nowhere."""
        server = SendingServer(sealed_password=self.server.sealed_password, **self.settings())
        if self.new_password is not None:
            servers.seal_password(server, self.new_password)
        return server
