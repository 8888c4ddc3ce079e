"""The Confirm step: the check before sending, a summary of the others, and Send now or later."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.mailings import attachments, audience, beginnings, gathering, lifecycle, preflight
from webapp.mailings.checks import domain as sender_domain
from webapp.mailings.checks.finding import Finding, Level, Place
from webapp.mailings.models import Mailing
from webapp.mailings.names import GOAL_NAMES, TRACKING_NAMES
from webapp.mailings.preflight import Report
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.locales import _, ngettext
from webapp.views.access import may, requires
from webapp.views.formats import number
from webapp.views.marketer import wizard
from webapp.views.marketer.when import Going, WhenForm, going, when_form
from webapp.views.rendering import go_to, render, toast, wants_fragment

bp = Blueprint("confirm", __name__, url_prefix="/mailings/<int:mailing_id>/draft/confirm")


@bp.get("")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    """At once; what the check finds comes after it."""
    mailing = wizard.draft(mailing_id)
    gathering.bring_up_to_date(mailing)
    db.session.commit()
    return _show(mailing, when_form(mailing), None)


@bp.get("/checks")
@requires(Right.WRITE_MAILINGS)
def checks(mailing_id: int) -> Response:
    """What the check finds; where scripts are off, with the page around it."""
    mailing = wizard.draft(mailing_id)
    answer = page(mailing, when_form(mailing))
    # Another time may have been chosen meanwhile: its form asks for the words on its button again.
    answer.headers["HX-Trigger-After-Settle"] = "checked"
    return answer


@bp.get("/domain")
@requires(Right.WRITE_MAILINGS)
def domain(mailing_id: int) -> Response:
    """The query says how many the other checks found, to be counted together."""
    from_address = wizard.draft(mailing_id).from_address
    # Nothing is held while DNS is asked.
    db.session.rollback()
    found = sender_domain.findings(from_address)
    well = sum(finding.level is Level.FINE for finding in found)
    return render(
        "marketer/mailings/_domain.html",
        findings=found,
        fine=request.args.get("fine", 0, int) + well,
        others=request.args.get("others", 0, int) + len(found) - well,
        domain_counted=True,
    )


@bp.post("/fix")
@requires(Right.WRITE_MAILINGS)
def fix(mailing_id: int) -> Response:
    """One of the mends that the check offers itself."""
    mailing = wizard.draft(mailing_id)
    if preflight.mend(mailing, request.form.get("kind", ""), request.form.get("old", "")):
        toast(_("Fixed"))
    db.session.commit()
    return go_to(wizard.address(mailing, Step.CONFIRM))


@bp.post("/send")
@requires(Right.SEND_MAILINGS)
def send(mailing_id: int) -> Response:
    """A second click finds the mailing under way, and leads to it as well."""
    mailing = wizard.draft(mailing_id)
    if changed_since_seen(mailing):
        return go_to(wizard.address(mailing, Step.CONFIRM))
    preflight.require_ready(mailing)
    lifecycle.start(mailing, by=current_user.id)
    return go_to(url_for("mailing.summary", mailing_id=mailing_id))


def page(mailing: Mailing, form: WhenForm, *, later: bool = False, status: int = 200) -> Response:
    """With what the check finds, once the recipients are gathered. `later`: with Schedule chosen
    rather than Send now."""
    waits = gathering.is_under_way(mailing)
    report = None if waits else preflight.check(mailing, viewer=current_user.id)
    db.session.commit()
    return _show(mailing, form, report, waits=waits, later=later, status=status)


def changed_since_seen(mailing: Mailing) -> bool:
    """Whether it is another than the one on the page whose button was pressed; then it says so."""
    seen = request.form.get("seen")
    changed = seen is not None and seen != _as_seen(mailing)
    if changed:
        toast(_("It was changed after you opened this page. Look at it again before it goes."))
    return changed


def _show(mailing: Mailing, form: WhenForm, report: Report | None, **more: Any) -> Response:
    counts = audience.count(mailing)
    people = ngettext(
        "E-mail to %(number)s person",
        "E-mail to %(number)s people",
        counts.mailed,
        number=number(counts.mailed),
    )
    return wizard.show(
        mailing,
        Step.CONFIRM,
        "confirm.html",
        "_checked.html",
        report=report,
        headline=_headline(report),
        domain=mailing.from_address.rpartition("@")[2],
        seen=_as_seen(mailing),
        swapped=wants_fragment(),
        counts=counts,
        people=people,
        files=attachments.of(mailing),
        origin=beginnings.origin_name(mailing),
        form=form,
        going=_going(form),
        address_of=wizard.address,
        mend_address=_mend_address,
        Step=Step,
        goals=GOAL_NAMES,
        tracking=TRACKING_NAMES,
        **more,
    )


def _headline(report: Report | None) -> str:
    if report is None:
        return _("Checking …")
    errors = len(report.errors)
    if not errors:
        return _("Ready to send")
    return ngettext(
        "One thing to fix before it can go", "%(num)d things to fix before it can go", errors
    )


def _going(form: WhenForm) -> Going | None:
    """What was chosen already while the check ran."""
    at = form.moment() if "day" in request.args else None
    return going(at, form.zone.data) if at else None


def _as_seen(mailing: Mailing) -> str:
    """Every change of a mailing, its content and its sources sets this time anew."""
    return mailing.updated_at.isoformat()


def _mend_address(mailing: Mailing, finding: Finding) -> str | None:
    """Where a finding is mended; None when it is not here, or not by this user."""
    match finding.place:
        case Place.ELSEWHERE:
            return None
        case Place.SERVERS:
            return url_for("servers.index") if may(Right.ADMINISTER) else None
        case Place.TEST:
            return url_for("trial.send", mailing_id=mailing.id)
        case Place.TEXT:
            return url_for("editing.text", mailing_id=mailing.id)
        case Place.CONTENT:
            return wizard.address(mailing, Step.CONTENT, part=finding.at or None)
        case _:
            return wizard.address(mailing, Step(finding.place), _anchor=finding.at or None)
