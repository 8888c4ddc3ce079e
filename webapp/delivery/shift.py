"""What one sender does for a mailing in its slice of time: it feeds the lines from batches, and
keeps the books."""

import logging
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from webapp.delivery import batches, outcomes, quota
from webapp.delivery.batches import Batch
from webapp.delivery.message import Message, MessageWriter
from webapp.delivery.models import SendingServer
from webapp.delivery.outcomes import Outcome
from webapp.delivery.quota import Allowance
from webapp.mailings.models import LeftOut, Mailing, RecipientState, State
from webapp.mailings.values import Person
from webapp.platform import stopping
from webapp.platform.database import db
from webapp.platform.locales import _

SLICE = 20.0
LOOK_EVERY = 1.0
"""Seconds between two looks at the mailing's state, and two writings of outcomes."""
RECENT, FEWEST = 50, 20
"""The circuit breaker looks at so many first tries, once there were a few."""

log = logging.getLogger(__name__)


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
    def __init__(
        self, mailing_id: int, token: UUID, writer: MessageWriter, server: SendingServer
    ) -> None:
        self.limit_reached_until: datetime | None = None
        """Set when the server was given all that it takes."""
        self.domain_waits_until: datetime | None = None
        """Set when a recipient domain was given all that it is to get."""
        self.broken = ""
        """Why most messages fail, when they do."""
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
        self._goes_well = False
        self._in_hand: list[InHand] = []
        self._holder: dict[int, InHand] = {}
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._first_tries: set[int] = set()

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
        while self.goes_on():
            for current in self._in_hand[-1:]:
                for person in current.people:
                    current.left -= 1
                    if message := self._message_for(person, current):
                        return message
            if self.limit_reached_until is not None or not self._claim():
                return None
        return None

    def may_begin(self, message: Message) -> bool:
        if self._holder[message.ref].batch.may_begin(message.ref):
            return True
        # The lease is nearly over, and could not be renewed.
        self._until = 0.0
        return False

    def settle(self, message: Message, outcome: Outcome) -> None:
        in_hand = self._holder.pop(message.ref)
        in_hand.under_way.discard(message.ref)
        in_hand.batch.note(message.ref, outcome)
        sent = outcome.state is RecipientState.SENT
        self._goes_well = self._goes_well or sent
        if message.ref in self._first_tries:
            self._first_tries.discard(message.ref)
            self._recent.append(sent)
            self._break_circuit()

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
            if self._goes_well:
                self.tell("")
        except OperationalError:
            # It may be restarting: what came stands in the journal, and is written next time.
            db.session.rollback()

    def end(self) -> None:
        """Write down what came, and give back what was not begun."""
        while self._in_hand:
            self._close(self._in_hand.pop())

    def tell(self, words: str) -> None:
        """What a mailing waits for stands on its page, until it goes on."""
        db.session.execute(
            update(Mailing)
            .where(Mailing.id == self._mailing_id, Mailing.state == State.SENDING)
            .where(Mailing.state_reason != words)
            .values(state_reason=words)
        )
        db.session.commit()

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
        try:
            self._close_finished()
            return not self._drained and self._claimed()
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
        people, forbidden = batch.people(self._writer.reading), batch.forbidden()
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
        self.domain_waits_until = allowance.again_at or self.domain_waits_until

    def _heed_mailing(self) -> None:
        state = db.session.scalar(select(Mailing.state).where(Mailing.id == self._mailing_id))
        db.session.rollback()
        if state != State.SENDING:
            self._stopped = True

    def _break_circuit(self) -> None:
        tries, failures = len(self._recent), self._recent.count(False)
        if tries >= FEWEST and failures * 2 > tries:
            self._stopped = True
            self.broken = _(
                "Of the last %(tries)d messages %(failures)d were not taken.",
                tries=tries,
                failures=failures,
            )


def _domain(person: Person) -> str:
    return str(person.email.rpartition("@")[2].lower())
