"""PostgreSQL and Valkey out of their wheels, in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from webapp.platform.development import processes
from webapp.platform.development.embedded import EmbeddedServerError, Postgres, Server, Valkey

Start = Callable[[Server], list[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a server and returns what it said; it is stopped after the test."""
    started: list[Server] = []

    def run(server: Server) -> list[str]:
        said: list[str] = []
        started.append(server)
        server.start(said.append)
        return said

    yield run
    for server in started:
        server.stop(limit=10)


def postgres(folder: Path, *, durable: bool = False) -> Postgres:
    return Postgres(folder / "postgres", folder / "log", durable=durable)


def query(server: Postgres, words: str) -> object:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        cursor = connection.execute(words)
        return cursor.fetchall() if cursor.description else None


def test_the_database_knows_danish_letters(tmp_path: Path, start: Start) -> None:
    server = postgres(tmp_path)
    start(server)

    assert query(server, "SELECT lower('BLÅBÆRGRØD'), 'ÆØÅ' ILIKE 'æøå'") == [("blåbærgrød", True)]


def test_nobody_but_its_owner_gets_to_the_database(tmp_path: Path, start: Start) -> None:
    server = postgres(tmp_path)
    start(server)

    assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0
    assert query(server, "SHOW listen_addresses") == [("",)]


def test_data_outlives_a_kill_and_a_number_that_another_program_has_now(
    tmp_path: Path, start: Start
) -> None:
    server = postgres(tmp_path, durable=True)
    start(server)
    query(server, "CREATE TABLE kept AS SELECT 7 AS n")
    assert server.process is not None
    processes.end_group(server.process)
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:], ""]))

    again = postgres(tmp_path)
    start(again)

    assert query(again, "SELECT n FROM kept") == [(7,)]


def test_a_server_that_an_earlier_run_left_is_stopped_and_its_data_found(
    tmp_path: Path, start: Start
) -> None:
    left, found = postgres(tmp_path), postgres(tmp_path)
    start(left)
    query(left, "CREATE TABLE kept AS SELECT 7 AS n")

    said = start(found)

    assert said == ["Stopping the PostgreSQL that an earlier run left behind…"]
    assert left.process is not None
    assert left.process.wait(timeout=10) == 0
    assert query(found, "SELECT n FROM kept") == [(7,)]


def test_a_folder_too_deep_for_a_socket_works(tmp_path: Path, start: Start) -> None:
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    server = postgres(deep)
    start(server)

    assert query(server, "SELECT 1") == [(1,)]
    shortcut = server.address()
    server.stop()
    assert not shortcut.parent.exists()


def test_a_half_made_database_is_made_anew(tmp_path: Path, start: Start) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = postgres(tmp_path)
    start(server)

    assert query(server, "SELECT 1") == [(1,)]


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")

    with pytest.raises(EmbeddedServerError, match="was made by PostgreSQL 15"):
        postgres(tmp_path).start(print)


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can leave root.")
def test_root_leaves_the_folders_above_its_data_closed(tmp_path: Path, start: Start) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = postgres(closed)
    start(server)

    assert query(server, "SELECT current_user") == [("brevdue",)]
    assert (closed / "postgres").stat().st_uid != 0
    assert closed.stat().st_mode & 0o077 == 0


def test_valkey_keeps_what_it_was_given(tmp_path: Path, start: Start) -> None:
    server = Valkey(tmp_path / "valkey", tmp_path / "log")
    start(server)
    Redis.from_url(server.url()).set("mailing", "7")
    server.stop()

    again = Valkey(tmp_path / "valkey", tmp_path / "log")
    start(again)

    assert Redis.from_url(again.url()).get("mailing") == b"7"


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("Only Linux tells a child that its parent died.")
    parent = (
        "import pathlib, time; from webapp.platform.development import processes\n"
        "child = processes.start(['sleep', '60'], log=pathlib.Path('log'))\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    environ = os.environ | {"PYTHONPATH": os.getcwd()}
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=tmp_path, env=environ
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()

    assert ended_within(child, seconds=5)


def ended_within(pid: int, seconds: float) -> bool:
    waiting = shutil.which("timeout")
    assert waiting
    watch = ["sh", "-c", f"while grep -qv ') Z' /proc/{pid}/stat 2>/dev/null; do sleep 0.05; done"]
    return subprocess.run([waiting, str(seconds), *watch]).returncode == 0
