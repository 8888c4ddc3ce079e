"""What one sender does in its slice of time, and when it stops."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import flask_babel
import pytest
from flask import Flask
from sqlalchemy import select

from tests.delivery.sending import people, send, started, states
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.accounts.organisation import organisation
from webapp.delivery import batches, invariant, quota, shift, sweeping
from webapp.delivery.models import SendingServer
from webapp.delivery.shift import FEWEST, RECENT
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch, BatchState, Mailing, Recipient, State
from webapp.mailings.models import RecipientState as R
from webapp.platform import stopping
from webapp.platform.database import db, utcnow
from webapp.platform.locales import speaking

pytestmark = pytest.mark.usefixtures("trusting")


def server() -> SendingServer:
    """The one of the environment."""
    return db.session.scalars(select(SendingServer)).one()


def test_a_slice_ends_in_the_middle_of_a_batch_and_the_rest_goes_on(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.delay = 0.05
    server().connections = 1
    monkeypatch.setattr(shift, "SLICE", 0.3)
    mailing = started(*people(20))
    send(mailing)
    assert 0 < states(mailing)[R.READY] < 20
    monkeypatch.setattr(shift, "SLICE", 20.0)
    send(mailing)
    assert smtp.count_by_recipient() == dict.fromkeys(people(20), 1)


def test_a_stop_finishes_the_message_in_hand_and_frees_the_rest(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    server().connections = 1
    mailing = started(*people(20))
    monkeypatch.setattr(stopping, "requested", lambda: len(smtp.messages) >= 7)
    send(mailing)
    now = states(mailing)
    # The one in hand, and the one that the server had been offered with it.
    assert 7 <= now[R.SENT] <= 9
    assert now[R.READY] == 20 - now[R.SENT]
    assert db.session.scalars(select(Batch.state)).all() == [BatchState.WAITING]
    monkeypatch.undo()
    send(mailing)
    assert smtp.count_by_recipient() == dict.fromkeys(people(20), 1)


def test_a_sender_that_wakes_up_too_late_sends_nothing_and_leaves_the_server_alone(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine slept, and its slice is not over by a clock that slept as well."""
    monkeypatch.setattr(shift, "SLICE", 1.5)
    mailing = started(*people(30))
    with monkeypatch.context() as late:
        late.setattr(batches, "MARGIN", 2 * batches.LEASE)
        send(mailing)
    assert smtp.messages == []
    assert states(mailing) == {R.READY: 30}
    assert smtp.connections <= server().connections
    send(mailing)
    assert smtp.count_by_recipient() == dict.fromkeys(people(30), 1)


# The circuit breaker.


@pytest.mark.parametrize("reply", ["550 5.7.1 You look like spam", "450 4.7.1 Greylisted"])
def test_when_most_are_refused_the_mailing_pauses_at_once_with_everybody_else_ready(
    smtp: ScriptedSmtp, reply: str
) -> None:
    smtp.at(Moment.RCPT, reply=reply)
    mailing = started(*people(100))
    send(mailing)
    assert mailing.state == State.PAUSED
    touched = 100 - states(mailing)[R.READY]
    assert str(touched) in mailing.state_reason
    # Those that the servers had been offered behind the last one are settled as well.
    assert FEWEST <= touched <= FEWEST + 2 * server().connections
    assert smtp.messages == []
    assert invariant.violations() == []


def test_it_pauses_when_things_turn_bad_in_the_middle(smtp: ScriptedSmtp) -> None:
    server().connections = 1
    for nth in range(61, 161):
        smtp.at(Moment.DOT, nth=nth, reply="554 5.7.1 Your domain is on a list now")
    mailing = started(*people(160))
    send(mailing)
    assert mailing.state == State.PAUSED
    assert len(smtp.messages) == 60
    assert RECENT // 2 < states(mailing)[R.FAILED] <= RECENT // 2 + 4


def test_after_a_pause_it_may_try_again(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, reply="450 4.7.1 Greylisted")
    mailing = started(*people(60))
    send(mailing)
    put_off = states(mailing)[R.DEFERRED]
    smtp.clear()
    assert lifecycle.resume(mailing, by=None)
    send(mailing)
    assert states(mailing) == {R.SENT: 60 - put_off, R.DEFERRED: put_off}
    assert mailing.state == State.SENDING


def test_a_few_refusals_do_not_pause_it(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, reply="550 5.1.1 no such user")
    mailing = started(*people(FEWEST - 1))
    send(mailing)
    assert mailing.state == State.SENT_WITH_ERRORS
    assert states(mailing) == {R.FAILED: FEWEST - 1}


def test_half_of_them_refused_do_not_pause_it(smtp: ScriptedSmtp) -> None:
    server().connections = 1
    for nth in range(1, 81, 2):
        smtp.at(Moment.RCPT, nth=nth + 1, reply="550 5.2.2 full")
    mailing = started(*people(80))
    send(mailing)
    assert mailing.state == State.SENT_WITH_ERRORS
    assert states(mailing) == {R.SENT: 40, R.FAILED: 40}


def test_those_that_are_tried_again_do_not_pause_it(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, reply="450 4.2.2 still full")
    mailing = started(*people(60))
    db.session.execute(Recipient.__table__.update().values(attempts=1))
    db.session.commit()
    send(mailing)
    assert mailing.state == State.SENDING
    assert states(mailing) == {R.DEFERRED: 60}


# Stopped by hand.


@contextmanager
def meanwhile(app: Flask, smtp: ScriptedSmtp, step: Callable[[], object]) -> Iterator[list[int]]:
    """Somebody takes the step in a process of their own, when some messages have come. The
    list then holds how many had come when it was done."""
    came: list[int] = []

    def act() -> None:
        smtp.wait_for(8)
        with app.app_context():
            step()
        came.append(len(smtp.messages))

    thread = threading.Thread(target=act)
    thread.start()
    yield came
    thread.join(timeout=20)


@pytest.mark.parametrize(
    ("step", "state", "rest"),
    [
        (lifecycle.pause_by_hand, State.PAUSED, R.READY),
        (lifecycle.cancel, State.CANCELLED, R.CANCELLED),
    ],
)
def test_who_pauses_or_cancels_is_obeyed_within_two_seconds(
    app: Flask, smtp: ScriptedSmtp, step: Callable[..., bool], state: State, rest: R
) -> None:
    connections = server().connections
    smtp.delay = 0.1
    mailing = started(*people(200))
    mailing_id = mailing.id

    def stop() -> None:
        assert step(db.session.get_one(Mailing, mailing_id), by=None)

    with meanwhile(app, smtp, stop) as came:
        send(mailing)
    sweeping.sweep()
    db.session.expire_all()
    # So many the server can answer in two seconds.
    assert len(smtp.messages) <= came[0] + 2 / smtp.delay * connections
    assert len(smtp.messages) < 200
    assert mailing.state == state
    assert states(mailing) == {R.SENT: len(smtp.messages), rest: 200 - len(smtp.messages)}
    assert (mailing.finished_at is not None) == (state == State.CANCELLED)
    assert invariant.violations() == []
    smtp.delay = 0.0
    goes_on = lifecycle.resume(mailing, by=None)
    send(mailing)
    assert max(smtp.count_by_recipient().values()) == 1
    assert (len(smtp.messages) == 200) == goes_on == (state == State.PAUSED)


# Limits.


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The clock of the limits stands still; `at_noon(minutes=1)` is a minute later."""
    noon = utcnow().replace(hour=12, minute=0, second=5)

    def later(**time: float) -> None:
        monkeypatch.setattr(quota, "utcnow", lambda: noon + timedelta(**time))
        # A server that rests until then has rested.
        if time:
            server().resting_until = None
            db.session.commit()

    later()
    return later


@pytest.mark.parametrize(
    ("limit", "later"),
    [
        ("per_minute", {"minutes": 1}),
        ("per_day", {"days": 1}),
    ],
)
def test_exactly_as_many_go_out_as_the_server_takes_and_the_rest_in_the_next_window(
    smtp: ScriptedSmtp, at_noon: Callable[..., None], limit: str, later: dict[str, float]
) -> None:
    setattr(server(), limit, 7)
    mailing = started(*people(20))
    for window, come in enumerate([7, 14, 20]):
        at_noon(**{unit: number * window for unit, number in later.items()})
        server().resting_until = None
        db.session.commit()
        for _again in range(2):
            send(mailing)
        assert len(smtp.messages) == come
        assert states(mailing) == +_counted(sent=come, ready=20 - come)
    assert mailing.state == State.SENT
    assert smtp.count_by_recipient() == dict.fromkeys(people(20), 1)
    assert {each.attempts for each in db.session.scalars(select(Recipient))} == {1}


def test_a_mailing_says_until_when_the_limit_of_its_server_is_reached(
    smtp: ScriptedSmtp, at_noon: Callable[..., None]
) -> None:
    server().per_minute = 3
    mailing = started(*people(5))
    send(mailing)
    rests_until = server().resting_until
    assert rests_until is not None
    assert rests_until.second == 0
    with speaking(organisation().language):
        assert flask_babel.format_datetime(rests_until, "short") in mailing.state_reason
    at_noon(minutes=1)
    send(mailing)
    assert (mailing.state, mailing.state_reason) == (State.SENT, "")


def test_the_tightest_limit_counts(smtp: ScriptedSmtp, at_noon: Callable[..., None]) -> None:
    limited = server()
    limited.per_minute, limited.per_hour, limited.per_day = 9, 5, 100
    mailing = started(*people(20))
    send(mailing)
    at_noon(minutes=1)
    send(mailing)
    assert len(smtp.messages) == 5


def test_a_limit_for_one_domain_holds_nobody_else_up(
    smtp: ScriptedSmtp, at_noon: Callable[..., None]
) -> None:
    server().per_domain_hour = 3
    others = [f"o{each}@y.dk" for each in range(3)]
    mailing = started(*people(8), *others)
    send(mailing)
    came = smtp.count_by_recipient()
    assert sum(to.endswith("@x.dk") for to in came) == 3
    assert sum(to.endswith("@y.dk") for to in came) == 3
    assert states(mailing) == {R.SENT: 6, R.READY: 5}
    waits_until = db.session.scalars(select(Batch.not_before)).one()
    assert waits_until is not None
    assert (waits_until.minute, waits_until.second) == (0, 0)
    db.session.execute(Batch.__table__.update().values(not_before=None))
    at_noon(hours=1)
    send(mailing)
    assert states(mailing) == {R.SENT: 9, R.READY: 2}
    assert max(smtp.count_by_recipient().values()) == 1


def test_a_mailing_says_what_it_waits_for_when_only_one_domain_is_left(
    smtp: ScriptedSmtp, at_noon: Callable[..., None]
) -> None:
    server().per_domain_hour = 3
    mailing = started(*people(8))
    send(mailing)
    assert mailing.state == State.SENDING
    assert mailing.state_reason


def _counted(**numbers: int) -> Counter[R]:
    return Counter({R(state): number for state, number in numbers.items()})
