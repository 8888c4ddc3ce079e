"""What goes wrong, as a page or a fragment in the user's language."""

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import BadRequest, HTTPException

from webapp.platform import locales
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _
from webapp.views.rendering import render


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(DataError, unstorable)
    app.register_error_handler(OperationalError, database_away)


def domain_error(error: DomainError) -> Response:
    status = 404 if isinstance(error, NotFound) else 422
    return render(
        "errors/error.html", "errors/_error.html", status=status, message=str(error), code=status
    )


def http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    # The error page reads from the database, and the transaction may have failed.
    db.session.rollback()
    return render(
        "errors/error.html", "errors/_error.html", status=error.code, message=None, code=error.code
    )


def unstorable(error: DataError) -> ResponseReturnValue:
    """A NUL in a text, a number beyond 64 bits: no page of ours asks for that."""
    current_app.logger.warning("Asked for what the database cannot hold: %s", error.orig)
    return http_error(BadRequest())


def database_away(error: OperationalError) -> Response:
    """Without a page, as every page of ours reads from the database."""
    current_app.logger.error("The database does not answer: %s", error.orig)
    known = request.accept_languages.best_match(list(locales.LANGUAGES), "en")
    with locales.speaking(known):
        words = _("The database does not answer. Nothing was changed. Try again in a moment.")
    return Response(words, 503, mimetype="text/plain", headers={"Retry-After": "10"})
