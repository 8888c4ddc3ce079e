"""Undo and redo of a draft's content. The states are rows, so that they survive a reload and a
restart; the mailing says which of them it shows."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from webapp.content.document.opening import Document
from webapp.mailings.models import ContentState, Mailing
from webapp.platform.database import db, utcnow

MOST = 100
"""States kept of one mailing."""
ONE_GO = timedelta(seconds=10)
"""Changes of the same thing within it are undone together: a word, not its letters."""


def note(mailing: Mailing, before: Document | None, now: Document, *, of: str) -> None:
    """`now` as the newest state; what was undone is gone. `of` says what changed, such as a
    block's id; empty for what stands by itself."""
    if mailing.content_state is None:
        _add(mailing, 0, before or now, "")
        if before is None:
            return
    place = mailing.content_state or 0
    ahead = ContentState.number > place
    db.session.execute(delete(ContentState).where(ContentState.mailing_id == mailing.id, ahead))
    current = _state(mailing, place)
    if of and current and current.of == of and current.began_at > utcnow() - ONE_GO:
        current.content = now
        return
    _add(mailing, place + 1, now, of)
    too_old = ContentState.number <= place + 1 - MOST
    db.session.execute(delete(ContentState).where(ContentState.mailing_id == mailing.id, too_old))


def undone(mailing: Mailing) -> Document | None:
    """The content before the last change; None when there is none."""
    return _go(mailing, -1)


def redone(mailing: Mailing) -> Document | None:
    return _go(mailing, +1)


def ways(mailing: Mailing) -> tuple[bool, bool]:
    """Whether there is something to undo, and to redo."""
    of_mailing = ContentState.mailing_id == mailing.id
    first, last = db.session.execute(
        select(func.min(ContentState.number), func.max(ContentState.number)).where(of_mailing)
    ).one()
    place = mailing.content_state
    return (False, False) if place is None else (first < place, place < last)


def forget(mailing_id: int) -> None:
    """Nothing leads back from here: the mailing is no draft any more."""
    db.session.execute(delete(ContentState).where(ContentState.mailing_id == mailing_id))
    nowhere = update(Mailing).where(Mailing.id == mailing_id).values(content_state=None)
    db.session.execute(nowhere)


def _go(mailing: Mailing, by: int) -> Document | None:
    if mailing.content_state is None:
        return None
    state = _state(mailing, mailing.content_state + by)
    if state is None:
        return None
    mailing.content_state = state.number
    # What follows is a change by itself, so that one can come back to here.
    state.of = ""
    return state.content


def _add(mailing: Mailing, number: int, content: Document, of: str) -> None:
    state = ContentState(mailing_id=mailing.id, number=number, content=content, of=of)
    db.session.add(state)
    mailing.content_state = number
    db.session.flush()


def _state(mailing: Mailing, number: int) -> ContentState | None:
    return db.session.get(ContentState, (mailing.id, number))
