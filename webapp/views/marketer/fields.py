"""The custom fields of contacts and companies: which there are, and what they are called."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.validators import DataRequired, InputRequired

from webapp.accounts.rights import Right
from webapp.mailings import custom_tags
from webapp.people import custom_fields
from webapp.people.custom_fields import (
    KIND_NAMES,
    MAX_LABEL,
    LabelOfDeleted,
    LabelTaken,
    OptionsFault,
)
from webapp.people.models import CustomField, FieldKind, FieldOf
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.views.access import requires
from webapp.views.forms import LineField, LinesField, choices_of, refusals_at
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("fields", __name__, url_prefix="/settings/fields")

OWNER_NAMES = {FieldOf.CONTACT: _l("Contacts"), FieldOf.COMPANY: _l("Companies")}
KIND_DETAILS = {
    FieldKind.TEXT: _l("Anything on one line"),
    FieldKind.NUMBER: _l("With or without decimals"),
    FieldKind.DATE: _l("A day, such as a birthday"),
    FieldKind.YES_NO: _l("Or not known yet"),
    FieldKind.ONE_OF: _l("One choice from a list"),
    FieldKind.MANY_OF: _l("Ticks for all that fit"),
}
MAILINGS_SHOWN = 10


class FieldForm(FlaskForm):
    label = LineField(
        _l("Name"), DataRequired(_l("What is the field called?")), max_length=MAX_LABEL
    )
    options = LinesField(_l("Choices"))

    @contextmanager
    def refusals(self) -> Iterator[None]:
        with (
            refusals_at(self.label, LabelTaken, LabelOfDeleted),
            refusals_at(self.options, OptionsFault),
        ):
            yield


class NewFieldForm(FieldForm):
    of = RadioField(
        _l("On the cards of"), choices=choices_of(OWNER_NAMES), default=FieldOf.CONTACT.value
    )
    kind = RadioField(
        _l("What does it hold?"),
        choices=choices_of(KIND_NAMES),
        validators=[InputRequired(_l("Choose what the field holds."))],
    )


@bp.get("/")
@requires(Right.ADMINISTER)
def index() -> Response:
    return render(
        "marketer/settings/fields.html",
        owners=OWNER_NAMES,
        defined={of: custom_fields.defined(of) for of in FieldOf},
        retired=[field for of in FieldOf for field in custom_fields.retired(of)],
        kind_names=KIND_NAMES,
        tag_of=custom_tags.tag_of,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def new() -> Response:
    of = request.args.get("of")
    form = NewFieldForm(of=of if of in set(FieldOf) else FieldOf.CONTACT.value)
    if form.validate_on_submit():
        with form.refusals():
            field = custom_fields.define(
                FieldOf(form.of.data),
                form.label.data,
                FieldKind(form.kind.data),
                form.options.data.splitlines(),
                by=current_user.id,
            )
            db.session.commit()
            toast(_("“%(name)s” is on the cards now.", name=field.label))
            return go_to(url_for(".index"))
    return _form_page(form)


@bp.route("/<int:field_id>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def edit(field_id: int) -> Response:
    field = custom_fields.get(field_id)
    form = FieldForm(label=field.label, options="\n".join(field.options))
    if form.validate_on_submit():
        with form.refusals():
            options = form.options.data.splitlines()
            custom_fields.change(field, form.label.data, options, by=current_user.id)
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".index"))
    return _form_page(form, field)


@bp.post("/<int:field_id>/move")
@requires(Right.ADMINISTER)
def move(field_id: int) -> Response:
    custom_fields.move(custom_fields.get(field_id), up=request.form.get("direction") == "up")
    db.session.commit()
    return go_to(url_for(".index"))


@bp.route("/<int:field_id>/delete", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def delete(field_id: int) -> Response:
    field = custom_fields.get(field_id)
    if request.method == "POST":
        custom_fields.retire(field, by=current_user.id)
        db.session.commit()
        toast(_("“%(name)s” is deleted. It can be brought back.", name=field.label))
        return go_to(url_for(".index"))
    mailings = custom_tags.mailings_with(field)
    return render(
        "marketer/settings/field_delete.html",
        field=field,
        holders=custom_fields.holders(field),
        mailings=mailings[:MAILINGS_SHOWN],
        more=len(mailings[MAILINGS_SHOWN:]),
    )


@bp.post("/<int:field_id>/bring-back")
@requires(Right.ADMINISTER)
def bring_back(field_id: int) -> Response:
    field = custom_fields.get(field_id)
    custom_fields.bring_back(field, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is back, with all its values.", name=field.label))
    return go_to(url_for(".index"))


def _form_page(form: FieldForm, field: CustomField | None = None) -> Response:
    known: dict[str, Any] = {}
    if field is not None:
        known = {"tag": custom_tags.tag_of(field), "kind_name": KIND_NAMES[field.kind]}
    return render(
        "marketer/settings/field.html",
        status=422 if form.errors else 200,
        form=form,
        field=field,
        with_options=field is None or field.kind in custom_fields.WITH_OPTIONS,
        kind_details=KIND_DETAILS,
        **known,
    )
