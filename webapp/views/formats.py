"""Numbers and times as people of the user's language write them."""

from collections.abc import Iterable
from datetime import date as Date
from datetime import datetime

import flask_babel
from flask import Flask
from markupsafe import Markup

from webapp.content.addresses import short
from webapp.content.tags.merge_tags import by_group
from webapp.content.tags.tag_parsing import named
from webapp.people.subscriptions import name_of
from webapp.platform.database import utcnow
from webapp.platform.initials import initials
from webapp.platform.locales import _, file_size


def number(value: int | None) -> str:
    return "–" if value is None else str(flask_babel.format_number(value))


def percent(part: int, whole: int, digits: int = 1) -> str:
    """`part` of `whole` as a percentage; a dash where there is nothing to divide by."""
    if not whole:
        return "–"
    pattern = flask_babel.get_locale().percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("##0", "##0." + "0" * digits)
    return str(flask_babel.format_percent(part / whole, pattern))


def day(at: datetime | None) -> str:
    """“Wed 4 Nov”, with the year when it is not this one."""
    if at is None:
        return "–"
    local = flask_babel.to_user_timezone(at)
    same_year = local.year == flask_babel.to_user_timezone(utcnow()).year
    # The order and the dots are the language's: “Wed 4 Nov” is “ons. 4. nov.” in Danish.
    return str(flask_babel.format_date(local, _("EEE d MMM") if same_year else _("d MMM y")))


def date(day: Date) -> str:
    """“4 Nov 2026”, a day that has no time."""
    return str(flask_babel.format_date(day, _("d MMM y"), rebase=False))


def clock(at: datetime | None) -> str:
    return "–" if at is None else str(flask_babel.format_time(at, "HH:mm"))


def moment(at: datetime | None) -> str:
    """“today 10:41”, “Wed 4 Nov 10:41”."""
    if at is None:
        return "–"
    local, now = flask_babel.to_user_timezone(at), flask_babel.to_user_timezone(utcnow())
    if local.date() == now.date():
        return _("today %(time)s", time=clock(at))
    return f"{day(at)} {clock(at)}"


def dotted(parts: Iterable[str | None]) -> Markup:
    """Those that are known beside each other, each in its own direction of writing."""
    return Markup(" · ").join(Markup("<bdi>{}</bdi>").format(part) for part in parts if part)


def init_app(app: Flask) -> None:
    for function in (number, day, date, clock, moment, dotted, file_size):
        app.add_template_filter(function)
    app.add_template_filter(initials)
    app.add_template_filter(named, "tags_named")
    app.add_template_filter(short, "short_address")
    app.add_template_filter(by_group, "tags_by_group")
    app.add_template_filter(name_of, "type_name")
    app.add_template_global(percent)
