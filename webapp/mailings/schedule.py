"""Mailings that go out at a time that somebody chose, by the clocks of a place."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import flask_babel
from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.organisation import organisation
from webapp.mailings import lifecycle, preflight
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, speaking

FARTHEST = timedelta(days=365)
OVERDUE = timedelta(hours=1)
"""Later than this, what was to be said may be stale: a person decides."""


class SkippedTime(DomainError):
    message = _l(
        "The clocks are put forward and skip this time. The first that exists is %(first)s."
    )


class TwoTimes(DomainError):
    message = _l("The clocks are put back and show this time twice. Choose one of the two.")


class Passed(DomainError):
    message = _l("This time has passed. Choose a later one.")


class TooFarAhead(DomainError):
    message = _l("This is more than a year ahead. Choose an earlier day.")


def moment(day: date, clock: time, zone: str, fold: int | None) -> datetime:
    """When clocks in `zone` show this, in UTC; `fold` chooses where they show it twice (PEP 495).

    Raises SkippedTime, TwoTimes, Passed, TooFarAhead.
    """
    now = utcnow()
    if day > (now + FARTHEST).date():
        raise TooFarAhead
    if day < (now - timedelta(days=1)).date():
        raise Passed
    wall = datetime.combine(day, clock.replace(second=0, microsecond=0))
    at = _chosen(wall, zone, fold)
    if at <= now:
        raise Passed
    return at


def readings(wall: datetime, zone: str) -> list[datetime]:
    """The moments at which clocks in `zone` show this: one, or none, or two, the earlier first."""
    place = ZoneInfo(zone)
    both = [wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)]
    # A time that the clocks skip comes back as another one.
    return [at for at in dict.fromkeys(both) if at.astimezone(place).replace(tzinfo=None) == wall]


def in_words(at: datetime, zone: str) -> str:
    """“Tuesday 10 November at 14:00” by the clocks of `zone`, with the year when it is another."""
    local = at.astimezone(ZoneInfo(zone))
    same_year = local.year == utcnow().astimezone(local.tzinfo).year
    pattern = _("EEEE d MMMM") if same_year else _("EEEE d MMMM y")
    day = flask_babel.format_date(local, pattern, rebase=False)
    return _("%(day)s at %(time)s", day=day, time=f"{local:%H:%M}")


def start_due() -> None:
    """Start what is to go out now, and say of the others why they wait for a person. Commits."""
    for mailing_id in due():
        mailing = _taken(mailing_id)
        if mailing is None:
            db.session.rollback()
            continue
        with speaking(organisation().language):
            mailing.state_reason = _obstacle(mailing)
        if mailing.state_reason:
            db.session.commit()
        else:
            lifecycle.start(mailing, by=None)


def due() -> list[int]:
    """Those whose time has come, without the ones that wait for a person already."""
    statement = select(Mailing.id).where(*_is_due()).order_by(Mailing.scheduled_at)
    found = db.session.scalars(statement).all()
    db.session.rollback()
    return list(found)


def _chosen(wall: datetime, zone: str, fold: int | None) -> datetime:
    found = readings(wall, zone)
    if not found:
        raise SkippedTime(first=in_words(_first_after(wall, zone), zone))
    if len(found) == 1:
        return found[0]
    if fold is None:
        raise TwoTimes
    return found[1 if fold else 0]


def _first_after(skipped: datetime, zone: str) -> datetime:
    """When the clocks jump over this."""
    place = ZoneInfo(zone)
    # By the offset that holds afterwards, a skipped time lies before the jump.
    before = skipped.replace(tzinfo=place, fold=1).astimezone(UTC)
    at, offset = before, before.astimezone(place).utcoffset()
    while at.astimezone(place).utcoffset() == offset:
        at += timedelta(minutes=1)
    return at


def _is_due() -> list[ColumnElement[bool]]:
    return [
        Mailing.state == State.SCHEDULED,
        Mailing.scheduled_at <= utcnow(),
        Mailing.state_reason == "",
    ]


def _taken(mailing_id: int) -> Mailing | None:
    """With its row locked, so that nobody chooses another time meanwhile. None: it is not due any
    more, or in other hands."""
    statement = select(Mailing).where(Mailing.id == mailing_id, *_is_due())
    locked = statement.with_for_update(skip_locked=True)
    return db.session.scalar(locked.execution_options(populate_existing=True))


def _obstacle(mailing: Mailing) -> str:
    """Why it is not started without a person; empty when it can go."""
    at = mailing.scheduled_at
    if at is not None and at < utcnow() - OVERDUE:
        when = in_words(at, mailing.scheduled_zone)
        return _(
            "It should have gone out on %(when)s. Nothing was sent; decide yourself.", when=when
        )
    try:
        preflight.require_ready(mailing)
    except DomainError as error:
        return str(error)
    return ""
