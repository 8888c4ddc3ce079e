"""What the forms of all pages share."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from wtforms import StringField, ValidationError
from wtforms.fields.choices import SelectChoice

from webapp.people.addresses import AddressError, parse_address


def trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def choices_of(names: Mapping[Any, str | LazyString]) -> list[SelectChoice]:
    """For a select or radio field: each value with what people read for it."""
    return [SelectChoice(value, name) for value, name in names.items()]


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
