"""What the clock does for deliveries: everything here may run at any time, and twice."""

from sqlalchemy import select

from webapp.accounts.organisation import organisation
from webapp.delivery import engine, queries, quota
from webapp.mailings import lifecycle, schedule
from webapp.mailings.audience import BATCH_SIZE
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import _, speaking

PATIENCE = 10.0
"""Seconds between two rings for the same place."""


def sweep() -> None:
    schedule.start_due()
    _settle_lost_batches()
    for mailing_id in _mailings(State.SENDING):
        _gather_deferred(mailing_id)
        lifecycle.finish(mailing_id)
        db.session.commit()
    for mailing_id in _mailings(State.CANCELLED):
        lifecycle.settle_cancelled(mailing_id)
        db.session.commit()
    quota.forget_old()
    db.session.commit()
    _ring_again()


def _settle_lost_batches() -> None:
    with speaking(organisation().language):
        lost = _("The sender was lost at this message. It may have been sent or not.")
    db.session.execute(queries.FREE_CLAIMED)
    db.session.execute(queries.LOSE_HANDED_OVER, {"reply": lost})
    db.session.commit()


def _gather_deferred(mailing_id: int) -> None:
    gather = {"mailing": mailing_id, "batch_size": BATCH_SIZE}
    db.session.execute(queries.GATHER_DEFERRED, gather)


def _ring_again() -> None:
    """For work whose bell was not heard: the database knows it, the queue may have lost it."""
    places = {"slots": engine.SLOTS, "patience": PATIENCE}
    quiet = db.session.execute(queries.RING_FOR, places).all()
    db.session.commit()
    for mailing_id, slot in quiet:
        lifecycle.ring(mailing_id, slot)


def _mailings(state: State) -> list[int]:
    """Those in this state that are not finished."""
    unfinished = select(Mailing.id).where(Mailing.state == state, Mailing.finished_at.is_(None))
    found = db.session.scalars(unfinished).all()
    db.session.rollback()
    return list(found)
