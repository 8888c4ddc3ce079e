"""The Recipients step: who is mailed, and who is not and why. What adds to them is in `sources`."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from webapp.accounts.rights import Right
from webapp.mailings import audience, gathering, left_out, options, sources
from webapp.mailings.audience_list import find_recipients
from webapp.mailings.compiling import compiled
from webapp.mailings.gaps import gaps_of_bare_addresses, read_instead
from webapp.mailings.models import Gathering, LeftOut, Mailing, RecipientState
from webapp.mailings.names import REASON_NAMES
from webapp.mailings.options import NoReason, Options
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.forms import trimmed
from webapp.views.live import pulse
from webapp.views.marketer import wizard
from webapp.views.rendering import go_to, render

bp = Blueprint("recipients", __name__, url_prefix="/mailings/<int:mailing_id>/draft/recipients")

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


class OverrideForm(FlaskForm):
    reason = StringField(
        _l("Reason"),
        filters=[trimmed],
        validators=[DataRequired(NoReason.message), Length(max=500)],
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


@bp.post("/options")
@requires(Right.WRITE_MAILINGS)
def choose_options(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    chosen = {name: name in request.form for name in OPTION_TEXTS}
    options.choose(mailing, Options(**chosen))
    return counted_anew(mailing)


@bp.route("/override", methods=["GET", "POST"])
@requires(Right.OVERRIDE_CONSENT)
def override(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = OverrideForm()
    if form.validate_on_submit():
        options.override(mailing, form.reason.data, by=current_user.id)
        return counted_anew(mailing)
    title = _("Send without consent and subscription")
    return wizard.show_dialog(mailing, Step.RECIPIENTS, title, "_override.html", form=form)


@bp.post("/override/end")
@requires(Right.WRITE_MAILINGS)
def end_override(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    options.end_override(mailing, by=current_user.id)
    return counted_anew(mailing)


@bp.post("/update")
@requires(Right.WRITE_MAILINGS)
def update(mailing_id: int) -> Response:
    """Reads the sources again: selections may have other members by now."""
    return counted_anew(wizard.draft(mailing_id))


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


def counted_anew(mailing: Mailing) -> Response:
    """The step again, when who is mailed has been worked out."""
    db.session.flush()
    gathering.renew(mailing)
    db.session.commit()
    return go_to(wizard.address(mailing, Step.RECIPIENTS))


def _filter(shown: str) -> tuple[RecipientState | None, LeftOut | None]:
    if shown == MAILED:
        return RecipientState.READY, None
    return None, LeftOut(shown) if shown in set(LeftOut) else None
