"""Settings: the subscription types, and whom privacy mode keeps mailings from."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField
from wtforms.validators import InputRequired

from webapp.accounts.organisation import organisation, set_privacy_mode
from webapp.accounts.rights import Right
from webapp.mailings import overview
from webapp.people import subscriptions
from webapp.people.models import SubscriptionType
from webapp.people.subscriptions import TypeDetails, name_of
from webapp.platform.database import db
from webapp.platform.locales import LANGUAGES, _, _l
from webapp.views.access import requires
from webapp.views.forms import LineField, choices_of, refusals_at
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("subscription_types", __name__, url_prefix="/settings/subscriptions")


class TypeForm(FlaskForm):
    """A name and a description in each language of the product."""

    name_en = LineField(_l("Name in English"))
    name_da = LineField(_l("Name in Danish"))
    description_en = LineField(_l("Description in English"), max_length=500)
    description_da = LineField(_l("Description in Danish"), max_length=500)
    active = BooleanField(_l("Active"), default=True)
    is_default = BooleanField(_l("Subscribe everybody who consents"))

    @property
    def own_name(self) -> Field:
        """The one that every type has to have: in the organisation's language."""
        return self[f"name_{organisation().language}"]

    def details(self) -> TypeDetails:
        return TypeDetails(
            names={language: self[f"name_{language}"].data for language in LANGUAGES},
            descriptions={language: self[f"description_{language}"].data for language in LANGUAGES},
            active=self.active.data,
            is_default=self.is_default.data,
        )


class PrivacyForm(FlaskForm):
    mode = RadioField(
        _l("Privacy mode"),
        choices=choices_of({"on": _l("On"), "off": _l("Off")}),
        validators=[InputRequired(_l("Choose one of the two."))],
    )


@bp.get("/")
@requires(Right.ADMINISTER)
def index() -> Response:
    mode = "on" if organisation().privacy_mode else "off"
    return _index_page(PrivacyForm(formdata=None, data={"mode": mode}))


@bp.post("/privacy")
@requires(Right.ADMINISTER)
def privacy() -> Response:
    form = PrivacyForm()
    if not form.validate_on_submit():
        return _index_page(form)
    set_privacy_mode(form.mode.data == "on", by=current_user.id)
    db.session.commit()
    on = organisation().privacy_mode
    toast(_("Privacy mode is on") if on else _("Privacy mode is off"))
    return go_to(url_for(".index"))


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def new() -> Response:
    form = TypeForm()
    if form.validate_on_submit():
        with refusals_at(form.own_name):
            type_ = subscriptions.create(form.details(), by=current_user.id)
            db.session.commit()
            toast(_("“%(name)s” can be subscribed to now.", name=name_of(type_)))
            return go_to(url_for(".index"))
    return _type_page(form)


@bp.route("/<int:type_id>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def edit(type_id: int) -> Response:
    type_ = subscriptions.get(type_id)
    form = TypeForm(data=_values(type_))
    if form.validate_on_submit():
        with refusals_at(form.own_name):
            subscriptions.change(type_, form.details(), by=current_user.id)
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".index"))
    return _type_page(form, type_)


@bp.post("/<int:type_id>/delete")
@requires(Right.ADMINISTER)
def delete(type_id: int) -> Response:
    type_ = subscriptions.get(type_id)
    name = name_of(type_)
    subscriptions.remove(type_, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is deleted.", name=name))
    return go_to(url_for(".index"))


def _values(type_: SubscriptionType) -> dict[str, Any]:
    names = {f"name_{language}": type_.names.get(language, "") for language in LANGUAGES}
    descriptions = {
        f"description_{language}": type_.descriptions.get(language, "") for language in LANGUAGES
    }
    return names | descriptions | {"active": type_.active, "is_default": type_.is_default}


def _index_page(form: PrivacyForm) -> Response:
    return render(
        "marketer/settings/subscriptions.html",
        status=422 if form.errors else 200,
        form=form,
        types=subscriptions.types(),
        subscribers=subscriptions.subscriber_counts(),
        mailings=overview.count_by_type(),
        description_of=subscriptions.description_of,
    )


def _type_page(form: TypeForm, type_: SubscriptionType | None = None) -> Response:
    return render(
        "marketer/settings/subscription_type.html",
        status=422 if form.errors else 200,
        form=form,
        type=type_,
        subscribers=subscriptions.subscriber_counts().get(type_.id, 0) if type_ else 0,
        mailings=overview.count_by_type().get(type_.id, 0) if type_ else 0,
    )
