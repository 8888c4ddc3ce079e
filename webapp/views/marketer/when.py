"""The fields that say when a mailing goes out, and what they come to, in words."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webapp.accounts.organisation import organisation
from webapp.mailings import schedule
from webapp.mailings.models import Mailing
from webapp.mailings.schedule import TooFarAhead, TwoTimes
from webapp.platform.database import utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, ngettext
from webapp.views.zones import offset_label, zone_choices, zone_label

MORNING = time(9)


@dataclass(frozen=True)
class Going:
    """When a mailing goes out, in words."""

    when: str
    zone: str
    here: str
    """The same by the organisation's clocks, where they show something else."""
    left: str


class WhenForm(FlaskForm):
    day = DateField(
        _l("Day"),
        validators=[InputRequired(_l("Choose a day."))],
        invalid_value_message=_l("Write the day as 2026-11-24."),
    )
    clock = TimeField(
        _l("Time"),
        validators=[InputRequired(_l("Choose a time."))],
        invalid_value_message=_l("Write the time as 14:30."),
    )
    zone = SelectField(_l("Time zone"))
    fold = RadioField(
        _l("Which of the two?"), coerce=int, choices=[], default=None, validate_choice=False
    )

    def moment(self) -> datetime | None:
        """When that is; None, with the reason at its field, when it cannot be."""
        if not self.validate():
            return None
        zone, fold = self.zone.data, self.fold.data
        try:
            return schedule.moment(self.day.data, self.clock.data, zone, fold)
        except DomainError as error:
            self._field_of(error).errors = [str(error)]
            return None

    def _field_of(self, error: DomainError) -> DateField | TimeField | RadioField:
        match error:
            case TwoTimes():
                return self.fold
            case TooFarAhead():
                return self.day
            case _:
                return self.clock

    def offer(self, first: list[str]) -> None:
        """The zones to choose from, `first` before the others; and which of two times, where the
        clocks show this one twice."""
        wall = self._wall()
        self.zone.choices = zone_choices(wall, first)
        known = {choice.value for choice in self.zone.choices}
        if self.zone.data in known:
            self.fold.choices = _two_times(wall, self.zone.data)

    def _wall(self) -> datetime:
        day, clock = self.day.data, self.clock.data
        # Years that the calendar cannot convert have no times to choose from either.
        if not day or not 2000 < day.year < 9000:
            return datetime.combine(utcnow().date(), clock or MORNING)
        return datetime.combine(day, clock or MORNING)


def when_form(mailing: Mailing) -> WhenForm:
    """With what somebody typed; else with the time that the mailing has, or tomorrow morning."""
    here = organisation().timezone
    zone = mailing.scheduled_zone or here
    typed = request.form if request.method == "POST" else request.args
    form = WhenForm(
        typed if "day" in typed else None,
        data=None if "day" in typed else _to_begin_with(mailing, zone),
        # Every POST is checked already; that the fields are looked at while typing is no POST.
        meta={"csrf": False},
    )
    form.offer([here, zone])
    return form


def going(at: datetime, zone: str) -> Going:
    here = organisation().timezone
    differs = at.astimezone(ZoneInfo(here)).utcoffset() != at.astimezone(ZoneInfo(zone)).utcoffset()
    return Going(
        when=schedule.in_words(at, zone),
        zone=zone_label(zone, at),
        here=f"{schedule.in_words(at, here)}, {zone_label(here, at)}" if differs else "",
        left=time_left(at - utcnow()),
    )


def time_left(left: timedelta) -> str:
    """“1 day 21 hours”: the largest unit and the next."""
    minutes = max(left // timedelta(minutes=1), 0)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    words = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes and not days else "",
    ]
    return " ".join(filter(None, words)) or _("less than a minute")


def _to_begin_with(mailing: Mailing, zone: str) -> dict[str, object]:
    place, now = ZoneInfo(zone), utcnow()
    if mailing.scheduled_at and mailing.scheduled_at > now:
        at = mailing.scheduled_at.astimezone(place)
        return {"day": at.date(), "clock": at.time(), "zone": zone, "fold": at.fold}
    tomorrow = now.astimezone(place).date() + timedelta(days=1)
    return {"day": tomorrow, "clock": MORNING, "zone": zone}


def _two_times(wall: datetime, zone: str) -> list[SelectChoice]:
    found = schedule.readings(wall, zone)
    if len(found) < 2:
        return []
    clock, place = f"{wall:%H:%M}", ZoneInfo(zone)
    summer, winter = (offset_label(at.astimezone(place).utcoffset() or timedelta()) for at in found)
    return [
        SelectChoice(0, _("%(time)s summer time (%(offset)s)", time=clock, offset=summer)),
        SelectChoice(1, _("%(time)s winter time (%(offset)s)", time=clock, offset=winter)),
    ]
