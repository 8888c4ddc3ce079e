"""The SQL that turns a mailing's sources into its audience."""

from sqlalchemy import text

# What keeps somebody from being mailed. Each condition reads a row with what is known of the
# person, company or bare address, and the terms of the mailing. Who has no consent to give (a
# company) has none to lack. An override lifts consent and subscription, and nothing before them.
RULES = {
    "no_address": "email_key IS NULL",
    "blocked_address": "blocked",
    "former_employee": "former_employee",
    "no_mailings": "no_mailings",
    "no_consent": """NOT overridden
          AND (consent = 'withdrawn' OR (privacy_mode AND consent <> 'granted'))""",
    "no_subscription": """NOT overridden
          AND (left_type OR subscribed IS FALSE
               OR (privacy_mode AND type_id IS NOT NULL AND contact_id IS NOT NULL
                   AND subscribed IS NULL))""",
}

# The first that applies, and all that do.
_WHENS = [f"WHEN {condition} THEN '{reason}'" for reason, condition in RULES.items()]
RULE = f"CASE {' '.join(_WHENS)} END"
ALL_RULES = f"array_remove(ARRAY[{', '.join(f'CASE {when} END' for when in _WHENS)}], NULL)"

TERMS = """
SELECT subscription_type_id AS type_id, override_reason <> '' AS overridden, privacy_mode
  FROM mailing CROSS JOIN organisation
 WHERE mailing.id = :mailing
"""

# What the rule reads: who is asked about, the terms, and what is known of them besides. An address
# may be blocked from everything, or have left the mailing's type alone.
KNOWN = """
SELECT who.*, terms.*, subscribed, block.id IS NOT NULL AS blocked,
       leaving.id IS NOT NULL AS left_type
  FROM who CROSS JOIN terms
  LEFT JOIN subscription ON subscription.contact_id = who.contact_id
   AND subscription.type_id = terms.type_id
  LEFT JOIN suppression AS block ON block.address_hash = who.email_hash
   AND block.channel = 'email' AND block.lifted_at IS NULL AND block.type_id IS NULL
  LEFT JOIN suppression AS leaving ON leaving.address_hash = who.email_hash
   AND leaving.channel = 'email' AND leaving.lifted_at IS NULL AND leaving.type_id = terms.type_id
"""

# Everybody in the sources: contacts once however many sources name them; a pasted address that a
# contact has *is* that contact (the oldest), with the contact's own rules; the other addresses
# once each; and the people's companies where the mailing asks for them. Left out where a rule says
# so; duplicates are chosen only among those who would be mailed. In the order in which they are
# written, so that they can be written a piece at a time.
JUDGE = text(
    f"""
CREATE TEMPORARY TABLE audience ON COMMIT DROP AS
WITH terms AS ({TERMS}), pasted AS (
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
    SELECT member.contact_id
      FROM mailing_source AS source
      JOIN project_member AS member ON member.project_id = source.project_id
     WHERE source.mailing_id = :mailing
     UNION
    SELECT contact_id FROM mailing_source
     WHERE mailing_id = :mailing AND contact_id IS NOT NULL
     UNION
    SELECT contact_id FROM pasted WHERE contact_id IS NOT NULL
), who AS (
    SELECT contact.id AS contact_id, cast(NULL AS bigint) AS company_id,
           concat_ws(' ', nullif(first_name, ''), nullif(middle_name, ''), nullif(last_name, ''))
               AS name,
           email, email_key, email_hash, former_employee, no_mailings, e_marketing AS consent
      FROM person JOIN contact ON contact.id = person.contact_id
     UNION ALL
    SELECT NULL, company.id, name, email, email_key, email_hash, false, no_mailings, NULL
      FROM company
     WHERE :include_companies
       AND id IN (SELECT company_id FROM person JOIN contact ON contact.id = person.contact_id)
     UNION ALL
    SELECT NULL, NULL, name, email, email_key, email_hash, false, false,
           CASE WHEN basis IS NULL THEN 'unknown' ELSE 'granted' END
      FROM pasted WHERE contact_id IS NULL
), known AS ({KNOWN}), judged AS (
    SELECT *, {RULE} AS rule FROM known
), deduplicated AS (
    SELECT *,
           CASE WHEN rule IS NULL AND :one_per_address AND row_number() OVER (
                    PARTITION BY email_key, rule IS NULL
                        ORDER BY (company_id IS NOT NULL) <> :prefer_company, contact_id, company_id
                ) > 1 THEN 'duplicate' ELSE rule
            END AS reason
      FROM judged
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY reason IS NULL ORDER BY contact_id, company_id) - 1
                  AS place
      FROM deduplicated
), batch_ids AS MATERIALIZED (
    SELECT array_agg(nextval(pg_get_serial_sequence('batch', 'id'))) AS drawn
      FROM generate_series(0, (SELECT max(place) FROM numbered WHERE reason IS NULL), :batch_size)
)
SELECT contact_id, company_id, name, email, email_hash, reason,
       CASE WHEN reason IS NOT NULL THEN NULL
            WHEN :one_per_address THEN email_key
            ELSE coalesce('contact ' || contact_id, 'company ' || company_id, email_key)
        END AS dedupe_key,
       CASE WHEN reason IS NULL THEN drawn[1 + place / :batch_size] END AS batch_id
  FROM numbered CROSS JOIN batch_ids
 ORDER BY place
"""
)

# All that keeps these recipients from being mailed by now, with the addresses that they were
# gathered with.
REASONS = text(
    f"""
WITH terms AS ({TERMS}), who AS (
    SELECT recipient.id, recipient.contact_id, nullif(recipient.email, '') AS email_key,
           recipient.email_hash, coalesce(contact.former_employee, false) AS former_employee,
           coalesce(contact.no_mailings, company.no_mailings, false) AS no_mailings,
           contact.e_marketing AS consent
      FROM recipient
      LEFT JOIN contact ON contact.id = recipient.contact_id
      LEFT JOIN company ON company.id = recipient.company_id
     WHERE recipient.mailing_id = :mailing AND recipient.id = ANY (cast(:ids AS bigint[]))
), known AS ({KNOWN})
SELECT id, {ALL_RULES} AS reasons FROM known
"""
)

FORGET_JUDGED = text("DROP TABLE IF EXISTS pg_temp.audience")

# Until the transaction ends. Half a million people are sorted in memory so; more go to the disk.
ROOM_TO_SORT = text("SET LOCAL work_mem = '128MB'")

# The rows of some pages of that table, which lie there in the order of writing.
FILL = text(
    """
INSERT INTO recipient
       (mailing_id, contact_id, company_id, name, email, email_hash, state, reason, dedupe_key,
        batch_id)
SELECT :mailing, contact_id, company_id, name, email, email_hash,
       CASE WHEN reason IS NULL THEN 'ready' ELSE 'left_out' END, reason, dedupe_key, batch_id
  FROM pg_temp.audience
 WHERE ctid >= cast(format('(%s,0)', cast(:page AS bigint)) AS tid)
   AND ctid < cast(format('(%s,0)', cast(:page AS bigint) + :pages) AS tid)
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
