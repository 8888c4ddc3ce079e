"""Pairs of cards that look like those of one person and, as somebody has said, are of two."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Select, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column, relationship

from webapp.accounts.audit import audit
from webapp.accounts.models import User
from webapp.people.merging import Follow, pair
from webapp.people.models import Contact
from webapp.platform.database import Base, db, utcnow

Pair = tuple[int, int]
"""The lower id first, so that a pair stands once whichever way it was looked at."""


class NotDuplicate(Base):
    __tablename__ = "not_duplicate"

    first_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    second_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    at: Mapped[datetime] = mapped_column(default=utcnow)

    first: Mapped[Contact] = relationship(foreign_keys=first_id)
    second: Mapped[Contact] = relationship(foreign_keys=second_id)
    user: Mapped[User | None] = relationship()

    __table_args__ = (Index(None, "second_id"),)


def remember(one_id: int, other_id: int, *, by: int | None) -> tuple[Contact, Contact]:
    """Answers the two. Raises SameCard, CardGone."""
    both = pair(Contact, one_id, other_id, lock=True)
    first_id, second_id = sorted((one_id, other_id))
    new = insert(NotDuplicate).values(
        first_id=first_id, second_id=second_id, user_id=by, at=utcnow()
    )
    db.session.execute(new.on_conflict_do_nothing())
    audit("kept apart as not duplicates", by=by, contact=one_id, other=other_id)
    return both


def forget(one_id: int, other_id: int, *, by: int | None) -> None:
    first_id, second_id = sorted((one_id, other_id))
    known = (NotDuplicate.first_id == first_id, NotDuplicate.second_id == second_id)
    db.session.execute(delete(NotDuplicate).where(*known))
    audit("no longer kept apart", by=by, contact=one_id, other=other_id)


def remembered() -> Select[NotDuplicate]:
    """The newest first."""
    return select(NotDuplicate).order_by(NotDuplicate.at.desc(), NotDuplicate.first_id)


def among(contact_ids: Collection[int]) -> set[Pair]:
    known = select(NotDuplicate.first_id, NotDuplicate.second_id).where(
        NotDuplicate.first_id.in_(contact_ids), NotDuplicate.second_id.in_(contact_ids)
    )
    return {(first_id, second_id) for first_id, second_id in db.session.execute(known)}


def of(contact_id: int) -> set[int]:
    """The other one of each pair."""
    first = select(NotDuplicate.second_id).where(NotDuplicate.first_id == contact_id)
    second = select(NotDuplicate.first_id).where(NotDuplicate.second_id == contact_id)
    return set(db.session.scalars(first.union(second)))


def carried_along(mine: InstrumentedAttribute[int], theirs: InstrumentedAttribute[int]) -> Follow:
    """Who is not the one that goes is not the one that stays either."""

    def follow(kept: Any, other: Any) -> None:
        pairs = select(
            func.least(theirs, kept.id),
            func.greatest(theirs, kept.id),
            NotDuplicate.user_id,
            NotDuplicate.at,
        ).where(mine == other.id, theirs != literal(kept.id))
        carried = insert(NotDuplicate).from_select(
            ["first_id", "second_id", "user_id", "at"], pairs
        )
        db.session.execute(carried.on_conflict_do_nothing())

    return follow
