"""The forms of contacts and companies."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Any

import flask_babel
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Optional

from webapp.accounts.organisation import organisation
from webapp.people.companies import CompanyDetails
from webapp.people.contacts import ContactDetails
from webapp.people.editing import ChangedMeanwhile
from webapp.people.models import Basis, Company, Consent, Contact
from webapp.people.phones import PhoneError, parse_phone
from webapp.people.privacy import BASIS_NAMES
from webapp.platform.database import utcnow
from webapp.platform.locales import _, _l
from webapp.views.forms import EmailField, LineField, LinesField, choices_of
from webapp.views.places import country_choices, language_choices


class PhoneField(LineField):
    """A number of the country that the form names, or else of the organisation's."""

    def pre_validate(self, form: Any) -> None:
        if self.data:
            try:
                parse_phone(self.data, form.country.data or organisation().country)
            except PhoneError as error:
                raise ValidationError(str(error)) from error


class CardForm(FlaskForm):
    """Tells whoever saves when somebody else has changed the card since it was read."""

    read_at = HiddenField()

    @property
    def read(self) -> datetime | None:
        """The card's `updated_at` when the form was made."""
        try:
            return datetime.fromisoformat(self.read_at.data or "")
        except ValueError:
            return None

    def tell(self, error: ChangedMeanwhile, card: Contact | Company, saved: Any) -> None:
        """What was typed stays, with what is saved now beside it; sent again, it is put on top."""
        self.form_errors.append(str(error))
        self.read_at.data = card.updated_at.isoformat()
        for name, value in asdict(saved).items():
            field = self[name]
            if name in (error.fields or {name}) and field.data != value:
                field.saved_meanwhile = _shown(field, value)


class PlaceForm(CardForm):
    """The fields by which both a person and a company are found on a map."""

    address = LineField(_l("Street and number"))
    postcode = LineField(_l("Postcode"), max_length=20)
    city = LineField(_l("City"))
    country = SelectField(_l("Country"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = country_choices(organisation().country)


class ContactForm(PlaceForm):
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
    note = LinesField(_l("Note"))
    no_mailings = BooleanField(_l("No mailings"))
    former_employee = BooleanField(_l("Former employee"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = language_choices()

    def details(self) -> ContactDetails:
        return ContactDetails(**fields_of(self))


class CompanyForm(PlaceForm):
    name = LineField(_l("Name"), DataRequired(_l("Write the name of the company.")))
    phone = PhoneField(_l("Phone"), max_length=50)
    domain = LineField(_l("Web site"))
    note = LinesField(_l("Note"))

    def details(self) -> CompanyDetails:
        return CompanyDetails(**fields_of(self))


class ConsentForm(FlaskForm):
    state = RadioField(
        _l("Where does this person stand?"),
        choices=choices_of(
            {
                Consent.GRANTED: _l("May get e-mail from us"),
                Consent.WITHDRAWN: _l("Wants no more"),
            }
        ),
        validators=[InputRequired(_l("Choose one of the two."))],
    )
    basis = RadioField(
        _l("Why may we write?"), choices=choices_of(BASIS_NAMES), validate_choice=False
    )
    source = LineField(_l("How do we know?"))
    given_on = DateField(_l("When was it said?"), validators=[Optional()])
    comment = LineField(_l("Comment"), max_length=1000)

    def validate_basis(self, field: Any) -> None:
        if self.granted and field.data not in set(Basis):
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


def today() -> date:
    now: datetime = flask_babel.to_user_timezone(utcnow())
    return now.date()


def fields_of(form: FlaskForm) -> dict[str, Any]:
    about_the_form = {"csrf_token", "read_at"}
    return {name: value for name, value in form.data.items() if name not in about_the_form}


def _shown(field: Field, value: Any) -> str:
    if isinstance(field, SelectField):
        return str(next((choice.label for choice in field.choices if choice.value == value), value))
    if isinstance(field, BooleanField):
        return _("Yes") if value else _("No")
    return str(value) or _("nothing")
