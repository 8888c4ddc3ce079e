"""“View online”: the message in the browser, for the one who got it."""

from flask import Blueprint, Response

from webapp.response import message, tracking
from webapp.views.access import open_to_all
from webapp.views.public.track import this_visit
from webapp.views.rendering import message_page

bp = Blueprint("message", __name__)


@bp.get("/v/<token>")
@open_to_all
def view(token: str) -> Response:
    reader = tracking.viewed(token, this_visit())
    return message_page(message.as_received(reader))
