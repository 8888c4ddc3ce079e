"""The invariant, checked: at every moment the states of a mailing's recipients add up to its
audience, and nobody is forgotten or mailed twice.

Each statement sees one moment (a single statement has one snapshot) and answers with what is
broken: mailing, rule, and how many recipients or batches. They hold for drafts too, whose
recipients are a preview of the audience: ready or left out, and never touched.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import LazyString
from sqlalchemy import or_, select, text

from webapp.mailings.models import RUNNING, Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _l

RECENT = timedelta(days=1)

# Recipients that are alike are counted in one pass, whatever their number, and the rules judge
# the counts. A batch of another mailing is as good as none.
RECIPIENTS = text(
    """
SELECT mailing.id AS mailing_id, rule.what, cast(sum(alike.people) AS bigint) AS number
  FROM (SELECT recipient.mailing_id, recipient.state, batch.state AS batch,
               reason IS NOT NULL AS has_reason, dedupe_key IS NOT NULL AS has_key,
               sent_at IS NOT NULL AS has_time, next_try_at IS NOT NULL AS has_next_try,
               attempts > 0 AS tried, count(*) AS people
          FROM recipient
          LEFT JOIN batch ON batch.id = recipient.batch_id
           AND batch.mailing_id = recipient.mailing_id
         WHERE recipient.mailing_id = ANY(:mailings)
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) AS alike
  JOIN mailing ON mailing.id = alike.mailing_id
 CROSS JOIN LATERAL (VALUES
       ('no_such_state', alike.state NOT IN
           ('ready', 'sent', 'deferred', 'failed', 'unknown', 'left_out', 'cancelled')),
       ('ready_in_no_batch', alike.state = 'ready' AND batch IS NULL),
       ('ready_in_done_batch', alike.state = 'ready' AND batch = 'done'),
       ('deferred_for_ever', alike.state = 'deferred' AND NOT has_next_try),
       ('sent_at_no_time', alike.state = 'sent' AND NOT has_time),
       ('sent_and_not_sent', alike.state <> 'sent' AND has_time),
       ('left_out_for_no_reason', alike.state = 'left_out' AND NOT has_reason),
       ('left_out_with_key', alike.state = 'left_out' AND has_key),
       ('mailed_despite_reason', alike.state <> 'left_out' AND has_reason),
       ('mailed_without_key', alike.state <> 'left_out' AND NOT has_key),
       ('open_in_finished', alike.state IN ('ready', 'deferred') AND finished_at IS NOT NULL),
       ('touched_too_early', prepared_at IS NULL
           AND (tried OR alike.state IN ('sent', 'deferred', 'failed', 'unknown'))),
       ('cancelled_alone', alike.state = 'cancelled' AND mailing.state <> 'cancelled'),
       ('errors_kept_quiet', alike.state IN ('failed', 'unknown') AND mailing.state = 'sent')
       ) AS rule (what, broken)
 WHERE rule.broken
 GROUP BY 1, 2
"""
)

# The table's own constraint keeps a key from being used twice; this looks whether the keys were
# right. Only those with one message per address: otherwise a person is the key.
TWICE = text(
    """
SELECT mailing_id, 'mailed_twice' AS what, cast(sum(people - 1) AS bigint) AS number
  FROM (SELECT recipient.mailing_id, count(*) AS people
          FROM recipient JOIN mailing ON mailing.id = recipient.mailing_id
         WHERE recipient.mailing_id = ANY(:mailings) AND mailing.one_per_address
           AND recipient.state <> 'left_out'
         GROUP BY recipient.mailing_id, email_hash
        HAVING count(*) > 1) AS address
 GROUP BY mailing_id
"""
)

# Of batches only the open ones can be wrong: in a done one nobody may be ready, see above. One
# that waits with nobody in it is no fault, as who claims it closes it.
BATCHES = text(
    """
SELECT batch.mailing_id, rule.what, count(*) AS number
  FROM batch JOIN mailing ON mailing.id = batch.mailing_id
 CROSS JOIN LATERAL (VALUES
       ('no_such_batch_state', batch.state NOT IN ('waiting', 'claimed', 'handed_over')),
       ('held_by_nobody', batch.state IN ('claimed', 'handed_over')
           AND (token IS NULL OR lease_until IS NULL)),
       ('held_too_early', batch.state IN ('claimed', 'handed_over') AND prepared_at IS NULL),
       ('batch_open_in_finished', finished_at IS NOT NULL)
       ) AS rule (what, broken)
 WHERE batch.mailing_id = ANY(:mailings) AND batch.state <> 'done' AND rule.broken
 GROUP BY 1, 2
"""
)

# How far a mailing is stands in its state and in its times: they have to agree. A paused or
# cancelled one may not have been prepared yet, and a cancelled one finishes when it is settled.
TIMES = text(
    """
SELECT id AS mailing_id, 'wrong_times' AS what, 1 AS number
  FROM mailing
 WHERE id = ANY(:mailings)
   AND (state, started_at IS NOT NULL, prepared_at IS NOT NULL, finished_at IS NOT NULL) NOT IN (
       ('draft', false, false, false),
       ('scheduled', false, false, false),
       ('preparing', true, false, false),
       ('sending', true, true, false),
       ('paused', true, false, false),
       ('paused', true, true, false),
       ('sent', true, true, true),
       ('sent_with_errors', true, true, true),
       ('cancelled', true, false, false),
       ('cancelled', true, true, false),
       ('cancelled', true, false, true),
       ('cancelled', true, true, true))
"""
)

WORDS = {
    "no_such_state": _l("Recipients in a state that does not exist"),
    "ready_in_no_batch": _l("Recipients who wait in no batch: nobody would write to them"),
    "ready_in_done_batch": _l("Recipients who wait in a batch that is done"),
    "deferred_for_ever": _l("Recipients to be tried again, but without a time"),
    "sent_at_no_time": _l("Recipients who got it, but without a time"),
    "sent_and_not_sent": _l("Recipients with a time of sending who count as not sent"),
    "left_out_for_no_reason": _l("Recipients left out without a reason"),
    "left_out_with_key": _l("Recipients left out who keep others from being mailed"),
    "mailed_despite_reason": _l("Recipients who are mailed although a reason speaks against it"),
    "mailed_without_key": _l("Recipients who are not guarded against a second message"),
    "mailed_twice": _l("Recipients whose address is in the mailing twice"),
    "open_in_finished": _l("Recipients who still wait, though the mailing is finished"),
    "touched_too_early": _l("Recipients written to before the mailing was prepared"),
    "cancelled_alone": _l("Recipients cancelled in a mailing that is not"),
    "errors_kept_quiet": _l("Recipients who did not get it, in a mailing without errors"),
    "no_such_batch_state": _l("Batches in a state that does not exist"),
    "held_by_nobody": _l("Batches at work, but in no sender’s hands"),
    "held_too_early": _l("Batches at work before the mailing was prepared"),
    "batch_open_in_finished": _l("Batches that are open, though the mailing is finished"),
    "wrong_times": _l("The mailing’s state and its times do not agree"),
}


@dataclass(frozen=True)
class Violation:
    mailing_id: int
    what: str
    """A key of WORDS."""
    count: int

    @property
    def words(self) -> LazyString:
        return WORDS[self.what]


def violations(mailing_id: int | None = None) -> list[Violation]:
    """What is wrong with one mailing, or with all there are; nothing, as long as Brevdue works."""
    if mailing_id is not None:
        return of_several([mailing_id])
    return of_several(db.session.scalars(select(Mailing.id)).all())


def of_several(mailing_ids: Collection[int]) -> list[Violation]:
    mailings = {"mailings": list(mailing_ids)}
    return [
        Violation(row.mailing_id, row.what, row.number)
        for statement in (TIMES, RECIPIENTS, TWICE, BATCHES)
        for row in db.session.execute(statement, mailings)
    ]


def recent() -> list[int]:
    """The mailings that are on their way, or were finished within a day."""
    under_way = [*RUNNING, State.SCHEDULED]
    settling = (Mailing.state == State.CANCELLED) & Mailing.finished_at.is_(None)
    new = Mailing.finished_at > utcnow() - RECENT
    return list(
        db.session.scalars(
            select(Mailing.id).where(or_(Mailing.state.in_(under_way), settling, new))
        )
    )
