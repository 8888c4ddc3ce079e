"""What the forms of all pages share."""

from typing import Any

from wtforms import StringField, ValidationError

from webapp.people.addresses import AddressError, parse_address


def trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class EmailField(StringField):
    """An address that can be written to, or nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, filters=[trimmed], **kwargs)

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' own signature)
        if self.data:
            try:
                parse_address(self.data)
            except AddressError as error:
                raise ValidationError(str(error)) from error
