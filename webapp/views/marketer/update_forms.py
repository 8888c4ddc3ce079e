"""What can be changed of many people at once: for each thing, the form that asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from webapp.accounts.organisation import organisation
from webapp.people import subscriptions, updates
from webapp.people.consent import BASES
from webapp.people.models import Basis, Consent, Purpose
from webapp.people.privacy import basis_names
from webapp.people.updates import SetColumn, Update
from webapp.platform.locales import _, _l
from webapp.views.forms import LineField, choices_of
from webapp.views.marketer.people_forms import STATE_NAMES
from webapp.views.places import country_choices, language_choices

CHOOSE = _l("Choose one of the two.")
SOURCE_MISSING = _l("Say how we know. It is kept as evidence with each of them.")


class ConsentUpdateForm(FlaskForm):
    state = RadioField(_l("Where do they stand?"), validators=[InputRequired(CHOOSE)])
    basis = RadioField(_l("Why may we write?"), validate_choice=False)
    source = LineField(_l("How do we know?"), DataRequired(SOURCE_MISSING))
    comment = LineField(_l("Comment"), max_length=1000)

    def __init__(self, purpose: Purpose) -> None:
        super().__init__()
        self.purpose = purpose
        self.state.choices = choices_of(STATE_NAMES[purpose])
        self.basis.choices = choices_of(basis_names(purpose))

    def validate_basis(self, field: Any) -> None:
        if self.state.data == Consent.GRANTED and field.data not in BASES[self.purpose]:
            raise ValidationError(_("Say on what basis we may write."))

    def update(self) -> Update:
        said = {"source": self.source.data, "comment": self.comment.data}
        if self.state.data == Consent.GRANTED:
            return updates.GrantConsent(self.purpose, Basis(self.basis.data), **said)
        return updates.WithdrawConsent(self.purpose, **said)


class SubscriptionUpdateForm(FlaskForm):
    type = SelectField(_l("Subscription type"), coerce=int)
    state = RadioField(
        _l("What happens?"),
        choices=choices_of({"subscribe": _l("They subscribe"), "leave": _l("They leave it")}),
        validators=[InputRequired(CHOOSE)],
    )
    source = LineField(_l("How do we know?"), DataRequired(SOURCE_MISSING))

    def __init__(self) -> None:
        super().__init__()
        self.type.choices = choices_of(
            {type_.id: subscriptions.name_of(type_) for type_ in subscriptions.types()}
        )

    def update(self) -> Update:
        kind = updates.Subscribe if self.state.data == "subscribe" else updates.Leave
        return kind(self.type.data, self.source.data)


class ChoiceUpdateForm(FlaskForm):
    """A column whose value is one of a list."""

    value = SelectField()

    def __init__(self, column: str, label: LazyString, choices: list[Any]) -> None:
        super().__init__()
        self.column = column
        self.value.label.text = label
        self.value.choices = choices

    def update(self) -> Update:
        chosen = self.value.data
        shown = next(str(choice.label) for choice in self.value.choices if choice.value == chosen)
        return SetColumn(self.column, chosen, str(self.value.label.text), shown)


class FlagUpdateForm(FlaskForm):
    value = RadioField(
        choices=choices_of({"yes": _l("Yes"), "no": _l("No")}), validators=[InputRequired(CHOOSE)]
    )

    def __init__(self, column: str, label: LazyString) -> None:
        super().__init__()
        self.column = column
        self.value.label.text = label

    def update(self) -> Update:
        yes = self.value.data == "yes"
        return SetColumn(self.column, yes, str(self.value.label.text), _("Yes") if yes else _("No"))


@dataclass(frozen=True)
class Thing:
    """Something to change; `form` makes a form with a method `update`."""

    label: LazyString
    text: LazyString
    icon: str
    form: Callable[[], Any]


THINGS: dict[str, Thing] = {
    "e_marketing": Thing(
        _l("Consent to e-marketing"),
        _l("Grant or withdraw, with the evidence"),
        "shield-check",
        lambda: ConsentUpdateForm(Purpose.E_MARKETING),
    ),
    "sales_service": Thing(
        _l("Consent to sales and service"),
        _l("Grant or withdraw, with the evidence"),
        "shield-check",
        lambda: ConsentUpdateForm(Purpose.SALES_SERVICE),
    ),
    "subscription": Thing(
        _l("A subscription"),
        _l("Subscribe, or leave a type"),
        "mail-opened",
        SubscriptionUpdateForm,
    ),
    "language": Thing(
        _l("Language"),
        _l("In which they are written to"),
        "message-2",
        lambda: ChoiceUpdateForm("language", _l("Language"), language_choices()),
    ),
    "country": Thing(
        _l("Country"),
        _l("Where they live"),
        "world",
        lambda: ChoiceUpdateForm("country", _l("Country"), country_choices(organisation().country)),
    ),
    "no_mailings": Thing(
        _l("No mailings"),
        _l("Whether mailings leave them out"),
        "mail-off",
        lambda: FlagUpdateForm("no_mailings", _l("No mailings")),
    ),
    "former_employee": Thing(
        _l("Former employee"),
        _l("Whether they have left their company"),
        "user-off",
        lambda: FlagUpdateForm("former_employee", _l("Former employee")),
    ),
}
