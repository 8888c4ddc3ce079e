"""What became of the mailings: how the servers answered, and what the readers did."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text, update

from webapp.accounts.audit import audit
from webapp.commands.demo.mailings import Reactions
from webapp.commands.demo.past import Past
from webapp.commands.demo.words import BROWSERS, SCANNER
from webapp.content.segments import dumped
from webapp.delivery import batches, outcomes, queries
from webapp.delivery.message import compiled
from webapp.delivery.outcomes import Outcome
from webapp.mailings import audience, lifecycle
from webapp.mailings.models import (
    Batch,
    BatchState,
    Mailing,
    MailingLink,
    Recipient,
    RecipientState,
    State,
)
from webapp.platform.database import db
from webapp.response import unsubscribing
from webapp.response.models import Hit, HitKind
from webapp.response.tracking import Reader
from webapp.response.unsubscribing import Why

PACE = timedelta(seconds=0.4)
"""Between two messages, as a careful server takes them."""
LEAVES_WITHIN = timedelta(days=3)
REFUSALS = (
    "550 5.1.1 Recipient address rejected: User unknown in virtual mailbox table",
    "552 5.2.2 Mailbox full",
    "550 5.4.1 Recipient address rejected: Access denied",
)
CONNECTION_LOST = "The connection was lost before the answer: timed out"

# The same as the recorder notes: a click counts as an open too, and who asks by HEAD as neither.
NOTE_FIRST_TIMES = text(
    """
UPDATE recipient SET opened_at = seen.opened_at, clicked_at = seen.clicked_at
  FROM (SELECT recipient_id, min(at) AS opened_at,
               min(at) FILTER (WHERE kind = 'click') AS clicked_at
          FROM hit
         WHERE mailing_id = :mailing AND method <> 'HEAD'
         GROUP BY recipient_id) AS seen
 WHERE recipient.id = seen.recipient_id
"""
)


def send(
    mailing: Mailing,
    started: datetime,
    past: Past,
    rng: Random,
    *,
    gone: Collection[int],
    unknown: int = 0,
) -> None:
    """As prepare job and senders would, but in one transaction and without a single message:
    nobody else ever sees the mailing on its way, so nobody works on it."""
    mailing.state, mailing.started_at = State.PREPARING, started
    audit("mailing started", by=mailing.owner_id, mailing=mailing.id, name=mailing.name)
    audience.resolve(mailing)
    for link in compiled(mailing).links:
        target = dumped(link.url)
        kept = MailingLink(
            mailing_id=mailing.id, number=link.number, target=target, label=link.label
        )
        db.session.add(kept)
    lifecycle.prepared(mailing.id)
    finished = _deliver(mailing, started, rng, gone, unknown)
    lifecycle.finish(mailing.id)
    past.happened(started)
    mailing.finished_at = mailing.updated_at = finished


def _deliver(
    mailing: Mailing, started: datetime, rng: Random, gone: Collection[int], unknown: int
) -> datetime:
    """Answers when the last one was through."""
    people = _recipients(mailing, RecipientState.READY)
    lost = {recipient.id for recipient in rng.sample(people, unknown)}
    times = [started + timedelta(seconds=4) + number * PACE for number in range(len(people))]
    results = [
        outcomes.unknown(CONNECTION_LOST)
        if recipient.id in lost
        else _outcome(recipient, recipient.contact_id in gone, rng)
        for recipient in people
    ]
    for batch in {recipient.batch_id for recipient in people}:
        _record(batch, people, results, times)
    db.session.execute(
        update(Batch).where(Batch.mailing_id == mailing.id).values(state=BatchState.DONE)
    )
    return times[-1]


def _outcome(recipient: Recipient, is_gone: bool, rng: Random) -> Outcome:
    if is_gone:
        return outcomes.failed(Random(recipient.email).choice(REFUSALS))  # noqa: S311
    return outcomes.sent(f"250 2.0.0 Ok: queued as {rng.getrandbits(44):011X}")


def _record(
    batch_id: int | None,
    people: Sequence[Recipient],
    results: Sequence[Outcome],
    times: Sequence[datetime],
) -> None:
    db.session.execute(
        queries.RECORD,
        {
            "batch": batch_id,
            "pauses": batches.PAUSES,
            "ids": [recipient.id for recipient in people],
            "states": [result.state.value for result in results],
            "reasons": [None for _ in results],
            "replies": [result.reply for result in results],
            "times": list(times),
        },
    )


def react(mailing: Mailing, reactions: Reactions, past: Past, rng: Random) -> None:
    """Opens and clicks until now, and those who leave."""
    links = db.session.scalars(
        select(MailingLink.number)
        .where(MailingLink.mailing_id == mailing.id)
        .order_by(MailingLink.number)
    ).all()
    hits = [
        hit
        for recipient in _recipients(mailing, RecipientState.SENT)
        for hit in _hits(recipient, reactions, links, past.zone, rng)
        if hit["at"] < past.now
    ]
    db.session.execute(insert(Hit), sorted(hits, key=lambda hit: hit["at"]))
    db.session.execute(NOTE_FIRST_TIMES, {"mailing": mailing.id})
    db.session.expire_all()
    _leave(mailing, reactions.left, past, rng)
