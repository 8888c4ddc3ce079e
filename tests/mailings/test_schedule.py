from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import make_contact, make_mailing
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.mailings import lifecycle, schedule, sources
from webapp.mailings.models import Mailing, State
from webapp.mailings.schedule import Passed, SkippedTime, TooFarAhead, TwoTimes
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue

COPENHAGEN, NEW_YORK, LORD_HOWE = "Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe"
PLACES = [COPENHAGEN, NEW_YORK, LORD_HOWE, "Asia/Tokyo", "Pacific/Chatham", "Africa/Casablanca"]
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "utcnow", lambda: NOW)


@pytest.fixture
def english() -> None:
    """What nobody's language is known for is written in the organisation's."""
    organisation().language = "en"
    db.session.commit()


def at(text: str, zone: str, fold: int | None = None) -> str:
    """A wall time as the moment it is, both as people write them."""
    wall = datetime.fromisoformat(text)
    return f"{schedule.moment(wall.date(), wall.time(), zone, fold):%Y-%m-%d %H:%M}"


@pytest.mark.usefixtures("january")
@pytest.mark.parametrize(
    ("wall", "zone", "expected"),
    [
        ("2026-11-10 14:00", COPENHAGEN, "2026-11-10 13:00"),
        ("2026-07-10 14:00", COPENHAGEN, "2026-07-10 12:00"),
        ("2026-07-10 14:00", NEW_YORK, "2026-07-10 18:00"),
        ("2026-07-10 14:00", LORD_HOWE, "2026-07-10 03:30"),
        ("2026-12-10 14:00", LORD_HOWE, "2026-12-10 03:00"),
        ("2026-03-29 02:30", "Asia/Tokyo", "2026-03-28 17:30"),
    ],
)
def test_a_wall_time_is_a_moment_in_its_zone(wall: str, zone: str, expected: str) -> None:
    assert at(wall, zone) == expected


@pytest.mark.usefixtures("january")
@pytest.mark.parametrize(
    ("wall", "zone", "first"),
    [
        ("2026-03-29 02:00", COPENHAGEN, "Sunday 29 March at 03:00"),
        ("2026-03-29 02:59", COPENHAGEN, "Sunday 29 March at 03:00"),
        ("2026-03-08 02:30", NEW_YORK, "Sunday 8 March at 03:00"),
        ("2026-10-04 02:15", LORD_HOWE, "Sunday 4 October at 02:30"),
    ],
)
def test_a_time_that_the_clocks_skip_names_the_first_that_exists(
    wall: str, zone: str, first: str
) -> None:
    with pytest.raises(SkippedTime, match=first):
        at(wall, zone)


@pytest.mark.usefixtures("january")
def test_the_minutes_around_a_skipped_hour_exist() -> None:
    assert at("2026-03-29 01:59", COPENHAGEN) == "2026-03-29 00:59"
    assert at("2026-03-29 03:00", COPENHAGEN) == "2026-03-29 01:00"
    assert at("2026-10-04 02:30", LORD_HOWE) == "2026-10-03 15:30"


@pytest.mark.usefixtures("january")
@pytest.mark.parametrize(
    ("wall", "zone", "summer", "winter"),
    [
        ("2026-10-25 02:30", COPENHAGEN, "2026-10-25 00:30", "2026-10-25 01:30"),
        ("2026-11-01 01:30", NEW_YORK, "2026-11-01 05:30", "2026-11-01 06:30"),
        ("2026-04-05 01:45", LORD_HOWE, "2026-04-04 14:45", "2026-04-04 15:15"),
    ],
)
def test_a_time_that_the_clocks_show_twice_has_to_be_chosen(
    wall: str, zone: str, summer: str, winter: str
) -> None:
    with pytest.raises(TwoTimes):
        at(wall, zone)
    assert at(wall, zone, fold=0) == summer
    assert at(wall, zone, fold=1) == winter


@pytest.mark.usefixtures("january")
def test_a_choice_between_two_counts_only_where_there_are_two() -> None:
    assert at("2026-10-25 03:30", COPENHAGEN, fold=1) == "2026-10-25 02:30"
    with pytest.raises(SkippedTime):
        at("2026-03-29 02:30", COPENHAGEN, fold=1)


@pytest.mark.usefixtures("january")
def test_the_past_and_the_far_future_are_refused() -> None:
    with pytest.raises(Passed):
        at("2026-01-15 13:00", COPENHAGEN)
    assert at("2026-01-15 13:01", COPENHAGEN) == "2026-01-15 12:01"
    # It is tomorrow already where the day begins.
    assert at("2026-01-16 02:30", "Pacific/Kiritimati") == "2026-01-15 12:30"
    assert at("2027-01-15 23:00", COPENHAGEN) == "2027-01-15 22:00"
    with pytest.raises(TooFarAhead):
        at("2027-01-16 00:00", COPENHAGEN)
    with pytest.raises(TooFarAhead):
        at("9999-12-31 23:59", NEW_YORK)
    with pytest.raises(Passed):
        at("0001-01-01 00:00", "Asia/Tokyo")


def test_a_day_and_a_clock_are_taken_without_seconds(january: None) -> None:
    moment = schedule.moment(date(2026, 5, 1), time(9, 30, 59, 5), "UTC", None)
    assert moment == datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


@given(
    wall=st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 31)),  # noqa: DTZ001 (wall time)
    zone=st.sampled_from(PLACES),
)
@example(datetime(2026, 4, 5, 2, 0), LORD_HOWE)  # noqa: DTZ001
@example(datetime(2026, 10, 25, 1, 59), COPENHAGEN)  # noqa: DTZ001
def test_what_exists_once_comes_back_as_the_same_wall_time(wall: datetime, zone: str) -> None:
    wall = wall.replace(second=0, microsecond=0)
    found = schedule.readings(wall, zone)
    for moment in found:
        assert moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    assert found == sorted(set(found))
    assume(len(found) == 1)
    # The offsets of the day before and the day after are those of no other moment.
    offsets = {
        (wall + timedelta(days=days)).replace(tzinfo=ZoneInfo(zone)).utcoffset()
        for days in (-1, 0, 1)
    }
    assert wall - found[0].replace(tzinfo=None) in offsets


def test_words_name_the_year_only_when_it_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "utcnow", lambda: NOW)
    november = datetime(2026, 11, 10, 13, tzinfo=UTC)
    assert schedule.in_words(november, COPENHAGEN) == "Tuesday 10 November at 14:00"
    assert schedule.in_words(november, NEW_YORK) == "Tuesday 10 November at 08:00"
    january = datetime(2027, 1, 1, 13, tzinfo=UTC)
    assert schedule.in_words(january, COPENHAGEN) == "Friday 1 January 2027 at 14:00"


def test_what_is_due_is_started_by_nobody_in_particular() -> None:
    mailing, later = scheduled(), scheduled("Later", scheduled_at=utcnow() + timedelta(minutes=1))
    schedule.start_due()
    assert state_of(mailing) == State.PREPARING
    assert state_of(later) == State.SCHEDULED
    assert mailing.started_at is not None
    (entry,) = started()
    assert (entry.user_id, entry.detail["mailing"]) == (None, mailing.id)
    assert queue(QueueName.SENDING).count == 1


def test_two_clocks_start_a_mailing_once(app: Flask) -> None:
    mailings = [scheduled(f"Mailing {number}") for number in range(6)]

    def tick() -> None:
        with app.app_context():
            schedule.start_due()

    with ThreadPoolExecutor(4) as pool:
        for ticked in [pool.submit(tick) for _clock in range(4)]:
            ticked.result()
    schedule.start_due()
    assert {state_of(mailing) for mailing in mailings} == {State.PREPARING}
    assert len(started()) == len(mailings)
    assert queue(QueueName.SENDING).count == len(mailings)


def test_what_is_more_than_an_hour_overdue_waits_for_a_person(english: None) -> None:
    just = scheduled(scheduled_at=utcnow() - timedelta(minutes=59))
    late = scheduled("Late", scheduled_at=utcnow() - timedelta(minutes=61))
    schedule.start_due()
    assert state_of(just) == State.PREPARING
    assert state_of(late) == State.SCHEDULED
    assert late.state_reason.startswith("It should have gone out on ")
    assert late.state_reason.endswith("Nothing was sent; decide yourself.")
    assert schedule.due() == []


def test_the_reason_is_in_the_organisations_language() -> None:
    organisation().language = "da"
    late = scheduled(scheduled_at=datetime(2025, 11, 10, 13, tzinfo=UTC), zone=COPENHAGEN)
    schedule.start_due()
    assert "mandag" in late.state_reason


def test_what_cannot_be_sent_any_more_stays_and_says_why(english: None) -> None:
    mailing = scheduled(subject="")
    schedule.start_due()
    assert state_of(mailing) == State.SCHEDULED
    assert "There is no subject." in mailing.state_reason
    assert started() == []


def test_a_new_time_or_the_way_back_takes_the_reason_off() -> None:
    for begin_again in (again, lifecycle.unschedule):
        mailing = scheduled(scheduled_at=utcnow() - timedelta(days=1))
        schedule.start_due()
        assert mailing.state_reason
        assert begin_again(mailing, None)
        assert mailing.state_reason == ""


def test_a_mailing_in_other_hands_is_left_to_them(app: Flask) -> None:
    """Somebody is choosing another time: their transaction holds the row."""
    mailing = scheduled()
    db.session.refresh(mailing, with_for_update=True)

    def tick() -> None:
        with app.app_context():
            schedule.start_due()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(tick).result(timeout=10)
    assert again(mailing, None)
    schedule.start_due()
    assert state_of(mailing) == State.SCHEDULED
    assert started() == []


def scheduled(name: str = "November newsletter", zone: str = COPENHAGEN, **values: Any) -> Mailing:
    """Ready to go, and due, unless `scheduled_at` says otherwise."""
    values = {"scheduled_at": utcnow(), "scheduled_zone": zone} | values
    mailing = make_mailing(name, state=State.DRAFT, **values)
    sources.add_contact(mailing, make_contact(email=f"{mailing.id}@kunde.example"))
    db.session.commit()
    # As the Confirm step leaves it: with its recipients counted.
    schedule.preflight.check(mailing)
    mailing.state = State.SCHEDULED
    db.session.commit()
    return mailing


def again(mailing: Mailing, by: int | None) -> bool:
    return lifecycle.schedule(mailing, utcnow() + timedelta(days=1), NEW_YORK, by)


def state_of(mailing: Mailing) -> State:
    db.session.refresh(mailing)
    return mailing.state


def started() -> list[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.action == "mailing started")
    return list(db.session.scalars(entries))
