"""Subscription types, and who subscribes to them: an append-only history, with where each person
stands now kept beside it in the same transaction.

Set-based functions take a condition on contacts, which is true of one or a million.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import Insert as Upsert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import suppression
from webapp.people.models import (
    Contact,
    Subscription,
    SubscriptionEntry,
    SubscriptionType,
)
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l, spoken

_DEFAULTS = SubscriptionType.active & SubscriptionType.is_default


class NoSuchType(NotFound):
    message = _l("This subscription type does not exist any more.")


class NameMissing(DomainError):
    message = _l("Write the name in the language of your messages at least.")


class NameTaken(DomainError):
    message = _l("There is already a subscription type called “%(name)s”.")


class TypeInUse(DomainError):
    message = _l("“%(name)s” stands in mailings. Make it inactive instead of deleting it.")


@dataclass(frozen=True)
class TypeDetails:
    """What an administrator writes about a type; texts by language."""

    names: dict[str, str]
    descriptions: dict[str, str] = field(default_factory=dict)
    active: bool = True
    is_default: bool = False


@dataclass(frozen=True)
class Place:
    """Where a person stands on one type."""

    type: SubscriptionType
    subscription: Subscription | None
    left_by_address: datetime | None
    """The address left it before it was this person's."""

    @property
    def subscribed(self) -> bool:
        return self.subscription is not None and self.subscription.subscribed


def get(type_id: int) -> SubscriptionType:
    """Raises NoSuchType."""
    found = db.session.get(SubscriptionType, type_id)
    if found is None:
        raise NoSuchType
    return found


def types(*, active_only: bool = False) -> list[SubscriptionType]:
    """In the order in which they were made."""
    every = select(SubscriptionType).order_by(SubscriptionType.id)
    return list(db.session.scalars(every.where(SubscriptionType.active) if active_only else every))


def name_of(type_: SubscriptionType) -> str:
    """In the language that is spoken now, else in the organisation's, else in any."""
    return _in_words(type_.names)


def description_of(type_: SubscriptionType) -> str:
    return _in_words(type_.descriptions)


def create(details: TypeDetails, *, by: int | None) -> SubscriptionType:
    """Raises NameMissing and NameTaken."""
    type_ = SubscriptionType()
    _write(type_, details)
    db.session.add(type_)
    db.session.flush()
    audit("subscription type created", by=by, type=type_.id, name=name_of(type_))
    return type_


def change(type_: SubscriptionType, details: TypeDetails, *, by: int | None) -> None:
    """Raises NameMissing and NameTaken."""
    _write(type_, details)
    audit("subscription type changed", by=by, type=type_.id, name=name_of(type_))


def remove(type_: SubscriptionType, *, by: int | None) -> None:
    """With everybody's subscriptions to it and their history. Raises TypeInUse."""
    type_id, name = type_.id, name_of(type_)
    try:
        with db.session.begin_nested():
            db.session.execute(delete(SubscriptionType).where(SubscriptionType.id == type_id))
    except IntegrityError as error:
        # What uses it lives on floors above; the database knows it.
        raise TypeInUse(name=name) from error
    audit("subscription type deleted", by=by, type=type_id, name=name)


def subscriber_counts() -> dict[int, int]:
    """How many subscribe to each type, by its id."""
    counted = (
        select(Subscription.type_id, func.count())
        .where(Subscription.subscribed)
        .group_by(Subscription.type_id)
    )
    return dict(db.session.execute(counted).all())


def places(contact: Contact) -> list[Place]:
    """On every type that is offered, and on those that are not any more but have a history."""
    known = {
        subscription.type_id: subscription
        for subscription in db.session.scalars(
            select(Subscription).where(Subscription.contact_id == contact.id)
        )
    }
    left = suppression.types_left(contact.email_hash)
    return [
        Place(type_, known.get(type_.id), left.get(type_.id))
        for type_ in types()
        if type_.active or type_.id in known
    ]


def current(contact_id: int, type_id: int) -> Subscription | None:
    return db.session.get(Subscription, (contact_id, type_id), populate_existing=True)


def subscribe(
    contact: Contact,
    type_: SubscriptionType,
    *,
    source: str,
    at: datetime | None = None,
    by: int | None = None,
) -> bool:
    """Also who left it before. False when nothing changed."""
    if contact.email_hash:
        suppression.lift(contact.email_hash, type_id=type_.id)
    return bool(_set(_one(contact), type_.id, True, source, at, by))


def leave(
    contact: Contact,
    type_: SubscriptionType,
    *,
    source: str,
    at: datetime | None = None,
    by: int | None = None,
) -> bool:
    """Kept also of somebody who never subscribed. False when nothing changed."""
    return bool(_set(_one(contact), type_.id, False, source, at, by))


def subscribe_many(
    people: ColumnElement[bool], type_id: int, *, source: str, by: int | None
) -> int:
    """Not those who left it: that they take back themselves. Answers how many are new."""
    return _join(people, SubscriptionType.id == type_id, source, None, by)


def leave_many(people: ColumnElement[bool], type_id: int, *, source: str, by: int | None) -> int:
    """Answers how many had not left it yet."""
    return _set(people, type_id, False, source, None, by)


def follow_consent(
    people: ColumnElement[bool], *, source: str, at: datetime | None = None, by: int | None = None
) -> int:
    """Whoever consents to e-marketing subscribes to the default types, unless they left them."""
    return _join(people, _DEFAULTS, source, at, by)


def defaults() -> Sequence[SubscriptionType]:
    """Those that consent to e-marketing subscribes to."""
    return db.session.scalars(select(SubscriptionType).where(_DEFAULTS)).all()


def explain(contact_id: int, type_: SubscriptionType, source: str) -> None:
    """More is known of how the person came to stand where they do: an entry more."""
    subscription = current(contact_id, type_.id)
    if subscription is not None:
        subscription.source = source
        entry = SubscriptionEntry(
            contact_id=contact_id,
            type_id=type_.id,
            subscribed=subscription.subscribed,
            source=source,
        )
        db.session.add(entry)


def stands(type_id: int, *, subscribed: bool) -> ColumnElement[bool]:
    """The contacts who subscribe to a type, or who left it."""
    return exists().where(_of(type_id), Subscription.subscribed.is_(subscribed))


def undecided(type_id: int) -> ColumnElement[bool]:
    """The contacts of whom nothing is known for a type, not even by their address."""
    return ~exists().where(_of(type_id)) & ~suppression.left_type(Contact.email_hash, type_id)


def _of(type_id: int) -> ColumnElement[bool]:
    return and_(Subscription.contact_id == Contact.id, Subscription.type_id == type_id)


def _one(contact: Contact) -> ColumnElement[bool]:
    return Contact.id == contact.id


# Rows are written in the order of the contacts: two who change the same people at once meet them
# in the same order and cannot deadlock.


def _join(
    people: ColumnElement[bool],
    which: ColumnElement[bool],
    source: str,
    at: datetime | None,
    by: int | None,
) -> int:
    """Subscribe all of them to these types, where nothing was known."""
    rows = (
        select(
            Contact.id,
            SubscriptionType.id,
            literal(True),
            literal(source),
            literal(at or utcnow(), Subscription.since.type),
        )
        .join(SubscriptionType, which)
        .where(
            people,
            ~suppression.left_type(Contact.email_hash, SubscriptionType.id),
        )
        .order_by(Contact.id, SubscriptionType.id)
    )
    return _written(upsert(Subscription).from_select(_COLUMNS, rows).on_conflict_do_nothing(), by)


def _set(
    people: ColumnElement[bool],
    type_id: int,
    subscribed: bool,
    source: str,
    at: datetime | None,
    by: int | None,
) -> int:
    rows = (
        select(
            Contact.id,
            literal(type_id, BigInteger),
            literal(subscribed),
            literal(source),
            literal(at or utcnow(), Subscription.since.type),
        )
        .where(people)
        .order_by(Contact.id)
    )
    insertion = upsert(Subscription).from_select(_COLUMNS, rows)
    return _written(
        insertion.on_conflict_do_update(
            index_elements=[Subscription.contact_id, Subscription.type_id],
            set_={name: insertion.excluded[name] for name in ("subscribed", "source", "since")},
            where=Subscription.subscribed != insertion.excluded.subscribed,
        ),
        by,
    )


_COLUMNS = ["contact_id", "type_id", "subscribed", "source", "since"]


def _written(statement: Upsert, by: int | None) -> int:
    """What the statement changes, and the entries of it; how many there were."""
    db.session.flush()
    changed = statement.returning(*(getattr(Subscription, name) for name in _COLUMNS))
    rows = changed.cte("changed")
    entries = insert(SubscriptionEntry).from_select(
        ["contact_id", "type_id", "subscribed", "source", "at", "user_id"],
        select(*rows.c, literal(by, BigInteger)),
    )
    # Otherwise an INSERT does not tell how many rows it made.
    options = {"preserve_rowcount": True}
    written = db.session.connection().execute(entries.add_cte(rows), execution_options=options)
    return written.rowcount


def _write(type_: SubscriptionType, details: TypeDetails) -> None:
    language = organisation().language
    name = details.names.get(language, "")
    if not name:
        raise NameMissing
    same_name = func.lower(SubscriptionType.names[language].as_string()) == name.lower()
    with db.session.no_autoflush:
        others = select(SubscriptionType.id).where(same_name)
        if set(db.session.scalars(others)) - {type_.id}:
            raise NameTaken(name=name)
    type_.names = {code: text for code, text in details.names.items() if text}
    type_.descriptions = {code: text for code, text in details.descriptions.items() if text}
    type_.active = details.active
    type_.is_default = details.is_default


def _in_words(texts: dict[str, str]) -> str:
    for language in (spoken(), organisation().language):
        if texts.get(language):
            return texts[language]
    return next(iter(texts.values()), "")
