"""The lists of words that an administrator defines, and the interests of people."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.audit import audit
from webapp.people.models import Contact, ContactInterest, ListItem, ListName
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

MAX_NAME = 100
SUGGESTED = 200

LIST_NAMES = {
    ListName.INTEREST: _l("Interests"),
    ListName.CATEGORY: _l("Categories"),
    ListName.BUSINESS: _l("Businesses"),
    ListName.PROJECT_TYPE: _l("Project types"),
}


class NoSuchItem(NotFound):
    message = _l("This is not on the list any more.")


class NameTaken(DomainError):
    message = _l("“%(name)s” is on the list already.")


def items(name: ListName) -> list[ListItem]:
    """In Danish order."""
    return list(db.session.scalars(find_items(name)))


def find_items(name: ListName, text: str = "") -> Select[ListItem]:
    """In Danish order."""
    found = ListItem.name.icontains(text.strip(), autoescape=True)
    of_list = select(ListItem).where(ListItem.list == name, found)
    return of_list.order_by(ListItem.sort_key, ListItem.id)


def find_named(list_name: ListName, name: str) -> ListItem | None:
    """In whatever case."""
    called = func.lower(ListItem.name) == func.lower(name)
    return db.session.scalar(select(ListItem).where(ListItem.list == list_name, called))


def names(list_name: ListName, text: str = "") -> list[str]:
    """To choose from while one is being typed."""
    found = find_items(list_name, text).with_only_columns(ListItem.name).limit(SUGGESTED)
    return list(db.session.scalars(found))


def get(item_id: int) -> ListItem:
    """Raises NoSuchItem."""
    item = db.session.get(ListItem, item_id)
    if item is None:
        raise NoSuchItem
    return item


def create(list_name: ListName, name: str, *, by: int | None) -> ListItem:
    """Raises NameTaken: “lamps” is “Lamps”."""
    item = ListItem(list=list_name)
    _call(item, name)
    audit("list item created", by=by, list=list_name.value, item=item.id, name=name)
    return item


def rename(item: ListItem, name: str, *, by: int | None) -> None:
    """Raises NameTaken."""
    _call(item, name)
    audit("list item renamed", by=by, list=item.list.value, item=item.id, name=name)


def remove(item: ListItem, *, by: int | None) -> None:
    """Whoever had it stays, without it."""
    audit("list item deleted", by=by, list=item.list.value, item=item.id, name=item.name)
    db.session.execute(delete(ListItem).where(ListItem.id == item.id))


def uses(column: InstrumentedAttribute[Any], item_ids: Collection[int]) -> dict[int, int]:
    """How many rows name each of these items in that column, by the item's id."""
    counted = select(column, func.count()).where(column.in_(item_ids)).group_by(column)
    return dict(db.session.execute(counted).all())


def interests_of(contact_id: int) -> list[ListItem]:
    """In Danish order."""
    theirs = (
        select(ListItem)
        .join(ContactInterest, ContactInterest.item_id == ListItem.id)
        .where(ContactInterest.contact_id == contact_id)
    )
    return list(db.session.scalars(theirs.order_by(ListItem.sort_key, ListItem.id)))


def set_interests(contact_id: int, item_ids: Collection[int]) -> None:
    """These and no others."""
    known, wanted = {item.id for item in interests_of(contact_id)}, set(item_ids)
    if known - wanted:
        remove_interests(contact_id, known - wanted)
    if wanted - known:
        add_interests(contact_id, wanted - known)


def add_interests(contact_id: int, item_ids: Collection[int]) -> None:
    """What is no interest, or theirs already, is passed over."""
    new = select(literal(contact_id), ListItem.id).where(
        ListItem.id.in_(item_ids), ListItem.list == ListName.INTEREST
    )
    added = insert(ContactInterest).from_select(["contact_id", "item_id"], new)
    db.session.execute(added.on_conflict_do_nothing())


def remove_interests(contact_id: int, item_ids: Collection[int]) -> None:
    theirs = ContactInterest.contact_id == contact_id
    db.session.execute(delete(ContactInterest).where(theirs, ContactInterest.item_id.in_(item_ids)))


def has_interest(item_id: int) -> ColumnElement[bool]:
    """The contacts who have it."""
    theirs = ContactInterest.contact_id == Contact.id
    return exists().where(theirs, ContactInterest.item_id == item_id)


def add_interest_to_many(people: ColumnElement[bool], item: ListItem) -> int:
    """`people` is a condition on contacts. Answers how many did not have it."""
    new = select(Contact.id, literal(item.id, BigInteger)).where(people).order_by(Contact.id)
    added = insert(ContactInterest).from_select(["contact_id", "item_id"], new)
    # Otherwise an INSERT does not tell how many rows it made.
    options = {"preserve_rowcount": True}
    written = db.session.connection().execute(
        added.on_conflict_do_nothing(), execution_options=options
    )
    return written.rowcount


def remove_interest_from_many(people: ColumnElement[bool], item_id: int) -> int:
    """`people` is a condition on contacts. Answers how many had it."""
    theirs = (ContactInterest.contact_id == Contact.id) & people
    removed = delete(ContactInterest).where(theirs, ContactInterest.item_id == item_id)
    return db.session.connection().execute(removed).rowcount


def _call(item: ListItem, name: str) -> None:
    try:
        with db.session.begin_nested():
            item.name = name
            db.session.add(item)
    except IntegrityError as error:
        raise NameTaken(name=name) from error
