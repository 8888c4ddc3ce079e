"""From a file to the staging tables: read once, as a stream, in chunks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter

import psycopg
from sqlalchemy import Connection, delete, insert, text, update

from webapp.accounts.organisation import fingerprint, organisation
from webapp.people.imports import queries, uploads
from webapp.people.imports.faults import RejectReason, RowNote
from webapp.people.imports.models import Import, RejectedImportRow
from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader
from webapp.platform import stopping
from webapp.platform.database import db

CHUNK = 5_000

texts_of = attrgetter(*queries.TEXTS)


class Interrupted(Exception):
    """The process is to stop. Nothing was changed; another worker begins anew."""


@dataclass
class Tally:
    rows: int = 0
    rejected: Counter[RejectReason] = field(default_factory=Counter)
    notes: Counter[RowNote] = field(default_factory=Counter)


def stage(import_: Import) -> Tally:
    """Fill the staging tables in this transaction, and the rejected rows of the import.

    Raises an UnreadableFile, FileGone or Interrupted.
    """
    table = uploads.table_of(import_)
    columns = uploads.columns(import_)
    reader = RowReader(columns, organisation().country, max_columns=table.max_columns)
    connection = db.session.connection()
    begin_anew(connection, import_.id)
    tally = Tally()
    with_consent = "consent" in columns.values()
    for chunk in chunks(reader.read(number, cells) for number, cells in table.rows()):
        people = [row for row in chunk if isinstance(row, PersonRow)]
        rejected = [row for row in chunk if isinstance(row, RejectedRow)]
        copy_people(connection, people, with_consent=with_consent)
        keep_rejected(connection, import_.id, rejected)
        tally.rows += len(chunk)
        tally.rejected.update(row.reason for row in rejected)
        tally.notes.update(note for person in people for note in person.notes)
        report(import_.id, tally.rows)
        if stopping.requested():
            raise Interrupted
    return tally


def chunks(
    rows: Iterator[PersonRow | RejectedRow],
) -> Iterator[Sequence[PersonRow | RejectedRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def begin_anew(connection: Connection, import_id: int) -> None:
    queries.temporary.create_all(connection)
    connection.execute(delete(RejectedImportRow).where(RejectedImportRow.import_id == import_id))


def copy_people(connection: Connection, people: Sequence[PersonRow], *, with_consent: bool) -> None:
    """Without a column of consent, the consent that the importer states counts for every row."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    names = ", ".join(column.name for column in queries.staged.c)
    # Made beforehand: while it copies, the connection can be asked nothing else.
    rows = [staged_row(person, with_consent=with_consent) for person in people]
    with driver.cursor().copy(f"COPY staged_person ({names}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def staged_row(person: PersonRow, *, with_consent: bool) -> tuple[object, ...]:
    """In the order of the columns of `queries.staged`."""
    return (
        person.row_number,
        person.email.text,
        person.email.key,
        fingerprint(person.email.key),
        person.company,
        person.consent if with_consent else True,
        person.consent_at,
        *texts_of(person),
    )


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


def match(connection: Connection, *, draw_ids: bool) -> None:
    """Find out what each staged row would do. `draw_ids` gives the new people their numbers."""
    connection.execute(text("ANALYZE staged_person"))
    connection.execute(queries.match(), {"draw_ids": draw_ids, "zone": organisation().timezone})
    connection.execute(text("ANALYZE matched_person"))


def report(import_id: int, rows: int) -> None:
    """Beside the transaction of the import, so that others see how far it is."""
    with db.engine.begin() as connection:
        connection.execute(update(Import).where(Import.id == import_id).values(rows_read=rows))
