"""One change of many people at once: what there is to change, whom it would change, and doing it.

A new thing to change is a class more (or a column more in COLUMNS), and a form of the pages that
makes one. Doing it and keeping it is for webapp.targets.updates.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people import consent, lists, subscriptions
from webapp.people.custom_values import Value
from webapp.people.models import Basis, Consent, Contact, Purpose, SubscriptionType
from webapp.people.privacy import BASIS_NAMES, PURPOSE_NAMES
from webapp.platform.database import db
from webapp.platform.locales import _


class Update(Protocol):
    def differs(self) -> ColumnElement[bool]:
        """The people whom it changes."""

    def holds(self) -> ColumnElement[bool]:
        """The people of whom it is true already. The others said no, and stay with it."""

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:
        """Of those contacts of whom `people` is true. Answers how many it changed."""

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

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:
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

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:
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

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:
        """Raises NoSuchType."""
        subscriptions.get(self.type_id)
        return subscriptions.subscribe_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        return [(_type_name(self.type_id), _("Subscribe")), (_("Source"), self.source)]


@dataclass(frozen=True)
class Leave:
    type_id: int
    source: str

    def differs(self) -> ColumnElement[bool]:
        return ~self.holds()

    def holds(self) -> ColumnElement[bool]:
        return subscriptions.stands(self.type_id, subscribed=False)

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:
        """Raises NoSuchType."""
        subscriptions.get(self.type_id)
        return subscriptions.leave_many(people, **vars(self), by=by)

    def words(self) -> list[tuple[str, str]]:
        return [(_type_name(self.type_id), _("Unsubscribe")), (_("Source"), self.source)]


@dataclass(frozen=True)
class AddInterest:
    item_id: int
    name: str

    def differs(self) -> ColumnElement[bool]:
        return ~self.holds()

    def holds(self) -> ColumnElement[bool]:
        return lists.has_interest(self.item_id)

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        """Raises NoSuchItem."""
        return lists.add_interest_to_many(people, lists.get(self.item_id))

    def words(self) -> list[tuple[str, str]]:
        return [(_("Interest"), self.name), (_("What happens?"), _("It is added"))]


@dataclass(frozen=True)
class RemoveInterest:
    item_id: int
    name: str

    def differs(self) -> ColumnElement[bool]:
        return lists.has_interest(self.item_id)

    def holds(self) -> ColumnElement[bool]:
        return ~self.differs()

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        return lists.remove_interest_from_many(people, self.item_id)

    def words(self) -> list[tuple[str, str]]:
        return [(_("Interest"), self.name), (_("What happens?"), _("It is removed"))]


COLUMNS: dict[str, InstrumentedAttribute[Any]] = {
    "language": Contact.language,
    "country": Contact.country,
    "category": Contact.category_id,
    "our_contact": Contact.our_contact_id,
    "no_mailings": Contact.no_mailings,
    "former_employee": Contact.former_employee,
}


@dataclass(frozen=True)
class SetColumn:
    name: str
    value: str | bool | int | None
    label: str
    """What people read for the column, and below for the value."""
    shown: str

    def differs(self) -> ColumnElement[bool]:
        return COLUMNS[self.name].is_distinct_from(self.value)

    def holds(self) -> ColumnElement[bool]:
        return ~self.differs()

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        return _set(people, self.differs(), COLUMNS[self.name], self.value)

    def words(self) -> list[tuple[str, str]]:
        return [(self.label, self.shown)]


@dataclass(frozen=True)
class SetField:
    """A custom field; None takes the value away."""

    key: str
    value: Value | None
    label: str
    shown: str

    def differs(self) -> ColumnElement[bool]:
        if self.value is None:
            known: ColumnElement[bool] = Contact.fields.has_key(self.key)
            return known
        return Contact.fields[self.key].is_distinct_from(literal(self.value, JSONB))

    def holds(self) -> ColumnElement[bool]:
        return ~self.differs()

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        fields: ColumnElement[Any] = Contact.fields.concat({self.key: self.value})
        if self.value is None:
            fields = Contact.fields.op("-")(self.key)
        return _set(people, self.differs(), Contact.fields, fields)

    def words(self) -> list[tuple[str, str]]:
        return [(self.label, self.shown)]


def forecast(change: Update, people: Select[int]) -> Forecast:
    everybody = (
        select(func.count()).select_from(Contact).where(Contact.id.in_(people.order_by(None)))
    )
    # One by one: where many are asked for, conditions of a WHERE become joins.
    counts = [everybody, everybody.where(change.differs()), everybody.where(change.holds())]
    return Forecast(*(db.session.scalar(count) or 0 for count in counts))


def _set(
    people: ColumnElement[bool],
    differs: ColumnElement[bool],
    column: InstrumentedAttribute[Any],
    value: object,
) -> int:
    changed = update(Contact).where(people, differs).values({column: value})
    return db.session.connection().execute(changed).rowcount


def _type_name(type_id: int) -> str:
    """Also when it was deleted since."""
    type_ = db.session.get(SubscriptionType, type_id)
    if type_ is None:
        return _("A subscription type that has been deleted since")
    return subscriptions.name_of(type_)
