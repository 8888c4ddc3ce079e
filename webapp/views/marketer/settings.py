"""Settings: the organisation, and who may sign in."""

from zoneinfo import available_timezones

from flask import Blueprint, Response, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField
from wtforms.validators import DataRequired, Length, Optional

from webapp.accounts import users
from webapp.accounts.audit import audit
from webapp.accounts.models import User
from webapp.accounts.organisation import organisation
from webapp.accounts.passwords import MIN_LENGTH
from webapp.accounts.rights import ROLE_NAMES, Right, Role
from webapp.delivery import servers
from webapp.people import custom_fields, lists, subscriptions
from webapp.people.models import FieldOf
from webapp.people.phones import parse_phone
from webapp.platform.database import db
from webapp.platform.locales import LANGUAGES, _, _l
from webapp.views.access import requires
from webapp.views.forms import EmailField, LineField, PhoneField, choices_of, refusals_at
from webapp.views.places import country_choices
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("settings", __name__, url_prefix="/settings")

PASSWORD_LENGTH = Length(min=MIN_LENGTH, max=200, message=_l("Use at least %(min)d characters."))


class OrganisationForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Recipients need to see who writes.")))
    address = LineField(_l("Postal address"))
    country = SelectField(_l("Country"))
    language = SelectField(_l("Language of messages"), choices=choices_of(LANGUAGES))
    timezone = SelectField(_l("Time zone"), choices=sorted(available_timezones()))


class NewUserForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("What is the person called?")))
    email = EmailField(_l("E-mail"), validators=[DataRequired(_l("They sign in with it."))])
    phone = PhoneField(_l("Phone"), max_length=50)
    mobile = PhoneField(_l("Mobile"), max_length=50)
    role = SelectField(_l("Role"), choices=choices_of(ROLE_NAMES), default=Role.MARKETER.value)
    password = PasswordField(
        _l("First password"),
        validators=[DataRequired(_l("Tell it to the person yourself.")), PASSWORD_LENGTH],
    )


class UserForm(FlaskForm):
    phone = PhoneField(_l("Phone"), max_length=50)
    mobile = PhoneField(_l("Mobile"), max_length=50)
    role = SelectField(_l("Role"), choices=choices_of(ROLE_NAMES))
    active = BooleanField(_l("May sign in"))
    password = PasswordField(
        _l("New password (only to change it)"), validators=[Optional(), PASSWORD_LENGTH]
    )


@bp.route("/", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def index() -> Response:
    us = organisation()
    form = OrganisationForm(obj=us)
    form.country.choices = country_choices(us.country)
    if form.validate_on_submit():
        form.populate_obj(us)
        audit("settings changed", by=current_user.id)
        db.session.commit()
        toast(_("Saved."))
        return go_to(url_for(".index"))
    return render(
        "marketer/settings/index.html",
        form=form,
        users=users.everybody(),
        role_names=ROLE_NAMES,
        servers=servers.everyone(),
        types=subscriptions.types(active_only=True),
        state_of=servers.state_of,
        place_of=servers.place_of,
        fields_of={of: custom_fields.defined(of) for of in FieldOf},
        list_names=lists.LIST_NAMES,
        status=422 if form.errors else 200,
    )


@bp.route("/users/new", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def new_user() -> Response:
    form = NewUserForm()
    if form.validate_on_submit():
        with refusals_at(form.email):
            user = _created(form)
            audit("user created", by=current_user.id, user=user.id, role=user.role.value)
            db.session.commit()
            toast(_("%(name)s can sign in now.", name=user.name))
            return go_to(url_for(".index"))
    return _user_page(form, None)


@bp.route("/users/<int:user_id>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def user(user_id: int) -> Response:
    found = users.get(user_id)
    form = UserForm(obj=found, data={"role": found.role.value, "active": not found.disabled_at})
    if form.validate_on_submit():
        with refusals_at(form.role):
            _change(found, form)
            audit("user changed", by=current_user.id, user=found.id, role=found.role.value)
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".index"))
    return _user_page(form, found)


def _created(form: NewUserForm) -> User:
    return users.create_user(
        name=form.name.data,
        email=form.email.data,
        password=form.password.data,
        role=Role(form.role.data),
        language=organisation().language,
        **_numbers(form),
    )


def _change(found: User, form: UserForm) -> None:
    users.change(
        found,
        role=Role(form.role.data),
        active=form.active.data,
        password=form.password.data,
        **_numbers(form),
    )


def _numbers(form: NewUserForm | UserForm) -> dict[str, str]:
    typed = {"phone": form.phone.data, "mobile": form.mobile.data}
    country = organisation().country
    return {name: parse_phone(text, country) if text else "" for name, text in typed.items()}


def _user_page(form: FlaskForm, found: User | None) -> Response:
    status = 422 if form.errors else 200
    return render("marketer/settings/user.html", form=form, user=found, status=status)
