"""The Recipients step: where they come from, who is mailed, and who is not and why."""

from flask import Blueprint, Response, request
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from webapp.accounts.rights import Right
from webapp.mailings import audience, sources
from webapp.mailings.audience_list import find_recipients
from webapp.mailings.compiling import compiled
from webapp.mailings.gaps import gaps_of_bare_addresses, read_instead
from webapp.mailings.models import LeftOut, Mailing, RecipientState
from webapp.mailings.names import REASON_NAMES
from webapp.mailings.steps import Step
from webapp.people import contacts
from webapp.people.models import Basis, Purpose
from webapp.people.privacy import basis_names
from webapp.people.search import find_contacts
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets import selections
from webapp.views.access import requires
from webapp.views.forms import choices_of, trimmed
from webapp.views.marketer import wizard
from webapp.views.rendering import go_to, toast

bp = Blueprint("recipients", __name__, url_prefix="/mailings/<int:mailing_id>/draft/recipients")

OFFERED = 10
REJECTED_SHOWN = 5
COLOURS = {
    LeftOut.NO_CONSENT: "amber",
    LeftOut.DUPLICATE: "slate",
    LeftOut.BLOCKED_ADDRESS: "red",
    LeftOut.NO_ADDRESS: "stone",
    LeftOut.NO_MAILINGS: "sand",
    LeftOut.FORMER_EMPLOYEE: "violet",
}
MAILED = "mailed"


class PastedForm(FlaskForm):
    addresses = TextAreaField(
        _l("Addresses"), validators=[DataRequired(_l("Paste at least one address."))]
    )
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


@bp.get("")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    audience.bring_up_to_date(mailing)
    db.session.commit()
    shown, without = request.args.get("show", ""), request.args.get("without", "")
    state, reason = _filter(shown)
    found = find_recipients(
        mailing, request.args.get("q", ""), state=state, reason=reason, without=without
    )
    return wizard.show(
        mailing,
        Step.RECIPIENTS,
        "recipients.html",
        "_recipients.html",
        counts=audience.count(mailing),
        page=page_of(found, request.args.get("page", 1, type=int)),
        sizes={source.id: audience.source_size(source) for source in mailing.sources},
        gaps=gaps_of_bare_addresses(mailing, compiled(mailing)),
        read_instead=read_instead,
        reasons=REASON_NAMES,
        colours=COLOURS,
        shown=shown,
        without=without,
        q=request.args.get("q", ""),
    )


@bp.route("/add/selection", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_selection(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_selection(mailing, selections.get(request.form.get("id", 0, type=int)))
        return _counted(mailing)
    text = request.args.get("q", "")
    found = db.session.scalars(selections.find_selections(text).limit(OFFERED)).all()
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        _("Add a selection"),
        "_add_selection.html",
        found=found,
        sizes=selections.sizes([selection.id for selection in found]),
        chosen={source.selection_id for source in mailing.sources},
        q=text,
    )


@bp.route("/add/contact", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_contact(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        sources.add_contact(mailing, contacts.get(request.form.get("id", 0, type=int)))
        return _counted(mailing)
    text = request.args.get("q", "")
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        _("Add a contact"),
        "_add_contact.html",
        found=db.session.scalars(find_contacts(text).limit(OFFERED)).all(),
        chosen={source.contact_id for source in mailing.sources},
        q=text,
    )


@bp.route("/add/pasted", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def add_pasted(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = PastedForm()
    if form.validate_on_submit() and _paste(mailing, form):
        return _counted(mailing)
    return wizard.show_dialog(
        mailing,
        Step.RECIPIENTS,
        _("Paste addresses"),
        "_add_pasted.html",
        status=422 if form.errors else 200,
        form=form,
    )


@bp.post("/sources/<int:source_id>/remove")
@requires(Right.WRITE_MAILINGS)
def remove(mailing_id: int, source_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    sources.remove(mailing, source_id)
    return _counted(mailing)


@bp.post("/options")
@requires(Right.WRITE_MAILINGS)
def options(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    mailing.one_per_address = "one_per_address" in request.form
    return _counted(mailing)


@bp.post("/update")
@requires(Right.WRITE_MAILINGS)
def update(mailing_id: int) -> Response:
    """Reads the sources again: selections may have other members by now."""
    return _counted(wizard.draft(mailing_id))


def _counted(mailing: Mailing) -> Response:
    db.session.flush()
    audience.resolve(mailing)
    db.session.commit()
    return go_to(wizard.address(mailing, Step.RECIPIENTS))


def _paste(mailing: Mailing, form: PastedForm) -> bool:
    try:
        pasted = sources.add_pasted(
            mailing,
            form.addresses.data,
            basis=form.basis.data,
            consent_source=form.consent_source.data,
            stated_by=current_user.id,
        )
    except DomainError as error:
        form.addresses.errors = [str(error)]
        return False
    if pasted.rejected:
        toast(_rejected(pasted.rejected))
    return True


def _rejected(rejected: list[tuple[str, str]]) -> str:
    reasons = " ".join(why for _entry, why in rejected[:REJECTED_SHOWN])
    left = ngettext("%(num)d entry was left out:", "%(num)d entries were left out:", len(rejected))
    return f"{left} {reasons}"


def _filter(shown: str) -> tuple[RecipientState | None, LeftOut | None]:
    if shown == MAILED:
        return RecipientState.READY, None
    return None, LeftOut(shown) if shown in set(LeftOut) else None
