"""The dry run: what an import would do, found out by the code that would do it."""

from collections.abc import Mapping
from contextlib import suppress

from webapp.people import lists
from webapp.people.imports import queries, staging, uploads, work
from webapp.people.imports.lookups import undefined
from webapp.people.imports.models import Import, ImportState
from webapp.people.imports.staging import Tally
from webapp.people.lists import NameTaken
from webapp.platform.database import db, utcnow

MAX_SIZE_AT_ONCE = 1_000_000
"""Bytes. Some 10,000 rows, read in about a second; a larger file is a worker's."""


def ask(import_: Import, mapping: Mapping[int, str]) -> None:
    """Choose the columns and want a dry run; after the commit, `check` or ring for it.

    Raises NoAddressColumn, FieldTwice and BeingWorkedOn.
    """
    uploads.choose_columns(import_, mapping)
    import_.state = ImportState.CHECKING
    import_.error = ""
    import_.rows_read = 0
    import_.rung_at = utcnow()


def define_unknown(import_: Import, *, by: int | None) -> None:
    """Put the categories and interests that it did not know on their lists, and want another dry
    run. Raises as `ask` does."""
    for list_name, name in undefined(import_.notes):
        # Two rows may write it differently, and somebody may have been quicker.
        with suppress(NameTaken):
            lists.create(list_name, name, by=by)
    ask(import_, uploads.columns(import_))


def begin(import_: Import) -> None:
    """At once when the file is small, else by a worker."""
    path = uploads.path_of(import_)
    if path.exists() and path.stat().st_size > MAX_SIZE_AT_ONCE:
        work.ring(import_.id)
    else:
        check(import_.id)


def check(import_id: int) -> None:
    """Commits the forecast; where the file cannot be read, why."""
    import_ = work.take(import_id, ImportState.CHECKING)
    if import_ is None:
        db.session.rollback()
        return
    with work.attempt(import_, otherwise=ImportState.UPLOADED):
        tally = staging.stage(import_)
        staging.match(import_, draw_ids=False)
        note(import_, tally, overwrite=False)
        import_.state = ImportState.CHECKED


def note(import_: Import, tally: Tally, *, overwrite: bool) -> None:
    """Write the figures down."""
    counted = db.session.connection().execute(queries.count(overwrite=overwrite)).one()
    import_.created, import_.changed, import_.unchanged = counted[:3]
    import_.changed_if_overwritten, import_.refused = counted[3:5]
    import_.granted, import_.withdrawn = counted[5:]
    import_.total_rows = import_.rows_read = tally.rows
    import_.rejected = dict(tally.rejected.most_common())
    import_.notes = dict(tally.notes.most_common())
