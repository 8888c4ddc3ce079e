"""Whom a draft reaches: adding selections, projects, contacts and addresses, and removing them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import Select
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.accounts.rights import Right
from webapp.mailings import sources
from webapp.mailings.models import Mailing
from webapp.mailings.sources import Statement, Taken
from webapp.mailings.steps import Step
from webapp.people import contacts
from webapp.people.models import Basis, Purpose
from webapp.people.privacy import BASIS_MEANINGS, basis_names
from webapp.people.search import find_contacts
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.forms import choices_of, refusals_at, trimmed
from webapp.views.marketer import wizard
from webapp.views.marketer.recipients import counted_anew
from webapp.views.rendering import toast

bp = Blueprint("sources", __name__, url_prefix="/mailings/<int:mailing_id>/draft/recipients")

OFFERED = 10
REJECTED_SHOWN = 5


class StatementForm(FlaskForm):
    """Why we may write to addresses that are in no contact's card."""

    basis = RadioField(
        _l("Why may we write to them?"),
        choices=choices_of(basis_names(Purpose.E_MARKETING)),
        coerce=Basis,
        # The sentence below says it better than “Not a valid choice”.
        validate_choice=False,
        validators=[InputRequired(_l("Say on what basis we may write to them."))],
    )
    consent_source = StringField(
        _l("Where are the addresses from?"),
        filters=[trimmed],
        validators=[DataRequired(_l("Say where you have them from.")), Length(max=300)],
    )

    def statement(self) -> Statement:
        return Statement(self.basis.data, self.consent_source.data, by=current_user.id)


class PastedForm(StatementForm):
    addresses = TextAreaField(
        _l("Addresses"), validators=[DataRequired(_l("Paste at least one address."))]
    )


class FileForm(StatementForm):
    file = FileField(_l("Excel or CSV file"), validators=[FileRequired(_l("Choose the file."))])


@bp.route("/add/selection", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_selection(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_selection(mailing, selections.get(_picked()))
        return counted_anew(mailing)
    find, sizes = selections.find_selections, selections.sizes
    return _pick(mailing, _("Add a selection"), "selection", find, sizes)


@bp.route("/add/project", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_project(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_project(mailing, projects.get(_picked()))
        return counted_anew(mailing)
    return _pick(mailing, _("Add a project"), "project", projects.find_projects, projects.sizes)


@bp.route("/add/contact", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_contact(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_contact(mailing, contacts.get(_picked()))
        return counted_anew(mailing)
    return _pick(mailing, _("Add a contact"), "contact", find_contacts)


@bp.route("/add/pasted", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_pasted(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = PastedForm()
    if form.validate_on_submit():
        with refusals_at(form.addresses):
            taken = sources.add_pasted(mailing, form.addresses.data, form.statement())
            return _taken(mailing, taken)
    return _addresses(mailing, _("Paste addresses"), form)


@bp.route("/add/file", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_file(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = FileForm()
    if form.validate_on_submit():
        upload = form.file.data
        with refusals_at(form.file), NamedTemporaryFile() as kept:
            upload.save(kept)
            kept.flush()
            taken = sources.add_file(mailing, Path(kept.name), upload.filename, form.statement())
            return _taken(mailing, taken)
    return _addresses(mailing, _("Add a file"), form)


@bp.post("/sources/<int:source_id>/remove")
@requires(Right.WRITE_MAILINGS)
def remove(mailing_id: int, source_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    sources.remove(mailing, source_id)
    return counted_anew(mailing)


def _pick(
    mailing: Mailing,
    title: str,
    kind: str,
    find: Callable[[str], Select[Any]],
    sizes: Callable[[list[int]], Mapping[int, int]] | None = None,
) -> Response:
    """Some of those that there are, found by name, each with a button that adds it."""
    q = request.args.get("q", "")
    found = db.session.scalars(find(q).limit(OFFERED)).all()
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        title,
        "_pick.html",
        kind=kind,
        found=found,
        sizes=sizes([each.id for each in found]) if sizes else {},
        chosen={getattr(source, f"{kind}_id") for source in mailing.sources},
        q=q,
    )


def _picked() -> int:
    return request.form.get("id", 0, type=int)


def _addresses(mailing: Mailing, title: str, form: StatementForm) -> Response:
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        title,
        "_add_addresses.html",
        form=form,
        basis_meanings=BASIS_MEANINGS,
    )


def _taken(mailing: Mailing, taken: Taken) -> Response:
    if taken.rejected:
        toast(_rejected(taken.rejected))
    return counted_anew(mailing)


def _rejected(rejected: list[tuple[str, str]]) -> str:
    reasons = " ".join(why for _entry, why in rejected[:REJECTED_SHOWN])
    left = ngettext("%(num)d entry was left out:", "%(num)d entries were left out:", len(rejected))
    return f"{left} {reasons}"
