"""Choosing when a mailing goes out, choosing again, and taking it back."""

from flask import Blueprint, Response, abort, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.mailings import drafts, lifecycle, preflight
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.response import statistics
from webapp.views.access import requires
from webapp.views.marketer import confirm
from webapp.views.marketer.when import WhenForm, going, when_form
from webapp.views.rendering import go_to, render, toast, wants_fragment

bp = Blueprint("scheduling", __name__, url_prefix="/mailings/<int:mailing_id>/schedule")


@bp.get("")
@requires(Right.SEND_MAILINGS)
def index(mailing_id: int) -> Response:
    """The form; or, while somebody fills it in, what it comes to."""
    mailing = _not_begun(mailing_id)
    form = when_form(mailing)
    if not wants_fragment():
        return _page(mailing, form)
    at = form.moment()
    return render(
        "marketer/mailings/_when_answer.html",
        mailing=mailing,
        form=form,
        going=going(at, form.zone.data) if at else None,
        ready="ready" in request.args,
    )


@bp.post("")
@requires(Right.SEND_MAILINGS)
def save(mailing_id: int) -> Response:
    mailing = _not_begun(mailing_id)
    form = when_form(mailing)
    at = form.moment()
    if at is None:
        return _page(mailing, form, status=422)
    if confirm.changed_since_seen(mailing):
        return go_to(url_for("confirm.index", mailing_id=mailing_id))
    preflight.require_ready(mailing)
    if lifecycle.schedule(mailing, at, form.zone.data, by=current_user.id):
        when = going(at, form.zone.data).when
        toast(_("“%(name)s” goes out %(when)s", name=mailing.name, when=when))
    return go_to(url_for("mailing.summary", mailing_id=mailing_id))


@bp.post("/undo")
@requires(Right.SEND_MAILINGS)
def undo(mailing_id: int) -> Response:
    mailing = drafts.get(mailing_id)
    if lifecycle.unschedule(mailing, by=current_user.id):
        toast(_("“%(name)s” is a draft again", name=mailing.name))
    if mailing.state == State.DRAFT:
        return go_to(url_for("confirm.index", mailing_id=mailing_id))
    return go_to(url_for("mailing.summary", mailing_id=mailing_id))


def _not_begun(mailing_id: int) -> Mailing:
    """A draft, or one that is scheduled; a later one leads to its summary."""
    mailing = drafts.get(mailing_id)
    if request.method == "POST":
        # Nobody changes or sends it between the check and the schedule.
        db.session.refresh(mailing, with_for_update=True)
    if mailing.state not in {State.DRAFT, State.SCHEDULED}:
        abort(go_to(url_for("mailing.summary", mailing_id=mailing.id)))
    return mailing


def _page(mailing: Mailing, form: WhenForm, status: int = 200) -> Response:
    if mailing.state == State.DRAFT:
        return confirm.page(mailing, form, later=True, status=status)
    return render(
        "marketer/mailing/time.html",
        status=status,
        mailing=mailing,
        form=form,
        figures=statistics.of(mailing.id),
        links=statistics.links(mailing.id),
    )
