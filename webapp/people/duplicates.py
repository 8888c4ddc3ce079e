"""Cards that are likely of the same person, unless somebody has said that they are not.

Nothing here reads through the contacts. For one card, each likeness is looked up by an index: the
address by ix_contact_email_key, the name by ix_contact_sort_key_id, the mobile by
ix_contact_mobile. For all cards, an index is walked in its own order (an index-only scan that needs
no sorting and stops at the end of the page), and no further than SLICE entries at a time; the next
page goes on where this one stopped.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload, undefer

from webapp.people import not_duplicates
from webapp.people.models import Contact
from webapp.people.not_duplicates import Pair
from webapp.platform.database import db
from webapp.platform.locales import _l

SLICE = 100_000
"""Index entries looked at for one page: about a tenth of a second."""
MEMBERS = 500
"""Cards that one page reads."""
SHOWN = 5


class Likeness(StrEnum):
    ADDRESS = "address"
    MOBILE = "mobile"
    NAME_AND_COMPANY = "name_and_company"
    NAME_AND_POSTCODE = "name_and_postcode"

    @property
    def label(self) -> str:
        return str(LABELS[self])


LABELS = {
    Likeness.ADDRESS: _l("same address"),
    Likeness.MOBILE: _l("same mobile"),
    Likeness.NAME_AND_COMPANY: _l("same name and company"),
    Likeness.NAME_AND_POSTCODE: _l("same name and postcode"),
}


class By(StrEnum):
    """What the list of all duplicates goes by."""

    ADDRESS = "address"
    NAME = "name"
    MOBILE = "mobile"
    """The weakest: colleagues and families share one."""


KEYS = {By.ADDRESS: 25, By.NAME: 500, By.MOBILE: 25}
"""Values that several cards have, for one page; most people of one name are several."""


@dataclass(frozen=True)
class Alike:
    contact: Contact
    why: list[Likeness]
    like: Contact | None = None
    """The card that it is like, of a group."""


@dataclass(frozen=True)
class Found:
    groups: list[list[Alike]]
    """Each with the oldest card first, for which `why` is empty."""
    go_on: str | None
    """Give this as `after` for the next page; None when everything was looked at."""


def of(contact: Contact) -> list[Alike]:
    """Other cards that are likely of the same person."""
    others = Contact.id.not_in({contact.id, *not_duplicates.of(contact.id)})
    ids = {
        id_
        for condition in _searches(contact)
        for id_ in db.session.scalars(select(Contact.id).where(condition, others).limit(SHOWN))
    }
    found = _read(select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id))
    return [Alike(other, why, contact) for other in found if (why := likenesses(contact, other))]


def everywhere(by: By, after: str = "") -> Found:
    column = _COLUMNS[by]
    keys, go_on = _shared(column, after, KEYS[by])
    shared = Contact.id.in_(_namesakes(keys)) if by == By.NAME else column.in_(keys)
    members = _read(select(Contact).where(shared).order_by(column, Contact.id).limit(MEMBERS))
    if len(members) == MEMBERS:
        go_on = getattr(members[-1], column.key)
    same = groupby(members, key=lambda contact: getattr(contact, column.key))
    apart = not_duplicates.among([contact.id for contact in members])
    return Found([group for _key, some in same for group in _groups(some, apart)], go_on)


def likenesses(one: Contact, other: Contact) -> list[Likeness]:
    named = bool(one.first_name or one.last_name) and one.sort_key == other.sort_key
    alike = {
        Likeness.ADDRESS: one.email_key is not None and one.email_key == other.email_key,
        Likeness.MOBILE: one.mobile != "" and one.mobile == other.mobile,
        Likeness.NAME_AND_COMPANY: (
            named and one.company_id is not None and one.company_id == other.company_id
        ),
        Likeness.NAME_AND_POSTCODE: named and one.postcode != "" and one.postcode == other.postcode,
    }
    return [likeness for likeness, holds in alike.items() if holds]


_COLUMNS: dict[By, InstrumentedAttribute[Any]] = {
    By.ADDRESS: Contact.email_key,
    By.NAME: Contact.sort_key,
    By.MOBILE: Contact.mobile,
}
_HAS_NAME = or_(Contact.first_name != "", Contact.last_name != "")


def _searches(contact: Contact) -> Iterable[ColumnElement[bool]]:
    if contact.email_key:
        yield Contact.email_key == contact.email_key
    if contact.mobile:
        yield Contact.mobile == contact.mobile
    same_place = [
        column == value
        for column, value in (
            (Contact.company_id, contact.company_id),
            (Contact.postcode, contact.postcode),
        )
        if value
    ]
    if same_place:
        yield and_(_HAS_NAME, Contact.sort_key == contact.sort_key, or_(*same_place))


def _shared(
    column: InstrumentedAttribute[Any], after: str, limit: int
) -> tuple[Sequence[str], str | None]:
    """Values that several cards have, the next after that one, and where to go on."""
    part = select(column.label("key")).where(column > after).order_by(column).limit(SLICE)
    key = part.subquery().c.key
    several = select(key).group_by(key).having(func.count() > 1).order_by(key)
    keys = db.session.scalars(several.limit(limit)).all()
    if len(keys) == limit:
        return keys, keys[-1]
    looked_at, end = db.session.execute(select(func.count(), func.max(key))).one()
    if looked_at < SLICE:
        return keys, None
    # The last one may go on behind the slice, so it is looked at again.
    return keys, db.session.scalar(select(func.max(key)).where(key < end)) or end


def _namesakes(names: Sequence[str]) -> Select[int]:
    """Many people share a name: only those are likely one who share something else as well."""
    others = {"company_id": Contact.company_id, "postcode": Contact.postcode}
    people = (
        select(
            Contact.id,
            *(
                (func.count(func.nullif(cast(column, Text), "")))
                .over(partition_by=(Contact.sort_key, column))
                .label(name)
                for name, column in others.items()
            ),
        )
        .where(Contact.sort_key.in_(names), _HAS_NAME)
        .subquery()
    )
    return select(people.c.id).where(or_(*(people.c[name] > 1 for name in others)))


def _groups(same: Iterable[Contact], apart: Collection[Pair]) -> list[list[Alike]]:
    """The oldest of each group comes first, as `same` comes in that order."""
    groups: list[list[Alike]] = []
    for contact in same:
        alike = ((group, like) for group in groups if (like := _like(group, contact, apart)))
        group, like = next(alike, ([], Alike(contact, [])))
        if not group:
            groups.append(group)
        group.append(like)
    return [group for group in groups if len(group) > 1]


def _like(group: list[Alike], contact: Contact, apart: Collection[Pair]) -> Alike | None:
    for other in (alike.contact for alike in group):
        why = likenesses(other, contact)
        if why and (min(other.id, contact.id), max(other.id, contact.id)) not in apart:
            return Alike(contact, why, other)
    return None


def _read(people: Select[Contact]) -> list[Contact]:
    with_all = people.options(selectinload(Contact.company), undefer(Contact.sort_key))
    return list(db.session.scalars(with_all))
