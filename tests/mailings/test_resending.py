from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_mailing, make_recipient
from webapp.accounts.models import AuditEntry
from webapp.mailings import resending
from webapp.mailings.models import Batch, BatchState, Mailing, Recipient, RecipientState, State
from webapp.mailings.resending import WasCancelled, resend_unknown
from webapp.platform.database import db
from webapp.platform.queueing import QueueName, queue

UNKNOWN = RecipientState.UNKNOWN


def test_all_unknown_are_made_ready_in_a_batch_of_their_own() -> None:
    mailing, old = finished_with("a@x.dk", "b@x.dk")
    sent = make_recipient(mailing, email="c@x.dk", batch_id=old.id)
    assert resend_unknown(mailing, None, by=None) == 2
    people = again(mailing)
    assert [person.email for person in people] == ["a@x.dk", "b@x.dk"]
    (batch,) = open_batches(mailing)
    assert batch.id != old.id
    assert batch.size == 2
    assert {person.batch_id for person in people} == {batch.id}
    assert [(person.attempts, person.reply) for person in people] == [(1, None), (1, None)]
    assert (sent.state, sent.batch_id) == (RecipientState.SENT, old.id)


def test_the_mailing_goes_on_and_the_senders_are_rung() -> None:
    mailing, _old = finished_with("a@x.dk")
    resend_unknown(mailing, None, by=None)
    assert (mailing.state, mailing.finished_at) == (State.SENDING, None)
    assert queue(QueueName.SENDING).count == 1
    (entry,) = db.session.scalars(select(AuditEntry))
    assert (entry.action, entry.detail["people"]) == ("sent again to unknown", 1)


@pytest.mark.parametrize("state", [State.SENDING, State.PAUSED])
def test_one_under_way_keeps_its_state(state: State) -> None:
    mailing, _old = finished_with("a@x.dk", state=state)
    assert resend_unknown(mailing, None, by=None) == 1
    assert mailing.state == state


def test_only_the_ticked_among_the_unknown_of_this_mailing_get_it_again() -> None:
    mailing, old = finished_with("a@x.dk", "b@x.dk")
    sent = make_recipient(mailing, email="c@x.dk", batch_id=old.id)
    other, _batch = finished_with("d@x.dk", name="Other")
    (foreign,) = of(other)
    ticked = [of(mailing)[0].id, sent.id, foreign.id]
    assert resend_unknown(mailing, ticked, by=None) == 1
    assert [person.email for person in again(mailing)] == ["a@x.dk"]
    assert foreign.state == UNKNOWN
    assert sent.state == RecipientState.SENT


def test_nobody_ticked_is_nobody() -> None:
    mailing, _old = finished_with("a@x.dk")
    assert resend_unknown(mailing, [], by=None) == 0
    assert mailing.state == State.SENT_WITH_ERRORS


def test_batches_have_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending, "BATCH_SIZE", 2)
    mailing, _old = finished_with(*(f"p{number}@x.dk" for number in range(5)))
    assert resend_unknown(mailing, None, by=None) == 5
    batches = open_batches(mailing)
    assert [batch.size for batch in batches] == [2, 2, 1]
    in_them = select(Recipient.batch_id, func.count()).group_by(Recipient.batch_id)
    assert dict(db.session.execute(in_them).all()) == {batch.id: batch.size for batch in batches}


def test_a_double_click_sends_once(app: Flask) -> None:
    mailing, _old = finished_with(*(f"p{number}@x.dk" for number in range(20)))
    mailing_id = mailing.id
    db.session.commit()

    def click() -> int:
        with app.app_context():
            return resend_unknown(db.session.get_one(Mailing, mailing_id), None, by=None)

    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(click) for _click in range(2)]
        assert sorted(done.result() for done in clicks) == [0, 20]
    assert [batch.size for batch in open_batches(mailing)] == [20]
    assert queue(QueueName.SENDING).count == 1


def test_a_cancelled_mailing_refuses() -> None:
    mailing, _old = finished_with("a@x.dk", state=State.CANCELLED)
    with pytest.raises(WasCancelled, match="was cancelled"):
        resend_unknown(mailing, None, by=None)
    assert of(mailing)[0].state == UNKNOWN


def finished_with(
    *unknown: str, name: str = "November newsletter", state: State = State.SENT_WITH_ERRORS
) -> tuple[Mailing, Batch]:
    """A mailing and its batch, both done, with people whose line broke."""
    mailing = make_mailing(name, state=state)
    batch = Batch(mailing_id=mailing.id, state=BatchState.DONE, size=len(unknown), attempt=1)
    db.session.add(batch)
    db.session.flush()
    for email in unknown:
        make_recipient(
            mailing,
            email=email,
            state=UNKNOWN,
            batch_id=batch.id,
            attempts=1,
            reply="The line broke.",
        )
    return mailing, batch


def of(mailing: Mailing) -> list[Recipient]:
    everybody = select(Recipient).where(Recipient.mailing_id == mailing.id)
    return list(db.session.scalars(everybody.order_by(Recipient.id)))


def again(mailing: Mailing) -> list[Recipient]:
    db.session.expire_all()
    return [person for person in of(mailing) if person.state == RecipientState.READY]


def open_batches(mailing: Mailing) -> list[Batch]:
    statement = select(Batch).where(Batch.mailing_id == mailing.id, Batch.state != BatchState.DONE)
    return list(db.session.scalars(statement.order_by(Batch.id)))
