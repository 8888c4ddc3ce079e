"""An audience of a million, by all the rules; and its rows written plainly, as a reference.

Of the people some have no address, are blocked, left, want no mailings, said no, do not subscribe,
or share an address.
"""

import time
from collections.abc import Callable, Iterator

from sqlalchemy import TextClause, select, text

from benchmarks import audience
from benchmarks.desk import Bench, say
from benchmarks.figures import Better, CannotMeasure, Figure
from webapp.mailings.audience import count, resolve
from webapp.mailings.models import LeftOut, Mailing
from webapp.people.models import SubscriptionType
from webapp.platform.database import db

PEOPLE = 1_000_000

STORIES = [
    text("UPDATE contact SET email = '', email_key = NULL, email_hash = NULL WHERE id % 97 = 1"),
    text("UPDATE contact SET former_employee = true WHERE id % 89 = 1"),
    text("UPDATE contact SET no_mailings = true WHERE id % 83 = 1"),
    text("UPDATE contact SET e_marketing = 'withdrawn' WHERE id % 17 = 1"),
    text(
        "UPDATE contact SET email = other.email, email_key = other.email_key,"
        " email_hash = other.email_hash FROM contact AS other"
        " WHERE contact.id % 50 = 1 AND other.id = contact.id + 1"
    ),
    text(
        "INSERT INTO suppression (channel, address_hash, reason, comment, created_at)"
        " SELECT DISTINCT ON (email_hash) 'email', email_hash, 'hard_bounce', '', now()"
        " FROM contact WHERE id % 29 = 1 AND email_hash IS NOT NULL"
    ),
    text(
        "INSERT INTO subscription (contact_id, type_id, subscribed, source, since)"
        " SELECT contact.id, subscription_type.id, contact.id % 13 <> 1, 'Benchmark', now()"
        " FROM contact CROSS JOIN subscription_type WHERE contact.id % 11 <> 1"
    ),
]

# The same shape, keys and indexes, and no rules: everybody is ready.
PLAIN = text(
    """
CREATE TABLE plain_recipient (
    LIKE recipient INCLUDING ALL,
    FOREIGN KEY (mailing_id) REFERENCES mailing, FOREIGN KEY (contact_id) REFERENCES contact
)
"""
)
EMPTY = text("TRUNCATE plain_recipient")
WRITE = text(
    """
INSERT INTO plain_recipient
       (mailing_id, contact_id, name, email, email_hash, state, dedupe_key, batch_id)
SELECT :mailing, id,
       concat_ws(' ', nullif(first_name, ''), nullif(middle_name, ''), nullif(last_name, '')),
       email, email_hash, 'ready', email || ' ' || id, 1 + id / 500
  FROM contact JOIN selection_member ON contact_id = id
 ORDER BY id
"""
)


def measure(bench: Bench) -> Iterator[Figure]:
    people = bench.options.size(PEOPLE, 20_000)
    ours: list[float] = []
    plain: list[float] = []
    with bench.desk("audience"):
        audience.make_people(people)
        selection = audience.make_selection("Everybody", people)
        for statement in [*STORIES, PLAIN]:
            db.session.execute(statement)
        db.session.commit()
        audience.tidy_up()
        for turn in range(bench.options.runs):
            mailing = audience.make_mailing(selection)
            mailing.subscription_type_id = db.session.scalars(select(SubscriptionType.id)).one()
            db.session.commit()
            _run(EMPTY)
            plain.append(_seconds(lambda: _run(WRITE, mailing)))  # noqa: B023 (called at once)
            ours.append(_seconds(lambda: resolve(mailing)))  # noqa: B023
            _check(mailing, people)
            say(f"  run {turn + 1}: {ours[-1]:.1f} s; without rules {plain[-1]:.1f} s")
    reference = "INSERT … SELECT without rules"
    yield Figure("audience", ours, "s", reference, plain, 2.5, Better.LOWER)


def _run(statement: TextClause, mailing: Mailing | None = None) -> None:
    db.session.execute(statement, {"mailing": mailing.id} if mailing else {})
    db.session.commit()


def _seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    db.session.commit()
    return time.perf_counter() - begun


def _check(mailing: Mailing, people: int) -> None:
    counted = count(mailing)
    if counted.total != people or set(counted.left_out) != set(LeftOut):
        raise CannotMeasure(f"of {people} people these were found: {counted}")
