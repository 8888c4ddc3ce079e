"""Folders within folders, for whatever is kept in them.

Things name their folder in a column of their own, which the functions here take as `items`:
`Mailing.folder_id`, say.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.audit import audit
from webapp.content.models import Folder, FolderOf
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

Items = InstrumentedAttribute[int | None]
Counts = Mapping[int | None, int]

MAX_NAME = 100
MAX_DEPTH = 5


class NoSuchFolder(NotFound):
    message = _l("This folder does not exist any more.")


class NameTaken(DomainError):
    message = _l("There is already a folder called “%(name)s” there.")


class TooDeep(DomainError):
    message = _l("Folders go five deep. Choose a place further up.")


class WithinItself(DomainError):
    message = _l("A folder cannot lie within itself.")


@dataclass(frozen=True)
class Branch:
    """A folder where it stands in the tree."""

    folder: Folder
    path: tuple[str, ...]
    """The names from the top down to its own."""
    count: int
    """What lies in it and in the folders below it."""
    ids: frozenset[int]
    """Itself and the folders below it."""

    @property
    def depth(self) -> int:
        """1 at the top."""
        return len(self.path)

    @property
    def label(self) -> str:
        return " / ".join(self.path)


def get(of: FolderOf, folder_id: int) -> Folder:
    """Raises NoSuchFolder."""
    folder = db.session.get(Folder, folder_id)
    if folder is None or folder.of != of:
        raise NoSuchFolder
    return folder


def chosen(of: FolderOf, folder_id: int | None) -> Folder | None:
    """None when none was chosen. Raises NoSuchFolder."""
    return get(of, folder_id) if folder_id else None


def create(of: FolderOf, name: str, parent: Folder | None, *, by: int | None) -> Folder:
    """Raises NameTaken and TooDeep."""
    if parent and _found(_locked(of), parent).depth == MAX_DEPTH:
        raise TooDeep
    folder = Folder(of=of)
    _place(folder, name, parent)
    audit("folder created", by=by, of=of.value, folder=folder.id, name=name)
    return folder


def rename(folder: Folder, name: str, *, by: int | None) -> None:
    """Raises NameTaken."""
    old = folder.name
    _place(folder, name, folder.parent)
    audit("folder renamed", by=by, of=folder.of.value, folder=folder.id, name=name, old=old)


def move(folder: Folder, parent: Folder | None, *, by: int | None) -> None:
    """With all that is in it. Raises WithinItself, TooDeep and NameTaken."""
    branches = _locked(folder.of)
    moved = _found(branches, folder)
    if parent and parent.id in moved.ids:
        raise WithinItself
    height = max(branches[each].depth for each in moved.ids) - moved.depth + 1
    if parent and _found(branches, parent).depth + height > MAX_DEPTH:
        raise TooDeep
    _place(folder, folder.name, parent)
    audit("folder moved", by=by, of=folder.of.value, folder=folder.id, name=folder.name)


def remove(folder: Folder, items: Items, *, by: int | None) -> None:
    """What is in it moves up to where it was, and so do the folders in it; one whose name is taken
    there gets a number."""
    _found(_locked(folder.of), folder)
    _put(items, items == folder.id, folder.parent_id)
    children = select(Folder).where(Folder.parent_id == folder.id).order_by(Folder.id)
    for child in db.session.scalars(children).all():
        _place(child, _free_name(child.name, folder), folder.parent)
    audit("folder deleted", by=by, of=folder.of.value, folder=folder.id, name=folder.name)
    db.session.execute(delete(Folder).where(Folder.id == folder.id))


def count(items: Items, *conditions: ColumnElement[bool]) -> Counts:
    """How many things lie in each folder itself, by its id, for `tree`; in none by None."""
    counted = select(items, func.count()).where(*conditions).group_by(items)
    return dict(db.session.execute(counted).all())


def tree(of: FolderOf, counts: Counts | None = None) -> list[Branch]:
    """All folders as one reads them: each before those in it, in Danish order."""
    found = db.session.scalars(select(Folder).where(Folder.of == of).order_by(Folder.sort_key))
    return _grown(list(found), counts or {})


def as_it_was(of: Any) -> dict[str, Any]:
    """For an update: what a thing is does not change with where it lies."""
    columns = of.__table__.c
    return {"updated_at": columns.updated_at} if "updated_at" in columns else {}


def within(folder: Folder) -> frozenset[int]:
    """Itself and the folders below it."""
    return next(branch.ids for branch in tree(folder.of) if branch.folder.id == folder.id)


def _grown(folders: Collection[Folder], counts: Counts) -> list[Branch]:
    children: dict[int | None, list[Folder]] = {}
    for folder in folders:
        children.setdefault(folder.parent_id, []).append(folder)

    def grow(folder: Folder, above: tuple[str, ...]) -> list[Branch]:
        path = (*above, folder.name)
        below = [branch for child in children.get(folder.id, []) for branch in grow(child, path)]
        ids = frozenset([folder.id, *(branch.folder.id for branch in below)])
        number = sum(counts.get(each, 0) for each in ids)
        return [Branch(folder, path, number, ids), *below]

    return [branch for folder in children.get(None, []) for branch in grow(folder, ())]


def _locked(of: FolderOf) -> dict[int, Branch]:
    """The tree by ids, kept from changing until the transaction ends: two people who move folders
    at once could otherwise put each into the other."""
    rows = select(Folder).where(Folder.of == of).order_by(Folder.id).with_for_update()
    folders = db.session.scalars(rows.execution_options(populate_existing=True)).all()
    return {branch.folder.id: branch for branch in _grown(folders, {})}


def _found(branches: Mapping[int, Branch], folder: Folder) -> Branch:
    if folder.id not in branches:
        raise NoSuchFolder
    return branches[folder.id]


def _place(folder: Folder, name: str, parent: Folder | None) -> None:
    try:
        with db.session.begin_nested():
            folder.name, folder.parent = name, parent
            db.session.add(folder)
    except IntegrityError as error:
        raise NameTaken(name=name) from error


def _free_name(name: str, beside: Folder) -> str:
    """`name`, with a number when a folder beside that one has it."""
    names = select(func.lower(Folder.name)).where(
        Folder.of == beside.of, Folder.parent_id.is_not_distinct_from(beside.parent_id)
    )
    taken = set(db.session.scalars(names))
    offered = [name, *(f"{name} ({number})" for number in range(2, len(taken) + 3))]
    return next(each for each in offered if each.lower() not in taken)


def _put(items: Items, which: ColumnElement[bool], folder_id: int | None) -> None:
    values: dict[str, Any] = {items.key: folder_id}
    db.session.execute(update(items.class_).where(which).values(values | as_it_was(items.class_)))
