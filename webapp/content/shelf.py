"""What images, tracked links, templates and mailings have in common: they lie in folders, and what
is deleted can be brought back for a while."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, delete, select, update

from webapp.accounts.audit import audit
from webapp.content import folders
from webapp.content.folders import Counts
from webapp.content.models import Folder, Shelved
from webapp.platform.database import db, utcnow
from webapp.platform.errors import NotFound
from webapp.platform.locales import _l

Item = TypeVar("Item", bound=Shelved)

KEPT = timedelta(days=30)
"""How long what is deleted can be brought back."""

MOVED = "put into folder"


class NothingToRestore(NotFound):
    message = _l("What was deleted is gone for good by now.")


def there(of: type[Shelved]) -> ColumnElement[bool]:
    return of.deleted_at.is_(None)


def can_return(of: type[Shelved]) -> ColumnElement[bool]:
    return of.deleted_at > utcnow() - KEPT


def deleted(of: type[Item]) -> Select[Item]:
    """What can be brought back, deleted last first."""
    return select(of).where(can_return(of)).order_by(of.deleted_at.desc(), of.id)


def count_by_folder(of: type[Shelved]) -> Counts:
    return folders.count(of.folder_id, there(of))


def move(
    of: type[Item], ids: Collection[int], folder: Folder | None, *, by: int | None
) -> list[Item]:
    """Answers which there were."""
    return _change(of, ids, there(of), MOVED, by, folder_id=folder and folder.id)


def remove(of: type[Item], ids: Collection[int], *, by: int | None) -> list[Item]:
    """Answers which there were."""
    return _change(of, ids, there(of), "deleted", by, deleted_at=utcnow())


def restore(of: type[Item], ids: Collection[int], *, by: int | None) -> list[Item]:
    """Raises NothingToRestore when it is too late for all of them."""
    back = _change(of, ids, can_return(of), "restored", by, deleted_at=None)
    if not back:
        raise NothingToRestore
    return back


def sweep(of: type[Shelved], *conditions: ColumnElement[bool]) -> None:
    """Forgets what nobody can bring back any more. Commits."""
    gone = delete(of).where(of.deleted_at < utcnow() - KEPT, *conditions)
    db.session.execute(gone.execution_options(synchronize_session=False))
    db.session.commit()


def _change(
    of: type[Item],
    ids: Collection[int],
    which: ColumnElement[bool],
    done: str,
    by: int | None,
    **values: Any,
) -> list[Item]:
    changed = update(of).where(of.id.in_(ids), which).values(values | folders.as_it_was(of))
    items = sorted(db.session.scalars(changed.returning(of)), key=lambda item: item.id)
    for item in items:
        db.session.expire(item, ["folder"])
        _write_down(item, done, by)
    return items


def _write_down(item: Shelved, done: str, by: int | None) -> None:
    kind = item.__tablename__.replace("_", " ")
    detail: dict[str, str | int | None] = {kind.split()[-1]: item.id, "name": item.name}
    if done == MOVED:
        detail["folder"] = item.folder.name if item.folder else None
    audit(f"{kind} {done}", by, **detail)
