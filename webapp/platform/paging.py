"""Lists are shown a page at a time, and never counted further than anybody reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select

from webapp.platform.database import db

Shown = TypeVar("Shown")

PAGE_SIZE = 25
COUNT_LIMIT = 100_000
"""Counting a million rows takes longer than showing 25 of them; up to here it does not."""


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


def page_of(statement: Select[Shown], number: int, *, size: int = PAGE_SIZE) -> Page[Shown]:
    """The page of that number; the nearest there is when the list is shorter or longer.

    `statement` selects one thing, in the order to show, without limit.
    """
    counted = count_up_to(statement, COUNT_LIMIT + 1)
    total = min(counted, COUNT_LIMIT)
    number = max(1, min(number, -(-total // size)))
    rows = db.session.scalars(statement.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, total, size, more=counted > COUNT_LIMIT)


def count_up_to(statement: Select[Shown], limit: int) -> int:
    some = statement.order_by(None).limit(limit).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0
