"""Brevdue as script/server runs it, in a data folder and at ports of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

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
        """Nothing of the tester's own set-up gets in."""
        ours = {"BREVDUE_DATA": str(self.data), **self.ports, **more}
        theirs = ("TEST_", "MAIL_", "SECRET_KEY", "DATABASE_", "REDIS_", "PUBLIC_URL", "MEDIA_DIR")
        return {k: v for k, v in os.environ.items() if not k.startswith(theirs)} | ours

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


@contextmanager
def made_in(folder: Path) -> Iterator[Place]:
    """A place for one test or for several; whatever was begun there ends with it."""
    with socket.socket() as a, socket.socket() as b, socket.socket() as c:
        for each in (a, b, c):
            each.bind(("127.0.0.1", 0))
        free = [str(each.getsockname()[1]) for each in (a, b, c)]
    names = ("PORT", "INBOX_PORT", "SMTP_PORT")
    place = Place(folder / "var", dict(zip(names, free, strict=True)))
    yield place
    for run in place.runs:
        if run.poll() is None:
            run.terminate()
            run.wait(timeout=60)
