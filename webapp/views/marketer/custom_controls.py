"""The control of a custom field in the form of a card, one for each kind."""

from typing import Any

from wtforms import Field, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.core import UnboundField
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.people import custom_values
from webapp.people.custom_fields import WITH_OPTIONS
from webapp.people.custom_values import FIRST_YEAR, LAST_YEAR, NO, YES, BadValue, Value
from webapp.people.models import CustomField, FieldKind
from webapp.platform.locales import _
from webapp.views.forms import choices_of

LOOKS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.NUMBER: {"inputmode": "decimal"},
    FieldKind.DATE: {
        "type": "date",
        "min": f"{FIRST_YEAR}-01-01",
        "max": f"{LAST_YEAR}-12-31",
    },
}


class CustomControl(Field):
    """`value` is what `data`, the text or texts of the control, comes to."""

    value: Value | None

    def __init__(self, *args: Any, custom: CustomField, known: Value | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.custom = custom
        self.known = known

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 (WTForms' own signature)
        written = self.data if isinstance(self.data, list) else [self.data or ""]
        try:
            self.value = custom_values.parse(self.custom, written, self.known)
        except BadValue as error:
            raise ValidationError(str(error)) from error


class LineControl(CustomControl, StringField):
    pass


class ChoiceControl(CustomControl, SelectField):
    pass


class ChoicesControl(CustomControl, SelectMultipleField):
    widget = ListWidget()
    option_widget = CheckboxInput()


def control(custom: CustomField, known: Value | None) -> "UnboundField[Any]":
    """For somebody who has `known`."""
    shared: dict[str, Any] = {"custom": custom, "known": known, "default": written(custom, known)}
    if custom.kind is FieldKind.MANY_OF:
        return ChoicesControl(custom.label, choices=choices_of(_choices(custom, known)), **shared)
    if custom.kind is FieldKind.YES_NO or custom.kind in WITH_OPTIONS:
        choices = {"": "–"} | _choices(custom, known)
        return ChoiceControl(custom.label, choices=choices_of(choices), **shared)
    return LineControl(custom.label, render_kw=LOOKS.get(custom.kind), **shared)


def written(custom: CustomField, known: Value | None) -> str | list[str]:
    """As it stands in the control."""
    if isinstance(known, list):
        return known
    return "" if known is None else custom_values.typed(custom, known)


def _choices(custom: CustomField, known: Value | None) -> dict[str, str]:
    if custom.kind is FieldKind.YES_NO:
        return {YES: _("Yes"), NO: _("No")}
    return {
        choice: choice
        if choice in custom.options
        else _("%(choice)s (no longer offered)", choice=choice)
        for choice in custom_values.choices(custom, known)
    }
