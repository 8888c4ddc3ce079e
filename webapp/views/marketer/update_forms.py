"""What can be changed of many people at once: for each thing, the form that asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast

from flask_babel import LazyString
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, ValidationError
from wtforms.validators import DataRequired, InputRequired

from webapp.accounts.organisation import organisation
from webapp.people import custom_fields, custom_values, lists, subscriptions, updates
from webapp.people.consent import BASES
from webapp.people.models import Basis, Consent, CustomField, FieldOf, ListItem, ListName, Purpose
from webapp.people.privacy import basis_names
from webapp.people.updates import SetColumn, SetField, Update
from webapp.platform.locales import _, _l
from webapp.targets import projects, selections
from webapp.targets.joining import JoinProject, JoinSelection
from webapp.views.forms import ChosenField, IdField, LineField, choices_of
from webapp.views.marketer.custom_controls import CustomControl, control
from webapp.views.marketer.people_forms import STATE_NAMES, names_on, user_names
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


class InterestUpdateForm(FlaskForm):
    interest = ChosenField(
        _l("Interest"),
        partial(lists.find_named, ListName.INTEREST),
        _l("No interest is called “%(name)s”."),
        validators=[InputRequired(_l("Choose an interest."))],
    )
    state = RadioField(
        _l("What happens?"),
        choices=choices_of({"add": _l("They have it from now on"), "remove": _l("It is removed")}),
        validators=[InputRequired(CHOOSE)],
    )
    names = partial(lists.names, ListName.INTEREST)
    suggestions = "lists.interests"

    def update(self) -> Update:
        kind = updates.AddInterest if self.state.data == "add" else updates.RemoveInterest
        item = cast(ListItem, self.interest.data)
        return kind(item.id, item.name)


class ChoiceUpdateForm(FlaskForm):
    """A column whose value is one of a list, or none."""

    value = SelectField()

    def __init__(self, column: str, label: LazyString, choices: list[Any]) -> None:
        super().__init__()
        self.column = column
        self.value.label.text = label
        self.value.choices = choices

    def update(self) -> Update:
        chosen = self.value.data
        shown = {choice.value: str(choice.label) for choice in self.value.choices}
        return SetColumn(self.column, chosen, str(self.value.label.text), shown[chosen or ""])


class IdUpdateForm(ChoiceUpdateForm):
    value = IdField()

    def __init__(self, column: str, label: LazyString, names: dict[int, str]) -> None:
        super().__init__(column, label, choices_of({"": "–", **names}))


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


class FieldUpdateForm(FlaskForm):
    """`value` is the control of a custom field."""

    value: ClassVar[CustomControl]

    def update(self) -> Update:
        custom, value = self.value.custom, self.value.value
        shown = "–" if value is None else custom_values.in_words(custom.kind, value)
        return SetField(custom.key, value, custom.label, shown)


class SelectionUpdateForm(FlaskForm):
    selection = LineField(
        _l("Selection"),
        DataRequired(_l("Write the name of a selection, a new one or one of yours.")),
    )
    names = staticmethod(selections.names)
    suggestions = "selections.suggestions"
    help = _l("One that is not known yet is made. Who is in it already stays.")

    def update(self) -> Update:
        selection = selections.named(self.selection.data, current_user.id)
        return JoinSelection(selection.id, selection.name)


class ProjectUpdateForm(FlaskForm):
    project = LineField(
        _l("Project"), DataRequired(_l("Write the name of a project, a new one or one of yours."))
    )
    role = LineField(_l("Role (optional)"), max_length=100)
    names = staticmethod(projects.names)
    suggestions = "projects.suggestions"
    help = _l("One that is not known yet is made. Who takes part already keeps their role.")

    def update(self) -> Update:
        project = projects.named(self.project.data, current_user.id)
        return JoinProject(project.id, project.name, self.role.data)


@dataclass(frozen=True)
class Thing:
    """Something to change; `form` makes a form with a method `update`."""

    label: LazyString | str
    text: LazyString
    icon: str
    form: Callable[[], Any]
    help: LazyString | None = None
    joins: bool = False
    """They are added to it; that is harmless, and done without being forecast."""


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
    "category": Thing(
        _l("Category"),
        _l("What they are to you"),
        "tag",
        lambda: IdUpdateForm("category", _l("Category"), names_on(ListName.CATEGORY)),
    ),
    "our_contact": Thing(
        _l("Our contact"),
        _l("Who of you looks after them"),
        "user",
        lambda: IdUpdateForm("our_contact", _l("Our contact"), user_names(None)),
    ),
    "interest": Thing(
        _l("An interest"),
        _l("Add or remove it"),
        "list-check",
        InterestUpdateForm,
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
JOINING: dict[str, Thing] = {
    "selection": Thing(
        _l("Selection"),
        _l("Put them into one, new or old"),
        "target",
        SelectionUpdateForm,
        joins=True,
    ),
    "project": Thing(
        _l("Project"),
        _l("Let them take part in one, new or old"),
        "briefcase",
        ProjectUpdateForm,
        joins=True,
    ),
}
"""What they are added to."""


def things() -> dict[str, Thing]:
    """With the custom fields that there are now."""
    own = custom_fields.defined(FieldOf.CONTACT)
    return THINGS | {f"field_{field.key}": _of_field(field) for field in own} | JOINING


def _of_field(field: CustomField) -> Thing:
    form = type("Form", (FieldUpdateForm,), {"value": control(field, None)})
    help = _l("Left empty, it takes away what is known.")
    return Thing(field.label, _l("A field of your own"), "adjustments", form, help)
