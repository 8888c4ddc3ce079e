"""Two cards of the same person or company become one.

The user chooses, part by part, what the card that stays says. Everything else that names the other
card goes along: each floor says how with `follows`, and a test finds the foreign key for which
nobody did. Blocks belong to addresses, and stay where they are.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import LazyString
from sqlalchemy import Column, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.accounts.audit import audit
from webapp.people.custom_values import merged
from webapp.people.models import Company, Contact, CustomField, FieldOf
from webapp.people.texts import MAX_NOTE
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

Card = TypeVar("Card", Contact, Company)
Follow = Callable[[Any, Any], None]
"""Lets what names the second card name the first one."""


class SameCard(DomainError):
    message = _l("This is one and the same card. Choose another one to merge it with.")


class CardGone(NotFound):
    message = _l("One of the two cards is not there any more: it was merged or deleted.")


class CardsChanged(DomainError):
    message = _l(
        "One of the two cards was changed meanwhile, and nothing is merged yet. This is how they"
        " are now: look at it again."
    )


class Side(StrEnum):
    KEPT = "kept"
    OTHER = "other"
    BOTH = "both"


@dataclass(frozen=True)
class Part:
    """Columns that mean something only together."""

    name: str
    label: LazyString | str
    columns: tuple[str, ...]

    def values(self, card: Any) -> tuple[Any, ...]:
        return tuple(getattr(card, column) for column in self.columns)

    def known(self, card: Any) -> bool:
        return any(self.values(card))

    def take(self, kept: Any, other: Any) -> None:
        for column in self.columns:
            setattr(kept, column, getattr(other, column))


@dataclass(frozen=True)
class CustomPart(Part):
    """One custom field; its name is the field's key."""

    def values(self, card: Any) -> tuple[Any, ...]:
        return (card.fields.get(self.name),)

    def known(self, card: Any) -> bool:
        return self.values(card)[0] not in (None, "", [])

    def take(self, kept: Any, other: Any) -> None:
        kept.fields = merged(kept.fields, {self.name: other.fields.get(self.name)})


@dataclass(frozen=True)
class Compared:
    part: Part
    differs: bool
    best: Side

    @property
    def both_possible(self) -> bool:
        return self.part.name == "note" and self.best == Side.BOTH


_PLACE = Part("address", _l("Address"), ("address", "postcode", "city", "country"))
_COMMON = (
    Part("category", _l("Category"), ("category_id",)),
    Part("our_contact", _l("Our contact"), ("our_contact_id",)),
    Part("note", _l("Note"), ("note",)),
    Part("no_mailings", _l("No mailings"), ("no_mailings",)),
)
_EMAIL = Part("email", _l("E-mail"), ("email", "email_key", "email_hash"))
PARTS: dict[type[Contact] | type[Company], tuple[Part, ...]] = {
    Contact: (
        Part("name", _l("Name"), ("first_name", "middle_name", "last_name")),
        Part("title", _l("Title"), ("title",)),
        _EMAIL,
        Part("mobile", _l("Mobile"), ("mobile",)),
        Part("phone", _l("Phone"), ("phone",)),
        Part("company", _l("Company"), ("company_id",)),
        Part("position", _l("Position"), ("position",)),
        _PLACE,
        Part("language", _l("Language"), ("language",)),
        *_COMMON,
        Part("former_employee", _l("Former employee"), ("former_employee",)),
    ),
    Company: (
        Part("name", _l("Name"), ("name",)),
        Part("department", _l("Department"), ("department",)),
        _EMAIL,
        Part("phone", _l("Phone"), ("phone",)),
        Part("domain", _l("Web site"), ("domain",)),
        _PLACE,
        Part("business", _l("Business"), ("business_id",)),
        *_COMMON,
    ),
}

_followers: dict[Column[Any], Follow] = {}


def follows(
    column: InstrumentedAttribute[Any],
    *,
    once_per: InstrumentedAttribute[Any] | None = None,
    follow: Follow | None = None,
) -> None:
    """What refers to the card by `column` goes along when it is merged. Where the table holds a
    card once for each `once_per`, the row of the card that stays wins; `follow` does it all."""
    _followers[column.property.columns[0]] = follow or _moves(column, once_per)


def pair(
    model: type[Card], kept_id: int, other_id: int, *, lock: bool = False
) -> tuple[Card, Card]:
    """Raises SameCard, CardGone."""
    if kept_id == other_id:
        raise SameCard
    # In the same order for everybody, so that two who merge the same pair cannot deadlock.
    both = select(model).where(model.id.in_([kept_id, other_id])).order_by(model.id)
    if lock:
        both = both.with_for_update().execution_options(populate_existing=True)
    found = {card.id: card for card in db.session.scalars(both)}
    if len(found) < 2:
        raise CardGone
    return found[kept_id], found[other_id]


def compare(kept: Card, other: Card) -> list[Compared]:
    """Every part that at least one of them knows, with what is best chosen: what is known, and
    where both know something, the card that was changed last."""
    newer = Side.OTHER if other.updated_at > kept.updated_at else Side.KEPT
    return [
        Compared(part, part.values(kept) != part.values(other), _best(part, kept, other, newer))
        for part in _parts(kept)
        if part.known(kept) or part.known(other)
    ]


def merge(
    model: type[Card],
    kept_id: int,
    other_id: int,
    chosen: Mapping[str, str],
    *,
    read_at: tuple[datetime | None, datetime | None],
    by: int | None,
) -> Card:
    """`chosen` is the side of each part that differs, by its name; the best where it says nothing.
    `read_at` is each card's `updated_at` when the user chose. Raises SameCard, CardGone,
    CardsChanged."""
    kept, other = pair(model, kept_id, other_id, lock=True)
    if read_at != (kept.updated_at, other.updated_at):
        raise CardsChanged
    _write(kept, other, chosen)
    for follow in followers(model).values():
        follow(kept, other)
        db.session.flush()
    kind, gone = model.__tablename__, other.id
    name = other.label if isinstance(other, Contact) else other.name
    db.session.execute(delete(model).where(model.id == gone))
    audit(f"{kind} merged", by=by, merged=gone, name=name, **{kind: kept.id})
    db.session.refresh(kept)
    return kept


def followers(model: type[Contact] | type[Company]) -> dict[Column[Any], Follow]:
    """Of each column that names such a card."""
    table = model.__tablename__
    return {
        column: follow
        for column, follow in _followers.items()
        if any(key.column.table.name == table for key in column.foreign_keys)
    }


def _parts(card: Contact | Company) -> Iterator[Part]:
    of = FieldOf.CONTACT if isinstance(card, Contact) else FieldOf.COMPANY
    custom = db.session.scalars(
        select(CustomField)
        .where(CustomField.of == of, CustomField.retired_at.is_(None))
        .order_by(CustomField.position, CustomField.id)
    )
    yield from PARTS[type(card)]
    yield from (CustomPart(field.key, field.label, ("fields",)) for field in custom)


def _best(part: Part, kept: Any, other: Any, newer: Side) -> Side:
    if not part.known(other):
        return Side.KEPT
    if not part.known(kept):
        return Side.OTHER
    if part.name == "note" and len(_both_notes(kept, other)) <= MAX_NOTE:
        return Side.BOTH
    return newer


def _write(kept: Any, other: Any, chosen: Mapping[str, str]) -> None:
    compared = compare(kept, other)
    # Retired fields are not shown; their values are kept, as those of a card always are.
    shown = {each.part.name for each in compared if isinstance(each.part, CustomPart)}
    hidden = {key: value for key, value in other.fields.items() if key not in shown}
    kept.fields = hidden | kept.fields
    for each in compared:
        if each.differs:
            _choose(each, chosen.get(each.part.name), kept, other)
    kept.updated_at = utcnow()
    db.session.flush()


def _choose(compared: Compared, wanted: str | None, kept: Any, other: Any) -> None:
    side = Side(wanted) if wanted in set(Side) else compared.best
    if side == Side.BOTH and compared.both_possible:
        kept.note = _both_notes(kept, other)
    elif side == Side.OTHER:
        compared.part.take(kept, other)


def _both_notes(kept: Any, other: Any) -> str:
    return f"{kept.note}\n\n{other.note}"


def _moves(
    column: InstrumentedAttribute[Any], once_per: InstrumentedAttribute[Any] | None
) -> Follow:
    def follow(kept: Any, other: Any) -> None:
        moved = update(column.class_).where(column == other.id)
        if once_per is not None:
            taken = aliased(column.class_)
            moved = moved.where(
                ~select(taken)
                .where(
                    getattr(taken, column.key) == kept.id, getattr(taken, once_per.key) == once_per
                )
                .exists()
            )
        db.session.execute(
            moved.values({column: kept.id}), execution_options={"synchronize_session": False}
        )

    return follow
