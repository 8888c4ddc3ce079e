"""Putting mailings into folders and deleting them, and taking either back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import defer
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.models import User
from webapp.accounts.rights import Right
from webapp.content import folders, shelf
from webapp.content.folders import NoSuchFolder
from webapp.content.models import Folder, FolderOf
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

UNSCHEDULED = {"scheduled_at": None, "scheduled_zone": "", "state_reason": ""}


class StillRunning(DomainError):
    message = _l("“%(name)s” is being sent. It can be deleted when it is finished.")


class NotTheirs(DomainError):
    message = _l(
        "“%(name)s” is scheduled or sent, and somebody else’s. Who may send mailings can delete it."
    )


@dataclass(frozen=True)
class Removed:
    gone: list[Mailing]
    running: list[Mailing]
    """They are being sent, and stay."""
    others: list[Mailing]
    """They are scheduled or sent, and not the user's to delete."""


@dataclass(frozen=True)
class Restored:
    back: list[Mailing]
    drafts: list[Mailing]
    """Those of them that were to go out when they were deleted, and wait for a person now."""


def several(ids: Collection[int]) -> list[Mailing]:
    """Those of them that are not deleted, their rows locked, in the order of their names."""
    return _locked(ids, shelf.there(Mailing))


def move(mailings: Sequence[Mailing], folder: Folder | None, *, by: int | None) -> dict[int, int]:
    """Says where each was, by its id, for `put_back`; 0 is the top."""
    places = {mailing.id: mailing.folder_id or 0 for mailing in mailings}
    shelf.move(Mailing, places.keys(), folder, by=by)
    return places


def put_back(places: Mapping[int, int], *, by: int | None) -> list[Mailing]:
    """Where they were; to the top where the folder is gone."""
    mailings = several(places.keys())
    for folder_id in set(places.values()):
        theirs = [mailing.id for mailing in mailings if places[mailing.id] == folder_id]
        shelf.move(Mailing, theirs, _folder(folder_id), by=by)
    return mailings


def may_remove(mailing: Mailing, user: User) -> bool:
    """Who writes mailings but may not send them deletes drafts, and what is their own."""
    is_theirs = mailing.state == State.DRAFT or mailing.owner_id == user.id
    return is_theirs or _may_send(user)


def remove(mailings: Sequence[Mailing], user: User) -> Removed:
    """Their rows stay: people can still unsubscribe from what was sent, and `restore` brings them
    back. A scheduled one does not go out; only of somebody who may send it the time is remembered.

    Raises StillRunning and NotTheirs when none of them can go.
    """
    running = [mailing for mailing in mailings if mailing.state.running]
    others = [each for each in mailings if each not in running and not may_remove(each, user)]
    gone = [mailing for mailing in mailings if mailing not in running + others]
    if running and not gone:
        raise StillRunning(name=running[0].name)
    if others and not gone:
        raise NotTheirs(name=others[0].name)
    scheduled = [mailing for mailing in gone if mailing.state == State.SCHEDULED]
    _update(scheduled, state=State.DRAFT, **({} if _may_send(user) else UNSCHEDULED))
    shelf.remove(Mailing, [mailing.id for mailing in gone], by=user.id)
    return Removed(gone, running, others)


def restore(ids: Collection[int], user: User) -> Restored:
    """What was scheduled is so again when the user may send it, and its time is still to come.

    Raises NothingToRestore.
    """
    _locked(ids, shelf.can_return(Mailing))
    back = shelf.restore(Mailing, ids, by=user.id)
    waited = [mailing for mailing in back if mailing.state == State.DRAFT and mailing.scheduled_at]
    again = [mailing for mailing in waited if _may_send(user) and _is_early(mailing)]
    drafts = [mailing for mailing in waited if mailing not in again]
    _update(again, state=State.SCHEDULED)
    _update(drafts, **UNSCHEDULED)
    return Restored(back, drafts)


def _may_send(user: User) -> bool:
    return Right.SEND_MAILINGS in user.role.rights


def _is_early(mailing: Mailing) -> bool:
    return mailing.scheduled_at is not None and mailing.scheduled_at > utcnow()


def _folder(folder_id: int) -> Folder | None:
    try:
        return folders.chosen(FolderOf.MAILING, folder_id)
    except NoSuchFolder:
        return None


def _update(mailings: list[Mailing], **values: object) -> None:
    """What comes back stands in the list where it stood, so that `updated_at` stays as well."""
    if mailings:
        which = Mailing.id.in_([mailing.id for mailing in mailings])
        kept = folders.as_it_was(Mailing)
        db.session.execute(update(Mailing).where(which).values(values | kept))


def _locked(ids: Collection[int], which: ColumnElement[bool]) -> list[Mailing]:
    """Nobody starts them meanwhile."""
    statement = (
        select(Mailing)
        .where(Mailing.id.in_(ids), which)
        .options(defer(Mailing.content))
        .order_by(func.lower(Mailing.name), Mailing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))
