"""Who works at an import, and what becomes of it when that goes wrong.

Whoever works holds an advisory lock that ends with the transaction, so a worker that was killed
holds nothing, and what it began is rolled back. That makes doing it again harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import update

from webapp.people.imports import queries
from webapp.people.imports.models import Import, ImportState
from webapp.people.imports.staging import Interrupted
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, speaking
from webapp.platform.queueing import enqueue

LOCKS = 0x62726576
"""The space of our advisory locks: an import's number in it, and 0 for the one that writes."""
PATIENCE = 60
"""Seconds to wait for a worker before ringing again."""


def ring(import_id: int) -> None:
    """Ask a worker to do what the import waits for."""
    enqueue("jobs.imports.run", import_id)


def stuck() -> list[int]:
    """Imports that nobody works at although they were asked for. Commits; ring for each."""
    ids = db.session.scalars(queries.TAKE_STUCK, {"space": LOCKS, "patience": PATIENCE}).all()
    db.session.commit()
    return list(ids)


def take(import_id: int, state: ImportState) -> Import | None:
    """The import, held until the transaction ends. None when somebody else has it, or had it."""
    if not db.session.scalar(queries.HOLD, {"space": LOCKS, "id": import_id}):
        return None
    import_ = db.session.get(Import, import_id, populate_existing=True)
    return import_ if import_ is not None and import_.state == state else None


def write_alone() -> None:
    """From here to the end of the transaction no other import adds people."""
    db.session.execute(queries.ALONE, {"space": LOCKS})


@contextmanager
def attempt(import_: Import, *, otherwise: ImportState) -> Iterator[None]:
    """Commits, in the language of the user. When it fails nothing has changed, the import says
    why and is `otherwise`; an error that is not the file's fault goes on to the caller."""
    import_id = import_.id
    with speaking(import_.user.language if import_.user else "en"):
        try:
            yield
            db.session.commit()
        except Interrupted:
            db.session.rollback()
            ring(import_id)
        except DomainError as error:
            give_up(import_id, otherwise, str(error))
        except BaseException:
            give_up(import_id, otherwise, _("Something went wrong on our side. Try once more."))
            raise


def give_up(import_id: int, state: ImportState, why: str) -> None:
    db.session.rollback()
    db.session.execute(update(Import).where(Import.id == import_id).values(state=state, error=why))
    db.session.commit()
