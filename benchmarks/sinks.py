"""Where the messages of a benchmark go: Postfix's smtp-sink, or one of our own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.figures import CannotMeasure
from webapp.platform.development import processes
from webapp.platform.development.settings import ROOT

PATIENCE = 10.0
"""Seconds until a sink has to listen."""


@dataclass(frozen=True)
class Sink:
    port: int
    log: Path
    pid: int = 0

    def messages(self) -> int:
        """How many it took. Ask when it has stopped."""
        counts = re.findall(rb"mesg=(\d+)", self.log.read_bytes())
        return int(counts[-1]) if counts else 0


@dataclass(frozen=True)
class Postfix:
    """smtp-sink and smtp-source of one installation, or of an unpacked package."""

    folder: Path
    environ: Mapping[str, str]

    @contextmanager
    def sink(self, folder: Path) -> Iterator[Sink]:
        sink = Sink(_free_port(), folder / "smtp-sink.log")
        # It refuses to stay root.
        account = ["-u", "nobody"] if os.geteuid() == 0 else []
        words = [self.folder / "smtp-sink", "-c", *account, f"127.0.0.1:{sink.port}", "100"]
        with _running(words, sink, self.environ) as running:
            yield running

    def flood(self, sink: Sink, message: Path, count: int, connections: int) -> float:
        """Seconds that smtp-source takes for `count` times the same message."""
        words = ["-d", "-c", "-F", message, "-m", count, "-s", connections]
        words += ["-f", "mette@fjordlys.example", "-t", "karen@kunde.example"]
        command = [str(self.folder / "smtp-source"), *map(str, words), f"127.0.0.1:{sink.port}"]
        begun = time.perf_counter()
        done = subprocess.run(command, env=self.environ, capture_output=True)
        if done.returncode != 0:
            raise CannotMeasure(f"smtp-source fails: {done.stderr.decode(errors='replace')}")
        return time.perf_counter() - begun


def postfix() -> Postfix | None:
    """That of SMTP_SINK_DIR, a folder into which the package was unpacked, or the one installed.

    Raises CannotMeasure when that folder does not hold it.
    """
    unpacked = os.environ.get("SMTP_SINK_DIR")
    if unpacked:
        folder = Path(unpacked) / "usr" / "sbin"
        if not (folder / "smtp-sink").exists():
            raise CannotMeasure("there is no usr/sbin/smtp-sink in SMTP_SINK_DIR")
        libraries = str(Path(unpacked) / "usr" / "lib" / "postfix")
        return Postfix(folder, os.environ | {"LD_LIBRARY_PATH": libraries})
    found = shutil.which("smtp-sink", path=os.environ.get("PATH", "") + ":/usr/sbin")
    return Postfix(Path(found).parent, os.environ) if found else None


@contextmanager
def fastest(folder: Path) -> Iterator[Sink]:
    """smtp-sink where there is one, else our own."""
    theirs = postfix()
    with theirs.sink(folder) if theirs else our_own(folder) as sink:
        yield sink


def name_of_fastest() -> str:
    if postfix():
        return "Postfix's smtp-sink"
    return "our own (benchmarks/sink.py), as there is no smtp-sink on this machine"


@contextmanager
def our_own(folder: Path, *, delay: float = 0.0, keep: Path | None = None) -> Iterator[Sink]:
    """`delay` in seconds for each message; the last one is kept in the file `keep`."""
    sink = Sink(_free_port(), folder / "sink.log")
    words = [sys.executable, "-m", "benchmarks.sink", sink.port, "--delay", delay]
    words += ["--keep", keep] if keep else []
    with _running(words, sink, os.environ | {"PYTHONPATH": str(ROOT)}) as running:
        yield running


@contextmanager
def _running(words: Sequence[object], sink: Sink, environ: Mapping[str, str]) -> Iterator[Sink]:
    sink.log.unlink(missing_ok=True)
    process = processes.start([str(word) for word in words], log=sink.log, environ=environ)
    try:
        _wait_for(sink, process)
        yield replace(sink, pid=process.pid)
    finally:
        processes.stop(process, signal.SIGTERM, PATIENCE)


def _wait_for(sink: Sink, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", sink.port), timeout=PATIENCE).close()
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = sink.log.read_text(errors="replace").strip()
                raise CannotMeasure(f"the sink does not start: {said}") from error
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])
