"""The timeline of a person: what every feature leaves there, newest first.

The floor that owns the data registers a `Trace`. A page of the timeline is the UNION ALL of all
traces, each of which finds the rows of one person by an index and hands up no more than the page
needs, so that the length of a table does not matter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    cast,
    desc,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.paging import COUNT_LIMIT, Page

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
Data = Mapping[str, Any]


class Group(StrEnum):
    """What a user can look at alone."""

    MAILINGS = "mailings"
    REACTIONS = "reactions"
    CONSENT = "consent"
    LISTS = "lists"


@dataclass(frozen=True)
class Words:
    title: str
    """`%(name)s` stands where `name` goes, which the page sets off and makes a link."""
    name: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trace:
    group: Group
    select: Callable[[Contact], Select[Any]]
    """Made by `happening`, of one person."""
    words: Mapping[str, Callable[[Data], Words]]
    """By kind: what the page says, in the user's language."""


@dataclass(frozen=True)
class Entry:
    at: datetime
    kind: str
    data: Data
    words: Words


_traces: list[Trace] = []


def register(trace: Trace) -> None:
    """Once, when the module that owns the data is loaded."""
    _traces.append(trace)


def happening(
    at: Expression, kind: str | Expression, key: Expression, **data: Expression
) -> Select[Any]:
    """`key` tells apart what happened at the same moment; `data` is what the words need."""
    pairs: list[Any] = [part for name, value in data.items() for part in (name, value)]
    return select(
        at.label("at"),
        (literal(kind, Text) if isinstance(kind, str) else cast(kind, Text)).label("kind"),
        key.label("key"),
        func.jsonb_build_object(*pairs, type_=JSONB).label("data"),
    )


def page(
    contact: Contact, number: int = 1, *, group: Group | None = None, size: int = 25
) -> Page[Entry]:
    traces = [trace for trace in _traces if group in (None, trace.group)]
    total = _count(contact, traces)
    number = max(1, min(number, -(-total // size)))
    rows = db.session.execute(_newest(contact, traces, size, (number - 1) * size))
    says = {kind: words for trace in traces for kind, words in trace.words.items()}
    entries = [Entry(row.at, row.kind, row.data, says[row.kind](row.data)) for row in rows]
    return Page(entries, number, total, size)


def count(contact: Contact) -> int:
    return _count(contact, _traces)


def _newest(contact: Contact, traces: list[Trace], size: int, offset: int) -> Select[Any]:
    """Each trace is sorted and cut by itself, before they meet."""
    branches = _together(contact, traces, limit=offset + size)
    return (
        select(branches)
        .order_by(branches.c.at.desc(), branches.c.kind, branches.c.key.desc())
        .limit(size)
        .offset(offset)
    )


def _count(contact: Contact, traces: list[Trace]) -> int:
    everything = _together(contact, traces, limit=COUNT_LIMIT)
    return db.session.scalar(select(func.count()).select_from(everything)) or 0


def _together(contact: Contact, traces: list[Trace], *, limit: int) -> Subquery:
    newest: tuple[Any, ...] = (desc("at"), "kind", desc("key"))
    branches = [trace.select(contact).order_by(*newest).limit(limit) for trace in traces]
    return union_all(*(select(branch.subquery()) for branch in branches)).subquery()
