"""One change of many people at once: what there is to change, whom it would change, and doing it.

A new thing to change is a class more in UPDATES (or a column more in COLUMNS), and a form of the
pages that makes one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people import consent, subscriptions
from webapp.people.models import Basis, Consent, Contact, Purpose
from webapp.people.privacy import BASIS_NAMES, PURPOSE_NAMES
from webapp.platform.database import db
from webapp.platform.locales import _

CHUNK = 20_000

chosen = Table(
    "chosen_person",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


class Update(Protocol):
    def differs(self) -> ColumnElement[bool]:
        """The people whom it changes."""

    def holds(self) -> ColumnElement[bool]:
        """The people of whom it is true already. The others said no, and stay with it."""

    def apply(self, people: Select[int], *, by: int | None) -> int:
        """Answers how many it changed."""

    def words(self) -> list[tuple[str, str]]:
        """What it is, as labels and values to be read."""


@dataclass(frozen=True)
class Forecast:
    people: int
    changed: int
    so_already: int

    @property
    def refused(self) -> int:
        return self.people - self.changed - self.so_already


@dataclass(frozen=True)
class GrantConsent:
    purpose: Purpose
    basis: Basis
    source: str
    comment: str = ""

    def differs(self) -> ColumnElement[bool]:
        return consent.may_be_granted(self.purpose)

    def holds(self) -> ColumnElement[bool]:
        return consent.NOW[self.purpose] == Consent.GRANTED

    def apply(self, people: Select[int], *, by: int | None) -> int:
        return consent.grant_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        return [
            (str(PURPOSE_NAMES[self.purpose]), _("Consent granted")),
            (_("Legal basis"), str(BASIS_NAMES[self.basis])),
            (_("Source"), self.source),
            (_("Comment"), self.comment),
        ]


@dataclass(frozen=True)
class WithdrawConsent:
    purpose: Purpose
    source: str
    comment: str = ""

    def differs(self) -> ColumnElement[bool]:
        return consent.may_be_withdrawn(self.purpose)

    def holds(self) -> ColumnElement[bool]:
        return ~self.differs()

    def apply(self, people: Select[int], *, by: int | None) -> int:
        return consent.withdraw_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        return [
            (str(PURPOSE_NAMES[self.purpose]), _("Consent withdrawn")),
            (_("Source"), self.source),
            (_("Comment"), self.comment),
        ]


@dataclass(frozen=True)
class Subscribe:
    type_id: int
    source: str

    def differs(self) -> ColumnElement[bool]:
        return subscriptions.undecided(self.type_id)

    def holds(self) -> ColumnElement[bool]:
        return subscriptions.stands(self.type_id, subscribed=True)

    def apply(self, people: Select[int], *, by: int | None) -> int:
        return subscriptions.subscribe_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        name = subscriptions.name_of(subscriptions.get(self.type_id))
        return [(name, _("Subscribe")), (_("Source"), self.source)]


@dataclass(frozen=True)
class Leave:
    type_id: int
    source: str

    def differs(self) -> ColumnElement[bool]:
        return ~self.holds()

    def holds(self) -> ColumnElement[bool]:
        return subscriptions.stands(self.type_id, subscribed=False)

    def apply(self, people: Select[int], *, by: int | None) -> int:
        return subscriptions.leave_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        name = subscriptions.name_of(subscriptions.get(self.type_id))
        return [(name, _("Unsubscribe")), (_("Source"), self.source)]


COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "language": Contact.language,
    "country": Contact.country,
    "no_mailings": Contact.no_mailings,
    "former_employee": Contact.former_employee,
}


@dataclass(frozen=True)
class SetColumn:
    name: str
    value: str | bool
    label: str
    """What people read for the column, and below for the value."""
    shown: str

    def differs(self) -> ColumnElement[bool]:
        return COLUMNS[self.name] != self.value

    def holds(self) -> ColumnElement[bool]:
        return ~self.differs()

    def apply(self, people: Select[int], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        changed = (
            update(Contact)
            .where(Contact.id.in_(people), self.differs())
            .values({COLUMNS[self.name]: self.value})
        )
        return db.session.connection().execute(changed).rowcount

    def words(self) -> list[tuple[str, str]]:
        return [(self.label, self.shown)]


UPDATES: dict[str, type[Any]] = {
    "grant_consent": GrantConsent,
    "withdraw_consent": WithdrawConsent,
    "subscribe": Subscribe,
    "leave": Leave,
    "set_column": SetColumn,
}


def stored(change: Update) -> dict[str, Any]:
    """As JSON, to be done later by somebody else."""
    kind = next(kind for kind, class_ in UPDATES.items() if type(change) is class_)
    return {"kind": kind, **asdict(change)}  # type: ignore[call-overload]


def loaded(json: dict[str, Any]) -> Update:
    values = {name: value for name, value in json.items() if name != "kind"}
    change: Update = UPDATES[json["kind"]](**values)
    return change


def forecast(change: Update, people: Select[int]) -> Forecast:
    everybody = (
        select(func.count()).select_from(Contact).where(Contact.id.in_(people.order_by(None)))
    )
    # One by one: where many are asked for, conditions of a WHERE become joins.
    counts = [everybody, everybody.where(change.differs()), everybody.where(change.holds())]
    return Forecast(*(db.session.scalar(count) or 0 for count in counts))


def carry_out(change: Update, people: Select[int], *, by: int | None) -> Iterator[tuple[int, int]]:
    """In chunks, all in the caller's transaction; after each, how many people it is through with
    and how many of them it changed.

    Who they are is found out first: what changes may be what they were searched by.
    """
    connection = db.session.connection()
    chosen.create(connection)
    connection.execute(insert(chosen).from_select(["id"], people.order_by(None).distinct()))
    connection.execute(text("ANALYZE chosen_person"))
    through = changed = last = 0
    while chunk := list(
        connection.scalars(
            select(chosen.c.id).where(chosen.c.id > last).order_by(chosen.c.id).limit(CHUNK)
        )
    ):
        part = select(chosen.c.id).where(chosen.c.id > last, chosen.c.id <= chunk[-1])
        changed += change.apply(part, by=by)
        through, last = through + len(chunk), chunk[-1]
        yield through, changed
