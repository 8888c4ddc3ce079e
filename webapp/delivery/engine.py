"""Sending a mailing, a slice at a time.

A job holds one of the mailing's places, works for about twenty seconds and rings for its
successor. Fairness between mailings, stops and deploys come from that.
"""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import flask_babel
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from webapp.accounts.organisation import organisation
from webapp.delivery import batches, outcomes, preparing, queries, quota, servers
from webapp.delivery.batches import Batch
from webapp.delivery.message import Message, MessageWriter
from webapp.delivery.models import SendingServer
from webapp.delivery.outcomes import Outcome, ServerRefusesUs
from webapp.delivery.pool import Pool
from webapp.delivery.quota import Allowance
from webapp.mailings import lifecycle
from webapp.mailings.models import LeftOut, Mailing, RecipientState, State
from webapp.mailings.values import Person
from webapp.platform import stopping
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, speaking

SLICE = 20.0
SLOTS = 2
"""How many senders work on one mailing at once."""
PLACE = 60.0
"""Seconds that a place is held; a dead holder's is free after them, or when it is replayed."""
LOOK_EVERY = 1.0
"""Seconds between two looks at the mailing's state, and two writings of outcomes."""
RECENT, FEWEST = 50, 20
"""The circuit breaker looks at so many first tries, once there were a few."""

log = logging.getLogger(__name__)


def work_slice(mailing_id: int, slot: int) -> None:
    """Prepare the mailing, or send of it. Run any number of times at once, this works once: the
    others find the place taken."""
    token = uuid4()
    place = {"mailing": mailing_id, "slot": slot, "token": token, "lease": PLACE}
    taken = db.session.scalar(queries.TAKE_SLOT, place)
    db.session.commit()
    if taken is None:
        return
    try:
        # What goes wrong is written down for the marketer, who is not here to choose a language.
        with speaking(organisation().language):
            if preparing.prepare(mailing_id):
                _ring_for_the_others(mailing_id, slot)
            more = _send(mailing_id, token)
    finally:
        db.session.rollback()
        batches.insist(lambda: _leave(token), until=batches.clock() + PLACE)
    if more:
        lifecycle.ring(mailing_id, slot)
    elif lifecycle.finish(mailing_id):
        db.session.commit()


def _leave(token: UUID) -> None:
    db.session.execute(queries.LEAVE_SLOT, {"token": token})
    db.session.commit()


def _ring_for_the_others(mailing_id: int, slot: int) -> None:
    for other in set(range(SLOTS)) - {slot}:
        lifecycle.ring(mailing_id, other)


def _send(mailing_id: int, token: UUID) -> bool:
    """Whether there is more to do right away."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.state != State.SENDING:
        return False
    try:
        writer = MessageWriter(mailing)
        server = servers.choose(writer.from_domain)
        config = servers.connection_of(server) if server else None
    except DomainError as error:
        _pause(mailing_id, str(error))
        return False
    if server is None or config is None:
        return False
    db.session.expunge(server)
    db.session.rollback()
    shift = Shift(mailing_id, token, writer, server)
    pool = Pool(config, shift, most=server.connections, per_line=server.messages_per_connection)
    try:
        pool.run(between=shift.look)
    finally:
        shift.end()
    if isinstance(pool.trouble, ServerRefusesUs):
        servers.pause(server.id, str(pool.trouble))
    elif pool.trouble is not None:
        servers.rest(server.id)
        _tell(mailing_id, str(pool.trouble))
    elif shift.limit_reached_until is not None:
        servers.rest(server.id, shift.limit_reached_until)
        moment = flask_babel.format_datetime(shift.limit_reached_until, "short")
        _tell(
            mailing_id,
            _("The limit of the sending server is reached until %(moment)s.", moment=moment),
        )
    # Another server may take over; the next slice finds out.
    return shift.more or pool.trouble is not None


@dataclass
class InHand:
    """A batch that is being sent, and who of it is left."""

    batch: Batch
    people: Iterator[Person]
    forbidden: dict[int, LeftOut]
    allowance: Allowance
    left: int
    under_way: set[int] = field(default_factory=set)
    """Given to the pool and not settled yet."""


class Shift:
    """What one sender does for a mailing in its slice: it feeds the pool from batches, and keeps
    the books."""

    def __init__(
        self, mailing_id: int, token: UUID, writer: MessageWriter, server: SendingServer
    ) -> None:
        self.limit_reached_until: datetime | None = None
        """Set when the server was given all that it takes."""
        self._mailing_id = mailing_id
        self._token = token
        self._writer = writer
        self._server = server
        self._until = time.monotonic() + SLICE
        self._stopped = False
        """Nothing more is to be begun: the mailing was paused or cancelled, say."""
        self._drained = False
        """No other batch is due."""
        self._looked_at = time.monotonic()
        self._told = False
        self._in_hand: list[InHand] = []
        self._holder: dict[int, InHand] = {}
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._first_tries: set[int] = set()
        self._claim()

    @property
    def more(self) -> bool:
        """Whether there may be more to send when the slice is over."""
        return not (self._drained or self._stopped)

    def goes_on(self) -> bool:
        over = self._stopped or stopping.requested()
        return not over and time.monotonic() < self._until

    def waiting(self) -> int:
        return sum(each.left for each in self._in_hand)

    def next(self) -> Message | None:
        while self._in_hand and self.goes_on():
            current = self._in_hand[-1]
            for person in current.people:
                current.left -= 1
                if message := self._message_for(person, current):
                    return message
            if self.limit_reached_until is not None or not self._claim():
                return None
        return None

    def may_begin(self, message: Message) -> bool:
        return self._holder[message.ref].batch.may_begin(message.ref)

    def settle(self, message: Message, outcome: Outcome) -> None:
        in_hand = self._holder.pop(message.ref)
        in_hand.under_way.discard(message.ref)
        in_hand.batch.note(message.ref, outcome)
        if message.ref in self._first_tries:
            self._first_tries.discard(message.ref)
            self._recent.append(outcome.state is RecipientState.SENT)

    def look(self) -> None:
        """Now and then: write down what came, keep the leases, see whether to go on."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        try:
            for each in self._in_hand:
                each.batch.write()
                each.batch.keep()
            self._close_finished()
            self._heed_mailing()
            self._tell_that_it_goes_on()
        except OperationalError:
            # It may be restarting: what came stands in the journal, and is written next time.
            db.session.rollback()
        self._break_circuit()

    def end(self) -> None:
        """Write down what came, and give back what was not begun."""
        while self._in_hand:
            self._close(self._in_hand.pop())

    def _message_for(self, person: Person, current: InHand) -> Message | None:
        """None: this person is settled already, or has to wait."""
        batch = current.batch
        if person.id in current.forbidden:
            batch.note(person.id, outcomes.left_out(current.forbidden[person.id]))
            return None
        if not current.allowance.take(_domain(person)):
            return None
        try:
            message = self._writer.message_for(person)
        except Exception as error:  # One person's data must not stop the others.
            log.exception("The message for recipient %s could not be written", person.id)
            words = _("The message could not be written: %(error)s", error=error)
            batch.note(person.id, outcomes.failed(words))
            return None
        self._holder[person.id] = current
        current.under_way.add(person.id)
        if not person.attempts:
            self._first_tries.add(person.id)
        return message

    def _claim(self) -> bool:
        """Whether there is another batch in hand now."""
        self._close_finished()
        if self._drained:
            return False
        try:
            return self._claimed()
        except OperationalError:
            # It may be restarting: the slice is over, the next one tries again.
            db.session.rollback()
            self._until = 0.0
            return False

    def _claimed(self) -> bool:
        batch = batches.claim(self._mailing_id, self._token)
        if batch is None:
            self._drained = True
            return False
        people, forbidden = batch.people(), batch.forbidden()
        wanted = Counter(_domain(each) for each in people if each.id not in forbidden)
        allowance = quota.reserve(self._server, wanted)
        self.limit_reached_until = allowance.server_rests_until
        in_hand = InHand(batch, iter(people), forbidden, allowance, len(people))
        self._in_hand.append(in_hand)
        if not batch.hand_over([person.id for person in people]):
            self._stopped = True
        return not self._stopped

    def _close_finished(self) -> None:
        for each in [each for each in self._in_hand if not each.left and not each.under_way]:
            self._close(each)
            self._in_hand.remove(each)

    def _close(self, in_hand: InHand) -> None:
        batch, allowance = in_hand.batch, in_hand.allowance
        batches.insist(lambda: batch.close(allowance.again_at), until=batch.deadline)
        batches.insist(allowance.give_back, until=batch.deadline)

    def _heed_mailing(self) -> None:
        state = db.session.scalar(select(Mailing.state).where(Mailing.id == self._mailing_id))
        db.session.rollback()
        if state != State.SENDING:
            self._stopped = True

    def _tell_that_it_goes_on(self) -> None:
        if not self._told and any(self._recent):
            _tell(self._mailing_id, "")
            self._told = True

    def _break_circuit(self) -> None:
        tries, failures = len(self._recent), self._recent.count(False)
        if tries >= FEWEST and failures * 2 > tries and not self._stopped:
            self._stopped = True
            reason = _(
                "Of the last %(tries)d messages %(failures)d were not taken.",
                tries=tries,
                failures=failures,
            )
            _pause(self._mailing_id, reason)


def _domain(person: Person) -> str:
    return str(person.email.rpartition("@")[2].lower())


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
