"""What became of the mailings: how the servers answered, and what the readers did."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, select, text, update

from webapp.accounts.audit import audit
from webapp.commands.fjordlys.story import Story
from webapp.commands.fjordlys.words import BROWSERS, SCANNER
from webapp.delivery import batches, outcomes, queries
from webapp.delivery.outcomes import Outcome
from webapp.delivery.preparing import keep_links
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
from webapp.response.recorder import NewHit
from webapp.response.tracking import Reader
from webapp.response.unsubscribing import Scope, Why

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


@dataclass(frozen=True)
class Course:
    """How it went. Shares are of those who got it, and of those who opened it."""

    started: datetime
    opened: float
    clicked: float
    left: int
    """How many unsubscribed."""
    unknown: int = 0


def send(mailing: Mailing, course: Course, story: Story, *, gone: Collection[int]) -> None:
    """As prepare job and senders would, but in one transaction and without a single message:
    nobody else ever sees the mailing on its way, so nobody works on it."""
    mailing.state, mailing.started_at = State.PREPARING, course.started
    audit("mailing started", by=mailing.owner_id, mailing=mailing.id, name=mailing.name)
    audience.resolve(mailing)
    keep_links(mailing)
    lifecycle.prepared(mailing.id)
    finished = _deliver(mailing, course, story.rng, gone)
    lifecycle.finish(mailing.id)
    story.happened(course.started)
    mailing.prepared_at = first_message(course)
    mailing.finished_at = mailing.updated_at = finished


def first_message(course: Course) -> datetime:
    return course.started + timedelta(seconds=4)


def _deliver(mailing: Mailing, course: Course, rng: Random, gone: Collection[int]) -> datetime:
    """Answers when the last one was through."""
    people = _recipients(mailing, RecipientState.READY)
    lost = {recipient.id for recipient in rng.sample(people, course.unknown)}
    first = first_message(course)
    times = [first + number * PACE for number in range(len(people))]
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
            "attempt": 0,
            "pauses": batches.PAUSES,
            "ids": [recipient.id for recipient in people],
            "states": [result.state.value for result in results],
            "reasons": [None for _ in results],
            "replies": [result.reply for result in results],
            "times": list(times),
        },
    )


def react(mailing: Mailing, course: Course, story: Story) -> None:
    """Opens and clicks until now, and those who leave."""
    links = db.session.scalars(
        select(MailingLink.number)
        .where(MailingLink.mailing_id == mailing.id)
        .order_by(MailingLink.number)
    ).all()
    hits = [
        hit
        for recipient in _recipients(mailing, RecipientState.SENT)
        for hit in _hits(recipient, course, links, story)
        if hit.at < story.now
    ]
    hits.sort(key=lambda hit: hit.at)
    db.session.execute(insert(Hit), [asdict(hit) for hit in hits])
    db.session.execute(NOTE_FIRST_TIMES, {"mailing": mailing.id})
    db.session.expire_all()
    _leave(mailing, course, story)


def _hits(
    recipient: Recipient, course: Course, links: Sequence[int], story: Story
) -> Iterator[NewHit]:
    """What one person did, and the machine that looked at the links before them."""
    sent, rng = recipient.sent_at or course.started, story.rng
    person = Random(recipient.email)  # noqa: S311
    browser, keenness = person.choice(BROWSERS), person.uniform(0.4, 1.6)
    if person.random() < 0.05:
        for number in links:
            yield _hit(recipient, HitKind.CLICK, sent + timedelta(seconds=2), SCANNER, number)
    if rng.random() > course.opened * keenness:
        return
    at = _awake(sent + timedelta(hours=rng.lognormvariate(0.9, 1.6)), story)
    yield _hit(recipient, HitKind.OPEN, at, browser)
    if rng.random() < 0.04:
        yield _hit(recipient, HitKind.VIEW, at + timedelta(seconds=rng.randint(5, 40)), browser)
    if rng.random() < course.clicked * keenness:
        yield from _clicks(recipient, at, browser, links, rng)
    while rng.random() < 0.3:
        at = _awake(at + timedelta(hours=rng.lognormvariate(2, 1.2)), story)
        yield _hit(recipient, HitKind.OPEN, at, browser)


def _clicks(
    recipient: Recipient, at: datetime, browser: str, links: Sequence[int], rng: Random
) -> Iterator[NewHit]:
    """Most follow one link, the nearer to the top the rather."""
    nearness = [1 / (place + 2) for place in range(len(links))]
    for number in rng.choices(links, nearness, k=rng.choice((1, 1, 1, 2, 3))):
        at += timedelta(seconds=rng.randint(6, 90))
        yield _hit(recipient, HitKind.CLICK, at, browser, number)


def _hit(
    recipient: Recipient, kind: HitKind, at: datetime, browser: str, number: int | None = None
) -> NewHit:
    method = "HEAD" if browser == SCANNER else "GET"
    return NewHit(recipient.mailing_id, recipient.id, kind, number, at, method, browser)


def _awake(moment: datetime, story: Story) -> datetime:
    """Who would have read it at night reads it at breakfast."""
    hour = moment.astimezone(story.zone).hour
    later = timedelta(hours=6 - hour, minutes=story.rng.randint(0, 170))
    return moment + later if hour < 6 else moment


def _leave(mailing: Mailing, course: Course, story: Story) -> None:
    """A minute after they opened it, some of them everything; some say why."""
    rng, until = story.rng, course.started + LEAVES_WITHIN
    opened = {
        recipient.id: recipient.opened_at
        for recipient in _recipients(mailing, RecipientState.SENT)
        if recipient.opened_at and recipient.opened_at < until
    }
    leavers = rng.sample(list(opened), course.left)
    for recipient_id in sorted(leavers, key=lambda leaver: opened[leaver]):
        reader = Reader(mailing, db.session.get_one(Recipient, recipient_id))
        unsubscribing.unsubscribe(reader, rng.choice(list(Scope)))
        if rng.random() < 0.6:
            unsubscribing.tell_why(reader, rng.choice(list(Why)))
        story.happened(opened[recipient_id] + timedelta(seconds=rng.randint(20, 90)))


def _recipients(mailing: Mailing, state: RecipientState) -> Sequence[Recipient]:
    return db.session.scalars(
        select(Recipient)
        .where(Recipient.mailing_id == mailing.id, Recipient.state == state)
        .order_by(Recipient.id)
    ).all()
