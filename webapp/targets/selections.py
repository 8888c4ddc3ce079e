"""Static selections: lists of people kept by hand."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.accounts.audit import audit
from webapp.people.models import Contact
from webapp.people.search import Orders, find_contacts, ordered
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l
from webapp.targets import membership
from webapp.targets.membership import People, one_of
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


def find_named(name: str) -> Selection | None:
    """In whatever case."""
    return db.session.scalar(select(Selection).where(called(name)))


def names(text: str = "") -> list[str]:
    """To choose from while one is being typed."""
    found = find_selections(text).with_only_columns(Selection.name).limit(SUGGESTED)
    return list(db.session.scalars(found))


def add_members(selection_id: int, people: People) -> int:
    """Answers how many were not in it already."""
    added = membership.add(SelectionMember, people, selection_id=selection_id)
    return _changed(selection_id, added)


def remove_members(selection_id: int, contact_ids: Collection[int]) -> int:
    """Answers how many were in it."""
    removed = db.session.execute(
        delete(SelectionMember).where(
            SelectionMember.selection_id == selection_id,
            SelectionMember.contact_id == one_of(contact_ids),
        )
    )
    return _changed(selection_id, membership.rows_of(removed))


def members(selection_id: int, text: str = "", *, sort: str = "name") -> Select[Contact]:
    belongs = (SelectionMember.contact_id == Contact.id) & (
        SelectionMember.selection_id == selection_id
    )
    return find_contacts(text, sort=sort).join(SelectionMember, belongs)


def member_ids(selection_id: int) -> Select[int]:
    return select(SelectionMember.contact_id).where(SelectionMember.selection_id == selection_id)


def size(selection_id: int) -> int:
    return sizes([selection_id])[selection_id]


def sizes(selection_ids: Collection[int]) -> dict[int, int]:
    return membership.sizes(SelectionMember.selection_id, selection_ids)


def members_among(selection_id: int, contact_ids: Collection[int]) -> set[int]:
    """Which of these are in the selection."""
    among = SelectionMember.contact_id == one_of(contact_ids)
    return set(db.session.scalars(member_ids(selection_id).where(among)))


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


def _changed(selection_id: int, number: int) -> int:
    if number:
        db.session.execute(
            update(Selection).where(Selection.id == selection_id).values(updated_at=utcnow())
        )
    return number
