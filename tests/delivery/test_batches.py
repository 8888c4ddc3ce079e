"""The fence around a batch, and what is replayed of one whose sender died."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.delivery.sending import draft_to, people, recipient, send, started, states
from tests.support.smtp import ScriptedSmtp
from webapp.delivery import batches, invariant, journal, outcomes, preparing, queries, sweeping
from webapp.delivery.batches import LEASE, MARGIN, PAUSES, Batch
from webapp.delivery.models import SenderSlot
from webapp.mailings import audience, lifecycle
from webapp.mailings.models import Batch as BatchRow
from webapp.mailings.models import BatchState, LeftOut, Mailing, Recipient, State
from webapp.mailings.models import RecipientState as R
from webapp.mailings.values import Reading
from webapp.platform.database import db, utcnow

ANN, BO, EVA, IDA = "ann@x.dk", "bo@x.dk", "eva@x.dk", "ida@x.dk"


def ids(mailing: Mailing) -> list[int]:
    of_mailing = select(Recipient.id).where(Recipient.mailing_id == mailing.id)
    return list(db.session.scalars(of_mailing.order_by(Recipient.id)))


def claimed(mailing: Mailing) -> Batch:
    batch = batches.claim(mailing.id, uuid4())
    assert batch is not None
    return batch


def handed_over(mailing: Mailing) -> Batch:
    batch = claimed(mailing)
    assert batch.hand_over([person.id for person in batch.people(Reading(()))])
    return batch


def half_done(mailing: Mailing) -> Batch:
    """Ann has it, with Bo it was begun, Eva was refused, Ida's turn did not come."""
    batch = handed_over(mailing)
    for address in (ANN, BO, EVA):
        assert batch.may_begin(recipient(address).id)
    batch.note(recipient(ANN).id, outcomes.sent("250 queued"))
    batch.note(recipient(EVA).id, outcomes.failed("550 no"))
    return batch


def die(batch: Batch) -> None:
    """As after kill -9: nothing was written down, and the hold on the journal is gone."""
    assert batch.journal is not None
    batch.journal.close()


def let_lease_end() -> None:
    long_ago = utcnow() - timedelta(minutes=1)
    held = update(BatchRow).where(BatchRow.lease_until.is_not(None))
    db.session.execute(held.values(lease_until=long_ago))
    db.session.commit()


def replay() -> None:
    batches.replay()
    db.session.expire_all()


def states_of(*addresses: str) -> list[R]:
    db.session.expire_all()
    return [recipient(address).state for address in addresses]


def journals() -> list[Path]:
    return list(batches.journal_folder().iterdir())


@pytest.fixture(autouse=True)
def _no_journals(tmp_path: Path, app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test leaves there is no other's."""
    monkeypatch.setattr(batches, "journal_folder", lambda: tmp_path)


# Claiming and handing over.


def test_each_claim_takes_another_batch_until_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audience, "BATCH_SIZE", 2)
    mailing = started(*people(5))
    found = [claimed(mailing) for _each in range(3)]
    assert [len(batch.people(Reading(()))) for batch in found] == [2, 2, 1]
    assert len({batch.id for batch in found}) == 3
    assert batches.claim(mailing.id, uuid4()) is None


@pytest.mark.parametrize("stop", [lifecycle.pause_by_hand, lifecycle.cancel])
def test_of_a_mailing_that_stopped_nothing_is_claimed_or_handed_over(
    stop: Callable[..., bool],
) -> None:
    mailing = started(ANN)
    batch = claimed(mailing)
    assert stop(mailing, by=None)
    assert not batch.hand_over(ids(mailing))
    assert journals() == []
    batch.close()
    assert batches.claim(mailing.id, uuid4()) is None


def test_a_sender_that_lost_its_lease_sends_nothing() -> None:
    mailing = started(ANN)
    batch = claimed(mailing)
    let_lease_end()
    assert not batch.hand_over(ids(mailing))
    assert journals() == []


def test_a_batch_that_somebody_else_has_by_now_is_not_handed_over() -> None:
    mailing = started(ANN)
    late = claimed(mailing)
    let_lease_end()
    sweeping.sweep()
    handed_over(mailing)
    assert not late.hand_over(ids(mailing))
    late.note(recipient(ANN).id, outcomes.failed("late"))
    late.close()
    assert states(mailing) == {R.READY: 1}
    assert db.session.scalars(select(BatchRow.state)).all() == [BatchState.HANDED_OVER]


def test_no_message_is_begun_close_to_the_end_of_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = started(ANN, BO)
    batch = handed_over(mailing)
    first, second = ids(mailing)
    monkeypatch.setattr(batches, "clock", lambda: batch.deadline - MARGIN - 1)
    assert batch.may_begin(first)
    monkeypatch.setattr(batches, "clock", lambda: batch.deadline - MARGIN + 1)
    assert not batch.may_begin(second)
    assert batch.journal is not None
    assert [entry.begun for entry in batch.journal.entries()] == [True, False]


def test_a_lease_is_renewed_in_time_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = handed_over(started(ANN))
    deadline = batch.deadline
    batch.keep()
    assert batch.deadline == deadline
    half = deadline - LEASE / 2
    monkeypatch.setattr(batches, "clock", lambda: half)
    batch.keep()
    assert batch.deadline == half + LEASE


def test_a_lease_that_ended_is_not_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    let_lease_end()
    after = batch.deadline + 1
    monkeypatch.setattr(batches, "clock", lambda: after)
    batch.keep()
    assert batch.deadline < after
    assert not batch.may_begin(ids(mailing)[0])


# Writing down.


@pytest.mark.parametrize("attempts", range(len(PAUSES)))
def test_each_try_is_followed_by_a_longer_pause(attempts: int) -> None:
    mailing = started(ANN)
    recipient(ANN).attempts = attempts
    db.session.commit()
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.deferred("450 later"))
    batch.close()
    db.session.expire_all()
    ann = recipient(ANN)
    assert ann.next_try_at is not None
    pause = (ann.next_try_at - utcnow()).total_seconds()
    assert 0.8 * PAUSES[attempts] - 10 < pause < 1.2 * PAUSES[attempts]
    assert (ann.state, ann.attempts) == (R.DEFERRED, attempts + 1)


def test_the_last_try_that_is_put_off_is_the_end() -> None:
    mailing = started(ANN)
    recipient(ANN).attempts = len(PAUSES)
    db.session.commit()
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.deferred("450 later"))
    batch.close()
    ann = recipient(ANN)
    assert (ann.state, ann.reply, ann.next_try_at) == (R.FAILED, "450 later", None)
    assert 3.5 * 3600 < sum(PAUSES) < 4.5 * 3600


def test_who_is_left_out_in_the_end_was_not_tried() -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.left_out(LeftOut.NO_CONSENT))
    batch.close()
    ann = recipient(ANN)
    assert (ann.state, ann.reason, ann.attempts, ann.dedupe_key) == (
        R.LEFT_OUT,
        LeftOut.NO_CONSENT,
        0,
        None,
    )


def test_what_was_not_begun_is_given_back_not_before_its_time() -> None:
    mailing = started(ANN, BO)
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.sent("250 queued"))
    later = utcnow() + timedelta(hours=1)
    batch.close(not_before=later)
    assert states_of(ANN, BO) == [R.SENT, R.READY]
    assert journals() == []
    assert batches.claim(mailing.id, uuid4()) is None
    db.session.execute(update(BatchRow).values(not_before=utcnow()))
    db.session.commit()
    assert [person.email for person in claimed(mailing).people(Reading(()))] == [BO]


def test_an_outcome_is_written_once_however_often_it_is_told() -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.sent("250 queued"))
    batch.write()
    batch.note(recipient(ANN).id, outcomes.failed("550 no"))
    batch.write()
    ann = recipient(ANN)
    assert (ann.state, ann.reply, ann.attempts) == (R.SENT, "250 queued", 1)


# Replaying.


def test_the_journal_of_a_dead_sender_tells_what_it_knew() -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.READY]
    assert recipient(ANN).reply == "250 queued"
    assert recipient(BO).reply
    assert journals() == []
    assert [person.email for person in claimed(mailing).people(Reading(()))] == [IDA]
    assert invariant.violations() == []


def test_the_rest_of_a_dead_sender_is_sent_by_another_and_nobody_gets_it_twice(
    smtp: ScriptedSmtp,
) -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    replay()
    send(mailing)
    assert smtp.count_by_recipient() == {IDA: 1}
    assert (mailing.state, states(mailing)[R.UNKNOWN]) == (State.SENT_WITH_ERRORS, 1)


def test_who_is_at_work_is_not_replayed() -> None:
    batch = half_done(started(ANN, BO, EVA, IDA))
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.READY] * 4
    batch.close()
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.READY, R.FAILED, R.READY]


def test_a_sender_that_died_before_the_hand_over_has_done_nothing() -> None:
    mailing = started(ANN)
    batch = claimed(mailing)
    folder = batches.journal_folder()
    journal.Journal.begin(folder, batch.token, batch.id, batch.attempt, ids(mailing)).close()
    replay()
    assert states(mailing) == {R.READY: 1}
    assert claimed(mailing).attempt == 2


def test_after_another_start_of_the_machine_what_is_not_recorded_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    die(half_done(started(ANN, BO, EVA, IDA)))
    monkeypatch.setattr(journal, "boot_id", lambda: b"another boot 007")
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.UNKNOWN]
    assert db.session.scalars(select(BatchRow.state)).all() == [BatchState.DONE]
    assert journals() == []


def test_what_stands_in_the_database_already_is_not_made_unknown_by_another_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Written down and closed, and the journal came back with the power."""
    batch = half_done(started(ANN, BO, EVA, IDA))
    batch.note(recipient(BO).id, outcomes.sent("250 queued"))
    path, content = journals()[0], journals()[0].read_bytes()
    batch.close()
    path.write_bytes(content)
    monkeypatch.setattr(journal, "boot_id", lambda: b"another boot 007")
    replay()
    assert states_of(ANN, BO, EVA) == [R.SENT, R.SENT, R.FAILED]


def test_a_journal_may_be_replayed_twice() -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    path, content = journals()[0], journals()[0].read_bytes()
    for _time in range(3):
        path.write_bytes(content)
        replay()
        assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.READY]
        assert [recipient(address).attempts for address in (ANN, BO, EVA, IDA)] == [1, 1, 1, 0]
    assert claimed(mailing).attempt == 2


def test_a_late_journal_turns_unknown_into_the_truth_and_the_mailing_goes_on(
    smtp: ScriptedSmtp,
) -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    let_lease_end()
    sweeping.sweep()
    db.session.expire_all()
    assert states(mailing) == {R.UNKNOWN: 4}
    assert mailing.state == State.SENT_WITH_ERRORS
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.READY]
    assert (mailing.state, mailing.finished_at) == (State.SENDING, None)
    assert invariant.violations() == []
    send(mailing)
    assert smtp.count_by_recipient() == {IDA: 1}
    assert mailing.state == State.SENT_WITH_ERRORS
    assert invariant.violations() == []


def test_a_late_journal_of_a_mailing_without_errors_leaves_it_without_errors() -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    batch.may_begin(recipient(ANN).id)
    batch.note(recipient(ANN).id, outcomes.sent("250 queued"))
    die(batch)
    let_lease_end()
    sweeping.sweep()
    replay()
    sweeping.sweep()
    db.session.expire_all()
    assert states(mailing) == {R.SENT: 1}
    assert mailing.state == State.SENT


def test_a_late_deferral_of_a_finished_mailing_is_tried_again(smtp: ScriptedSmtp) -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    batch.note(recipient(ANN).id, outcomes.deferred("450 later"))
    die(batch)
    let_lease_end()
    sweeping.sweep()
    replay()
    assert (mailing.state, states(mailing)) == (State.SENDING, {R.DEFERRED: 1})
    recipient(ANN).next_try_at = utcnow()
    db.session.commit()
    sweeping.sweep()
    send(mailing)
    assert smtp.count_by_recipient() == {ANN: 1}


def test_a_late_journal_of_a_cancelled_mailing_sends_nothing(smtp: ScriptedSmtp) -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    assert lifecycle.cancel(mailing, by=None)
    let_lease_end()
    sweeping.sweep()
    replay()
    sweeping.sweep()
    send(mailing)
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.CANCELLED]
    assert smtp.messages == []
    assert mailing.finished_at is not None
    assert invariant.violations() == []


def test_a_newer_attempt_is_left_alone() -> None:
    mailing = started(ANN, BO, EVA, IDA)
    batch = half_done(mailing)
    die(batch)
    path, content = journals()[0], journals()[0].read_bytes()
    path.unlink()
    db.session.execute(update(BatchRow).values(state=BatchState.WAITING, token=None))
    db.session.commit()
    newer = handed_over(mailing)
    assert newer.attempt == batch.attempt + 1
    path.write_bytes(content)
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.READY] * 4
    assert db.session.scalars(select(BatchRow.token)).one() == newer.token
    assert newer.may_begin(recipient(IDA).id)
    newer.note(recipient(IDA).id, outcomes.sent("250 queued"))
    newer.close()
    assert states_of(IDA) == [R.SENT]


def test_who_was_put_in_another_batch_meanwhile_is_left_alone() -> None:
    mailing = started(ANN, BO, EVA, IDA)
    die(half_done(mailing))
    let_lease_end()
    sweeping.sweep()
    other = BatchRow(mailing_id=mailing.id, size=1)
    db.session.add(other)
    db.session.flush()
    ann = recipient(ANN)
    ann.batch_id, ann.state = other.id, R.READY
    db.session.commit()
    replay()
    assert states_of(ANN, BO, EVA) == [R.READY, R.UNKNOWN, R.FAILED]


def test_the_journal_of_a_mailing_that_is_gone_is_thrown_away() -> None:
    mailing = started(ANN)
    die(handed_over(mailing))
    db.session.delete(mailing)
    db.session.commit()
    replay()
    assert journals() == []


def test_a_replay_frees_the_place_of_the_dead() -> None:
    mailing = started(ANN)
    batch = handed_over(mailing)
    place = {"mailing": mailing.id, "slot": 0, "token": batch.token, "lease": 60}
    db.session.execute(queries.TAKE_SLOT, place)
    db.session.commit()
    die(batch)
    replay()
    assert db.session.scalars(select(SenderSlot.token)).all() == [None]


def test_one_journal_that_cannot_be_read_does_not_keep_the_others_from_being_settled() -> None:
    die(half_done(started(ANN, BO, EVA, IDA)))
    (path,) = journals()
    content = path.read_bytes()
    (path.parent / "0-1-truncated.journal").write_bytes(content[:600])
    replay()
    assert states_of(ANN, BO, EVA, IDA) == [R.SENT, R.UNKNOWN, R.FAILED, R.READY]
    assert not path.exists()


def test_a_mailing_that_is_not_prepared_has_nothing_to_claim() -> None:
    mailing = draft_to(ANN)
    assert lifecycle.start(mailing, by=None)
    assert batches.claim(mailing.id, uuid4()) is None
    preparing.prepare(mailing.id)
    assert batches.claim(mailing.id, uuid4()) is not None


def test_a_journal_that_cannot_be_written_leaves_the_batch_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailing = started(ANN)
    monkeypatch.setattr(batches, "journal_folder", lambda: Path("/nowhere/at/all"))
    with pytest.raises(OSError, match="nowhere"):
        send(mailing)
    db.session.rollback()
    assert db.session.scalars(select(BatchRow.state)).all() == [BatchState.WAITING]
