from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.conftest import make_user
from tests.factories import make_mailing, make_recipient
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch, BatchState, Mailing, Recipient, RecipientState, State
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue

Step = Callable[[Mailing], bool]


def schedule(mailing: Mailing) -> bool:
    return lifecycle.schedule(mailing, utcnow() + timedelta(days=1), "Europe/Copenhagen", None)


def cancel(mailing: Mailing) -> bool:
    return lifecycle.cancel(mailing, make_user(email=f"{uuid4()}@x.dk").id)


def pause(mailing: Mailing) -> bool:
    return lifecycle.pause_by_hand(mailing, make_user(email=f"{uuid4()}@x.dk").id)


STEPS: dict[str, tuple[Step, dict[State, State]]] = {
    "start": (
        lambda mailing: lifecycle.start(mailing, None),
        {State.DRAFT: State.PREPARING, State.SCHEDULED: State.PREPARING},
    ),
    "schedule": (schedule, {State.DRAFT: State.SCHEDULED, State.SCHEDULED: State.SCHEDULED}),
    "unschedule": (
        lambda mailing: lifecycle.unschedule(mailing, None),
        {State.SCHEDULED: State.DRAFT},
    ),
    "pause": (pause, {State.PREPARING: State.PAUSED, State.SENDING: State.PAUSED}),
    "resume": (lambda mailing: lifecycle.resume(mailing, None), {State.PAUSED: State.SENDING}),
    "cancel": (
        cancel,
        dict.fromkeys((State.PREPARING, State.SENDING, State.PAUSED), State.CANCELLED),
    ),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_taken_from_the_states_that_allow_it(step: str, state: State) -> None:
    take, allowed = STEPS[step]
    mailing = make_mailing(state=state)
    db.session.commit()
    assert take(mailing) is (state in allowed)
    db.session.refresh(mailing)
    assert mailing.state == allowed.get(state, state)


@pytest.mark.parametrize("state", [State.SENT, State.SENT_WITH_ERRORS])
def test_a_finished_mailing_is_opened_again(state: State) -> None:
    mailing = make_mailing(state=state)
    lifecycle.reopen(mailing.id)
    assert (mailing.state, mailing.finished_at) == (State.SENDING, None)


def test_a_paused_mailing_is_not_opened_behind_the_back_of_who_paused_it() -> None:
    mailing = make_mailing(state=State.PAUSED)
    lifecycle.reopen(mailing.id)
    assert mailing.state == State.PAUSED


def test_a_second_start_rings_no_second_time() -> None:
    mailing = make_mailing(state=State.DRAFT)
    assert lifecycle.start(mailing, None)
    assert not lifecycle.start(mailing, None)
    assert queue(QueueName.SENDING).count == 1


def test_what_was_paused_before_its_audience_was_made_is_prepared_first() -> None:
    mailing = make_mailing(state=State.PREPARING)
    assert pause(mailing)
    assert lifecycle.resume(mailing, None)
    assert mailing.state == State.PREPARING


def test_a_pause_by_hand_has_no_reason_and_is_not_overwritten() -> None:
    mailing = make_mailing(state=State.SENDING, state_reason="Waiting for mail.example")
    assert pause(mailing)
    assert mailing.state_reason == ""
    assert not lifecycle.pause(mailing.id, "535 authentication failed")
    assert lifecycle.resume(mailing, None)
    assert lifecycle.pause(mailing.id, "535 authentication failed")


def test_what_is_cancelled_with_nothing_in_hand_is_settled_at_once() -> None:
    mailing = make_mailing(state=State.SENDING)
    waiting = make_batch(mailing)
    sent = make_recipient(mailing, email="a@x.dk")
    ready = make_recipient(mailing, email="b@x.dk", state=READY, batch_id=waiting.id)
    deferred = make_recipient(
        mailing, email="c@x.dk", state=RecipientState.DEFERRED, next_try_at=utcnow()
    )
    unknown = make_recipient(mailing, email="d@x.dk", state=RecipientState.UNKNOWN)
    assert cancel(mailing)
    assert mailing.finished_at is not None
    assert states(sent, ready, deferred, unknown) == ["sent", "cancelled", "cancelled", "unknown"]
    assert deferred.next_try_at is None
    assert waiting.state == BatchState.DONE


@pytest.mark.parametrize("state", [BatchState.CLAIMED, BatchState.HANDED_OVER])
def test_what_a_sender_has_in_hand_is_settled_later(state: BatchState) -> None:
    mailing = make_mailing(state=State.SENDING)
    in_hand, waiting = make_batch(mailing, state), make_batch(mailing)
    first = make_recipient(mailing, email="a@x.dk", state=READY, batch_id=in_hand.id)
    second = make_recipient(mailing, email="b@x.dk", state=READY, batch_id=in_hand.id)
    other = make_recipient(mailing, email="c@x.dk", state=READY, batch_id=waiting.id)
    assert cancel(mailing)
    assert mailing.finished_at is None
    assert states(first, second, other) == ["ready", "ready", "cancelled"]

    # The sender sent one, found the mailing stopped, and gave the other back.
    first.state, in_hand.state = RecipientState.SENT, BatchState.WAITING
    db.session.commit()
    assert lifecycle.settle_cancelled(mailing.id)
    assert states(first, second, other) == ["sent", "cancelled", "cancelled"]
    assert mailing.finished_at is not None


def test_settling_leaves_a_mailing_that_goes_on_alone() -> None:
    mailing = make_mailing(state=State.SENT)
    finished = mailing.finished_at
    assert not lifecycle.settle_cancelled(mailing.id)
    assert (mailing.state, mailing.finished_at) == (State.SENT, finished)


READY = RecipientState.READY


def make_batch(mailing: Mailing, state: BatchState = BatchState.WAITING) -> Batch:
    held = state != BatchState.WAITING
    batch = Batch(
        mailing_id=mailing.id,
        state=state,
        size=2,
        token=uuid4() if held else None,
        lease_until=utcnow() + timedelta(minutes=10) if held else None,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def states(*recipients: Recipient) -> list[str]:
    db.session.expire_all()
    return [recipient.state.value for recipient in recipients]
