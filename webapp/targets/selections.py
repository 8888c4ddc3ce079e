"""Static selections: lists of people kept by hand."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Result,
    Select,
    any_,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from webapp.accounts.audit import audit
from webapp.people.models import Contact
from webapp.people.search import Orders, find_contacts, ordered
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l
from webapp.targets.models import Selection, SelectionMember

SUGGESTED = 200
ORDERS: Orders = {
    "name": (Selection.sort_key,),
    "changed": (Selection.updated_at, Selection.id),
}


class NoSuchSelection(NotFound):
    message = _l("This selection does not exist any more.")


class NameTaken(DomainError):
    message = _l("There is already a selection called “%(name)s”.")


def get(selection_id: int) -> Selection:
    """Raises NoSuchSelection."""
    selection = db.session.get(Selection, selection_id)
    if selection is None:
        raise NoSuchSelection
    return selection


def create(name: str, owner_id: int | None, *, description: str = "") -> Selection:
    """Raises NameTaken."""
    created = _create(name, owner_id, description)
    if created is None:
        raise NameTaken(name=name)
    return created


def named(name: str, owner_id: int | None) -> Selection:
    """The selection of that name, in whatever case; a new one when there is none."""
    created = _create(name, owner_id)
    return created or db.session.scalars(select(Selection).where(called(name))).one()


def rename(selection: Selection, name: str, *, description: str = "") -> None:
    """Raises NameTaken."""
    taken = select(Selection.id).where(called(name), Selection.id != selection.id)
    if db.session.scalar(taken) is not None:
        raise NameTaken(name=name)
    selection.name = name
    selection.description = description


def remove(selection: Selection, *, by: int | None) -> None:
    """Its people stay."""
    db.session.execute(delete(Selection).where(Selection.id == selection.id))
    audit("selection deleted", by=by, selection=selection.id, name=selection.name)


def find_selections(text: str = "", *, sort: str = "name") -> Select[Selection]:
    """`sort` is a key of ORDERS, after a hyphen for the other way round."""
    matches = Selection.name.icontains(text.strip(), autoescape=True)
    return ordered(select(Selection).where(matches), ORDERS, sort)


def names() -> list[str]:
    """To choose from while one is being typed."""
    return list(
        db.session.scalars(select(Selection.name).order_by(Selection.sort_key).limit(SUGGESTED))
    )


def add_members(selection_id: int, contacts: Select[int] | Collection[int]) -> int:
    """Contact ids, or a statement that selects them. Answers how many were not in it already."""
    chosen = contacts if isinstance(contacts, Select) else _contacts(contacts)
    ids = chosen.order_by(None).subquery()
    added = db.session.execute(
        insert(SelectionMember)
        .from_select(
            ["selection_id", "contact_id", "added_at"],
            select(literal(selection_id, BigInteger), ids.c[0], literal(utcnow())).order_by(
                # Two who add the same people meet them in the same order and cannot deadlock.
                ids.c[0]
            ),
        )
        .on_conflict_do_nothing(),
        # Otherwise an INSERT does not tell how many rows it made.
        execution_options={"preserve_rowcount": True},
    )
    return _changed(selection_id, added)


def remove_members(selection_id: int, contact_ids: Collection[int]) -> int:
    """Answers how many were in it."""
    removed = db.session.execute(
        delete(SelectionMember).where(
            SelectionMember.selection_id == selection_id,
            SelectionMember.contact_id == _one_of(contact_ids),
        )
    )
    return _changed(selection_id, removed)


def members(selection_id: int, text: str = "", *, sort: str = "name") -> Select[Contact]:
    belongs = (SelectionMember.contact_id == Contact.id) & (
        SelectionMember.selection_id == selection_id
    )
    return find_contacts(text, sort=sort).join(SelectionMember, belongs)


def size(selection_id: int) -> int:
    return sizes([selection_id])[selection_id]


def sizes(selection_ids: Collection[int]) -> dict[int, int]:
    counted = (
        select(SelectionMember.selection_id, func.count())
        .where(SelectionMember.selection_id.in_(selection_ids))
        .group_by(SelectionMember.selection_id)
    )
    return dict.fromkeys(selection_ids, 0) | dict(db.session.execute(counted).all())


def members_among(selection_id: int, contact_ids: Collection[int]) -> set[int]:
    """Which of these are in the selection."""
    return set(
        db.session.scalars(
            select(SelectionMember.contact_id).where(
                SelectionMember.selection_id == selection_id,
                SelectionMember.contact_id == _one_of(contact_ids),
            )
        )
    )


def containing(contact_id: int) -> list[Selection]:
    return list(
        db.session.scalars(
            select(Selection)
            .join(SelectionMember, SelectionMember.selection_id == Selection.id)
            .where(SelectionMember.contact_id == contact_id)
            .order_by(Selection.sort_key)
        )
    )


def called(name: str) -> ColumnElement[bool]:
    return func.lower(Selection.name) == func.lower(name)


def _create(name: str, owner_id: int | None, description: str = "") -> Selection | None:
    """None when the name is taken. Two at once create one."""
    return db.session.scalar(
        insert(Selection)
        .values(name=name, owner_id=owner_id, description=description)
        .on_conflict_do_nothing()
        .returning(Selection)
    )


def _contacts(contact_ids: Collection[int]) -> Select[int]:
    return select(Contact.id).where(Contact.id == _one_of(contact_ids))


def _one_of(ids: Collection[int]) -> ColumnElement[Any]:
    """As an array, however many: a statement takes no more than 65,535 single values."""
    return any_(literal(list(ids), ARRAY(BigInteger)))


def _changed(selection_id: int, result: Result[*tuple[Any, ...]]) -> int:
    number = cast(CursorResult[Any], result).rowcount
    if number:
        db.session.execute(
            update(Selection).where(Selection.id == selection_id).values(updated_at=utcnow())
        )
    return number
