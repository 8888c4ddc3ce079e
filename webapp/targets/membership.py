"""What selections and projects have in common: people are added to them and counted in bulk."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Result,
    Select,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people.models import Contact
from webapp.platform.database import db, utcnow
from webapp.targets.models import ProjectMember, SelectionMember

Member = type[SelectionMember] | type[ProjectMember]
People = Select[int] | Collection[int]
"""Contact ids, or a statement that selects them."""


def add(member: Member, people: People, **values: object) -> int:
    """A row with these values for each of the people. Answers how many had none already."""
    chosen = people if isinstance(people, Select) else _contacts(people)
    ids = chosen.order_by(None).subquery()
    columns = {**values, "added_at": utcnow()}
    literals = [literal(value, member.__table__.c[name].type) for name, value in columns.items()]
    added = db.session.execute(
        insert(member)
        .from_select(
            ["contact_id", *columns],
            # Two who add the same people meet them in the same order and cannot deadlock.
            select(ids.c[0], *literals).order_by(ids.c[0]),
        )
        .on_conflict_do_nothing(),
        # Otherwise an INSERT does not tell how many rows it made.
        execution_options={"preserve_rowcount": True},
    )
    return rows_of(added)


def sizes(owner: InstrumentedAttribute[int], owner_ids: Collection[int]) -> dict[int, int]:
    """How many members each has; `owner` is the column of their table that names it."""
    counted = select(owner, func.count()).where(owner.in_(owner_ids)).group_by(owner)
    return dict.fromkeys(owner_ids, 0) | dict(db.session.execute(counted).all())


def one_of(ids: Collection[int]) -> ColumnElement[Any]:
    """As an array, however many: a statement takes no more than 65,535 single values."""
    return any_(literal(list(ids), ARRAY(BigInteger)))


def rows_of(result: Result[*tuple[Any, ...]]) -> int:
    """How many rows a statement changed."""
    return cast(CursorResult[Any], result).rowcount


def _contacts(contact_ids: Collection[int]) -> Select[int]:
    return select(Contact.id).where(Contact.id == one_of(contact_ids))
