"""How long a million people take to import, against a bare COPY of the same people.

    flask db upgrade && python -m benchmarks.import_contacts 1000000

Writes to the database of the environment; take an empty one.
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from sqlalchemy import text

from webapp import create_app
from webapp.people.imports import run, uploads
from webapp.people.models import Basis
from webapp.platform.database import db
from webapp.targets.imports import gather

COMPANIES = 50_000
COPY = "COPY contact (email, email_key, first_name, last_name, mobile, postcode, city) FROM STDIN"
DEFAULTS = """
ALTER TABLE contact {each} title {what} ''
"""


def main(people: int) -> None:
    with TemporaryDirectory() as folder, create_app().app_context():
        file = Path(folder) / "people.csv"
        write_file(file, people)
        print(f"{people} people, {file.stat().st_size / 1e6:.0f} MB")
        bare = seconds(lambda: copy_only(people))
        print(f"bare COPY       {bare:6.1f} s")
        for title in ("first import", "second import"):
            took = seconds(lambda: import_file(file))
            print(f"{title:<15} {took:6.1f} s, {took / bare:.1f} × COPY")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory     {peak:6.0f} MB")


def seconds(work: "callable") -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
