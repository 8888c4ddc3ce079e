"""Sending a mailing, a slice at a time.

A job holds one of the mailing's places, works for about twenty seconds and rings for its
successor. Fairness between mailings, stops and deploys come from that.
"""

import logging
import time
from uuid import uuid4

from sqlalchemy import update

from webapp.accounts.organisation import organisation
from webapp.delivery import batches, outcomes, queries
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
from webapp.platform.queueing import QueueName, enqueue

SLICE = 20.0
SLOTS = 2
"""How many senders work on one mailing at once."""
SERVER_PAUSE = 30.0
"""Seconds before a server that could not be reached is tried again."""

log = logging.getLogger(__name__)


def ring(mailing_id: int) -> None:
    for slot in range(SLOTS):
        enqueue("jobs.sending.send", mailing_id, slot, on=QueueName.SENDING)


def work_slice(mailing_id: int, slot: int) -> None:
    """Run any number of times at once, this works once: the others find the place taken."""
    place = {"mailing": mailing_id, "slot": slot, "token": uuid4(), "lease": 2 * LEASE}
    taken = db.session.scalar(queries.TAKE_SLOT, place)
    db.session.commit()
    if taken is None:
        return
    try:
        # What goes wrong is written down for the marketer, who is not here to choose a language.
        with speaking(organisation().language):
            more = _send(mailing_id, until=time.monotonic() + SLICE)
    finally:
        db.session.rollback()
        db.session.execute(queries.LEAVE_SLOT, place)
        db.session.commit()
    if more:
        enqueue("jobs.sending.send", mailing_id, slot, on=QueueName.SENDING)
    elif lifecycle.finish(mailing_id):
        db.session.commit()


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
        while not stopping.requested() and time.monotonic() < until:
            batch = batches.claim(mailing_id)
            if batch is None:
                return False
            if not _work(mailing_id, batch, writer, connection):
                return False
    return True


def _work(mailing_id: int, batch: Batch, writer: MessageWriter, connection: SmtpConnection) -> bool:
    """Send one batch, and say whether the server is worth another."""
    try:
        _send_all(batch, writer, connection)
    except ServerUnavailable as error:
        batch.close(wait=SERVER_PAUSE)
        _tell(mailing_id, str(error))
        return False
    except ServerRefusesUs as error:
        batch.close()
        _pause(mailing_id, str(error))
        return False
    batch.close()
    _tell(mailing_id, "")
    return True


def _send_all(batch: Batch, writer: MessageWriter, connection: SmtpConnection) -> None:
    people, forbidden = batch.people(), batch.forbidden()
    if not batch.hand_over():
        return
    for person in people:
        if stopping.requested() or not batch.may_begin():
            break
        if person.id in forbidden:
            outcome = outcomes.left_out(forbidden[person.id])
        else:
            outcome = _deliver(person, writer, connection)
        batch.note(person.id, outcome)


def _deliver(person: Person, writer: MessageWriter, connection: SmtpConnection) -> Outcome:
    try:
        message = writer.message_for(person)
    except Exception as error:  # One person's data must not stop the others.
        log.exception("The message for recipient %s could not be written", person.id)
        return outcomes.failed(_("The message could not be written: %(error)s", error=error))
    return connection.deliver(message)


def _pause(mailing_id: int, reason: str) -> None:
    lifecycle.pause(mailing_id, reason)
    db.session.commit()


def _tell(mailing_id: int, words: str) -> None:
    """What a mailing waits for stands on its page, until it goes on."""
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.state_reason != words)
        .values(state_reason=words)
    )
    db.session.commit()
