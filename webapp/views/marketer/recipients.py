"""The Recipients step: where they come from, who is mailed, and who is not and why."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import Select
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.accounts.rights import Right
from webapp.mailings import audience, gathering, left_out, options, sources
from webapp.mailings.audience_list import find_recipients
from webapp.mailings.compiling import compiled
from webapp.mailings.gaps import gaps_of_bare_addresses, read_instead
from webapp.mailings.models import Gathering, LeftOut, Mailing, RecipientState
from webapp.mailings.names import REASON_NAMES
from webapp.mailings.options import NoReason, Options
from webapp.mailings.sources import Statement, Taken
from webapp.mailings.steps import Step
from webapp.people import contacts
from webapp.people.models import Basis, Purpose
from webapp.people.privacy import BASIS_MEANINGS, basis_names
from webapp.people.search import find_contacts
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.forms import choices_of, refusals_at, trimmed
from webapp.views.live import pulse
from webapp.views.marketer import wizard
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("recipients", __name__, url_prefix="/mailings/<int:mailing_id>/draft/recipients")

OFFERED = 10
REJECTED_SHOWN = 5
COLOURS = {
    LeftOut.NO_CONSENT: "amber",
    LeftOut.NO_SUBSCRIPTION: "pale",
    LeftOut.DUPLICATE: "slate",
    LeftOut.BLOCKED_ADDRESS: "red",
    LeftOut.NO_ADDRESS: "stone",
    LeftOut.NO_MAILINGS: "sand",
    LeftOut.FORMER_EMPLOYEE: "violet",
}
MAILED = "mailed"

OPTION_TEXTS = {
    "one_per_address": (
        _l("One message per address"),
        _l("Two people who share an address get it once."),
    ),
    "include_companies": (
        _l("Include companies"),
        _l("The people's companies get it too, at their own address. A company has no consent."),
    ),
    "prefer_company": (
        _l("Prefer the company"),
        _l("Where a company and a person share an address, it goes to the company."),
    ),
    "update_when_sending": (
        _l("Update the list when sending"),
        _l("The sources are read once more, so that who joined since is in."),
    ),
}
"""By name in `Options`: label and explanation."""


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


class OverrideForm(FlaskForm):
    reason = StringField(
        _l("Reason"),
        filters=[trimmed],
        validators=[DataRequired(str(NoReason.message)), Length(max=500)],
    )


@bp.get("")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    gathering.bring_up_to_date(mailing)
    db.session.commit()
    under_way = gathering.of(mailing)
    live = _progress(mailing, under_way) if under_way and not under_way.cancelled else {}
    shown, without = request.args.get("show", ""), request.args.get("without", "")
    state, reason = _filter(shown)
    found = find_recipients(
        mailing, request.args.get("q", ""), state=state, reason=reason, without=without
    )
    page = page_of(found, request.args.get("page", 1, type=int))
    return wizard.show(
        mailing,
        Step.RECIPIENTS,
        "recipients.html",
        "_recipients.html",
        counts=audience.count(mailing),
        page=page,
        further=left_out.further_reasons(mailing, page.rows),
        sizes={source.id: audience.source_size(source) for source in mailing.sources},
        gaps=gaps_of_bare_addresses(mailing, compiled(mailing)),
        read_instead=read_instead,
        reasons=REASON_NAMES,
        colours=COLOURS,
        shown=shown,
        without=without,
        q=request.args.get("q", ""),
        option_texts=OPTION_TEXTS,
        left_project=sources.left_project(mailing),
        given_up=under_way is not None and under_way.cancelled,
        **{"gathering": None, "pulse": None} | live,
    )


@bp.route("/add/selection", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_selection(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_selection(mailing, selections.get(_picked()))
        return _counted(mailing)
    find, sizes = selections.find_selections, selections.sizes
    return _pick(mailing, _("Add a selection"), "selection", find, sizes)


@bp.route("/add/project", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_project(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_project(mailing, projects.get(_picked()))
        return _counted(mailing)
    return _pick(mailing, _("Add a project"), "project", projects.find_projects, projects.sizes)


@bp.route("/add/contact", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_contact(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_contact(mailing, contacts.get(_picked()))
        return _counted(mailing)
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
    return _dialog_of(mailing, _("Paste addresses"), "_add_addresses.html", form)


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
    return _dialog_of(mailing, _("Add a file"), "_add_addresses.html", form)


@bp.post("/sources/<int:source_id>/remove")
@requires(Right.WRITE_MAILINGS)
def remove(mailing_id: int, source_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    sources.remove(mailing, source_id)
    return _counted(mailing)


@bp.post("/options")
@requires(Right.WRITE_MAILINGS)
def choose_options(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    chosen = {name: name in request.form for name in OPTION_TEXTS}
    options.choose(mailing, Options(**chosen))
    return _counted(mailing)


@bp.route("/override", methods=["GET", "POST"])
@requires(Right.OVERRIDE_CONSENT)
def override(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = OverrideForm()
    if form.validate_on_submit():
        options.override(mailing, form.reason.data, by=current_user.id)
        return _counted(mailing)
    title = _("Send without consent and subscription")
    return _dialog_of(mailing, title, "_override.html", form)


@bp.post("/override/end")
@requires(Right.WRITE_MAILINGS)
def end_override(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    options.end_override(mailing, by=current_user.id)
    return _counted(mailing)


@bp.post("/update")
@requires(Right.WRITE_MAILINGS)
def update(mailing_id: int) -> Response:
    """Reads the sources again: selections may have other members by now."""
    return _counted(wizard.draft(mailing_id))


@bp.get("/gathering")
@requires(Right.WRITE_MAILINGS)
def progress(mailing_id: int) -> Response:
    """How far a large audience is; when it is there, the page with it."""
    mailing = wizard.draft(mailing_id)
    under_way = gathering.of(mailing)
    if under_way is None or under_way.cancelled:
        return go_to(wizard.address(mailing, Step.RECIPIENTS))
    live = _progress(mailing, under_way)
    return render("marketer/mailings/_gathering.html", mailing=mailing, **live)


@bp.post("/gathering/give-up")
@requires(Right.WRITE_MAILINGS)
def give_up(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    gathering.give_up(mailing)
    db.session.commit()
    return go_to(wizard.address(mailing, Step.RECIPIENTS))


def _progress(mailing: Mailing, under_way: Gathering) -> dict[str, Any]:
    url = url_for("recipients.progress", mailing_id=mailing.id)
    shown = under_way.done, under_way.total
    return {"gathering": under_way, "pulse": pulse(url, shown)}


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


def _dialog_of(mailing: Mailing, title: str, body: str, form: FlaskForm) -> Response:
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        title,
        body,
        status=422 if form.errors else 200,
        form=form,
        basis_meanings=BASIS_MEANINGS,
    )


def _counted(mailing: Mailing) -> Response:
    db.session.flush()
    gathering.renew(mailing)
    db.session.commit()
    return go_to(wizard.address(mailing, Step.RECIPIENTS))


def _taken(mailing: Mailing, taken: Taken) -> Response:
    if taken.rejected:
        toast(_rejected(taken.rejected))
    return _counted(mailing)


def _rejected(rejected: list[tuple[str, str]]) -> str:
    reasons = " ".join(why for _entry, why in rejected[:REJECTED_SHOWN])
    left = ngettext("%(num)d entry was left out:", "%(num)d entries were left out:", len(rejected))
    return f"{left} {reasons}"


def _filter(shown: str) -> tuple[RecipientState | None, LeftOut | None]:
    if shown == MAILED:
        return RecipientState.READY, None
    return None, LeftOut(shown) if shown in set(LeftOut) else None
