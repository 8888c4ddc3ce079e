"""Each rule is broken by hand, and found; what the application makes breaks none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conftest import make_user
from tests.factories import make_contact, make_mailing, make_recipient
from webapp.delivery import invariant
from webapp.delivery.invariant import WORDS, violations
from webapp.mailings import audience, lifecycle, sources
from webapp.mailings.models import (
    Batch,
    BatchState,
    LeftOut,
    Mailing,
    Recipient,
    RecipientState,
    State,
)
from webapp.platform.database import db, utcnow
from webapp.targets import selections

Break = Callable[[Mailing, Recipient, Batch], None]


def a_mailing(state: State = State.SENDING, **values: Any) -> Mailing:
    """With the times of its state."""
    unprepared = {State.DRAFT, State.SCHEDULED, State.PREPARING}
    times = {
        "started_at": None if state in {State.DRAFT, State.SCHEDULED} else utcnow(),
        "prepared_at": None if state in unprepared else utcnow(),
    }
    return make_mailing(state=state, **(times | values))


def a_batch(mailing: Mailing, state: BatchState = BatchState.WAITING, **values: Any) -> Batch:
    batch = Batch(mailing_id=mailing.id, state=state, size=1, **values)
    db.session.add(batch)
    db.session.flush()
    return batch


def on_its_way() -> tuple[Mailing, Recipient, Batch]:
    """One who waits in a batch, one who has got it, and one left out."""
    mailing = a_mailing()
    batch = a_batch(mailing)
    waiting = make_recipient(mailing, email="a@x.dk", state=RecipientState.READY, batch_id=batch.id)
    make_recipient(mailing, email="b@x.dk", batch_id=a_batch(mailing, BatchState.DONE).id)
    make_recipient(mailing, email="c@x.dk", reason=LeftOut.NO_CONSENT)
    return mailing, waiting, batch


def found(mailing: Mailing) -> dict[str, int]:
    db.session.flush()
    return {violation.what: violation.count for violation in violations(mailing.id)}


def test_a_mailing_on_its_way_is_in_order() -> None:
    mailing, *_ = on_its_way()
    assert found(mailing) == {}


def test_one_of_each_fate_is_in_order() -> None:
    mailing = a_mailing(State.SENDING)
    done = a_batch(mailing, BatchState.DONE).id
    held = a_batch(mailing, BatchState.HANDED_OVER, token=uuid4(), lease_until=utcnow()).id
    for number, (state, batch) in enumerate(
        [
            (RecipientState.SENT, done),
            (RecipientState.FAILED, done),
            (RecipientState.UNKNOWN, done),
            (RecipientState.READY, held),
            (RecipientState.SENT, held),
        ]
    ):
        make_recipient(mailing, email=f"p{number}@x.dk", state=state, batch_id=batch, attempts=1)
    make_recipient(
        mailing,
        email="later@x.dk",
        state=RecipientState.DEFERRED,
        batch_id=done,
        next_try_at=utcnow(),
        attempts=1,
    )
    assert found(mailing) == {}


def test_a_sent_mailing_is_in_order() -> None:
    mailing, waiting, batch = on_its_way()
    waiting.state, waiting.sent_at, batch.state = RecipientState.SENT, utcnow(), BatchState.DONE
    db.session.flush()
    assert lifecycle.finish(mailing.id)
    assert found(mailing) == {}


def test_a_draft_is_a_preview_and_in_order() -> None:
    mailing = a_mailing(State.DRAFT)
    people = [make_contact("Ann", email="a@x.dk"), make_contact("Bo", email="A@x.dk")]
    selection = selections.create("Everybody", owner_id=None)
    selections.add_members(selection.id, [person.id for person in people])
    sources.add_selection(mailing, selection)
    audience.resolve(mailing)
    assert found(mailing) == {}
    lifecycle.start(mailing, by=None)
    assert found(mailing) == {}
    lifecycle.cancel(mailing, by=make_user().id)
    assert found(mailing) == {}


def test_a_cancelled_mailing_is_in_order_before_and_after_it_is_settled() -> None:
    mailing, waiting, batch = on_its_way()
    batch.state, batch.token, batch.lease_until = BatchState.CLAIMED, uuid4(), utcnow()
    db.session.flush()
    lifecycle.cancel(mailing, by=make_user().id)
    assert mailing.finished_at is None
    assert found(mailing) == {}
    batch.state = BatchState.WAITING
    db.session.flush()
    assert lifecycle.settle_cancelled(mailing.id)
    db.session.refresh(waiting)
    assert waiting.state == RecipientState.CANCELLED
    assert found(mailing) == {}


def _in_no_batch(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.batch_id = None


def _in_the_batch_of_another(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.batch_id = a_batch(a_mailing()).id


def _in_a_done_batch(_mailing: Mailing, _waiting: Recipient, batch: Batch) -> None:
    batch.state = BatchState.DONE


def _deferred_for_ever(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.state = RecipientState.DEFERRED


def _sent_at_no_time(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.state = RecipientState.SENT


def _sent_and_ready(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.sent_at = utcnow()


def _left_out_for_no_reason(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.state, waiting.dedupe_key = RecipientState.LEFT_OUT, None


def _left_out_with_key(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.state, waiting.reason = RecipientState.LEFT_OUT, LeftOut.NO_MAILINGS


def _mailed_despite_reason(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.reason = LeftOut.BLOCKED_ADDRESS


def _mailed_without_key(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.dedupe_key = None


def _in_it_twice(mailing: Mailing, waiting: Recipient, batch: Batch) -> None:
    for key in ("another", "a third"):
        make_recipient(
            mailing,
            email=f"{key.replace(' ', '')}@x.dk",
            state=RecipientState.READY,
            batch_id=batch.id,
        ).email_hash = waiting.email_hash


def _cancelled_alone(_mailing: Mailing, waiting: Recipient, _batch: Batch) -> None:
    waiting.state = RecipientState.CANCELLED


def _without_token(_mailing: Mailing, _waiting: Recipient, batch: Batch) -> None:
    batch.state, batch.lease_until = BatchState.HANDED_OVER, utcnow()


def _without_lease(_mailing: Mailing, _waiting: Recipient, batch: Batch) -> None:
    batch.state, batch.token = BatchState.CLAIMED, uuid4()


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (_in_no_batch, {"ready_in_no_batch": 1}),
        (_in_the_batch_of_another, {"ready_in_no_batch": 1}),
        (_in_a_done_batch, {"ready_in_done_batch": 1}),
        (_deferred_for_ever, {"deferred_for_ever": 1}),
        (_sent_at_no_time, {"sent_at_no_time": 1}),
        (_sent_and_ready, {"sent_and_not_sent": 1}),
        (_left_out_for_no_reason, {"left_out_for_no_reason": 1}),
        (_left_out_with_key, {"left_out_with_key": 1}),
        (_mailed_despite_reason, {"mailed_despite_reason": 1}),
        (_mailed_without_key, {"mailed_without_key": 1}),
        (_in_it_twice, {"mailed_twice": 2}),
        (_cancelled_alone, {"cancelled_alone": 1}),
        (_without_token, {"held_by_nobody": 1}),
        (_without_lease, {"held_by_nobody": 1}),
    ],
)
def test_what_is_broken_in_a_mailing_on_its_way_is_found(
    broken: Break, expected: dict[str, int]
) -> None:
    mailing, waiting, batch = on_its_way()
    broken(mailing, waiting, batch)
    assert found(mailing) == expected


def test_a_word_that_is_no_state_is_found() -> None:
    mailing, waiting, batch = on_its_way()
    for table, id_ in (("recipient", waiting.id), ("batch", batch.id)):
        db.session.execute(text(f"UPDATE {table} SET state = 'lost' WHERE id = {id_}"))
    assert found(mailing) == {"no_such_state": 1, "no_such_batch_state": 1}


def test_two_people_of_one_address_may_both_be_mailed_when_each_is_to_have_one() -> None:
    mailing, waiting, batch = on_its_way()
    mailing.one_per_address = False
    _in_it_twice(mailing, waiting, batch)
    assert found(mailing) == {}


@pytest.mark.parametrize("state", [State.SENT, State.CANCELLED])
def test_nobody_waits_in_a_finished_mailing(state: State) -> None:
    mailing, _, _ = on_its_way()
    mailing.state, mailing.finished_at = state, utcnow()
    assert found(mailing) == {"open_in_finished": 1, "batch_open_in_finished": 1}


def test_whoever_did_not_get_it_makes_it_sent_with_errors() -> None:
    mailing = a_mailing(State.SENT)
    for number, state in enumerate((RecipientState.FAILED, RecipientState.UNKNOWN)):
        make_recipient(mailing, email=f"p{number}@x.dk", state=state)
    assert found(mailing) == {"errors_kept_quiet": 2}
    mailing.state = State.SENT_WITH_ERRORS
    assert found(mailing) == {}


@pytest.mark.parametrize("state", [State.DRAFT, State.SCHEDULED, State.PREPARING])
def test_nobody_is_written_to_before_the_mailing_was_prepared(state: State) -> None:
    mailing = a_mailing(state)
    batch = a_batch(mailing, BatchState.CLAIMED, token=uuid4(), lease_until=utcnow())
    make_recipient(mailing, email="a@x.dk")
    make_recipient(
        mailing, email="b@x.dk", state=RecipientState.READY, attempts=1, batch_id=batch.id
    )
    assert found(mailing) == {"touched_too_early": 2, "held_too_early": 1}


@pytest.mark.parametrize(
    ("state", "times"),
    [
        (State.DRAFT, {"started_at": utcnow()}),
        (State.SCHEDULED, {"prepared_at": utcnow()}),
        (State.PREPARING, {"prepared_at": utcnow()}),
        (State.SENDING, {"prepared_at": None}),
        (State.SENDING, {"finished_at": utcnow()}),
        (State.PAUSED, {"started_at": None}),
        (State.SENT, {"finished_at": None}),
        (State.SENT_WITH_ERRORS, {"started_at": None}),
        (State.CANCELLED, {"started_at": None}),
    ],
)
def test_state_and_times_have_to_agree(state: State, times: dict[str, Any]) -> None:
    assert found(a_mailing(state)) == {}
    assert found(a_mailing(state, **times)) == {"wrong_times": 1}


def test_without_a_mailing_all_are_looked_at_and_each_is_named() -> None:
    on_its_way()
    wrong = a_mailing(State.SENT, prepared_at=None)
    db.session.flush()
    (violation,) = violations()
    assert (violation.mailing_id, violation.what) == (wrong.id, "wrong_times")
    assert "times" in str(violation.words)


def test_every_rule_has_its_words() -> None:
    statements = (invariant.TIMES, invariant.RECIPIENTS, invariant.TWICE, invariant.BATCHES)
    sql = " ".join(statement.text for statement in statements)
    assert [rule for rule in WORDS if f"'{rule}'" not in sql] == []


def test_the_recent_ones_are_under_way_or_just_finished() -> None:
    yesterday = utcnow() - invariant.RECENT - timedelta(minutes=1)
    a_mailing(State.DRAFT)
    a_mailing(State.SENT, finished_at=yesterday)
    a_mailing(State.CANCELLED, finished_at=yesterday)
    recent = [
        a_mailing(State.SCHEDULED),
        a_mailing(State.PAUSED),
        a_mailing(State.CANCELLED, finished_at=None),
        a_mailing(State.SENT),
    ]
    assert sorted(invariant.recent()) == [mailing.id for mailing in recent]
