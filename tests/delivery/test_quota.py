"""Limits hold exactly, however many ask at the same time."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from webapp.delivery import quota, servers
from webapp.delivery.models import QuotaUse, SendingServer
from webapp.delivery.quota import Allowance, reserve
from webapp.platform.database import db

NOON = datetime(2026, 11, 23, 12, 0, 20, tzinfo=UTC)
GMAIL, OUTLOOK = "gmail.com", "outlook.com"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`at(moment)` sets the clock, which stands at NOON."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(quota, "utcnow", lambda: moment)

    set_clock(NOON)
    return set_clock


@pytest.fixture
def server(at: Any) -> SendingServer:
    return servers.everyone()[0]


def taken(allowance: Allowance, wanted: Counter[str]) -> Counter[str]:
    return Counter(domain for domain in wanted.elements() if allowance.take(domain))


def used() -> dict[str, int]:
    rows = db.session.execute(select(QuotaUse.scope, QuotaUse.used))
    return dict(rows.all())


def test_without_limits_everything_may_go_and_nothing_is_counted(server: SendingServer) -> None:
    allowance = reserve(server, Counter({GMAIL: 500}))
    assert taken(allowance, Counter({GMAIL: 500})).total() == 500
    allowance.give_back()
    assert used() == {}
    assert allowance.server_rests_until is None


def test_no_more_than_the_limit_may_go_until_the_window_ends(server: SendingServer) -> None:
    server.per_minute = 60
    allowance = reserve(server, Counter({GMAIL: 500}))
    assert taken(allowance, Counter({GMAIL: 500})).total() == 60
    assert allowance.server_rests_until == datetime(2026, 11, 23, 12, 1, tzinfo=UTC)
    assert allowance.again_at is None


def test_a_limit_that_is_just_reached_lets_nobody_rest_yet(server: SendingServer) -> None:
    server.per_hour = 500
    assert reserve(server, Counter({GMAIL: 500})).server_rests_until is None
    later = reserve(server, Counter({GMAIL: 1}))
    assert not later.take(GMAIL)
    assert later.server_rests_until == datetime(2026, 11, 23, 13, tzinfo=UTC)


def test_of_several_limits_the_tightest_holds_and_says_when(server: SendingServer) -> None:
    server.per_minute, server.per_hour, server.per_day = 60, 1000, 30
    allowance = reserve(server, Counter({GMAIL: 50}))
    assert taken(allowance, Counter({GMAIL: 50})).total() == 30
    assert allowance.server_rests_until == datetime(2026, 11, 24, tzinfo=UTC)
    assert used() == {"minute": 30, "hour": 30, "day": 30}


def test_a_window_with_just_enough_room_is_not_said_to_be_full(server: SendingServer) -> None:
    server.per_minute, server.per_day = 30, 50
    allowance = reserve(server, Counter({GMAIL: 50}))
    assert taken(allowance, Counter({GMAIL: 50})).total() == 30
    assert allowance.server_rests_until == datetime(2026, 11, 23, 12, 1, tzinfo=UTC)


def test_a_new_window_is_empty(server: SendingServer, at: Callable[[datetime], None]) -> None:
    server.per_minute = 60
    reserve(server, Counter({GMAIL: 60}))
    at(NOON + timedelta(seconds=40))
    assert taken(reserve(server, Counter({GMAIL: 60})), Counter({GMAIL: 60})).total() == 60


def test_what_is_left_of_a_window_may_not_go_in_the_next(
    server: SendingServer, at: Callable[[datetime], None]
) -> None:
    server.per_minute = 60
    allowance = reserve(server, Counter({GMAIL: 60}))
    assert allowance.take(GMAIL)
    at(NOON + timedelta(seconds=40))
    assert not allowance.take(GMAIL)
    assert allowance.server_rests_until == datetime(2026, 11, 23, 12, 1, tzinfo=UTC)


def test_what_is_given_back_can_be_reserved_again(server: SendingServer) -> None:
    server.per_hour, server.per_domain_hour = 100, 100
    allowance = reserve(server, Counter({GMAIL: 60, OUTLOOK: 40}))
    for _ in range(10):
        allowance.take(GMAIL)
    allowance.give_back()
    allowance.give_back()
    assert used() == {"hour": 10, "@gmail.com": 10, "@outlook.com": 0}
    assert reserve(server, Counter({GMAIL: 100})).general[0].left == 90


def test_a_domain_has_its_own_limit_and_holds_nobody_else_back(server: SendingServer) -> None:
    server.per_domain_hour = 20
    wanted = Counter({GMAIL: 50, OUTLOOK: 15})
    allowance = reserve(server, wanted)
    assert taken(allowance, wanted) == {GMAIL: 20, OUTLOOK: 15}
    assert allowance.server_rests_until is None
    assert allowance.again_at == datetime(2026, 11, 23, 13, tzinfo=UTC)


def test_a_full_domain_takes_nothing_from_the_limit_of_the_server(server: SendingServer) -> None:
    server.per_hour, server.per_domain_hour = 100, 20
    reserve(server, Counter({GMAIL: 20}))
    allowance = reserve(server, Counter({GMAIL: 50}))
    assert not allowance.take(GMAIL)
    assert allowance.server_rests_until is None
    assert used() == {"hour": 20, "@gmail.com": 20}


def test_a_domain_that_is_called_like_a_window_is_no_window(server: SendingServer) -> None:
    server.per_minute, server.per_domain_hour = 5, 3
    allowance = reserve(server, Counter({"minute": 10}))
    assert taken(allowance, Counter({"minute": 10})).total() == 3


def test_a_limit_that_was_lowered_gives_nothing_and_takes_nothing(server: SendingServer) -> None:
    server.per_hour = 100
    reserve(server, Counter({GMAIL: 80}))
    server.per_hour = 50
    assert not reserve(server, Counter({GMAIL: 1})).take(GMAIL)
    assert used() == {"hour": 80}


def test_each_server_has_its_own_count(server: SendingServer) -> None:
    other = SendingServer(name="Other", host="x.example", per_hour=10)
    server.per_hour = 10
    db.session.add(other)
    db.session.flush()
    reserve(server, Counter({GMAIL: 10}))
    assert reserve(other, Counter({GMAIL: 10})).take(GMAIL)


def test_a_server_that_is_deleted_meanwhile_disturbs_nobody(server: SendingServer) -> None:
    server.per_hour = 10
    allowance = reserve(server, Counter({GMAIL: 10}))
    db.session.execute(delete(SendingServer))
    allowance.give_back()
    assert used() == {}


def test_old_windows_are_forgotten(server: SendingServer, at: Callable[[datetime], None]) -> None:
    server.per_day = 10
    reserve(server, Counter({GMAIL: 1}))
    at(NOON + timedelta(days=1))
    reserve(server, Counter({GMAIL: 2}))
    at(NOON + timedelta(days=2))
    quota.forget_old()
    assert used() == {"day": 2}


asked_for = st.dictionaries(
    st.sampled_from([GMAIL, OUTLOOK, "x.dk", "minute"]), st.integers(1, 40), min_size=1
).map(Counter)
maybe_limit = st.none() | st.integers(1, 60)


@given(
    requests=st.lists(st.tuples(asked_for, st.integers(0, 60)), min_size=2, max_size=12),
    per_minute=maybe_limit,
    per_day=maybe_limit,
    per_domain_hour=maybe_limit,
)
@settings(max_examples=25, deadline=None)
def test_many_at_once_never_go_beyond_a_limit_and_leave_none_of_it(
    app: Flask,
    requests: list[tuple[Counter[str], int]],
    per_minute: int | None,
    per_day: int | None,
    per_domain_hour: int | None,
) -> None:
    """Each asks, sends some of it and gives back the rest, on a connection of its own."""
    limits = {"per_minute": per_minute, "per_day": per_day, "per_domain_hour": per_domain_hour}
    with app.app_context():
        server = SendingServer(name="Shared", host="x.example", **limits)
        db.session.add(server)
        db.session.commit()
        server_id = server.id

    def ask(request: tuple[Counter[str], int]) -> Counter[str]:
        wanted, most = request
        with app.app_context():
            allowance = reserve(servers.get(server_id), wanted)
            sent = taken(allowance, Counter(list(wanted.elements())[:most]))
            allowance.give_back()
            return sent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quota, "utcnow", lambda: NOON)
        with ThreadPoolExecutor(4) as pool:
            sent = sum(pool.map(lambda each: Context().run(ask, each), requests), Counter())

    with app.app_context():
        rows = select(QuotaUse.scope, QuotaUse.used).where(QuotaUse.server_id == server_id)
        counted = dict(db.session.execute(rows).all())
    for scope, limit in {"minute": per_minute, "day": per_day}.items():
        assert limit is None or sent.total() == counted[scope] <= limit
    for domain, number in sent.items():
        assert per_domain_hour is None or number == counted[f"@{domain}"] <= per_domain_hour
