"""Putting mailings into folders and deleting them, and taking either back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import defer

from webapp.accounts.audit import audit
from webapp.content import folders
from webapp.content.models import Folder
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

KEPT = timedelta(days=30)
"""How long a deleted mailing can be taken back. What never went out is forgotten then."""


class StillRunning(DomainError):
    message = _l("“%(name)s” is being sent. It can be deleted when it is finished.")


class NothingToRestore(NotFound):
    message = _l("What was deleted is gone for good by now.")


@dataclass(frozen=True)
class Removed:
    gone: list[Mailing]
    running: list[Mailing]
    """They are being sent, and stay."""


def several(ids: Collection[int]) -> list[Mailing]:
    """Those of them that are not deleted, their rows locked, in the order of their names."""
    return _locked(ids, deleted=False)


def move(mailings: Sequence[Mailing], folder: Folder | None, *, by: int | None) -> dict[int, int]:
    """Says where each was, by its id, for `put_back`; 0 is the top."""
    places = {mailing.id: mailing.folder_id or 0 for mailing in mailings}
    _put(mailings, folder, by)
    return places


def put_back(places: Mapping[int, int], *, by: int | None) -> list[Mailing]:
    """Where they were; to the top where the folder is gone."""
    mailings = several(places.keys())
    for folder_id in set(places.values()):
        theirs = [mailing for mailing in mailings if places[mailing.id] == folder_id]
        _put(theirs, db.session.get(Folder, folder_id), by)
    return mailings


def remove(mailings: Sequence[Mailing], *, by: int | None) -> Removed:
    """Raises StillRunning when none of them can go. Their rows stay: people can still unsubscribe
    from what was sent, and `restore` brings them back. A scheduled one does not go out."""
    running = [mailing for mailing in mailings if mailing.state.running]
    gone = [mailing for mailing in mailings if not mailing.state.running]
    if running and not gone:
        raise StillRunning(name=running[0].name)
    for mailing in gone:
        audit("mailing deleted", by=by, mailing=mailing.id, name=mailing.name)
    scheduled = [mailing for mailing in gone if mailing.state == State.SCHEDULED]
    _update(gone, deleted_at=utcnow())
    _update(scheduled, state=State.DRAFT)
    return Removed(gone, running)


def restore(ids: Collection[int], *, by: int | None) -> list[Mailing]:
    """Raises NothingToRestore. What was scheduled is so again, unless its time went by
    meanwhile: then it is a draft."""
    mailings = _locked(ids, deleted=True)
    if not mailings:
        raise NothingToRestore
    for mailing in mailings:
        audit("mailing restored", by=by, mailing=mailing.id, name=mailing.name)
    _update(mailings, deleted_at=None)
    _schedule_again([mailing for mailing in mailings if mailing.state == State.DRAFT])
    return mailings


def sweep() -> None:
    """Forgets what never went out, once nobody can take it back. Commits."""
    db.session.execute(
        delete(Mailing)
        .where(Mailing.deleted_at < utcnow() - KEPT, Mailing.started_at.is_(None))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _schedule_again(drafts: list[Mailing]) -> None:
    waited = [draft for draft in drafts if draft.scheduled_at]
    early = [draft for draft in waited if draft.scheduled_at and draft.scheduled_at > utcnow()]
    late = [draft for draft in waited if draft not in early]
    _update(early, state=State.SCHEDULED)
    _update(late, scheduled_at=None, scheduled_zone="", state_reason="")


def _update(mailings: list[Mailing], **values: object) -> None:
    """What comes back stands in the list where it stood, so that `updated_at` stays as well."""
    if mailings:
        ids = [mailing.id for mailing in mailings]
        kept = {"updated_at": Mailing.updated_at}
        db.session.execute(update(Mailing).where(Mailing.id.in_(ids)).values(values | kept))


def _put(mailings: Sequence[Mailing], folder: Folder | None, by: int | None) -> None:
    folders.put(Mailing.folder_id, [mailing.id for mailing in mailings], folder)
    where = folder.name if folder else None
    for mailing in mailings:
        audit("mailing put into folder", by=by, mailing=mailing.id, name=mailing.name, folder=where)


def _locked(ids: Collection[int], *, deleted: bool) -> list[Mailing]:
    """Nobody starts them meanwhile."""
    which = Mailing.deleted_at > utcnow() - KEPT if deleted else Mailing.deleted_at.is_(None)
    statement = (
        select(Mailing)
        .where(Mailing.id.in_(ids), which)
        .options(defer(Mailing.content))
        .order_by(func.lower(Mailing.name), Mailing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))
