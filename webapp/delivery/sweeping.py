"""What the clock does for deliveries: everything here may run at any time, and twice."""

from sqlalchemy import select

from webapp.accounts.organisation import organisation
from webapp.delivery import engine, queries
from webapp.mailings import lifecycle
from webapp.mailings.audience import BATCH_SIZE
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import _, speaking
from webapp.platform.queueing import QueueName, enqueue


def sweep() -> None:
    _settle_lost_batches()
    for mailing_id in _mailings_in(State.SENDING):
        db.session.execute(
            queries.GATHER_DEFERRED, {"mailing": mailing_id, "batch_size": BATCH_SIZE}
        )
        lifecycle.finish(mailing_id)
        db.session.commit()
    _ring_again()


def _settle_lost_batches() -> None:
    with speaking(organisation().language):
        lost = _("The sender was lost at this message. It may have been sent or not.")
    db.session.execute(queries.FREE_CLAIMED)
    db.session.execute(queries.LOSE_HANDED_OVER, {"reply": lost})
    db.session.commit()


def _ring_again() -> None:
    """For work whose bell was not heard: the database knows it, the queue may have lost it."""
    for mailing_id in _mailings_in(State.PREPARING):
        enqueue("jobs.sending.prepare", mailing_id, on=QueueName.SENDING)
    idle = db.session.execute(queries.IDLE_SLOTS, {"slots": engine.SLOTS}).all()
    db.session.rollback()
    for mailing_id, slot in idle:
        enqueue("jobs.sending.send", mailing_id, slot, on=QueueName.SENDING)


def _mailings_in(state: State) -> list[int]:
    found = db.session.scalars(select(Mailing.id).where(Mailing.state == state)).all()
    db.session.rollback()
    return list(found)
