"""The list of mailings, and what became of each."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Float, Select, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, defer
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.models import User
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings.models import (
    RUNNING,
    Kind,
    Mailing,
    Recipient,
    RecipientState,
    State,
)
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


@dataclass(frozen=True)
class Place:
    """Where a user looks: a shelf, of all mailings or of those in some folders."""

    shelf: Shelf
    user_id: int
    folders: frozenset[int] | None = None


@dataclass(frozen=True)
class Narrowed:
    """To what the list of a place is narrowed; nothing chosen lets everything through."""

    text: str = ""
    kinds: tuple[Kind, ...] = ()
    states: tuple[State, ...] = ()
    owners: tuple[int, ...] = ()


def _people(*conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many of a mailing's recipients; NULL for none, as there is nothing to compare then."""
    counted = select(func.nullif(func.count(), 0)).where(
        Recipient.mailing_id == Mailing.id, *conditions
    )
    return counted.correlate(Mailing).scalar_subquery()


_SENT = _people(Recipient.state == RecipientState.SENT)
_OPENED = case((Mailing.track_opens, cast(_people(Recipient.opened_at.is_not(None)), Float)))
_CLICKED = case(
    (
        Mailing.track_links != LinkTracking.NONE,
        cast(_people(Recipient.clicked_at.is_not(None)), Float),
    )
)
_LIFE = case({state: number for number, state in enumerate(State)}, value=Mailing.state)


def _by_figure(name: str, figure: ColumnElement[Any]) -> Orders:
    """Both ways round, those without the figure last."""
    return {
        name: (figure.asc().nulls_last(), Mailing.id.desc()),
        f"-{name}": (figure.desc().nulls_last(), Mailing.id.desc()),
    }


ORDERS: Orders = {
    "-changed": (Mailing.updated_at.desc(), Mailing.id.desc()),
    "changed": (Mailing.updated_at, Mailing.id),
    "name": (func.lower(Mailing.name), Mailing.id),
    "goes": (Mailing.scheduled_at, Mailing.id),
    "kind": (Mailing.kind, Mailing.id),
    "state": (_LIFE, Mailing.updated_at, Mailing.id),
    "owner": (func.lower(User.name), Mailing.id),
    **_by_figure("sent", _SENT),
    **_by_figure("opened", _OPENED / _SENT),
    **_by_figure("clicked", _CLICKED / _SENT),
}


def find_mailings(place: Place, narrowed: Narrowed, *, sort: str) -> Select[Mailing]:
    """`sort` is a key of ORDERS, after a hyphen for the other way round."""
    statement = listed().where(*_in(place), *_matching(narrowed.text))
    for column, chosen in (
        (Mailing.kind, narrowed.kinds),
        (Mailing.state, narrowed.states),
        (Mailing.owner_id, narrowed.owners),
    ):
        if chosen:
            statement = statement.where(column.in_(chosen))
    return ordered(statement, ORDERS, sort)


def listed() -> Select[Mailing]:
    """Those that are not deleted, with what a list shows of them, for one of the ORDERS."""
    return (
        select(Mailing)
        .outerjoin(Mailing.owner)
        .where(Mailing.deleted_at.is_(None))
        .options(contains_eager(Mailing.owner), defer(Mailing.content))
    )


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


def count_by_state(place: Place) -> dict[State, int]:
    """Only the states that occur, in the order of the life of a mailing."""
    counted = _counted(Mailing.state, place)
    return {state: counted[state] for state in State if state in counted}


def count_by_kind(place: Place) -> dict[Kind, int]:
    counted = _counted(Mailing.kind, place)
    return {kind: counted[kind] for kind in Kind if kind in counted}


def count_by_owner(place: Place) -> list[tuple[User, int]]:
    """By name."""
    counted = _counted(Mailing.owner_id, place)
    owners = select(User).where(User.id.in_(counted)).order_by(func.lower(User.name), User.id)
    return [(owner, counted[owner.id]) for owner in db.session.scalars(owners)]


def count_by_type() -> dict[int, int]:
    """How many mailings have each subscription type, deleted ones too: those keep it as well."""
    counted = select(Mailing.subscription_type_id, func.count()).group_by(
        Mailing.subscription_type_id
    )
    return {type_id: number for type_id, number in db.session.execute(counted) if type_id}


def _counted(column: InstrumentedAttribute[Any], place: Place) -> dict[Any, int]:
    rows = select(column, func.count()).where(Mailing.deleted_at.is_(None), *_in(place))
    return dict(db.session.execute(rows.group_by(column)).all())


def _in(place: Place) -> list[ColumnElement[bool]]:
    on_shelf = _on(place.shelf, place.user_id)
    return on_shelf if place.folders is None else [*on_shelf, Mailing.folder_id.in_(place.folders)]


def _on(shelf: Shelf, user_id: int) -> list[ColumnElement[bool]]:
    match shelf:
        case Shelf.RECENT:
            return [Mailing.updated_at > utcnow() - RECENT]
        case Shelf.MINE:
            return [Mailing.owner_id == user_id]
        case Shelf.SCHEDULED:
            return [Mailing.state == State.SCHEDULED]
        case Shelf.RUNNING:
            return [Mailing.state.in_(RUNNING)]
        case _:
            return []


def _matching(text: str) -> list[ColumnElement[bool]]:
    """Every word stands in the name, the subject or the owner's name."""
    return [
        or_(
            Mailing.name.icontains(word, autoescape=True),
            Mailing.subject.icontains(word, autoescape=True),
            Mailing.owner.has(User.name.icontains(word, autoescape=True)),
        )
        for word in text.split()[:8]
    ]
