"""Time zones as people know them: by their city, with how far their clocks are from UTC."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import flask_babel
from babel.core import get_global
from babel.dates import get_timezone_location
from wtforms.fields.choices import SelectChoice

from webapp.platform.locales import _l

AREAS = {
    "Africa": _l("Africa"),
    "America": _l("America"),
    "Antarctica": _l("Antarctica"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic Ocean"),
    "Australia": _l("Australia"),
    "Europe": _l("Europe"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific Ocean"),
}


def zone_label(zone: str, at: datetime) -> str:
    """“Copenhagen (UTC+1)”. A naive `at` is what clocks there show."""
    return _label(ZoneInfo(zone), at)


def zone_choices(at: datetime, first: Iterable[str]) -> list[SelectChoice]:
    """`first`, and then all others by area and city."""
    beginning = list(dict.fromkeys(first))
    choices = [SelectChoice(zone, zone_label(zone, at)) for zone in beginning]
    for area, zones in _by_area().items():
        labels = {zone.key: _label(zone, at) for zone in zones if zone.key not in beginning}
        in_order = sorted(labels.items(), key=lambda item: item[1].casefold())
        choices += [SelectChoice(key, label, optgroup=str(AREAS[area])) for key, label in in_order]
    return choices


def offset_label(offset: timedelta) -> str:
    """“UTC+5:30”."""
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "−" if offset < timedelta() else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _label(zone: ZoneInfo, at: datetime) -> str:
    local = at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)
    city = get_timezone_location(zone, locale=flask_babel.get_locale(), return_city=True)
    return f"{city} ({offset_label(local.utcoffset() or timedelta())})"


@cache
def _by_area() -> dict[str, list[ZoneInfo]]:
    """Without the names that are another word for one of the others."""
    aliases = get_global("zone_aliases")
    zones: dict[str, list[ZoneInfo]] = {area: [] for area in AREAS}
    for name in available_timezones() - set(aliases):
        area = name.partition("/")[0]
        if "/" in name and area in zones:
            zones[area].append(ZoneInfo(name))
    return zones
