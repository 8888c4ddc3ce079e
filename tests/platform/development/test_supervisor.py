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
from threading import Timer
from urllib.request import urlopen

import psycopg
import pytest

from webapp.platform.config import ConfigError
from webapp.platform.development import settings, supervisor
from webapp.platform.development.settings import ROOT
from webapp.platform.development.supervisor import CannotStart

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
        patience = Timer(120, run.kill)
        patience.start()
        said = []
        for line in run.stdout:
            said.append(line)
            if READY in line:
                patience.cancel()
                return run
        raise AssertionError("".join(said))

    def refusal(self, **more: str) -> str:
        """Why it cannot start."""
        with pytest.raises((CannotStart, ConfigError)) as refused:
            supervisor.run(settings.read(self.environ(**more)))
        return str(refused.value)

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
    assert "already running in this folder" in place.refusal()
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
        assert place.refusal() == (
            f"Port {port} is in use by another program. Set INBOX_PORT to a free one."
        )


def test_a_folder_that_cannot_be_written_to_is_one_sentence(place: Place) -> None:
    place.data.write_text("A file stands where the folder should be.")

    assert place.refusal().startswith(f"Nothing can be written to the folder {place.data} (")


@pytest.mark.parametrize(
    ("name", "value"), [("REDIS_URL", "localhost"), ("MAIL_PORT", "smtp"), ("SECRET_KEY", "short")]
)
def test_a_wrong_variable_is_named(place: Place, name: str, value: str) -> None:
    assert place.refusal(**{name: value}).startswith(f"{name} is ")


def test_a_reason_not_to_start_is_all_that_the_terminal_shows(place: Place) -> None:
    environ = place.environ(SECRET_KEY="short")
    done = subprocess.run(COMMAND, cwd=ROOT, env=environ, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Brevdue cannot start. SECRET_KEY is too short: use at least 32 random characters.\n"
    )


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
