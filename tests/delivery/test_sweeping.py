"""What the clock does for deliveries, at any time and as often as it likes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from tests.delivery.sending import draft_to, people, recipient, send, started, states
from tests.support.smtp import ScriptedSmtp
from webapp.delivery import batches, engine, invariant, outcomes, queries, sweeping
from webapp.delivery.batches import Batch
from webapp.delivery.models import QuotaUse
from webapp.mailings import audience, lifecycle
from webapp.mailings.models import Batch as BatchRow
from webapp.mailings.models import BatchState, Mailing, Recipient, State
from webapp.mailings.models import RecipientState as R
from webapp.mailings.values import Reading
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue


def in_hand(mailing: Mailing, *, handed_over: bool = True) -> Batch:
    batch = batches.claim(mailing.id, uuid4())
    assert batch is not None
    assert not handed_over or batch.hand_over([person.id for person in batch.people(Reading(()))])
    return batch


def let_lease_end() -> None:
    long_ago = utcnow() - timedelta(seconds=1)
    db.session.execute(update(BatchRow).values(lease_until=long_ago))
    db.session.commit()


def sweep() -> None:
    sweeping.sweep()
    db.session.expire_all()


def batch_states() -> list[BatchState]:
    return list(db.session.scalars(select(BatchRow.state).order_by(BatchRow.id)))


def rings() -> int:
    return queue(QueueName.SENDING).count


def test_what_a_dead_sender_had_in_hand_is_unknown_and_stays_so(smtp: ScriptedSmtp) -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    in_hand(mailing)
    let_lease_end()
    sweep()
    send(mailing)
    assert states(mailing) == {R.UNKNOWN: 2}
    assert smtp.messages == []
    assert mailing.state == State.SENT_WITH_ERRORS
    assert invariant.violations() == []


def test_what_a_dead_sender_had_claimed_only_is_sent_by_another(smtp: ScriptedSmtp) -> None:
    mailing = started("ann@x.dk")
    in_hand(mailing, handed_over=False)
    let_lease_end()
    sweep()
    assert batch_states() == [BatchState.WAITING]
    send(mailing)
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


@pytest.mark.parametrize("handed_over", [True, False])
def test_who_still_has_a_lease_is_left_in_peace(handed_over: bool) -> None:
    mailing = started("ann@x.dk")
    in_hand(mailing, handed_over=handed_over)
    before = batch_states()
    sweep()
    assert batch_states() == before
    assert states(mailing) == {R.READY: 1}


def test_what_was_written_down_before_the_lease_ended_stays() -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    batch = in_hand(mailing)
    batch.note(recipient("ann@x.dk").id, outcomes.sent("250 queued"))
    batch.write()
    let_lease_end()
    sweep()
    assert recipient("ann@x.dk").state == R.SENT
    assert recipient("bo@x.dk").state == R.UNKNOWN


def test_a_holder_that_turns_up_after_all_tells_the_truth(smtp: ScriptedSmtp) -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    batch = in_hand(mailing)
    assert batch.may_begin(recipient("ann@x.dk").id)
    let_lease_end()
    sweep()
    assert mailing.state == State.SENT_WITH_ERRORS
    batch.deadline = 0.0
    batch.note(recipient("ann@x.dk").id, outcomes.sent("250 ok"))
    batch.close()
    db.session.expire_all()
    assert states(mailing) == {R.SENT: 1, R.READY: 1}
    assert mailing.state == State.SENDING
    send(mailing)
    assert smtp.count_by_recipient() == {"bo@x.dk": 1}
    assert mailing.state == State.SENT


def put_off(mailing: Mailing, *, until: timedelta) -> None:
    batch = in_hand(mailing)
    for person in batch.people(Reading(())):
        batch.note(person.id, outcomes.deferred("450 later"))
    batch.close()
    db.session.execute(update(Recipient).values(next_try_at=utcnow() + until))
    db.session.commit()


def test_those_whose_next_try_is_due_are_gathered_and_the_others_are_not() -> None:
    mailing = started("ann@x.dk", "bo@x.dk", "eva@x.dk")
    put_off(mailing, until=timedelta(seconds=-1))
    recipient("eva@x.dk").next_try_at = utcnow() + timedelta(hours=1)
    db.session.commit()
    sweep()
    sweep()
    assert states(mailing) == {R.READY: 2, R.DEFERRED: 1}
    assert batch_states() == [BatchState.DONE, BatchState.WAITING]
    assert db.session.scalars(select(BatchRow.size).order_by(BatchRow.id)).all() == [3, 2]
    assert recipient("ann@x.dk").attempts == 1
    assert invariant.violations() == []


def test_many_that_are_due_are_gathered_in_batches_of_the_usual_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailing = started(*people(7))
    put_off(mailing, until=timedelta(seconds=-1))
    monkeypatch.setattr(sweeping, "BATCH_SIZE", 3)
    for _sweep in range(4):
        sweep()
    assert states(mailing) == {R.READY: 7}
    assert db.session.scalars(select(BatchRow.size).order_by(BatchRow.id)).all() == [7, 3, 3, 1]


def test_nobody_is_gathered_for_a_mailing_that_is_paused() -> None:
    mailing = started("ann@x.dk")
    put_off(mailing, until=timedelta(seconds=-1))
    assert lifecycle.pause_by_hand(mailing, by=None)
    sweep()
    assert states(mailing) == {R.DEFERRED: 1}


def test_a_mailing_whose_last_batch_ended_without_a_word_is_finished() -> None:
    mailing = started("ann@x.dk")
    batch = in_hand(mailing)
    batch.note(recipient("ann@x.dk").id, outcomes.sent("250 queued"))
    batch.close()
    sweep()
    assert mailing.state == State.SENT


def test_what_was_cancelled_is_settled_when_its_sender_is_gone() -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    in_hand(mailing, handed_over=False)
    assert lifecycle.cancel(mailing, by=None)
    sweep()
    assert (states(mailing), mailing.finished_at) == ({R.READY: 2}, None)
    let_lease_end()
    sweep()
    sweep()
    assert states(mailing) == {R.CANCELLED: 2}
    assert mailing.finished_at is not None
    assert invariant.violations() == []


def test_the_clock_rings_once_for_a_place_however_often_it_looks() -> None:
    started("ann@x.dk")
    queue(QueueName.SENDING).empty()
    for _look in range(5):
        sweep()
    assert rings() == engine.SLOTS


def test_it_rings_again_when_the_bell_was_not_heard_for_a_while() -> None:
    started("ann@x.dk")
    sweep()
    queue(QueueName.SENDING).empty()
    db.session.execute(text("UPDATE sender_slot SET rung_at = rung_at - interval '1 minute'"))
    db.session.commit()
    sweep()
    assert rings() == engine.SLOTS


def test_it_does_not_ring_for_a_place_that_is_held() -> None:
    mailing = started("ann@x.dk")
    place = {"mailing": mailing.id, "slot": 0, "token": uuid4(), "lease": 60}
    db.session.execute(queries.TAKE_SLOT, place)
    db.session.commit()
    queue(QueueName.SENDING).empty()
    sweep()
    assert rings() == engine.SLOTS - 1


@pytest.mark.parametrize(
    "stop", [lifecycle.pause_by_hand, lifecycle.cancel], ids=["paused", "cancelled"]
)
def test_it_does_not_ring_for_what_is_stopped(stop: Callable[..., bool]) -> None:
    mailing = started("ann@x.dk")
    queue(QueueName.SENDING).empty()
    assert stop(mailing, by=None)
    sweep()
    assert rings() == 0


def test_it_rings_once_for_what_has_still_to_be_prepared() -> None:
    mailing = draft_to("ann@x.dk")
    assert lifecycle.start(mailing, by=None)
    queue(QueueName.SENDING).empty()
    sweep()
    assert rings() == 1


def test_work_goes_on_by_itself_when_the_queue_forgot_it(
    smtp: ScriptedSmtp, run_jobs: Callable[[], int]
) -> None:
    mailing = started("ann@x.dk")
    queue(QueueName.SENDING).empty()
    sweep()
    run_jobs()
    assert db.session.get_one(Mailing, mailing.id).state == State.SENT
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


def test_windows_of_long_ago_are_forgotten() -> None:
    for days in (0, 1, 3):
        begins_at = utcnow() - timedelta(days=days)
        db.session.add(QuotaUse(server_id=1, scope="day", begins_at=begins_at, used=1))
    db.session.commit()
    sweep()
    assert db.session.scalar(select(func.count()).select_from(QuotaUse)) == 2


def test_a_sweep_of_nothing_changes_nothing() -> None:
    sweep()
    mailing = draft_to("ann@x.dk")
    audience.resolve(mailing)
    db.session.commit()
    sweep()
    assert mailing.state == State.DRAFT
    assert states(mailing) == {R.READY: 1}
    assert rings() == 0
