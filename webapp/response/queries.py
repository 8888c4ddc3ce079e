"""The SQL of what comes back: writing hits in bulk, and the figures of mailings."""

from sqlalchemy import text

COPY_HITS = (
    "COPY hit (mailing_id, recipient_id, kind, link_number, at, method, user_agent) FROM STDIN"
)

# The first time somebody opened or clicked is kept; only rows that it changes are touched.
NOTE_FIRST_TIMES = """
UPDATE recipient
   SET opened_at = coalesce(recipient.opened_at, seen.opened_at),
       clicked_at = coalesce(recipient.clicked_at, seen.clicked_at)
  FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
           AS seen (id, mailing_id, opened_at, clicked_at)
 WHERE recipient.id = seen.id AND recipient.mailing_id = seen.mailing_id
   AND (recipient.opened_at IS NULL
        OR (recipient.clicked_at IS NULL AND seen.clicked_at IS NOT NULL))
"""

# Answered from an index alone.
STATES = text(
    """
SELECT mailing_id, state, reason, count(*) AS people
  FROM recipient
 WHERE mailing_id = ANY(:mailings)
 GROUP BY mailing_id, state, reason
"""
)

# Each count is answered by the partial index of those who did it.
REACTIONS = text(
    """
SELECT mailing.id,
       (SELECT count(*) FROM recipient
         WHERE mailing_id = mailing.id AND opened_at IS NOT NULL) AS opened,
       (SELECT count(*) FROM recipient
         WHERE mailing_id = mailing.id AND clicked_at IS NOT NULL) AS clicked,
       (SELECT count(*) FROM recipient
         WHERE mailing_id = mailing.id AND unsubscribed_at IS NOT NULL) AS unsubscribed
  FROM unnest(cast(:mailings AS bigint[])) AS mailing (id)
"""
)

# Links in the order of the message, also those that nobody clicked. The hits come out of their
# index in the order in which they are counted.
LINKS = text(
    """
SELECT link.number, link.target, link.label, coalesce(tracked_link.name, '') AS name,
       coalesce(counted.clicks, 0) AS clicks, coalesce(counted.people, 0) AS people
  FROM mailing_link AS link
  LEFT JOIN tracked_link ON tracked_link.id = link.tracked_link_id
  LEFT JOIN (SELECT link_number, count(*) AS clicks, count(DISTINCT recipient_id) AS people
               FROM hit
              WHERE mailing_id = :mailing AND kind = 'click' AND method <> 'HEAD'
              GROUP BY link_number) AS counted ON counted.link_number = link.number
 WHERE link.mailing_id = :mailing
 ORDER BY link.number
"""
)

# Of registered links, over all mailings that use them; of one that was reset, since then. Somebody
# who finds a link several times in a mailing is one person.
# One mailing after the other, person by person, as ix_hit_counted has them: nothing is sorted. It
# says nothing of when, so those that are counted anew are read from the table.
_CLICKS = """
SELECT place.id, cast(sum(counted.clicks) AS bigint) AS clicks,
       cast(sum(counted.people) AS bigint) AS people
  FROM (SELECT tracked_link.id, counted_from, link.mailing_id, array_agg(link.number) AS numbers
          FROM tracked_link
          JOIN mailing_link AS link ON link.tracked_link_id = tracked_link.id
         WHERE tracked_link.id = ANY(:links) AND counted_from IS {counted_anew}
         GROUP BY tracked_link.id, link.mailing_id) AS place
 CROSS JOIN LATERAL (
       SELECT sum(times) AS clicks, count(*) AS people
         FROM (SELECT count(*) AS times
                 FROM hit
                WHERE hit.mailing_id = place.mailing_id AND hit.kind = 'click'
                  AND hit.link_number = ANY(place.numbers) AND hit.method <> 'HEAD'{since}
                GROUP BY recipient_id) AS person) AS counted
 WHERE counted.people > 0
 GROUP BY place.id
"""
TRACKED_LINKS = text(
    f"""
{_CLICKS.format(counted_anew="NULL", since="")}
 UNION ALL
{_CLICKS.format(counted_anew="NOT NULL", since=" AND hit.at >= place.counted_from")}
"""
)

# Every open, click and view, people or not; answered from an index alone.
HITS = text(
    """
SELECT kind, count(*) AS hits
  FROM hit
 WHERE mailing_id = :mailing AND method <> 'HEAD'
 GROUP BY kind
"""
)
