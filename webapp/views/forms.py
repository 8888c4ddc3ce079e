"""What the forms of all pages share."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_babel import LazyString
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from webapp.accounts.organisation import organisation
from webapp.people.addresses import AddressError, parse_address
from webapp.people.editing import Read
from webapp.people.phones import PhoneError, parse_phone
from webapp.people.texts import MAX_NOTE, MAX_TEXT, many_lines, one_line
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l

NONE = "–"
"""What a choice that chooses nothing is called, unless it has a name."""
TOO_LONG = _l("This is too long: keep it under %(max)d characters.")


def at_most(length: int) -> Length:
    """Without the attribute that makes a browser cut what is pasted, and say nothing."""
    validator = Length(max=length, message=TOO_LONG)
    validator.field_flags = {}
    return validator


def trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def fields_of(form: FlaskForm) -> dict[str, Any]:
    """What was typed, without what is about the form itself."""
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


def choices_of(names: Mapping[Any, str | LazyString]) -> list[SelectChoice]:
    """For a select or radio field: each value with what people read for it."""
    return [SelectChoice(value, name) for value, name in names.items()]


@contextmanager
def refusals_at(field: Field, *kinds: type[DomainError]) -> Iterator[None]:
    """What the domain refuses within is said at the field that is to blame; of these kinds only,
    if any are named."""
    blamed = kinds or (DomainError,)
    try:
        yield
    except blamed as error:
        field.errors = [str(error)]


def shown(field: Field, value: Any) -> str:
    """A value that is not the field's own, for people to read."""
    if isinstance(field, SelectField | SelectMultipleField):
        chosen = value if isinstance(value, tuple) else [value]
        names = [str(each.label) for each in field.choices if field.coerce(each.value) in chosen]
        return ", ".join(name for name in names if name != NONE) or _("nothing")
    if isinstance(field, BooleanField):
        return _("Yes") if value else _("No")
    return str(value or "") or _("nothing")


class ReadField(HiddenField):
    """What was there when the form was made; None where that cannot be read."""

    data: Read | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = Read.loaded(valuelist[0]) if valuelist else None

    def _value(self) -> str:
        return self.data.dumped() if self.data else ""


class EmailField(StringField):
    """An address that can be written to, or nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, filters=[lambda value: (value or "").strip()], **kwargs)

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
            validators=[*validators, at_most(max_length)],
            **kwargs,
        )


class PhoneField(LineField):
    """A number of the country that the form names, or else of the organisation's."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            country = form["country"].data if "country" in form else ""
            try:
                parse_phone(self.data, country or organisation().country)
            except PhoneError as error:
                raise ValidationError(str(error)) from error


class IdField(SelectField):
    """One of several things by its id, or none of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=lambda value: int(value) if value else None, **kwargs)

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(_("This is not on the list any more.")) from error

    def offer(self, names: Mapping[int, str]) -> None:
        self.choices = choices_of({"": NONE, **names})


class TicksField(SelectMultipleField):
    """Any number of things by their ids, each with a box to tick."""

    widget = ListWidget()
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, coerce=int, **kwargs)

    def pre_validate(self, form: Any) -> None:
        """Who ticked what somebody has deleted since goes on without it."""
        offered = {choice.value for choice in self.choices}
        self.data: list[int] = [value for value in self.data or [] if value in offered]
        super().pre_validate(form)


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
            validators=[at_most(max_length)],
            **kwargs,
        )
