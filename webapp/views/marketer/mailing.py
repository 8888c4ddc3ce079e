"""A mailing that is on its way or sent: summary, content, recipients, links."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from webapp.accounts.rights import Right
from webapp.content.html.markup import insert_after_body_start
from webapp.delivery import servers
from webapp.mailings import attachments, drafts, left_out, lifecycle, preflight, resending
from webapp.mailings.models import LeftOut, Mailing, Recipient, State
from webapp.mailings.names import REASON_NAMES
from webapp.platform.database import db, utcnow
from webapp.platform.errors import NotFound
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.response import message, recipients, statistics
from webapp.response.progress import progress
from webapp.response.recipients import Choice, Which
from webapp.views.access import requires
from webapp.views.live import Pulse, pulse
from webapp.views.marketer.when import going
from webapp.views.rendering import go_to, message_page, render, toast, wants_fragment

bp = Blueprint("mailing", __name__, url_prefix="/mailings/<int:mailing_id>")

STAYS_LIVE = timedelta(days=7)
"""How long after the last message; later the page has what it will have."""
SAMPLES = 8


class NoSuchRecipient(NotFound):
    message = _l("This mailing has no such recipient.")


def of_mailing(view: Callable[[Mailing], Response]) -> Callable[[int], Response]:
    """Looks the mailing up; one that is still written has its pages in the wizard."""

    @wraps(view)
    def found(mailing_id: int) -> Response:
        mailing = drafts.get(mailing_id)
        if mailing.state == State.DRAFT:
            return go_to(url_for("setup.index", mailing_id=mailing_id))
        return view(mailing)

    return found


@bp.get("")
@requires(Right.VIEW)
@of_mailing
def summary(mailing: Mailing) -> Response:
    return _summary(mailing)


@bp.get("/links")
@requires(Right.VIEW)
@of_mailing
def links(mailing: Mailing) -> Response:
    return render(
        "marketer/mailing/links.html",
        mailing=mailing,
        figures=statistics.of(mailing.id),
        links=statistics.links(mailing.id),
    )


@bp.get("/recipients")
@requires(Right.VIEW)
@of_mailing
def recipients_of(mailing: Mailing) -> Response:
    choice = chosen(request.args)
    found = recipients.find(mailing.id, choice)
    page = page_of(found, request.args.get("page", 1, int))
    return render(
        "marketer/mailing/recipients.html",
        "marketer/mailing/_recipients.html",
        mailing=mailing,
        figures=statistics.of(mailing.id),
        links=statistics.links(mailing.id),
        choice=choice,
        page=page,
        further=left_out.further_reasons(mailing, page.rows),
        reason_names=REASON_NAMES,
        why=left_out.SENTENCES,
    )


@bp.get("/content")
@requires(Right.VIEW)
@of_mailing
def content(mailing: Mailing) -> Response:
    q = request.args.get("q", "")
    people = page_of(recipients.find(mailing.id, Choice(Which.SENT, text=q)), 1, size=SAMPLES).rows
    shown = one_recipient(mailing, request.args.get("as", type=int)) or next(iter(people), None)
    subject, preheader = message.inbox_line(mailing, shown)
    return render(
        "marketer/mailing/content.html",
        "marketer/mailing/_people.html",
        mailing=mailing,
        figures=statistics.of(mailing.id),
        links=statistics.links(mailing.id),
        people=people,
        shown=shown,
        subject=subject,
        preheader=preheader,
        files=attachments.of(mailing),
        q=q,
    )


@bp.get("/message")
@requires(Right.VIEW)
@of_mailing
def shown_message(mailing: Mailing) -> Response:
    """For the frame of the page above."""
    recipient = one_recipient(mailing, request.args.get("as", type=int))
    html = message.as_shown_to_us(mailing, recipient) if recipient else message.as_sample(mailing)
    return message_page(insert_after_body_start(html, '<base target="_blank">'))


@bp.post("/send")
@requires(Right.SEND_MAILINGS)
@of_mailing
def send(mailing: Mailing) -> Response:
    """One that is scheduled, at once. A second click finds it under way."""
    if mailing.state == State.SCHEDULED:
        preflight.require_ready(mailing)
        lifecycle.start(mailing, by=current_user.id)
    return _after(mailing)


@bp.post("/pause")
@requires(Right.SEND_MAILINGS)
@of_mailing
def pause(mailing: Mailing) -> Response:
    if lifecycle.pause_by_hand(mailing, current_user.id):
        toast(_("“%(name)s” is paused", name=mailing.name))
    return _after(mailing)


@bp.post("/resume")
@requires(Right.SEND_MAILINGS)
@of_mailing
def resume(mailing: Mailing) -> Response:
    """Also when its sending server refused us: who presses this has put that right."""
    servers.try_again(mailing.from_address.rpartition("@")[2].lower())
    if lifecycle.resume(mailing, current_user.id):
        toast(_("“%(name)s” goes on", name=mailing.name))
    return _after(mailing)


@bp.post("/cancel")
@requires(Right.SEND_MAILINGS)
@of_mailing
def cancel(mailing: Mailing) -> Response:
    if lifecycle.cancel(mailing, current_user.id):
        toast(_("“%(name)s” is cancelled", name=mailing.name))
    return _after(mailing)


@bp.post("/resend")
@requires(Right.SEND_MAILINGS)
@of_mailing
def resend(mailing: Mailing) -> Response:
    """To the unknown recipients who were ticked, or to all of them."""
    ticked = request.form.getlist("recipient", int)
    only = ticked if request.form.get("whom") == "chosen" else None
    people = resending.resend_unknown(mailing, only, current_user.id)
    if people:
        toast(ngettext("%(num)d person gets it again", "%(num)d people get it again", people))
    return _after(mailing)


def _summary(mailing: Mailing) -> Response:
    figures = statistics.of(mailing.id)
    links = statistics.links(mailing.id)
    shown = (mailing.state, mailing.state_reason, mailing.finished_at, figures, links)
    at = mailing.scheduled_at if mailing.state == State.SCHEDULED else None
    return render(
        "marketer/mailing/summary.html",
        "marketer/mailing/_live.html",
        mailing=mailing,
        figures=figures,
        links=links,
        progress=progress(mailing, figures, utcnow()),
        going=going(at, mailing.scheduled_zone) if at else None,
        exchanged=wants_fragment(),
        pulse=summary_pulse(mailing, shown),
    )


def _after(mailing: Mailing) -> Response:
    """What a button of the live part answers: that part anew, or the page without scripts."""
    if wants_fragment():
        return _summary(mailing)
    return go_to(url_for("mailing.summary", mailing_id=mailing.id))


def summary_pulse(mailing: Mailing, shown: object) -> Pulse | None:
    """None when nothing more is to be expected."""
    if mailing.finished_at and utcnow() - mailing.finished_at > STAYS_LIVE:
        return None
    return pulse(url_for("mailing.summary", mailing_id=mailing.id), shown)


def chosen(source: MultiDict[str, str]) -> Choice:
    which, reason = source.get("which"), source.get("reason")
    return Choice(
        which=Which(which) if which in set(Which) else Which.MAILED,
        reason=LeftOut(reason) if reason in set(LeftOut) else None,
        text=source.get("q", "")[:200],
    )


def own_list(mailing: Mailing, choice: Choice) -> str:
    return url_for(
        "mailing.recipients_of",
        mailing_id=mailing.id,
        which=choice.which if choice.which != Which.MAILED else None,
        reason=choice.reason,
        q=choice.text or None,
    )


def one_recipient(mailing: Mailing, recipient_id: int | None) -> Recipient | None:
    """None when none is asked for. Raises NoSuchRecipient."""
    if recipient_id is None:
        return None
    recipient = db.session.get(Recipient, recipient_id)
    if recipient is None or recipient.mailing_id != mailing.id:
        raise NoSuchRecipient
    return recipient
