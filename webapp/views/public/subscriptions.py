"""Unsubscribing: a page where one button does it, and the one-click request of mail programs
(RFC 8058).

Reading a page changes nothing, so that link scanners unsubscribe nobody.
"""

from flask import Blueprint, Response, make_response, render_template, request

from webapp.people.subscriptions import name_of
from webapp.platform.database import db
from webapp.platform.locales import LANGUAGES, speaking
from webapp.platform.tokens import Purpose
from webapp.response import unsubscribing
from webapp.response.tracking import Reader, find_reader
from webapp.response.unsubscribing import Scope, Why
from webapp.views.access import open_to_all

bp = Blueprint("subscriptions", __name__)


@bp.get("/u/<token>")
@open_to_all
def leave(token: str) -> Response:
    reader = find_reader(Purpose.UNSUBSCRIBE, token)
    page = "left" if unsubscribing.left(reader) else "leave"
    return _page(page, token, reader, just_now=False)


@bp.post("/u/<token>")
@open_to_all
def unsubscribe(token: str) -> Response:
    reader = find_reader(Purpose.UNSUBSCRIBE, token)
    unsubscribing.unsubscribe(reader, _scope())
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return Response(status=200, mimetype="text/plain")
    return _page("left", token, reader, just_now=True)


@bp.post("/u/<token>/why")
@open_to_all
def tell_why(token: str) -> Response:
    reader = find_reader(Purpose.UNSUBSCRIBE, token)
    why = request.form.get("why")
    if why in set(Why):
        unsubscribing.tell_why(reader, Why(why))
        db.session.commit()
    return _page("left", token, reader, just_now=True, thanked=why in set(Why))


@bp.post("/u/<token>/back")
@open_to_all
def put_back(token: str) -> Response:
    reader = find_reader(Purpose.UNSUBSCRIBE, token)
    back = unsubscribing.put_back(reader)
    db.session.commit()
    return _page("back" if back else "left", token, reader, just_now=False)


def _scope() -> Scope:
    """What the mailing is about, unless the page's button says everything."""
    chosen = request.form.get("leave")
    return Scope(chosen) if chosen in set(Scope) else Scope.TYPE


def _page(name: str, token: str, reader: Reader, **context: object) -> Response:
    type_ = reader.mailing.subscription_type
    with speaking(_language(reader)):
        html = render_template(
            f"public/{name}.html",
            token=token,
            address=unsubscribing.masked(reader.recipient.email) if reader.recipient else "",
            is_test=reader.recipient is None,
            type_name=name_of(type_) if type_ else "",
            left=unsubscribing.left(reader) or _pretended(reader),
            kept=[name_of(other) for other in unsubscribing.kept(reader)],
            may_return=unsubscribing.may_return(reader),
            why_texts=unsubscribing.WHY_TEXTS,
            **context,
        )
    return make_response(html)


def _pretended(reader: Reader) -> Scope:
    """What a test's recipient would have left now."""
    return _scope() if reader.mailing.subscription_type else Scope.EVERYTHING


def _language(reader: Reader) -> str:
    """Chosen on the page, else the recipient's own, else the browser's."""
    chosen = request.args.get("language")
    contact = reader.recipient.contact if reader.recipient else None
    known = [chosen, contact.language if contact else None]
    browser = request.accept_languages.best_match(list(LANGUAGES), "en")
    return next((language for language in known if language in LANGUAGES), browser)
