"""The e-mails themselves as small pictures. Lists are full of these: a browser keeps the one whose
mark it asked for, and of any other asks only whether it is still the same; then nothing is
compiled."""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

from flask import Response, request
from flask_babel import get_locale

from webapp.accounts.organisation import organisation
from webapp.platform.database import utcnow
from webapp.views.rendering import message_page


def mark_of(name: object, changed_at: datetime) -> str:
    """Changes with whatever the picture is made of."""
    ours = organisation()
    parts = (name, changed_at, ours.name, ours.address, ours.language, get_locale())
    return blake2b(repr((*map(str, parts), utcnow().date())).encode(), digest_size=12).hexdigest()


def answer(mark: str, html: Callable[[], str]) -> Response:
    known = request.if_none_match.contains(mark)
    page = message_page("" if known else html())
    if known:
        page.status_code = 304
    page.set_etag(mark)
    lasting = request.args.get("mark") == mark
    page.headers["Cache-Control"] = f"private, {'max-age=86400' if lasting else 'no-cache'}"
    return page
