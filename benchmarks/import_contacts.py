"""How long people take to import, against a bare COPY of the same people into the same table.

python -m benchmarks.import_contacts 1000000

Writes to the database of the environment: take one that is migrated and empty.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from webapp import create_app
from webapp.people.imports import run, uploads
from webapp.people.models import Basis, Contact
from webapp.platform.database import db
from webapp.targets.imports import gather

HEADINGS = "Fornavn;Efternavn;E-mail;Mobil;Firma;Adresse;Postnr;By;Land"
COMPANIES = 50_000


def main(people: int) -> None:
    with TemporaryDirectory() as folder, create_app().app_context():
        file = Path(folder) / "people.csv"
        write_file(file, people)
        print(f"{people} people, {file.stat().st_size / 1e6:.0f} MB")
        bare = seconds(lambda: copy_only(people))
        print(f"bare COPY      {bare:7.1f} s")
        for name in ("first import", "second import"):
            took = seconds(lambda: import_file(file))
            print(f"{name:<14} {took:7.1f} s = {took / bare:.1f} × COPY")
        print(f"peak memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB")


def seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def person(number: int) -> tuple[str, ...]:
    return (
        f"Karen{number % 997}",
        f"Østergaard{number % 9973}",
        f"karen.{number}@firma{number % 5003}.dk",
        f"+45{20_000_000 + number % 70_000_000}",
        f"Firma nummer {number % COMPANIES} A/S",
        f"Vestergade {number % 200}",
        f"{1000 + number % 8999}",
        "Århus",
        "DK",
    )


def write_file(path: Path, people: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADINGS + "\n")
        file.writelines(";".join(person(number)) + "\n" for number in range(people))


def copy_only(people: int) -> None:
    """With the indexes and the stored columns of the table, and rolled back."""
    table = Contact.__table__
    given = ["first_name", "last_name", "email", "mobile", "note", "address", "postcode", "city"]
    given += ["country", "email_key", "created_at", "updated_at"]
    rest = [
        column.name
        for column in table.c
        if not column.nullable and column.computed is None and column.name not in [*given, "id"]
    ]
    fixed = {"no_mailings": "f", "former_employee": "f", "e_marketing": "granted"}
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    columns = ", ".join([*given, *rest])
    with driver.cursor().copy(f"COPY contact ({columns}) FROM STDIN".encode()) as copy:
        for number in range(people):
            values = person(number)
            copy.write_row((*values, values[2], "now", "now", *(fixed.get(n, "") for n in rest)))
    db.session.rollback()


def import_file(path: Path) -> None:
    with path.open("rb") as file:
        import_ = uploads.receive(file, path.name, user_id=None)
    run.start(import_, basis=Basis.CONSENT, source="Benchmark", selection_name="Benchmark")
    db.session.commit()
    run.run(import_.id, gather)


if __name__ == "__main__":
    main(int(sys.argv[1]))
