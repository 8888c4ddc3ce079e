"""The languages of the application: which one is spoken now, and how its numbers and dates look."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flask_babel
from flask import Flask

LANGUAGES = {"en": "English", "da": "Dansk"}

_: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext
_l: Callable[..., Any] = flask_babel.lazy_gettext

babel = flask_babel.Babel()


def init_app(app: Flask, *, locale: Callable[[], str | None], timezone: Callable[[], str]) -> None:
    """`locale` and `timezone` answer for the request or job that is being worked on."""
    babel.init_app(app, locale_selector=locale, timezone_selector=timezone)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within the block, texts come in `language` (the recipient's rather than the user's, say)."""
    with flask_babel.force_locale(language if language in LANGUAGES else "en"):
        yield


def spoken() -> str:
    """The code of the language that texts come in now."""
    return str(flask_babel.get_locale() or "en")


def file_size(size: int) -> str:
    """Bytes as “812 KB” or “3.1 MB”; what there is of something is at least 1 KB."""
    kilobytes = -(-size // 1000)
    if kilobytes < 1000:
        return _("%(size)d KB", size=kilobytes)
    return _("%(size)s MB", size=flask_babel.format_decimal(size / 1_000_000, "#,##0.#"))
