"""From draft to sent. Every step is one conditional update, so that two people, a double click or
a repeated job take it once."""

from sqlalchemy import exists, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.audit import audit
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


def start(mailing: Mailing, by: int | None) -> bool:
    """Commits, and rings for the work. False: it was started already."""
    if not _move(mailing.id, State.DRAFT, State.PREPARING, started_at=utcnow()):
        db.session.rollback()
        return False
    audit("mailing started", by=by, mailing=mailing.id, name=mailing.name)
    db.session.commit()
    ring(mailing.id, slot=0)
    return True


def ring(mailing_id: int, slot: int) -> None:
    """Ask a sender to work on the mailing, in one of its places."""
    enqueue("jobs.sending.send", mailing_id, slot, on=QueueName.SENDING)


def prepared(mailing_id: int) -> bool:
    return _move(mailing_id, State.PREPARING, State.SENDING)


def pause(mailing_id: int, reason: str) -> bool:
    """Nothing more is claimed; what is handed over is finished."""
    return _move(mailing_id, State.SENDING, State.PAUSED, state_reason=reason)


def resume(mailing: Mailing, by: int | None) -> bool:
    """Commits. False: it was not paused any more."""
    if not _move(mailing.id, State.PAUSED, State.SENDING, state_reason=""):
        db.session.rollback()
        return False
    audit("mailing resumed", by=by, mailing=mailing.id, name=mailing.name)
    db.session.commit()
    ring(mailing.id, slot=0)
    return True


def finish(mailing_id: int) -> bool:
    """Sent, once nothing is left to do; with errors when somebody did not get it, or may not
    have."""
    errors = _recipients(mailing_id, RecipientState.FAILED, RecipientState.UNKNOWN)
    left = _recipients(mailing_id, RecipientState.READY, RecipientState.DEFERRED)
    open_batch = exists().where(Batch.mailing_id == mailing_id, Batch.state != BatchState.DONE)
    state = State.SENT_WITH_ERRORS if db.session.scalar(select(errors)) else State.SENT
    return _move(
        mailing_id,
        State.SENDING,
        state,
        ~or_(left, open_batch),
        finished_at=utcnow(),
        state_reason="",
    )


def _recipients(mailing_id: int, *states: RecipientState) -> ColumnElement[bool]:
    return exists().where(Recipient.mailing_id == mailing_id, Recipient.state.in_(states))


def _move(
    mailing_id: int, old: State, new: State, *conditions: ColumnElement[bool], **values: object
) -> bool:
    moved = db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == old, *conditions)
        .values(state=new, **values)
        .returning(Mailing.id)
        .execution_options(synchronize_session="fetch")
    )
    return moved.first() is not None
