"""The SQL that turns a mailing's sources into its audience."""

from sqlalchemy import text

# Everybody in the sources: contacts once however many sources name them; a pasted address that a
# contact has *is* that contact (the oldest), with the contact's own rules; the other addresses
# once each. Left out where a rule says so, the first rule that applies; duplicates are chosen
# only among those who would be mailed. Written as one statement: a million people in one pass.
FILL = text(
    """
WITH pasted AS (
    SELECT DISTINCT ON (address.email_key)
           address.email_key, address.email, address.email_hash, address.name, source.basis,
           (SELECT min(id) FROM contact WHERE contact.email_key = address.email_key) AS contact_id
      FROM mailing_source AS source
      JOIN pasted_address AS address ON address.source_id = source.id
     WHERE source.mailing_id = :mailing
     ORDER BY address.email_key, source.basis IS NULL, source.id
), person AS (
    SELECT member.contact_id
      FROM mailing_source AS source
      JOIN selection_member AS member ON member.selection_id = source.selection_id
     WHERE source.mailing_id = :mailing
     UNION
    SELECT contact_id FROM mailing_source
     WHERE mailing_id = :mailing AND contact_id IS NOT NULL
     UNION
    SELECT contact_id FROM pasted WHERE contact_id IS NOT NULL
), everybody AS (
    SELECT contact.id AS contact_id,
           concat_ws(' ', nullif(first_name, ''), nullif(middle_name, ''), nullif(last_name, ''))
               AS name,
           email, email_key, email_hash, former_employee, no_mailings,
           e_marketing <> 'granted' AS no_consent
      FROM person JOIN contact ON contact.id = person.contact_id
     UNION ALL
    SELECT NULL, name, email, email_key, email_hash, false, false, basis IS NULL
      FROM pasted WHERE contact_id IS NULL
), judged AS (
    SELECT everybody.*,
           CASE WHEN email_key IS NULL THEN 'no_address'
                WHEN suppression.id IS NOT NULL THEN 'blocked_address'
                WHEN former_employee THEN 'former_employee'
                WHEN no_mailings THEN 'no_mailings'
                WHEN no_consent THEN 'no_consent'
            END AS rule
      FROM everybody
      LEFT JOIN suppression ON suppression.address_hash = everybody.email_hash
       AND suppression.channel = 'email' AND suppression.lifted_at IS NULL
), deduplicated AS (
    SELECT *,
           CASE WHEN rule IS NULL AND :one_per_address AND row_number() OVER (
                    PARTITION BY email_key, rule IS NULL ORDER BY contact_id
                ) > 1 THEN 'duplicate' ELSE rule
            END AS reason
      FROM judged
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY reason IS NULL ORDER BY contact_id) - 1 AS place
      FROM deduplicated
), batch_ids AS MATERIALIZED (
    SELECT array_agg(nextval(pg_get_serial_sequence('batch', 'id'))) AS drawn
      FROM generate_series(0, (SELECT max(place) FROM numbered WHERE reason IS NULL), :batch_size)
)
INSERT INTO recipient
       (mailing_id, contact_id, name, email, email_hash, state, reason, dedupe_key, batch_id)
SELECT :mailing, contact_id, name, email, email_hash,
       CASE WHEN reason IS NULL THEN 'ready' ELSE 'left_out' END, reason,
       CASE WHEN reason IS NOT NULL THEN NULL
            WHEN :one_per_address OR contact_id IS NULL THEN email_key
            ELSE 'contact ' || contact_id
        END,
       CASE WHEN reason IS NULL THEN drawn[1 + place / :batch_size] END
  FROM numbered CROSS JOIN batch_ids
 ORDER BY place
"""
)

MAKE_BATCHES = text(
    """
INSERT INTO batch (id, mailing_id, state, size) OVERRIDING SYSTEM VALUE
SELECT batch_id, :mailing, 'waiting', count(*)
  FROM recipient
 WHERE mailing_id = :mailing AND batch_id IS NOT NULL
 GROUP BY batch_id
"""
)

# Unknown recipients, all or some of them, made ready in new batches. The mailing's row is locked
# before, so that a second click finds them gone.
RESEND_UNKNOWN = text(
    """
WITH chosen AS (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place
      FROM recipient
     WHERE mailing_id = :mailing AND state = 'unknown'
       AND (cast(:ids AS bigint[]) IS NULL OR id = ANY(cast(:ids AS bigint[])))
), batch_ids AS MATERIALIZED (
    SELECT array_agg(nextval(pg_get_serial_sequence('batch', 'id'))) AS drawn
      FROM generate_series(0, (SELECT max(place) FROM chosen), :batch_size)
), moved AS (
    UPDATE recipient
       SET state = 'ready', reply = NULL, batch_id = drawn[1 + place / :batch_size]
      FROM chosen CROSS JOIN batch_ids
     WHERE recipient.id = chosen.id AND recipient.state = 'unknown'
    RETURNING batch_id
)
INSERT INTO batch (id, mailing_id, state, size) OVERRIDING SYSTEM VALUE
SELECT batch_id, :mailing, 'waiting', count(*)
  FROM moved
 GROUP BY batch_id
RETURNING size
"""
)
