"""Two workers at once, and workers that are killed."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from tests.people.imports.importing import begin, into_nothing, upload
from webapp.people.imports import run, work
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import Contact
from webapp.platform import stopping
from webapp.platform.config import Config
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue

PEOPLE = "E-mail\nkaren@lys.example.dk\n"


@pytest.fixture
def other_worker(config: Config) -> Iterator[psycopg.Connection]:
    url = config.database_url.replace("+psycopg", "", 1)
    with psycopg.connect(url) as connection:
        yield connection


def hold(connection: psycopg.Connection, import_: Import) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (work.LOCKS, import_.id))


def waiting(state: ImportState = ImportState.WAITING, seconds: int = 600) -> Import:
    """An import that was asked for so many seconds ago."""
    import_ = upload(PEOPLE)
    begin(import_)
    import_.state = state
    import_.rung_at = utcnow() - timedelta(seconds=seconds)
    db.session.commit()
    return import_


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact)) or 0


def test_what_another_worker_holds_is_left_to_it(other_worker: psycopg.Connection) -> None:
    import_ = waiting()
    hold(other_worker, import_)
    run.run(import_.id, into_nothing)
    assert import_.state == ImportState.RUNNING
    assert people() == 0


@pytest.mark.parametrize("state", [ImportState.CHECKING, ImportState.WAITING, ImportState.RUNNING])
def test_work_that_nobody_holds_is_found_once(state: ImportState) -> None:
    import_ = waiting(state)
    assert work.stuck() == [import_.id]
    assert work.stuck() == []


def test_work_that_somebody_holds_is_not_stuck(other_worker: psycopg.Connection) -> None:
    import_ = waiting(ImportState.RUNNING)
    hold(other_worker, import_)
    assert work.stuck() == []


def test_a_worker_has_a_while_to_take_it_up() -> None:
    waiting(seconds=5)
    assert work.stuck() == []


@pytest.mark.parametrize("state", [ImportState.CHECKED, ImportState.DONE, ImportState.FAILED])
def test_what_waits_for_nobody_is_not_stuck(state: ImportState) -> None:
    waiting(state)
    assert work.stuck() == []


def test_an_import_whose_worker_was_killed_begins_anew() -> None:
    import_ = waiting(ImportState.RUNNING)
    run.run(import_.id, into_nothing)
    assert import_.state == ImportState.DONE
    assert people() == 1


def test_a_worker_that_has_to_stop_changes_nothing_and_leaves_the_rest_to_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_ = waiting()
    monkeypatch.setattr(stopping, "requested", lambda: True)
    run.run(import_.id, into_nothing)
    assert (import_.state, people()) == (ImportState.RUNNING, 0)
    assert queue(QueueName.DEFAULT).count == 1
    monkeypatch.undo()
    run.run(import_.id, into_nothing)
    assert (import_.state, people()) == (ImportState.DONE, 1)


def test_another_import_waits_while_one_is_written(other_worker: psycopg.Connection) -> None:
    other_worker.execute("SELECT pg_advisory_xact_lock(%s, 0)", (work.LOCKS,))
    db.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
    with pytest.raises(OperationalError, match="lock timeout"):
        work.write_alone()
