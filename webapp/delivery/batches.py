"""A batch in the hands of one sender: claimed, handed over, written down, closed.

Every step here is a short transaction of its own; none is open while the network is spoken to.
"""

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from flask import current_app
from sqlalchemy import CursorResult, TextClause, select
from sqlalchemy.exc import OperationalError

from webapp.accounts.organisation import organisation
from webapp.delivery import queries
from webapp.delivery.bounces import is_hard
from webapp.delivery.journal import Journal
from webapp.delivery.outcomes import Outcome, unknown
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch as BatchRow
from webapp.mailings.models import BatchState, LeftOut, Recipient, RecipientState
from webapp.mailings.values import Person, Reading
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _, speaking

LEASE = 120.0
"""Seconds that a sender may work without renewing. What it has begun may take longer; whoever sees
the lease end takes that for unknown, and is corrected when the sender writes down what it knows."""
RENEW_BELOW = 90.0
MARGIN = 30.0
"""No message is begun this close to the end of the lease."""
PAUSES = [60, 300, 900, 1800, 3600, 7200]
"""Seconds before the next try of a deferred message: a little under four hours in all."""


@dataclass
class Batch:
    id: int
    mailing_id: int
    attempt: int
    token: UUID
    deadline: float = 0.0
    """By the clock that runs on while the machine sleeps: no message is begun after it."""
    journal: Journal | None = None
    unwritten: list[tuple[int, Outcome, datetime]] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)
    """The slot in the journal for each recipient."""

    def people(self, reading: Reading) -> list[Person]:
        of_batch = reading.people().where(
            Recipient.batch_id == self.id, Recipient.state == RecipientState.READY
        )
        rows = db.session.execute(of_batch.order_by(Recipient.id)).all()
        db.session.rollback()
        return list(rows)

    def forbidden(self) -> dict[int, LeftOut]:
        """Who became unmailable after the audience was made."""
        which = {"batch": self.id, "mailing": self.mailing_id}
        rows = db.session.execute(queries.FORBIDDEN, which).all()
        db.session.rollback()
        return {recipient: LeftOut(reason) for recipient, reason in rows}

    def hand_over(self, recipients: Sequence[int]) -> bool:
        """False: the lease is gone or the mailing stopped, and with them the right to send."""
        self.journal = Journal.begin(
            journal_folder(), self.token, self.id, self.attempt, recipients
        )
        self._numbers = {recipient: number for number, recipient in enumerate(recipients)}
        if _committed(queries.HAND_OVER, batch=self.id, token=self.token):
            return True
        self.journal.remove()
        self.journal = None
        return False

    def may_begin(self, recipient_id: int) -> bool:
        """Whether the message may be begun now; if so, that it is."""
        if clock() > self.deadline - MARGIN or self.journal is None:
            return False
        self.journal.begun(self._numbers[recipient_id])
        return True

    def keep(self) -> None:
        """Renew the lease in time. The old one still holds when the database is away just now."""
        started = clock()
        if self.deadline - started > RENEW_BELOW:
            return
        try:
            if _committed(queries.RENEW, batch=self.id, token=self.token, lease=LEASE):
                self.deadline = started + LEASE
        except OperationalError:
            db.session.rollback()

    def note(self, recipient_id: int, outcome: Outcome) -> None:
        """It is in the journal at once, and in the database with the next `write`."""
        now = utcnow()
        if self.journal is not None and outcome.reason is None:
            self.journal.ended(self._numbers[recipient_id], recipient_id, outcome, now)
        self.unwritten.append((recipient_id, outcome, now))

    def write(self) -> None:
        if self.unwritten:
            self._record(self.unwritten)
            db.session.commit()
            self.unwritten = []

    def _record(self, noted: Sequence[tuple[int, Outcome, datetime]]) -> None:
        db.session.execute(
            queries.RECORD,
            {
                "batch": self.id,
                "attempt": self.attempt,
                "pauses": PAUSES,
                "ids": [recipient for recipient, _outcome, _at in noted],
                "states": [outcome.state.value for _, outcome, _at in noted],
                "reasons": [outcome.reason and outcome.reason.value for _, outcome, _at in noted],
                "replies": [outcome.reply for _, outcome, _at in noted],
                "times": [at for _, _outcome, at in noted],
            },
        )
        if any(outcome.state is RecipientState.DEFERRED for _, outcome, _at in noted):
            lifecycle.reopen(self.mailing_id)
        refused = (each for each in noted if each[1].state is RecipientState.FAILED)
        if gone := [recipient for recipient, outcome, _at in refused if is_hard(outcome.reply)]:
            db.session.execute(queries.BLOCK, {"ids": gone})

    def close(self, not_before: datetime | None = None) -> None:
        """Write down the rest, and give back what was not begun, to be claimed again (not before
        that moment). Whoever closes late may find the mailing finished: then it goes on."""
        which = {"batch": self.id, "attempt": self.attempt}
        self._record(self.unwritten)
        is_late = clock() > self.deadline
        if is_late and self.journal is not None and self.journal.of_this_boot:
            untouched = [each.recipient_id for each in self.journal.entries() if not each.begun]
            db.session.execute(queries.GIVE_BACK, {**which, "ids": untouched})
        closed = db.session.execute(queries.CLOSE, {**which, "not_before": not_before}).first()
        if closed is not None and (is_late or closed.state == BatchState.WAITING):
            lifecycle.reopen(self.mailing_id)
        db.session.commit()
        self.unwritten = []
        if self.journal is not None:
            self.journal.remove()


def claim(mailing_id: int, token: UUID) -> Batch | None:
    """The next batch that is due, or None when there is none (or the mailing does not send)."""
    started = clock()
    found = db.session.execute(
        queries.CLAIM,
        {"mailing": mailing_id, "token": token, "sender": sender_name(), "lease": LEASE},
    ).first()
    db.session.commit()
    return Batch(found.id, mailing_id, found.attempt, token, started + LEASE) if found else None


def replay() -> None:
    """Settle what dead senders of this host have left, as far as their journals tell."""
    for journal in Journal.left(journal_folder()):
        try:
            with speaking(organisation().language):
                _settle(journal)
        finally:
            journal.close()


def _settle(journal: Journal) -> None:
    mailing_id = db.session.scalar(
        select(BatchRow.mailing_id).where(BatchRow.id == journal.batch_id)
    )
    if mailing_id is None:
        journal.remove()
        return
    batch = Batch(journal.batch_id, mailing_id, journal.attempt, journal.token, journal=journal)
    lost = unknown(_("The sender was lost at this message. It may have been sent or not."))
    for entry in journal.entries():
        if entry.outcome is not None:
            batch.unwritten.append((entry.recipient_id, entry.outcome, entry.at))
        elif entry.begun or not journal.of_this_boot:
            batch.unwritten.append((entry.recipient_id, lost, utcnow()))
    batch.close()
    _committed(queries.LEAVE_SLOT, token=journal.token)


def insist(action: Callable[[], object], until: float) -> None:
    """Do it, as long as there is time (by `clock`): the database may be restarting."""
    while True:
        try:
            action()
        except OperationalError:
            db.session.rollback()
            if clock() > until:
                raise
            time.sleep(0.5)
        else:
            return


def sender_name() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


def journal_folder() -> Path:
    folder: Path = current_app.config["JOURNAL_DIR"]
    return folder


def clock() -> float:
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _committed(statement: TextClause, **parameters: object) -> bool:
    """Whether the statement found its row."""
    result = cast(CursorResult[Any], db.session.execute(statement, parameters))
    db.session.commit()
    return result.rowcount > 0
