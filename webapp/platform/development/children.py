"""The processes of the application while it is developed: started, watched, started again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from webapp.platform import stopping
from webapp.platform.development import processes

LONGEST_PAUSE = 30.0
STEADY = 60.0
"""Seconds after which a start counts as having succeeded."""
_LARGEST_LOG = 5_000_000


@dataclass
class Child:
    name: str
    command: list[str]
    environ: Mapping[str, str]
    log: Path
    patience: float = 10.0
    """Seconds it gets to finish what it is doing when asked to stop."""
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _changed: float = field(default=0.0, init=False)

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with stopping.awaiting(*processes.STOP_SIGNALS):
            self.process = processes.start(self.command, log=self.log, environ=self.environ)
        self._changed = time.monotonic()

    def watch(self, say: Callable[[str], None]) -> None:
        """Call it several times a second: starts a child that ended again, later each time."""
        if self.process is not None and self.process.poll() is not None:
            self._lament(self.process, say)
        if self.process is None and time.monotonic() >= self._changed + self._pause:
            self.start()

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, signal.SIGTERM, self.patience)

    def _lament(self, process: "subprocess.Popen[bytes]", say: Callable[[str], None]) -> None:
        processes.end_group(process)
        if time.monotonic() - self._changed > STEADY:
            self._failures = 0
        self._failures += 1
        say(
            f"{self.name} {_ending(process.returncode)} and starts again in {self._pause:.0f} s."
            f" What it said is in {self.log}."
        )
        self.process, self._changed = None, time.monotonic()

    @property
    def _pause(self) -> float:
        return min(2.0 ** (self._failures - 1), LONGEST_PAUSE)


class NewLines:
    """What is added to a log from now on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._at = log.stat().st_size if log.exists() else 0

    def read(self) -> list[str]:
        if not self._log.exists():
            return []
        self._at = min(self._at, os.path.getsize(self._log))
        with self._log.open("rb") as file:
            file.seek(self._at)
            whole = file.read().rpartition(b"\n")
        self._at += len(whole[0] + whole[1])
        return whole[0].decode("utf-8", "replace").splitlines()


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"stopped by itself (exit code {code})"
