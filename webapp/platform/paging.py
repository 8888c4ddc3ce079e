"""Lists are shown a page at a time, and never counted further than anybody reads.

Of the rows before a page PostgreSQL reads only what an index holds: first the keys of the page are
looked for, and then its rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    any_,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.platform.database import db

Shown = TypeVar("Shown")

PAGE_SIZE = 25
COUNT_LIMIT = 50_000
"""Of what a condition holds true of. A whole table is counted, which takes less."""
SEARCH_LIMIT = 3_000
"""Of a search: each row that is found has to be looked at, and who finds more searches again."""


@dataclass(frozen=True)
class Page(Generic[Shown]):
    """Some rows of a longer list. Pages are numbered from 1, and so are rows."""

    rows: Sequence[Shown]
    number: int
    total: int
    size: int = PAGE_SIZE
    more: bool = False
    """There are more than `total`; how many was not counted."""

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.last < self.total else None


def page_of(
    found: Select[Shown] | Sequence[Select[Shown]], number: int, *, size: int = PAGE_SIZE
) -> Page[Shown]:
    """The page of that number; the nearest there is when the list is shorter or longer.

    A statement selects one entity, in the order to show, without limit. Of several, the list of
    each follows the one before.
    """
    parts = [found] if isinstance(found, Select) else found
    limit = _limit(parts)
    parts, counts = zip(*(_counted(part, limit) for part in parts), strict=True)
    counted = sum(counts)
    total = min(counted, limit or counted)
    number = max(1, min(number, -(-total // size)))
    rows = _rows(parts, counts, (number - 1) * size, size)
    return Page(rows, number, total, size, more=counted > total)


def as_search(statement: Select[Shown]) -> Select[Shown]:
    """A page of it is counted no further than SEARCH_LIMIT."""
    return statement.execution_options(searched=True)


def _counted(part: Select[Shown], limit: int | None) -> tuple[Select[Shown], int]:
    """The part and how many are in it. Of a search that found few, the part becomes those few: to
    put them in order is quick, while to read in that order until a page of them was met is not."""
    if limit is None or not _is_search(part):
        return part, count_up_to(part, limit and limit + 1)
    found = db.session.scalars(_keys(part).order_by(None).limit(limit + 1)).all()
    if len(found) > limit:
        return part, len(found)
    few = any_(literal(found, ARRAY(BigInteger)))
    return part.where(_key(part) == few), len(found)


def count_up_to(statement: Select[Any], limit: int | None) -> int:
    some = _keys(statement).order_by(None).limit(limit).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _limit(parts: Sequence[Select[Any]]) -> int | None:
    if any(map(_is_search, parts)):
        return SEARCH_LIMIT
    return None if all(map(_is_whole_table, parts)) else COUNT_LIMIT


def _is_search(statement: Select[Any]) -> bool:
    return bool(statement.get_execution_options().get("searched"))


def _is_whole_table(statement: Select[Any]) -> bool:
    return statement.whereclause is None and isinstance(statement.get_final_froms()[0], Table)


def _rows(
    parts: Sequence[Select[Shown]], counts: Sequence[int], offset: int, size: int
) -> list[Shown]:
    rows: list[Shown] = []
    for part, count in zip(parts, counts, strict=True):
        if offset < count and len(rows) < size:
            keys = _keys(part).limit(size - len(rows)).offset(offset)
            chosen = db.session.scalars(keys).all()
            rows += db.session.scalars(part.where(_key(part).in_(chosen))).all()
        offset = max(0, offset - count)
    return rows


def _keys(statement: Select[Any]) -> Select[Any]:
    return statement.with_only_columns(_key(statement))


def _key(statement: Select[Any]) -> ColumnElement[Any]:
    """The primary key of what it selects."""
    entity = statement.column_descriptions[0]["entity"]
    key: ColumnElement[Any] = getattr(entity, inspect(entity).primary_key[0].key)
    return key
