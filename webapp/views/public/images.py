"""The images of the library for everybody, for ever: mails that were sent name them."""

from flask import Blueprint, Response, send_file

from webapp.content.images import files
from webapp.content.images.pictures import MEDIA_TYPES
from webapp.views.access import open_to_all

bp = Blueprint("public_images", __name__)

A_YEAR = "public, max-age=31536000, immutable"
POLICY = "default-src 'none'; sandbox"


@bp.get("/i/<key>/<name>.<ending>")
@open_to_all
def show(key: str, name: str, ending: str) -> Response:  # noqa: ARG001 (the name is for people)
    """Neither session nor database is asked, so that nothing but the file can keep it away."""
    path = files.find(key, ending)
    if path is None:
        return Response(status=404, mimetype="text/plain")
    answer = send_file(path, mimetype=MEDIA_TYPES[ending], etag=key)
    answer.headers["Cache-Control"] = A_YEAR
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
