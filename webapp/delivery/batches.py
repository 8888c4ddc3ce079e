"""A batch in the hands of one sender: claimed, handed over, written down, closed.

Every step here is a short transaction of its own; none is open while the network is spoken to.
"""

import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, TextClause
from sqlalchemy.exc import OperationalError

from webapp.delivery import queries
from webapp.delivery.outcomes import Outcome
from webapp.mailings import values
from webapp.mailings.models import LeftOut, Recipient, RecipientState
from webapp.mailings.values import Person
from webapp.platform.database import db, utcnow

LEASE = 600.0
"""Seconds that a sender may work without renewing. One message takes less, even when the server
lets every reply of a new connection (each 30 s) and the last one (180 s) nearly run out."""
RENEW_BELOW = 540.0
MARGIN = 30.0
"""No message is begun this close to the end of the lease."""
FLUSH_EVERY = 1.0
"""Seconds between two writings of outcomes."""
PAUSES = [60, 300, 900, 1800, 3600, 7200]
"""Seconds before the next try of a deferred message: a little under four hours in all."""


@dataclass
class Batch:
    id: int
    token: UUID
    deadline: float
    """By the clock that runs on while the machine sleeps: no message is begun after it."""
    _written: float = 0.0
    _unwritten: list[tuple[int, Outcome, datetime]] = field(default_factory=list)

    def people(self) -> list[Person]:
        of_batch = values.people().where(
            Recipient.batch_id == self.id, Recipient.state == RecipientState.READY
        )
        rows = db.session.execute(of_batch.order_by(Recipient.id)).all()
        db.session.rollback()
        return list(rows)

    def hand_over(self) -> bool:
        """False: the lease is gone, and so is the right to send."""
        return _committed(queries.HAND_OVER, batch=self.id, token=self.token)

    def may_begin(self) -> bool:
        """Whether another message may be begun now; renews the lease in time."""
        if self.deadline - _clock() < RENEW_BELOW:
            self._renew()
        return _clock() < self.deadline - MARGIN

    def _renew(self) -> None:
        """The old lease still holds when the database is away just now."""
        started = _clock()
        try:
            if _committed(queries.RENEW, batch=self.id, token=self.token, lease=LEASE):
                self.deadline = started + LEASE
        except OperationalError:
            db.session.rollback()

    def forbidden(self) -> dict[int, LeftOut]:
        """Who became unmailable after the audience was made."""
        rows = db.session.execute(queries.FORBIDDEN, {"batch": self.id}).all()
        db.session.rollback()
        return {recipient: LeftOut(reason) for recipient, reason in rows}

    def note(self, recipient_id: int, outcome: Outcome) -> None:
        self._unwritten.append((recipient_id, outcome, utcnow()))
        if _clock() - self._written > FLUSH_EVERY:
            self.write()

    def write(self) -> None:
        if self._unwritten:
            self._insist(self._write)
        self._written = _clock()

    def _insist(self, action: Callable[[], object]) -> None:
        """Do it, as long as the lease lasts: the database may be restarting, and what is not
        written down in time becomes unknown."""
        while True:
            try:
                action()
            except OperationalError:
                db.session.rollback()
                if _clock() > self.deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def _write(self) -> None:
        noted = self._unwritten
        db.session.execute(
            queries.RECORD,
            {
                "batch": self.id,
                "pauses": PAUSES,
                "ids": [recipient for recipient, _, _ in noted],
                "states": [outcome.state.value for _, outcome, _ in noted],
                "reasons": [outcome.reason and outcome.reason.value for _, outcome, _ in noted],
                "replies": [outcome.reply for _, outcome, _ in noted],
                "times": [at for _, _, at in noted],
            },
        )
        db.session.commit()
        self._unwritten = []

    def close(self) -> None:
        """Give back what was not begun, to be claimed again."""
        self.write()
        self._insist(lambda: _committed(queries.CLOSE, batch=self.id, token=self.token))


def claim(mailing_id: int) -> Batch | None:
    """The next batch that is due, or None when there is none (or the mailing does not send)."""
    token, started = uuid4(), _clock()
    batch_id = db.session.scalar(
        queries.CLAIM,
        {"mailing": mailing_id, "token": token, "sender": sender_name(), "lease": LEASE},
    )
    db.session.commit()
    return Batch(batch_id, token, started + LEASE) if batch_id else None


def hold_back(mailing_id: int, seconds: float) -> None:
    """No batch of the mailing is claimed for so long."""
    _committed(queries.HOLD_BACK, mailing=mailing_id, wait=seconds)


def sender_name() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def _committed(statement: TextClause, **parameters: object) -> bool:
    """Whether the statement found its row."""
    result = cast(CursorResult[Any], db.session.execute(statement, parameters))
    db.session.commit()
    return result.rowcount > 0


def _clock() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
