"""From draft to sent. Every step is one conditional update, so that two people, a double click or
a repeated job take it once."""

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.audit import audit
from webapp.mailings import history
from webapp.mailings.models import (
    Batch,
    BatchState,
    Mailing,
    Recipient,
    RecipientState,
    State,
)
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, enqueue

OPEN = (RecipientState.READY, RecipientState.DEFERRED)
IN_HAND = (BatchState.CLAIMED, BatchState.HANDED_OVER)


def start(mailing: Mailing, by: int | None) -> bool:
    """Commits, and rings for the work. False: it was started or deleted already."""
    begun = {"started_at": utcnow(), "state_reason": ""}
    kept = Mailing.deleted_at.is_(None)
    if not _move(mailing.id, {State.DRAFT, State.SCHEDULED}, State.PREPARING, kept, **begun):
        db.session.rollback()
        return False
    history.forget(mailing.id)
    audit("mailing started", by=by, mailing=mailing.id, name=mailing.name)
    db.session.commit()
    ring(mailing.id, slot=0)
    return True


def schedule(mailing: Mailing, at: datetime, zone: str, by: int | None) -> bool:
    """Commits. False: it is neither a draft nor scheduled any more, or deleted."""
    times = {"scheduled_at": at, "scheduled_zone": zone, "state_reason": ""}
    kept = Mailing.deleted_at.is_(None)
    return _by_hand(mailing, {State.DRAFT, State.SCHEDULED}, State.SCHEDULED, by, kept, **times)


def unschedule(mailing: Mailing, by: int | None) -> bool:
    """Commits: it is a draft again. False: it was not scheduled any more."""
    times = {"scheduled_at": None, "scheduled_zone": "", "state_reason": ""}
    return _by_hand(mailing, {State.SCHEDULED}, State.DRAFT, by, **times)


def ring(mailing_id: int, slot: int) -> None:
    """Ask a sender to work on the mailing, in one of its places."""
    enqueue("jobs.sending.send", mailing_id, slot, on=QueueName.SENDING)


def prepared(mailing_id: int) -> bool:
    return _move(mailing_id, {State.PREPARING}, State.SENDING, prepared_at=utcnow())


def pause(mailing_id: int, reason: str) -> bool:
    """Nothing more is begun; the messages in hand are finished. It does not commit."""
    return _move(mailing_id, {State.PREPARING, State.SENDING}, State.PAUSED, state_reason=reason)


def pause_by_hand(mailing: Mailing, by: int) -> bool:
    """Commits. False: it was not under way any more."""
    return _by_hand(mailing, {State.PREPARING, State.SENDING}, State.PAUSED, by, state_reason="")


def resume(mailing: Mailing, by: int | None) -> bool:
    """Commits, and rings for the work. False: it was not paused any more."""
    go_on = State.SENDING if mailing.prepared_at else State.PREPARING
    if not _by_hand(mailing, {State.PAUSED}, go_on, by, state_reason=""):
        return False
    ring(mailing.id, slot=0)
    return True


def cancel(mailing: Mailing, by: int) -> bool:
    """Commits: whoever did not get it yet will not. False: it was finished already.

    What a sender has in hand is settled first; until then `finished_at` stays empty.
    """
    under_way = {State.PREPARING, State.SENDING, State.PAUSED}
    if not _by_hand(mailing, under_way, State.CANCELLED, by, state_reason=""):
        return False
    settle_cancelled(mailing.id)
    db.session.commit()
    return True


def settle_cancelled(mailing_id: int) -> bool:
    """Cancels everybody whom no sender has in hand. True once nobody is left."""
    in_hand = select(Batch.id).where(Batch.mailing_id == mailing_id, Batch.state.in_(IN_HAND))
    db.session.execute(
        update(Batch)
        .where(Batch.mailing_id == mailing_id, Batch.state == BatchState.WAITING)
        .values(state=BatchState.DONE)
    )
    db.session.execute(
        update(Recipient)
        .where(Recipient.mailing_id == mailing_id, Recipient.state.in_(OPEN))
        .where(or_(Recipient.batch_id.is_(None), Recipient.batch_id.not_in(in_hand)))
        .values(state=RecipientState.CANCELLED, next_try_at=None)
    )
    settled = ~or_(_recipients(mailing_id, *OPEN), in_hand.exists())
    return _move(mailing_id, {State.CANCELLED}, State.CANCELLED, settled, finished_at=utcnow())


def finish(mailing_id: int) -> bool:
    """Sent, once nothing is left to do; with errors when somebody did not get it, or may not
    have."""
    errors = _recipients(mailing_id, RecipientState.FAILED, RecipientState.UNKNOWN)
    open_batch = exists().where(Batch.mailing_id == mailing_id, Batch.state != BatchState.DONE)
    state = State.SENT_WITH_ERRORS if db.session.scalar(select(errors)) else State.SENT
    return _move(
        mailing_id,
        {State.SENDING},
        state,
        ~or_(_recipients(mailing_id, *OPEN), open_batch),
        finished_at=utcnow(),
        state_reason="",
    )


def reopen(mailing_id: int) -> None:
    """Somebody in it is still to be sent to, or cancelled, after all. It does not commit."""
    finished = {State.SENT, State.SENT_WITH_ERRORS}
    if not _move(mailing_id, finished, State.SENDING, finished_at=None):
        _move(mailing_id, {State.CANCELLED}, State.CANCELLED, finished_at=None)


def _recipients(mailing_id: int, *states: RecipientState) -> ColumnElement[bool]:
    return exists().where(Recipient.mailing_id == mailing_id, Recipient.state.in_(states))


def _by_hand(
    mailing: Mailing,
    old: set[State],
    new: State,
    by: int | None,
    *conditions: ColumnElement[bool],
    **values: object,
) -> bool:
    """One step that a person takes: commits, with an entry in the audit log."""
    before = mailing.state
    if not _move(mailing.id, old, new, *conditions, **values):
        db.session.rollback()
        return False
    audit("mailing moved", by=by, mailing=mailing.id, name=mailing.name, old=before, new=new)
    db.session.commit()
    return True


def _move(
    mailing_id: int, old: set[State], new: State, *conditions: ColumnElement[bool], **values: object
) -> bool:
    moved = db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state.in_(old), *conditions)
        .values(state=new, **values)
        .returning(Mailing.id)
        .execution_options(synchronize_session="fetch")
    )
    return moved.first() is not None
