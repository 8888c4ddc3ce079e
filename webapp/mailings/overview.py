"""The list of mailings, and what became of each."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import defer, joinedload
from sqlalchemy.sql.elements import ColumnElement

from webapp.mailings.models import RUNNING, Mailing, State
from webapp.people.search import Orders, ordered
from webapp.platform.database import db, utcnow

RECENT = timedelta(days=90)


class Shelf(StrEnum):
    """`recent` changed within 90 days; `scheduled` waits for its time, or for a person when that
    went by; `running` is on its way or paused."""

    RECENT = "recent"
    MINE = "mine"
    ALL = "all"
    SCHEDULED = "scheduled"
    RUNNING = "running"


ORDERS: Orders = {
    "-changed": (Mailing.updated_at.desc(), Mailing.id.desc()),
    "name": (func.lower(Mailing.name), Mailing.id),
    "goes": (Mailing.scheduled_at, Mailing.id),
}


def find_mailings(
    shelf: Shelf, text: str, state: State | None, *, user_id: int, sort: str
) -> Select[Mailing]:
    """`sort` is a key of ORDERS, after a hyphen for the other way round."""
    statement = (
        select(Mailing)
        .where(*_on(shelf, user_id), *_matching(text))
        .options(joinedload(Mailing.owner), defer(Mailing.content))
    )
    if state is not None:
        statement = statement.where(Mailing.state == state)
    return ordered(statement, ORDERS, sort)


def find_earlier(mailing: Mailing, text: str) -> Select[Mailing]:
    """Others that have a content to begin from, the newest first."""
    return (
        select(Mailing)
        .where(
            Mailing.id != mailing.id,
            Mailing.deleted_at.is_(None),
            func.jsonb_typeof(Mailing.content) == "object",
            *_matching(text),
        )
        .options(defer(Mailing.content))
        .order_by(Mailing.updated_at.desc(), Mailing.id.desc())
    )


def count_by_state(shelf: Shelf, *, user_id: int) -> dict[State, int]:
    """Only the states that occur, in the order of the life of a mailing."""
    rows = db.session.execute(
        select(Mailing.state, func.count()).where(*_on(shelf, user_id)).group_by(Mailing.state)
    )
    counted: dict[State, int] = dict(rows.all())
    return {state: counted[state] for state in State if state in counted}


def count_by_type() -> dict[int, int]:
    """How many mailings have each subscription type, deleted ones too: those keep it as well."""
    counted = select(Mailing.subscription_type_id, func.count()).group_by(
        Mailing.subscription_type_id
    )
    return {type_id: number for type_id, number in db.session.execute(counted) if type_id}


def _on(shelf: Shelf, user_id: int) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = [Mailing.deleted_at.is_(None)]
    match shelf:
        case Shelf.RECENT:
            return [*kept, Mailing.updated_at > utcnow() - RECENT]
        case Shelf.MINE:
            return [*kept, Mailing.owner_id == user_id]
        case Shelf.SCHEDULED:
            return [*kept, Mailing.state == State.SCHEDULED]
        case Shelf.RUNNING:
            return [*kept, Mailing.state.in_(RUNNING)]
        case _:
            return kept


def _matching(text: str) -> list[ColumnElement[bool]]:
    return [
        or_(
            Mailing.name.icontains(word, autoescape=True),
            Mailing.subject.icontains(word, autoescape=True),
        )
        for word in text.split()[:8]
    ]
