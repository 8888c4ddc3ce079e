"""Sending a mailing, a slice at a time.

A job holds one of the mailing's places, works for about twenty seconds and rings for its
successor. Fairness between mailings, stops and deploys come from that.
"""

import logging
import time
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import update

from webapp.accounts.organisation import organisation
from webapp.delivery import batches, outcomes, preparing, queries
from webapp.delivery.batches import LEASE, Batch
from webapp.delivery.message import MessageWriter
from webapp.delivery.outcomes import Outcome, ServerRefusesUs, ServerUnavailable
from webapp.delivery.smtp import SmtpConnection
from webapp.mailings import lifecycle
from webapp.mailings.models import Mailing, State
from webapp.mailings.values import Person
from webapp.platform import stopping
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, speaking

SLICE = 20.0
SLOTS = 2
"""How many senders work on one mailing at once."""
SERVER_PAUSE = 30.0
"""Seconds before a server that could not be reached is tried again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slice:
    mailing_id: int
    writer: MessageWriter
    connection: SmtpConnection
    until: float

    def goes_on(self) -> bool:
        return not stopping.requested() and time.monotonic() < self.until


def work_slice(mailing_id: int, slot: int) -> None:
    """Prepare the mailing, or send of it. Run any number of times at once, this works once: the
    others find the place taken."""
    place = {"mailing": mailing_id, "slot": slot, "token": uuid4(), "lease": LEASE}
    taken = db.session.scalar(queries.TAKE_SLOT, place)
    db.session.commit()
    if taken is None:
        return
    try:
        # What goes wrong is written down for the marketer, who is not here to choose a language.
        with speaking(organisation().language):
            if preparing.prepare(mailing_id):
                _ring_for_the_others(mailing_id, slot)
            more = _send(mailing_id, until=time.monotonic() + SLICE)
    finally:
        db.session.rollback()
        db.session.execute(queries.LEAVE_SLOT, place)
        db.session.commit()
    if more:
        lifecycle.ring(mailing_id, slot)
    elif lifecycle.finish(mailing_id):
        db.session.commit()


def _ring_for_the_others(mailing_id: int, slot: int) -> None:
    for other in set(range(SLOTS)) - {slot}:
        lifecycle.ring(mailing_id, other)


def _send(mailing_id: int, until: float) -> bool:
    """Whether there is more to do right away."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.state != State.SENDING:
        return False
    try:
        writer = MessageWriter(mailing)
    except DomainError as error:
        _pause(mailing_id, str(error))
        return False
    db.session.rollback()
    with SmtpConnection() as connection:
        work = Slice(mailing_id, writer, connection, until)
        while work.goes_on():
            batch = batches.claim(mailing_id)
            if batch is None or not _work(work, batch):
                return False
    return True


def _work(work: Slice, batch: Batch) -> bool:
    """Send one batch, and say whether the server is worth another."""
    try:
        _send_all(work, batch)
    except ServerUnavailable as error:
        batch.close()
        batches.hold_back(work.mailing_id, SERVER_PAUSE)
        _tell(work.mailing_id, str(error))
        return False
    except ServerRefusesUs as error:
        batch.close()
        _pause(work.mailing_id, str(error))
        return False
    batch.close()
    _tell(work.mailing_id, "")
    return True


def _send_all(work: Slice, batch: Batch) -> None:
    people, forbidden = batch.people(), batch.forbidden()
    if not batch.hand_over():
        return
    for person in people:
        if not work.goes_on() or not batch.may_begin():
            break
        if person.id in forbidden:
            outcome = outcomes.left_out(forbidden[person.id])
        else:
            outcome = _deliver(work, person)
        batch.note(person.id, outcome)


def _deliver(work: Slice, person: Person) -> Outcome:
    try:
        message = work.writer.message_for(person)
    except Exception as error:  # One person's data must not stop the others.
        log.exception("The message for recipient %s could not be written", person.id)
        return outcomes.failed(_("The message could not be written: %(error)s", error=error))
    return work.connection.deliver(message)


def _pause(mailing_id: int, reason: str) -> None:
    lifecycle.pause(mailing_id, reason)
    db.session.commit()


def _tell(mailing_id: int, words: str) -> None:
    """What a mailing waits for stands on its page, until it goes on."""
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state == State.SENDING)
        .where(Mailing.state_reason != words)
        .values(state_reason=words)
    )
    db.session.commit()
