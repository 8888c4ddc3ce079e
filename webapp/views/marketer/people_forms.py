"""The forms of contacts and companies."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar, Self

import flask_babel
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    RadioField,
    SelectField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Optional

from webapp.accounts import users
from webapp.accounts.organisation import organisation
from webapp.people import custom_fields, editing, lists
from webapp.people.companies import CompanyDetails
from webapp.people.consent import BASES
from webapp.people.contacts import ContactDetails
from webapp.people.custom_values import Value, in_words
from webapp.people.editing import CUSTOM, ChangedMeanwhile, Read
from webapp.people.models import Company, Consent, Contact, FieldOf, ListName, Purpose
from webapp.people.privacy import basis_names
from webapp.platform.database import utcnow
from webapp.platform.errors import NotFound
from webapp.platform.locales import _, _l
from webapp.views.forms import (
    EmailField,
    IdField,
    LineField,
    LinesField,
    PhoneField,
    ReadField,
    TicksField,
    choices_of,
    shown,
)
from webapp.views.marketer.custom_controls import CustomControl, control, written
from webapp.views.places import country_choices, language_choices

GONE = _l("What you typed still stands here: create it anew, or leave.")


class CardForm(FlaskForm):
    """What the forms of a person and of a company share; they tell whoever saves when somebody else
    has changed the card since it was read."""

    OF: ClassVar[FieldOf]
    read = ReadField()
    address = LineField(_l("Street and number"))
    postcode = LineField(_l("Postcode"), max_length=20)
    city = LineField(_l("City"))
    country = SelectField(_l("Country"), default="")
    category_id = IdField(_l("Category"))
    our_contact_id = IdField(_l("Our contact"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices(organisation().country)
        self.category_id.offer(names_on(ListName.CATEGORY))
        self.our_contact_id.offer(user_names(self.our_contact_id.object_data))

    @classmethod
    def knowing(cls, known: Mapping[str, Value], **kwargs: Any) -> Self:
        """With a control for each custom field; `known` are the values so far."""
        controls = {
            CUSTOM + field.key: control(field, known.get(field.key))
            for field in custom_fields.defined(cls.OF)
        }
        form: type[Self] = type(cls.__name__, (cls,), controls)
        return form(**kwargs)

    @property
    def custom(self) -> list[CustomControl]:
        return [field for field in self if isinstance(field, CustomControl)]

    def known(self) -> dict[str, Any]:
        """What the details of a card are made of."""
        known = {field.name: field.data for field in self._about_card if field not in self.custom}
        return known | {"fields": {field.custom.key: field.value for field in self.custom}}

    def tell(self, error: ChangedMeanwhile, card: Contact | Company, saved: Any) -> None:
        """What the user changed stays, with what somebody else saved beside it; what they left
        alone becomes what is saved now. Sent again, theirs is put on top."""
        self.form_errors.append(str(error))
        self.read.data = Read.now(card, saved)
        now = editing.values(saved)
        for field in self._about_card:
            value = now.get(field.name)
            if field.name in error.both:
                field.saved_meanwhile = _shown(field, value)
            elif field.name not in error.mine:
                _put(field, value)

    def tell_gone(self, error: NotFound) -> None:
        """What was typed stays; sent again, it makes a new card."""
        self.form_errors.append(f"{error} {GONE}")

    @property
    def _about_card(self) -> list[Field]:
        return [field for field in self if field.name not in {"csrf_token", "read"}]


class ContactForm(CardForm):
    OF = FieldOf.CONTACT

    first_name = LineField(_l("First name"))
    middle_name = LineField(_l("Middle name"))
    last_name = LineField(_l("Last name"))
    title = LineField(_l("Title"))
    email = EmailField(_l("E-mail"))
    mobile = PhoneField(_l("Mobile"), max_length=50)
    phone = PhoneField(_l("Phone"), max_length=50)
    company = LineField(_l("Company"))
    position = LineField(_l("Position"))
    language = SelectField(_l("Language"), default="")
    interests = TicksField(_l("Interests"))
    note = LinesField(_l("Note"))
    no_mailings = BooleanField(_l("No mailings"))
    former_employee = BooleanField(_l("Former employee"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = language_choices()
        self.interests.choices = choices_of(names_on(ListName.INTEREST))

    def details(self) -> ContactDetails:
        return ContactDetails(**self.known())


class CompanyForm(CardForm):
    OF = FieldOf.COMPANY

    name = LineField(_l("Name"), DataRequired(_l("Write the name of the company.")))
    department = LineField(_l("Department"))
    email = EmailField(_l("E-mail"))
    phone = PhoneField(_l("Phone"), max_length=50)
    domain = LineField(_l("Web site"))
    business_id = IdField(_l("Business"))
    note = LinesField(_l("Note"))
    no_mailings = BooleanField(_l("No mailings"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business_id.offer(names_on(ListName.BUSINESS))

    def details(self) -> CompanyDetails:
        return CompanyDetails(**self.known())


STATE_NAMES = {
    Purpose.E_MARKETING: {
        Consent.GRANTED: _l("May get e-mail from us"),
        Consent.WITHDRAWN: _l("Wants no more"),
    },
    Purpose.SALES_SERVICE: {
        Consent.GRANTED: _l("May be rung and written to"),
        Consent.WITHDRAWN: _l("Wants to be left alone"),
    },
}


class ConsentForm(FlaskForm):
    state = RadioField(
        _l("Where does this person stand?"),
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    basis = RadioField(_l("Why may we write?"), validate_choice=False)
    source = LineField(_l("How do we know?"))
    given_on = DateField(_l("When was it said?"), validators=[Optional()])
    comment = LineField(_l("Comment"), max_length=1000)

    def __init__(self, purpose: Purpose) -> None:
        super().__init__()
        self.purpose = purpose
        self.state.choices = choices_of(STATE_NAMES[purpose])
        self.basis.choices = choices_of(basis_names(purpose))

    def validate_basis(self, field: Any) -> None:
        if self.granted and field.data not in BASES[self.purpose]:
            raise ValidationError(_("Say on what basis we may write."))

    def validate_source(self, field: Any) -> None:
        if self.granted and not field.data:
            raise ValidationError(_("Say how we know, such as “Signed up at the fair”."))

    def validate_given_on(self, field: Any) -> None:
        if field.data and not date(1900, 1, 1) <= field.data <= today():
            raise ValidationError(_("This day has not come yet, or is too long ago."))

    @property
    def granted(self) -> bool:
        return bool(self.state.data == Consent.GRANTED)

    @property
    def given_at(self) -> datetime | None:
        """Noon, so that the day is the same in the zones around; None for today: that is now."""
        day = self.given_on.data
        return datetime.combine(day, time(12), UTC) if day and day != today() else None


class BlockForm(FlaskForm):
    comment = LineField(_l("Why? (optional)"), max_length=1000)


def saved_words(others: str) -> str:
    """`others` is who else has changed the card since it was read."""
    if not others:
        return _("Saved.")
    return _("Saved. %(names)s changed something else meanwhile, which stands too.", names=others)


def today() -> date:
    now: datetime = flask_babel.to_user_timezone(utcnow())
    return now.date()


def names_on(name: ListName) -> dict[int, str]:
    return {item.id: item.name for item in lists.items(name)}


def user_names(chosen: int | None) -> dict[int, str]:
    """Those who may sign in, and the one who is chosen already."""
    return {
        user.id: user.name
        for user in users.everybody()
        if user.disabled_at is None or user.id == chosen
    }


def _put(field: Field, value: Any) -> None:
    field.data = written(field.custom, value) if isinstance(field, CustomControl) else value


def _shown(field: Field, value: Any) -> str:
    if isinstance(field, CustomControl):
        return _("nothing") if value is None else in_words(field.custom.kind, value)
    return shown(field, value)
