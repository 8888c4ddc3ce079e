"""Countries and languages by their names in the user's language."""

import flask_babel
from flask import Flask
from wtforms.fields.choices import SelectChoice

from webapp.people.places import countries, languages
from webapp.platform.locales import LANGUAGES
from webapp.views.forms import choices_of


def country_name(code: str) -> str:
    return str(flask_babel.get_locale().territories.get(code, code))


def language_name(code: str) -> str:
    name = str(flask_babel.get_locale().languages.get(code, code))
    return name[:1].upper() + name[1:]


def country_choices(home: str) -> list[SelectChoice]:
    """All countries, the organisation's own first."""
    codes = sorted(set(countries().values()) - {home}, key=country_name)
    return choices_of({"": "–"} | {code: country_name(code) for code in [home, *codes]})


def language_choices() -> list[SelectChoice]:
    """All languages, those that Brevdue speaks first."""
    codes = sorted(set(languages().values()) - set(LANGUAGES), key=language_name)
    return choices_of({"": "–"} | {code: language_name(code) for code in [*LANGUAGES, *codes]})


def init_app(app: Flask) -> None:
    app.add_template_filter(country_name)
    app.add_template_filter(language_name)
