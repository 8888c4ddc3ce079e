"""script/server as somebody at a terminal meets it: started, killed, stopped, started wrongly."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

from webapp.platform.development.settings import ROOT

COMMAND = [sys.executable, "-m", "webapp.platform.development.supervisor"]
READY = "Ctrl-C stops everything"


@dataclass
class Place:
    """A data folder and three free ports."""

    data: Path
    ports: dict[str, str]
    runs: list["subprocess.Popen[str]"] = field(default_factory=list)

    def environ(self, **more: str) -> dict[str, str]:
        ours = {"BREVDUE_DATA": str(self.data), **self.ports, **more}
        return {k: v for k, v in os.environ.items() if not k.startswith("TEST_")} | ours

    def begin(self) -> "subprocess.Popen[str]":
        """Returns when it has printed its addresses."""
        run = subprocess.Popen(
            COMMAND, cwd=ROOT, env=self.environ(), stdout=subprocess.PIPE, text=True
        )
        self.runs.append(run)
        assert run.stdout is not None
        said = []
        for line in run.stdout:
            said.append(line)
            if READY in line:
                return run
        raise AssertionError("".join(said))

    def refusal(self, **more: str) -> str:
        """What it says when it cannot start: one sentence, and exit code 1."""
        done = subprocess.run(
            COMMAND, cwd=ROOT, env=self.environ(**more), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stdout + done.stderr
        return done.stderr

    def processes(self) -> list[str]:
        """The command lines of everything that runs with this data folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environ, command = (entry / "environ").read_text(), (entry / "cmdline").read_text()
                here = str(self.data) in environ + command + os.readlink(entry / "cwd")
            except OSError:
                continue
            if here:
                found.append(command.replace("\0", " "))
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with socket.socket() as a, socket.socket() as b, socket.socket() as c:
        for each in (a, b, c):
            each.bind(("127.0.0.1", 0))
        free = [str(each.getsockname()[1]) for each in (a, b, c)]
    names = ("PORT", "INBOX_PORT", "SMTP_PORT")
    place = Place(tmp_path / "var", dict(zip(names, free, strict=True)))
    yield place
    for run in place.runs:
        if run.poll() is None:
            run.terminate()
            run.wait(timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="Looks into /proc.")
def test_data_outlives_a_kill_and_ctrl_c_leaves_nothing_running(place: Place) -> None:
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
    assert "already running in this folder" in place.refusal()
    assert "DATABASE_URL='postgresql://" in (place.data / "environment").read_text()

    run.send_signal(signal.SIGINT)

    assert run.wait(timeout=60) == 0
    assert place.processes() == []
    assert not (place.data / "environment").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="Looks into /proc.")
def test_a_worker_that_dies_is_started_again(place: Place) -> None:
    run = place.begin()
    (worker,) = pids_of(place, "jobs.worker")
    os.kill(worker, signal.SIGKILL)

    assert run.stdout is not None
    said = next(line for line in run.stdout if line.strip())
    assert said.startswith("worker was ended by SIGKILL and starts again in 1 s.")
    deadline = time.monotonic() + 20
    while not pids_of(place, "jobs.worker") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert pids_of(place, "jobs.worker") not in ([], [worker])


def test_a_port_in_use_is_named_with_the_variable_that_changes_it(place: Place) -> None:
    with socket.create_server(("127.0.0.1", int(place.ports["INBOX_PORT"]))) as taken:
        port = taken.getsockname()[1]
        assert place.refusal() == (
            f"Brevdue cannot start. Port {port} is in use by another program."
            " Set INBOX_PORT to a free one.\n"
        )


def test_a_folder_that_cannot_be_written_to_is_one_sentence(place: Place) -> None:
    place.data.write_text("A file stands where the folder should be.")

    assert place.refusal().startswith(
        f"Brevdue cannot start. Nothing can be written to the folder {place.data} ("
    )


@pytest.mark.parametrize(
    ("name", "value"), [("REDIS_URL", "localhost"), ("MAIL_PORT", "smtp"), ("SECRET_KEY", "short")]
)
def test_a_wrong_variable_is_one_sentence_that_names_it(
    place: Place, name: str, value: str
) -> None:
    said = place.refusal(**{name: value})

    assert said.startswith(f"Brevdue cannot start. {name} is ")
    assert said.count("\n") == 1


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
