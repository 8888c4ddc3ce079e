"""Opens and clicks. Nothing here waits for the database to be written."""

from base64 import b64decode

from flask import Blueprint, Response, redirect, render_template, request

from webapp.response import tracking
from webapp.response.tracking import DeadLink, Visit
from webapp.views.access import open_to_all

bp = Blueprint("track", __name__)

PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""A transparent GIF of one by one pixel, 43 bytes."""


@bp.get("/o/<token>.gif")
@open_to_all
def opened(token: str) -> Response:
    tracking.opened(token, this_visit())
    return Response(PIXEL, mimetype="image/gif", headers={"Cache-Control": "no-store"})


@bp.get("/c/<token>")
@open_to_all
def clicked(token: str) -> Response:
    return redirect(tracking.clicked(token, this_visit()), 302)  # type: ignore[return-value]


@bp.app_errorhandler(DeadLink)
def dead_link(_error: DeadLink) -> tuple[str, int]:
    """What every public page shows for a token that is forged, damaged or of a deleted mailing."""
    return render_template("public/dead_link.html"), 404


def this_visit() -> Visit:
    return Visit(request.method, request.headers.get("User-Agent", ""))
