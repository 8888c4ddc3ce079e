"""script/server as somebody at a terminal meets it: started, killed, stopped, started wrongly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from tests.support.place import COMMAND, Place, made_in
from webapp.platform.config import ConfigError
from webapp.platform.development import settings, supervisor
from webapp.platform.development.settings import ROOT
from webapp.platform.development.supervisor import CannotStart


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with made_in(tmp_path) as place:
        yield place


@pytest.mark.skipif(sys.platform != "linux", reason="Looks into /proc.")
def test_data_outlives_a_kill_a_dead_worker_comes_back_and_ctrl_c_leaves_nothing_running(
    place: Place,
) -> None:
    killed = place.begin()
    database = f"postgresql://brevdue@/brevdue?host={place.data / 'postgres'}"
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    killed.kill()
    killed.wait()

    run = place.begin()

    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    with urlopen(f"http://127.0.0.1:{place.ports['INBOX_PORT']}/messages.json") as answer:
        assert b'"count":0' in answer.read()
    assert "already running in this folder" in refusal(place)
    assert "DATABASE_URL='postgresql://" in (place.data / "environment").read_text()

    (worker,) = pids_of(place, "jobs.worker")
    os.kill(worker, signal.SIGKILL)
    assert run.stdout is not None
    said = next(line for line in run.stdout if line.strip())
    assert said.startswith("worker was ended by SIGKILL and starts again in 1 s.")
    assert wait_for_another(place, "jobs.worker", than=worker)

    run.send_signal(signal.SIGINT)

    assert run.wait(timeout=60) == 0
    assert place.processes() == []
    assert not (place.data / "environment").exists()


def test_a_port_in_use_is_named_with_the_variable_that_changes_it(place: Place) -> None:
    with socket.create_server(("127.0.0.1", int(place.ports["INBOX_PORT"]))) as taken:
        port = taken.getsockname()[1]
        assert refusal(place) == (
            f"Port {port} is in use by another program. Set INBOX_PORT to a free one."
        )


def test_a_folder_that_cannot_be_written_to_is_one_sentence(place: Place) -> None:
    place.data.write_text("A file stands where the folder should be.")

    assert refusal(place).startswith(f"Nothing can be written to the folder {place.data} (")


@pytest.mark.parametrize(
    ("name", "value"), [("REDIS_URL", "localhost"), ("MAIL_PORT", "smtp"), ("SECRET_KEY", "short")]
)
def test_a_wrong_variable_is_named(place: Place, name: str, value: str) -> None:
    assert refusal(place, **{name: value}).startswith(f"{name} is ")


def test_a_reason_not_to_start_is_all_that_the_terminal_shows(place: Place) -> None:
    environ = place.environ(SECRET_KEY="short")
    done = subprocess.run(COMMAND, cwd=ROOT, env=environ, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Brevdue cannot start. SECRET_KEY is too short: use at least 32 random characters.\n"
    )


def refusal(place: Place, **more: str) -> str:
    """Why it cannot start."""
    with pytest.raises((CannotStart, ConfigError)) as refused:
        supervisor.run(settings.read(place.environ(**more)))
    return str(refused.value)


def wait_for_another(place: Place, program: str, *, than: int) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if pids_of(place, program) not in ([], [than]):
            return True
        time.sleep(0.2)
    return False


def pids_of(place: Place, program: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_text() + (entry / "environ").read_text()
        except OSError:
            continue
        if f"-m\0{program}\0" in words and str(place.data) in words:
            found.append(int(entry.name))
    return found
