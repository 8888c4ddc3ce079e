"""The Confirm step: the check before sending, a summary of the others, and Send now or later."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.mailings import attachments, audience, lifecycle, preflight
from webapp.mailings.models import Mailing
from webapp.mailings.names import GOAL_NAMES, TRACKING_NAMES
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.views.access import requires
from webapp.views.marketer import wizard
from webapp.views.marketer.when import WhenForm, when_form
from webapp.views.rendering import go_to, toast

bp = Blueprint("confirm", __name__, url_prefix="/mailings/<int:mailing_id>/draft/confirm")


@bp.get("")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    return page(mailing, when_form(mailing))


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
    preflight.require_ready(mailing)
    lifecycle.start(mailing, by=current_user.id)
    return go_to(url_for("mailing.summary", mailing_id=mailing_id))


def page(mailing: Mailing, form: WhenForm, *, later: bool = False, status: int = 200) -> Response:
    """`later`: with Schedule chosen rather than Send now."""
    report = preflight.check(mailing)
    db.session.commit()
    return wizard.show(
        mailing,
        Step.CONFIRM,
        "confirm.html",
        status=status,
        report=report,
        counts=audience.count(mailing),
        files=attachments.of(mailing),
        form=form,
        later=later,
        address_of=wizard.address,
        Step=Step,
        goals=GOAL_NAMES,
        tracking=TRACKING_NAMES,
    )
