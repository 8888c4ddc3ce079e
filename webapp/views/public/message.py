"""“View online”: the message in the browser, for the one who got it."""

from flask import Blueprint, Response

from webapp.response import message, tracking
from webapp.views.access import open_to_all
from webapp.views.public.track import this_visit
from webapp.views.security import MESSAGE_POLICY

bp = Blueprint("message", __name__)


@bp.get("/v/<token>")
@open_to_all
def view(token: str) -> Response:
    reader = tracking.viewed(token, this_visit())
    return message_page(message.as_received(reader))


def message_page(html: str) -> Response:
    """An e-mail as a page: with its own styles, without scripts and forms."""
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": MESSAGE_POLICY})
