"""The health page: is everything running, is anything stuck, is every recipient accounted for."""

from typing import Any

from flask import Blueprint, Response, url_for

from webapp.accounts.rights import Right
from webapp.platform import machinery
from webapp.response import health
from webapp.response.health import Account, Health
from webapp.views.access import requires
from webapp.views.live import pulse
from webapp.views.rendering import render

bp = Blueprint("health", __name__, url_prefix="/settings/health")


@bp.get("/")
@requires(Right.ADMINISTER)
def index() -> Response:
    now = health.health()
    return render(
        "marketer/settings/health.html", "marketer/settings/_health.html", **_page(now, None)
    )


@bp.get("/recipients")
@requires(Right.ADMINISTER)
def recipients() -> Response:
    """Counts; the page asks for it by itself, as it takes longer than a page may."""
    account = health.account()
    return render(
        "marketer/settings/health.html",
        "marketer/settings/_health_recipients.html",
        **_page(health.health(), account),
    )


def _page(now: Health, account: Account | None) -> dict[str, Any]:
    return {
        "health": now,
        "account": account,
        "versions": machinery.versions(),
        "pulse": pulse(url_for("health.index"), now),
    }
