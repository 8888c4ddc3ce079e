"""The import itself: one transaction, in which everybody is written or nobody.

People are known by their address, so doing it again, after a worker was killed half-way, makes
nobody twice.
"""

from collections.abc import Callable

from sqlalchemy import Connection, Select, text, update

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import subscriptions
from webapp.people.imports import dry_run, lookup_queries, queries, staging, uploads, work
from webapp.people.imports.lookups import looked_up
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import Basis, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l

Gather = Callable[[Import, Select[int]], None]
"""What to do with the imported people, as a SELECT of their ids, in the same transaction."""


MANY = 1_000
"""New people, after whom the table is another."""


class SourceMissing(DomainError):
    message = _l("Say where these people come from. It is kept as evidence with each of them.")


def start(
    import_: Import, *, basis: Basis, source: str, selection_name: str, overwrite: bool = False
) -> bool:
    """State on which basis we may write to them, and want it done. False if it was started
    before. Raises SourceMissing. After the commit, `run` it or ring for it."""
    if not source.strip():
        raise SourceMissing
    started = db.session.execute(
        update(Import)
        .where(
            Import.id == import_.id,
            Import.state.in_([ImportState.UPLOADED, ImportState.CHECKED]),
        )
        .values(
            basis=basis,
            source=source.strip(),
            selection_name=selection_name.strip(),
            overwrite=overwrite,
            **waiting(),
        )
        .returning(Import.id)
    )
    return started.first() is not None


def retry(import_: Import) -> bool:
    """False if it had not failed, or somebody else was quicker."""
    started = db.session.execute(
        update(Import)
        .where(Import.id == import_.id, Import.state == ImportState.FAILED)
        .values(waiting())
        .returning(Import.id)
    )
    return started.first() is not None


def waiting() -> dict[str, object]:
    return {"state": ImportState.WAITING, "error": "", "rows_read": 0, "rung_at": utcnow()}


def run(import_id: int, gather: Gather) -> None:
    """Commits. Does nothing when it is done, or another worker is at it."""
    db.session.execute(
        update(Import)
        .where(Import.id == import_id, Import.state == ImportState.WAITING)
        .values(state=ImportState.RUNNING)
    )
    db.session.commit()
    import_ = work.take(import_id, ImportState.RUNNING)
    if import_ is None:
        db.session.rollback()
        return
    with work.attempt(import_, otherwise=ImportState.FAILED):
        tally = staging.stage(import_)
        work.write_alone()
        staging.match(import_, draw_ids=True)
        dry_run.note(import_, tally, overwrite=import_.overwrite)
        write(import_)
        gather(import_, queries.imported_ids())
        finish(import_)
    if import_.state == ImportState.DONE:
        uploads.path_of(import_).unlink(missing_ok=True)


def write(import_: Import) -> None:
    connection = db.session.connection()
    overwrite = import_.overwrite
    connection.execute(queries.make_companies(overwrite=overwrite))
    found = looked_up(uploads.columns(import_).values())
    connection.execute(queries.make_contacts(found))
    connection.execute(queries.update_contacts(found, overwrite=overwrite))
    if import_.created > MANY:
        # What the planner knows of an empty table makes it wait for ever in a full one.
        connection.execute(text("ANALYZE contact (id, email_key, email_hash, e_marketing)"))
    if lookup_queries.INTERESTS in found:
        write_interests(connection, overwrite=overwrite)
    connection.execute(queries.update_consent())
    source = _("%(source)s (file %(name)s)", source=import_.source, name=import_.filename)
    connection.execute(
        queries.record_consent(),
        {
            "zone": organisation().timezone,
            "basis": import_.basis,
            "source": source,
            "user_id": import_.user_id,
        },
    )
    granted = Contact.id.in_(queries.granted_ids())
    subscriptions.follow_consent(granted, source=source, by=import_.user_id)


def write_interests(connection: Connection, *, overwrite: bool) -> None:
    if overwrite:
        connection.execute(lookup_queries.drop_interests())
    connection.execute(lookup_queries.add_interests(overwrite=overwrite))


def finish(import_: Import) -> None:
    import_.state = ImportState.DONE
    import_.finished_at = utcnow()
    audit(
        "people imported",
        by=import_.user_id,
        import_id=import_.id,
        file=import_.filename,
        rows=import_.total_rows,
        created=import_.created,
        changed=import_.changed,
        unchanged=import_.unchanged,
        rejected=import_.rejected_rows,
    )
