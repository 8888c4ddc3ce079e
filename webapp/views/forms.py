"""What the forms of all pages share."""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import TextInput

from webapp.people.addresses import AddressError, parse_address
from webapp.people.texts import MAX_NOTE, MAX_TEXT, many_lines, one_line
from webapp.platform.locales import _l

TOO_LONG = _l("This is too long: keep it under %(max)d characters.")


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


class LineField(StringField):
    """Text on one line; line breaks and control characters that were pasted become spaces."""

    def __init__(
        self, label: Any, *validators: Any, max_length: int = MAX_TEXT, **kwargs: Any
    ) -> None:
        super().__init__(
            label,
            filters=[lambda value: one_line(value or "")],
            validators=[*validators, Length(max=max_length, message=TOO_LONG)],
            **kwargs,
        )


class ChosenField(Field):
    """Something that exists already, chosen by its name; `data` is the thing itself."""

    widget = TextInput()

    def __init__(
        self,
        label: Any,
        find: Callable[[str], Any],
        missing: LazyString,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.find, self.missing = find, missing

    def _value(self) -> str:
        if self.raw_data:
            return one_line(self.raw_data[0])
        return str(self.data.name) if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        name = one_line(valuelist[0])
        self.data = self.find(name) if name else None
        if name and self.data is None:
            raise ValueError(self.missing % {"name": name[:MAX_TEXT]})


class LinesField(TextAreaField):
    def __init__(self, label: Any, *, max_length: int = MAX_NOTE, **kwargs: Any) -> None:
        super().__init__(
            label,
            filters=[lambda value: many_lines(value or "")],
            validators=[Length(max=max_length, message=TOO_LONG)],
            **kwargs,
        )
