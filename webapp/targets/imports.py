"""Imported people become a selection."""

from sqlalchemy import Select

from webapp.people.imports import dry_run, run, uploads
from webapp.people.imports.models import Import, ImportState
from webapp.platform.database import db
from webapp.targets import selections
from webapp.targets.models import Selection


def take_up(import_id: int) -> None:
    """Do what the import waits for: its dry run, or the import. Nothing when that is done."""
    if uploads.get(import_id).state == ImportState.CHECKING:
        dry_run.check(import_id)
    else:
        run.run(import_id, gather)


def gather(import_: Import, people: Select[int]) -> None:
    """Put them into the selection that the import names; nobody needs an empty one."""
    if import_.rejected_rows == import_.total_rows:
        return
    selection = selections.named(import_.selection_name, import_.user_id)
    selections.add_members(selection.id, people)
    import_.selection_id = selection.id


def selection_of(import_: Import) -> Selection | None:
    """None too when it was deleted since."""
    return db.session.get(Selection, import_.selection_id) if import_.selection_id else None
