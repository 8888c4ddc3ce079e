"""The SQL of sending: claiming batches, the fence, outcomes, and what dead senders left."""

from sqlalchemy import text

from webapp.mailings.queries import KNOWN, RULE, TERMS

# A sender takes the oldest batch that is due. Only batches are claimed, never single recipients.
CLAIM = text(
    """
UPDATE batch
   SET state = 'claimed', sender = :sender, token = :token, attempt = attempt + 1,
       lease_until = now() + make_interval(secs => :lease)
 WHERE id = (SELECT batch.id
               FROM batch JOIN mailing ON mailing.id = batch.mailing_id
              WHERE batch.mailing_id = :mailing AND mailing.state = 'sending'
                AND batch.state = 'waiting'
                AND (batch.not_before IS NULL OR batch.not_before <= now())
              ORDER BY batch.id
                FOR UPDATE OF batch SKIP LOCKED
              LIMIT 1)
RETURNING id, attempt
"""
)

# The fence: committed before the first message of a batch. Who holds another token, or comes
# after the lease, sends nothing.
HAND_OVER = text(
    """
UPDATE batch SET state = 'handed_over'
 WHERE id = :batch AND token = :token AND state = 'claimed' AND lease_until > now()
   AND EXISTS (SELECT FROM mailing WHERE mailing.id = mailing_id AND mailing.state = 'sending')
RETURNING id
"""
)

RENEW = text(
    """
UPDATE batch SET lease_until = now() + make_interval(secs => :lease)
 WHERE id = :batch AND token = :token AND lease_until > now()
RETURNING id
"""
)

# Of the recipients in a batch, those whom a rule forbids to mail by now. Somebody whose contact or
# company was deleted meanwhile has not said yes any more, whatever the mailing overrides; a bare
# address was never in a card.
FORBIDDEN = text(
    f"""
WITH terms AS ({TERMS}), who AS (
    SELECT recipient.id, recipient.contact_id, recipient.email AS email_key, recipient.email_hash,
           coalesce(contact.former_employee, false) AS former_employee,
           coalesce(contact.no_mailings, company.no_mailings, false) AS no_mailings,
           contact.e_marketing AS consent,
           contact.id IS NULL AND company.id IS NULL AND NOT EXISTS (
               SELECT FROM pasted_address AS pasted
                 JOIN mailing_source AS source ON source.id = pasted.source_id
                WHERE source.mailing_id = :mailing
                  AND pasted.email_hash = recipient.email_hash) AS gone
      FROM recipient
      LEFT JOIN contact ON contact.id = recipient.contact_id
      LEFT JOIN company ON company.id = recipient.company_id
     WHERE recipient.batch_id = :batch AND recipient.state = 'ready'
), known AS ({KNOWN}), judged AS (
    SELECT id, CASE WHEN gone AND NOT blocked THEN 'no_consent' ELSE {RULE} END AS reason FROM known
)
SELECT id, reason FROM judged WHERE reason IS NOT NULL
"""
)

# An outcome is written once. It may correct an `unknown` that a sweeper wrote meanwhile, unless
# somebody else has claimed the batch since.
RECORD = text(
    """
UPDATE recipient
   SET state = CASE WHEN outcome.state = 'deferred' AND attempts >= cardinality(pauses.seconds)
                    THEN 'failed' ELSE outcome.state END,
       reason = outcome.reason,
       dedupe_key = CASE WHEN outcome.reason IS NULL THEN dedupe_key END,
       reply = outcome.reply,
       attempts = attempts + CASE WHEN outcome.reason IS NULL THEN 1 ELSE 0 END,
       sent_at = CASE WHEN outcome.state = 'sent' THEN outcome.at END,
       next_try_at = CASE WHEN outcome.state = 'deferred' THEN outcome.at
           + make_interval(secs => pauses.seconds[attempts + 1] * (0.8 + 0.4 * random())) END
  FROM unnest(cast(:ids AS bigint[]), cast(:states AS text[]), cast(:reasons AS text[]),
              cast(:replies AS text[]), cast(:times AS timestamptz[]))
           AS outcome (id, state, reason, reply, at),
       (SELECT cast(:pauses AS int[]) AS seconds) AS pauses
 WHERE recipient.id = outcome.id AND recipient.batch_id = :batch
   AND (recipient.state = 'ready' OR (recipient.state = 'unknown' AND outcome.state <> 'unknown'))
   AND EXISTS (SELECT FROM batch WHERE id = :batch AND attempt = :attempt)
"""
)

# An address that was refused for good is not written to again, by whatever mailing.
BLOCK = text(
    """
INSERT INTO suppression (channel, address_hash, reason, comment, created_at)
SELECT DISTINCT ON (email_hash) 'email', email_hash, 'hard_bounce', coalesce(reply, ''), now()
  FROM recipient
 WHERE id = ANY (cast(:ids AS bigint[])) AND state = 'failed' AND email_hash IS NOT NULL
    ON CONFLICT DO NOTHING
"""
)

# A sweeper took its holder for lost, and the holder turns up after all: of these it knows that
# they were not begun.
GIVE_BACK = text(
    """
UPDATE recipient SET state = 'ready', reply = NULL
  FROM batch
 WHERE batch.id = :batch AND batch.attempt = :attempt AND batch.state = 'done'
   AND recipient.batch_id = batch.id AND recipient.state = 'unknown'
   AND recipient.id = ANY (cast(:ids AS bigint[]))
"""
)

# A sender that stops gives back what it did not begin; a batch without anything left is done.
CLOSE = text(
    """
UPDATE batch
   SET state = CASE WHEN EXISTS (SELECT FROM recipient
                                  WHERE batch_id = batch.id AND state = 'ready')
                    THEN 'waiting' ELSE 'done' END,
       token = NULL, lease_until = NULL, not_before = :not_before
 WHERE id = :batch AND attempt = :attempt
RETURNING state
"""
)

# A batch whose sender is gone, not handed over: nothing of it was sent.
FREE_CLAIMED = text(
    """
UPDATE batch SET state = 'waiting', token = NULL, lease_until = NULL
 WHERE state = 'claimed' AND lease_until < now()
"""
)

# Handed over, and the sender is gone: what has no outcome may have been sent or not.
LOSE_HANDED_OVER = text(
    """
WITH lapsed AS (
    UPDATE batch SET state = 'done', token = NULL, lease_until = NULL
     WHERE state = 'handed_over' AND lease_until < now()
    RETURNING id
)
UPDATE recipient SET state = 'unknown', reply = :reply
  FROM lapsed
 WHERE recipient.batch_id = lapsed.id AND recipient.state = 'ready'
"""
)

# Deferred recipients whose time has come, as a batch of their own.
GATHER_DEFERRED = text(
    """
WITH due AS (
    SELECT recipient.id
      FROM recipient
     WHERE mailing_id = :mailing AND state = 'deferred' AND next_try_at <= now()
     ORDER BY next_try_at
     LIMIT :batch_size
       FOR UPDATE SKIP LOCKED
), made AS (
    INSERT INTO batch (mailing_id, state, size)
    SELECT :mailing, 'waiting', count(*) FROM due HAVING count(*) > 0
    RETURNING id
)
UPDATE recipient SET state = 'ready', batch_id = made.id, next_try_at = NULL
  FROM due, made
 WHERE recipient.id = due.id
"""
)

# One live holder for each of a mailing's places, however often its job runs.
TAKE_SLOT = text(
    """
INSERT INTO sender_slot (mailing_id, slot, token, held_until)
VALUES (:mailing, :slot, :token, now() + make_interval(secs => :lease))
    ON CONFLICT (mailing_id, slot) DO UPDATE
   SET token = excluded.token, held_until = excluded.held_until
 WHERE sender_slot.token IS NULL OR sender_slot.held_until < now()
RETURNING slot
"""
)

LEAVE_SLOT = text("UPDATE sender_slot SET token = NULL, held_until = NULL WHERE token = :token")

# Places that nobody holds, of mailings that have work to do now, and that were not rung for a
# moment ago: while no sender runs, the queue must not fill up with rings.
RING_FOR = text(
    """
INSERT INTO sender_slot (mailing_id, slot, rung_at)
SELECT mailing.id, place.slot, now()
  FROM mailing CROSS JOIN generate_series(0, :slots - 1) AS place (slot)
 WHERE (mailing.state = 'preparing' AND place.slot = 0)
    OR (mailing.state = 'sending' AND EXISTS (
           SELECT FROM batch
            WHERE batch.mailing_id = mailing.id AND batch.state = 'waiting'
              AND (batch.not_before IS NULL OR batch.not_before <= now())))
    ON CONFLICT (mailing_id, slot) DO UPDATE
   SET rung_at = now()
 WHERE (sender_slot.token IS NULL OR sender_slot.held_until < now())
   AND (sender_slot.rung_at IS NULL
        OR sender_slot.rung_at < now() - make_interval(secs => :patience))
RETURNING mailing_id, slot
"""
)
