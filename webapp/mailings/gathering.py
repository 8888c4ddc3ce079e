"""Making an audience while a page waits, or beside it when it is large: then others see how far it
is, and can give it up."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, select, text, update

from webapp.mailings import audience
from webapp.mailings.audience import Tell
from webapp.mailings.models import Gathering, Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import enqueue

WAITED_FOR = 50_000
"""People in the sources; a page waits about a second for so many."""
SILENT = timedelta(seconds=90)
"""Whoever was at it is gone, when nothing was heard for so long."""

_ONLY_ONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('gathering', :mailing))")

# Who gives it up, or stops the mailing, is heard at the next beat. What was given up in a draft is
# wanted again when the mailing goes out.
_BEAT = text(
    """
INSERT INTO gathering (mailing_id, total, done, beat_at) VALUES (:mailing, :total, :done, now())
    ON CONFLICT (mailing_id) DO UPDATE
   SET total = excluded.total, done = excluded.done, beat_at = excluded.beat_at
RETURNING (SELECT CASE state WHEN 'preparing' THEN false WHEN 'draft' THEN cancelled ELSE true END
             FROM mailing WHERE id = mailing_id)
"""
)


class GivenUp(Exception):
    """Somebody had enough of waiting, or the mailing was stopped."""


def of(mailing: Mailing) -> Gathering | None:
    """The one that is under way or was given up, as it is now."""
    return db.session.get(Gathering, mailing.id, populate_existing=True)


def is_under_way(mailing: Mailing) -> bool:
    found = of(mailing)
    return found is not None and not found.cancelled


def bring_up_to_date(mailing: Mailing) -> None:
    """Renew the audience of a draft whose sources changed since the last time."""
    if mailing.state == State.DRAFT and audience.is_out_of_date(mailing) and not of(mailing):
        renew(mailing)


def renew(mailing: Mailing) -> None:
    """Read the sources again: now, or for a large audience by a worker. Commits in that case."""
    db.session.execute(delete(Gathering).where(Gathering.mailing_id == mailing.id))
    if sum(map(audience.source_size, mailing.sources)) <= WAITED_FOR:
        audience.resolve(mailing)
        return
    mailing.sources_changed_at = utcnow()
    db.session.add(Gathering(mailing_id=mailing.id))
    db.session.commit()
    _ring(mailing.id)


def give_up(mailing: Mailing) -> None:
    """The audience stays as it was."""
    found = of(mailing)
    if found is not None:
        found.cancelled = True


def gather(mailing_id: int) -> None:
    """What the worker does. Run twice at once, one of them does it."""
    mailing = db.session.get(Mailing, mailing_id)
    asked_for = of(mailing) if mailing else None
    if mailing is None or asked_for is None or asked_for.cancelled:
        return
    if not db.session.scalar(_ONLY_ONE, {"mailing": mailing_id}):
        return
    try:
        with told(mailing_id) as tell:
            audience.resolve(mailing, tell)
    except GivenUp:
        db.session.rollback()
    else:
        db.session.commit()


@contextmanager
def told(mailing_id: int) -> Iterator[Tell]:
    """Tells everybody how far it is, by a connection of its own; the entry is gone when the
    transaction is committed. Raises GivenUp when nobody wants it any more."""

    def tell(done: int, total: int) -> None:
        with db.engine.begin() as beside:
            beat = {"mailing": mailing_id, "done": done, "total": total}
            given_up = beside.scalar(_BEAT, beat)
        if given_up is not False:
            raise GivenUp

    yield tell
    db.session.execute(delete(Gathering).where(Gathering.mailing_id == mailing_id))


def sweep() -> None:
    """Ring again where the worker died or the bell was not heard. A ring counts as a beat, so that
    the queue does not fill up while no worker runs. Commits."""
    wanted = select(Mailing.id).where(Mailing.state.in_([State.DRAFT, State.PREPARING]))
    db.session.execute(delete(Gathering).where(Gathering.mailing_id.not_in(wanted)))
    silent = (
        update(Gathering)
        .where(Gathering.mailing_id.in_(select(Mailing.id).where(Mailing.state == State.DRAFT)))
        .where(~Gathering.cancelled, Gathering.beat_at < utcnow() - SILENT)
        .values(beat_at=utcnow())
        .returning(Gathering.mailing_id)
    )
    found = db.session.scalars(silent).all()
    db.session.commit()
    for mailing_id in found:
        _ring(mailing_id)


def _ring(mailing_id: int) -> None:
    enqueue("jobs.audience.gather", mailing_id)
