"""What came of it: each recipient's row and its history, held against what the sink has counted.

Triggers write down every step of every batch and recipient, so that each doubt can be laid at the
door of the sender who left it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, text

from webapp.mailings.models import RecipientState
from webapp.platform.database import db

Recipient = Row[*tuple[Any, ...]]
"""A row of RECIPIENTS."""

NAMED = 10
"""So many of the broken promises of one kind are told in full."""

KEEP_HISTORY = text(
    """
CREATE TABLE history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recipient_id bigint, batch_id bigint, attempt int, sender text, old text, new text);
CREATE INDEX ON history (recipient_id);
CREATE INDEX ON history (batch_id) WHERE recipient_id IS NULL;

CREATE FUNCTION keep_recipient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history (recipient_id, batch_id, attempt, sender, old, new)
    SELECT NEW.id, NEW.batch_id, batch.attempt, batch.sender, OLD.state, NEW.state
      FROM batch WHERE batch.id = NEW.batch_id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_recipient AFTER UPDATE ON recipient
   FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_recipient();

CREATE FUNCTION keep_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO history (batch_id, attempt, sender, old, new)
    VALUES (NEW.id, NEW.attempt, NEW.sender, OLD.state, NEW.state);
    RETURN NULL;
END $$;
CREATE TRIGGER keep_batch AFTER UPDATE ON batch
   FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION keep_batch();
"""
)

# A hand-over takes a while from here on, so that it can be hit.
SLOW_HAND_OVER = text(
    """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.1);
    RETURN NEW;
END $$;
CREATE TRIGGER dawdle BEFORE UPDATE ON batch
   FOR EACH ROW WHEN (OLD.state = 'claimed' AND NEW.state = 'handed_over')
   EXECUTE FUNCTION dawdle();
"""
)

RECIPIENTS = text(
    """
SELECT recipient.id, recipient.mailing_id, recipient.email, recipient.state, recipient.reply,
       doubt.sender
  FROM recipient
  LEFT JOIN LATERAL (SELECT sender FROM history
                      WHERE recipient_id = recipient.id AND new = 'unknown'
                      ORDER BY id DESC LIMIT 1) AS doubt ON recipient.state = 'unknown'
 ORDER BY recipient.id
"""
)

# An outcome is final, but for one that says “later”, and for a doubt which is settled by the sender
# who turns up after all.
REVOKED = text(
    """
SELECT DISTINCT recipient_id FROM history
 WHERE recipient_id IS NOT NULL AND old NOT IN ('ready', 'unknown', 'deferred')
"""
)

STORY = text(
    """
SELECT to_char(at, 'HH24:MI:SS.MS') AS moment,
       CASE WHEN recipient_id IS NULL THEN 'batch' ELSE 'recipient' END AS what,
       batch_id, attempt, sender, old, new
  FROM history
 WHERE recipient_id = :recipient
    OR (recipient_id IS NULL
        AND batch_id IN (SELECT batch_id FROM history WHERE recipient_id = :recipient
                         UNION SELECT batch_id FROM recipient WHERE id = :recipient))
 ORDER BY id
"""
)


UNFINISHED = text(
    """
SELECT concat('mailing ', mailing.id, ' ', mailing.state, ' ', mailing.state_reason),
       concat('batch ', batch.id, ' ', batch.state, ' attempt ', batch.attempt),
       concat('by ', batch.sender, ' until ', batch.lease_until),
       concat('places ', (SELECT json_agg(place) FROM sender_slot AS place
                           WHERE place.mailing_id = mailing.id))
  FROM mailing LEFT JOIN batch ON batch.mailing_id = mailing.id AND batch.state <> 'done'
 WHERE mailing.finished_at IS NULL
 ORDER BY mailing.id, batch.id
"""
)

# Everybody who ever took up a batch.
HORSES = text("SELECT count(DISTINCT sender) FROM history WHERE recipient_id IS NULL")


@dataclass
class Verdict:
    blows: int
    people: int
    counted: int
    """Messages, by the sink."""
    twice: int
    lost: int
    """Who neither have it nor are unknown, or of whom the books say something else than is."""
    unknown: int
    worst: int
    """Unknown through one sender."""
    lines: int
    """Connections to the sink."""
    broken: list[str]
    """Each broken promise with what is needed to find out why."""

    @property
    def kept(self) -> bool:
        return not self.broken

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"kept": self.kept}


def judged(blows: int, counted: Counter[str], lost: Mapping[int, int]) -> Verdict:
    """When everything is over.

    `lost` says how many each lost sender may leave unknown. Senders are known by the process
    numbers of their work horses.
    """
    rows = db.session.execute(RECIPIENTS).all()
    twice = [row for row in rows if counted[row.email] > 1]
    missed = [row for row in rows if not _is_in_order(row, counted[row.email])]
    doubts = [row for row in rows if row.state == RecipientState.UNKNOWN]
    by_sender = Counter(int(row.sender.split()[-1]) for row in doubts)
    revoked = set(db.session.scalars(REVOKED))
    broken = [
        *_told("got it twice", twice, counted),
        *_told("is lost", missed, counted),
        *_told("had an outcome that was changed", _of(rows, revoked), counted),
    ]
    for sender, number in by_sender.items():
        if number > lost.get(sender, 0):
            theirs = [row for row in doubts if row.sender.endswith(f" {sender}")]
            cause = f"was {'' if sender in lost else 'not '}lost"
            what = f"is unknown with {number - 1} others through sender {sender}, which {cause}"
            broken += _told(what, theirs, counted)
    if strangers := set(counted) - {row.email for row in rows}:
        broken.append(f"mail for nobody we know: {sorted(strangers)[:NAMED]}")
    db.session.rollback()
    return Verdict(
        blows=blows,
        people=len(rows),
        counted=counted.total(),
        twice=len(twice),
        lost=len(missed),
        unknown=len(doubts),
        worst=max(by_sender.values(), default=0),
        lines=0,
        broken=broken,
    )


def _of(rows: Collection[Recipient], ids: Collection[int]) -> list[Recipient]:
    return [row for row in rows if row.id in ids]


def _is_in_order(row: Recipient, counted: int) -> bool:
    """Sent and counted; or unknown, whether counted or not."""
    return row.state == RecipientState.UNKNOWN or (row.state == RecipientState.SENT and counted > 0)


def _told(what: str, rows: Collection[Recipient], counted: Counter[str]) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number == NAMED:
            yield f"… and of {len(rows) - NAMED} more: {what}"
            return
        story = [
            f"    {step.moment} {step.what} {step.batch_id} attempt {step.attempt}:"
            f" {step.old} → {step.new} ({step.sender})"
            for step in db.session.execute(STORY, {"recipient": row.id})
        ]
        head = (
            f"recipient {row.id} of mailing {row.mailing_id}, {row.email}, {what}:"
            f" {row.state}, counted {counted[row.email]}, reply {row.reply!r}"
        )
        yield "\n".join([head, *story])
