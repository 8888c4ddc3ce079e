"""Home: what is on its way, how the last mailings went, and what needs somebody."""

import flask_babel
from flask import Blueprint, Response, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.platform.database import utcnow
from webapp.platform.locales import _
from webapp.response.progress import progress
from webapp.response.today import Today, drafts_of, is_empty, today
from webapp.views.access import requires
from webapp.views.live import pulse
from webapp.views.rendering import render

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    now = today()
    return render(
        "marketer/home/index.html",
        "marketer/home/_live.html",
        greeting=greeting(current_user.name),
        date=flask_babel.format_date(flask_babel.to_user_timezone(utcnow()), _("EEEE d MMMM")),
        today=now,
        progress={
            mailing.id: progress(mailing, now.figures[mailing.id], utcnow())
            for mailing in now.running
        },
        drafts=drafts_of(current_user.id),
        fresh=is_empty(),
        pulse=pulse(url_for("home.index"), _moving(now)),
    )


def greeting(name: str) -> str:
    """By the time of day in the organisation's time zone."""
    first_name = name.split()[0]
    hour = flask_babel.to_user_timezone(utcnow()).hour
    if 5 <= hour < 12:
        return _("Good morning, %(name)s", name=first_name)
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s", name=first_name)
    return _("Good evening, %(name)s", name=first_name)


def _moving(now: Today) -> object:
    moving = (*now.running, *now.paused, *now.with_unknown, *now.last)
    mailings = (*moving, *now.held_up, *now.scheduled)
    return now.figures, [(mailing.id, mailing.state, mailing.state_reason) for mailing in mailings]
