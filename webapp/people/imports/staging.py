"""From a file to the staging tables: read once, as a stream, in chunks."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, delete, insert, text, update

from webapp.accounts.organisation import fingerprint, organisation
from webapp.people.imports import queries, tables, uploads
from webapp.people.imports.faults import RejectReason
from webapp.people.imports.lookups import Found, Lookups, looked_up
from webapp.people.imports.models import Import, RejectedImportRow
from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader
from webapp.platform import stopping
from webapp.platform.database import db

CHUNK = 5_000

ALWAYS = [column.name for column in tables.staged.c if column.name not in Found.__slots__]
texts_of = attrgetter(*tables.TEXTS)


@dataclass(frozen=True)
class Copied:
    """What is copied of each row."""

    with_consent: bool
    """There is a column of it; without, what the importer states counts for every row."""
    looked_up: Sequence[str]


class Interrupted(Exception):
    """The process is to stop. Nothing was changed; another worker begins anew."""


@dataclass
class Tally:
    rows: int = 0
    rejected: Counter[RejectReason] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


def stage(import_: Import) -> Tally:
    """Fill the staging tables in this transaction, and the rejected rows of the import.

    Raises an UnreadableFile, FileGone or Interrupted.
    """
    table = uploads.table_of(import_)
    columns = uploads.columns(import_)
    codes = columns.values()
    reader = RowReader(
        columns, organisation().country, max_columns=table.max_columns, lookups=Lookups(codes)
    )
    copied = Copied(with_consent="consent" in codes, looked_up=looked_up(codes))
    connection = db.session.connection()
    begin_anew(connection, import_.id)
    tally = Tally()
    for chunk in chunks(reader.read(number, cells) for number, cells in table.rows()):
        people = [row for row in chunk if isinstance(row, PersonRow)]
        rejected = [row for row in chunk if isinstance(row, RejectedRow)]
        copy_people(connection, people, copied)
        keep_rejected(connection, import_.id, rejected)
        tally.rows += len(chunk)
        tally.rejected.update(row.reason for row in rejected)
        tally.notes.update(note for person in people for note in person.notes)
        report(import_.id, tally.rows)
        if stopping.requested():
            raise Interrupted
    if copied.with_consent:
        connection.execute(queries.refuse(reader.refused))
    return tally


def chunks(
    rows: Iterator[PersonRow | RejectedRow],
) -> Iterator[Sequence[PersonRow | RejectedRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def begin_anew(connection: Connection, import_id: int) -> None:
    tables.temporary.create_all(connection)
    connection.execute(delete(RejectedImportRow).where(RejectedImportRow.import_id == import_id))


def copy_people(connection: Connection, people: Sequence[PersonRow], copied: Copied) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    names = ", ".join([*ALWAYS, *copied.looked_up])
    # Made beforehand: while it copies, the connection can be asked nothing else.
    rows = [staged_row(person, copied) for person in people]
    with driver.cursor().copy(f"COPY staged_person ({names}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def staged_row(person: PersonRow, copied: Copied) -> tuple[object, ...]:
    """In the order of ALWAYS and of what is looked up."""
    row = (
        person.row_number,
        person.email.text,
        person.email.key,
        fingerprint(person.email.key),
        person.company,
        person.consent if copied.with_consent else True,
        person.consent_at,
        *texts_of(person),
    )
    if not copied.looked_up:
        return row
    return (*row, *(staged_value(getattr(person.found, name)) for name in copied.looked_up))


def staged_value(found: object) -> object:
    """NULL where nothing was found."""
    if isinstance(found, tuple):
        return list(found) or None
    if isinstance(found, Mapping):
        return Jsonb(found) if found else None
    return found


def keep_rejected(connection: Connection, import_id: int, rejected: Sequence[RejectedRow]) -> None:
    if rejected:
        connection.execute(
            insert(RejectedImportRow),
            [
                {
                    "import_id": import_id,
                    "row_number": row.row_number,
                    "reason": row.reason,
                    "detail": row.detail,
                    "cells": row.cells,
                }
                for row in rejected
            ],
        )


def match(import_: Import, *, draw_ids: bool) -> None:
    """Find out what each staged row would do. `draw_ids` gives the new people their numbers."""
    connection = db.session.connection()
    found = looked_up(uploads.columns(import_).values())
    connection.execute(text("ANALYZE staged_person"))
    connection.execute(
        queries.match(found), {"draw_ids": draw_ids, "zone": organisation().timezone}
    )
    connection.execute(text("ANALYZE matched_person"))


def report(import_id: int, rows: int) -> None:
    """Beside the transaction of the import, so that others see how far it is."""
    with db.engine.begin() as connection:
        connection.execute(update(Import).where(Import.id == import_id).values(rows_read=rows))
