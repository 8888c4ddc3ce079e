"""The file behind a link in a message, for whoever has the link."""

from flask import Blueprint, Response

from webapp.mailings import attachments
from webapp.views.access import open_to_all
from webapp.views.rendering import file_to_keep

bp = Blueprint("public_attachments", __name__)


@bp.get("/f/<token>")
@open_to_all
def download(token: str) -> Response:
    attachment = attachments.opened(token)
    return file_to_keep(attachment.name, attachment.content)
