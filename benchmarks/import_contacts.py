"""How long people take to import, against a bare COPY of the same people into the same table.

In a process of its own, so that its peak memory is that of the import.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import audience, machine
from benchmarks.desk import Bench, say
from benchmarks.figures import Better, Figure
from webapp import create_app
from webapp.people.imports import run, uploads
from webapp.people.models import Basis
from webapp.platform.config import from_environment
from webapp.platform.database import db
from webapp.targets.imports import gather

PEOPLE = 1_000_000
HEADINGS = "Fornavn;Efternavn;E-mail;Mobil;Firma;Adresse;Postnr;By;Land"
COMPANIES = 50_000
MEMORY = 300.0
"""MB that an import may take, whatever its size."""


@dataclass(frozen=True)
class Measured:
    """Times in seconds, memory in MB."""

    bare: float
    first: float
    again: float
    peak: float


def measure(bench: Bench) -> Iterator[Figure]:
    people = bench.options.size(PEOPLE, 50_000)
    with bench.desk("import") as desk:
        alone = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        with alone:
            taken = alone.submit(work, desk.environ, people).result()
    say(f"  {people:,} people: {taken}")
    lower, reference = Better.LOWER, "bare COPY"
    yield Figure("import", [taken.first], "s", reference, [taken.bare], 6, lower)
    yield Figure("import-again", [taken.again], "s", reference, [taken.bare], 6, lower)
    yield Figure("import-memory", [taken.peak], "MB", "the limit", [MEMORY], 1, lower)


def work(environ: Mapping[str, str], people: int) -> Measured:
    with TemporaryDirectory() as folder, create_app(from_environment(environ)).app_context():
        file = Path(folder) / "people.csv"
        write_file(file, people)
        bare = seconds(lambda: copy_only(people))
        first, again = (seconds(lambda: import_file(file)) for _turn in range(2))
        return Measured(bare, first, again, machine.peak_memory("self"))


def seconds(action: Callable[[], None]) -> float:
    begun = time.perf_counter()
    action()
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
    given = ["first_name", "last_name", "email", "mobile", "note", "address", "postcode", "city"]
    rows = (person(number) for number in range(people))
    columns = [*given, "country", "email_key"]
    audience.copy_contacts(columns, ((*row, row[2]) for row in rows))
    db.session.rollback()


def import_file(path: Path) -> None:
    with path.open("rb") as file:
        import_ = uploads.receive(file, path.name, user_id=None)
    run.start(import_, basis=Basis.CONSENT, source="Benchmark", selection_name="Benchmark")
    db.session.commit()
    run.run(import_.id, gather)
