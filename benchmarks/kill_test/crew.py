"""The senders and the clock, started again whenever one is gone, as a supervisor does it."""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import CannotMeasure
from benchmarks.machine import children
from webapp.platform.development import processes

PATIENCE = 90.0
"""Seconds in which a sender has to come to work, or to end; it ends after a slice at the latest."""

Process = subprocess.Popen[bytes]

log = logging.getLogger("kills")


@dataclass(frozen=True)
class Horse:
    """The process that a sender forks for a job; it does the sending."""

    pid: int
    sender: Process

    def strike(self, number: signal.Signals) -> None:
        """It may be gone already."""
        log.info("%s for work horse %s of sender %s", number.name, self.pid, self.sender.pid)
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    @property
    def alive(self) -> bool:
        return state_of(self.pid) not in "ZX"


class Crew:
    def __init__(self, folder: Path, environ: Mapping[str, str], senders: int, hasty: bool) -> None:
        self.folder = folder
        self._environ = environ
        self._hasty = hasty
        self._clock = self._started("clock")
        self._senders = [self._started("sender") for _ in range(senders)]

    def revive(self) -> None:
        """Whoever is gone starts again."""
        if self._clock.poll() is not None:
            self._clock = self._started("clock")
        for number, sender in enumerate(self._senders):
            if (code := sender.poll()) is not None:
                log.info("sender %s has ended with %s", sender.pid, code)
                self._senders[number] = self._started("sender")

    def horses(self) -> list[Horse]:
        found = [Horse(pid, sender) for sender in self._senders for pid in children(sender.pid)]
        return [horse for horse in found if horse.alive]

    def horse(self, keep_busy: Callable[[], None]) -> Horse:
        """One that works, by chance; while none does, `keep_busy` sees that there is work. Raises
        CannotMeasure."""

        def meanwhile() -> None:
            self.revive()
            keep_busy()

        try:
            wait_until(lambda: bool(self.horses()), "no sender comes to work", meanwhile)
        except CannotMeasure as error:
            raise CannotMeasure(f"{error}: {self.last_words()}") from error
        horses = self.horses()
        return random.choice(horses) if horses else self.horse(keep_busy)  # noqa: S311

    def kill_all_senders(self) -> list[Horse]:
        """All at once, as when the power fails: not one is there to settle what another left."""
        # Who is stopped forks no other horse while we look for those there are.
        for sender in self._senders:
            sender.send_signal(signal.SIGSTOP)
        horses = self.horses()
        for horse in horses:
            horse.strike(signal.SIGKILL)
        for sender in self._senders:
            sender.kill()
            sender.wait()
        wait_until(lambda: not any(horse.alive for horse in horses), "a killed sender lives on")
        return horses

    def last_words(self) -> str:
        log = (self.folder / "sender.log").read_text(errors="replace").strip()
        return log[-500:] or "it says nothing"

    def stop(self) -> None:
        for process in (*self._senders, self._clock):
            process.send_signal(signal.SIGTERM)
        for process in (*self._senders, self._clock):
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            processes.end_group(process)

    def _started(self, name: str) -> Process:
        module = ["benchmarks.kill_test.hasty", name] if self._hasty else [f"jobs.{name}"]
        return processes.start(
            [sys.executable, "-m", *module],
            log=self.folder / f"{name}.log",
            environ=self._environ,
            cwd=self.folder,
        )


@contextmanager
def crew(folder: Path, environ: Mapping[str, str], *, senders: int, hasty: bool) -> Iterator[Crew]:
    started = Crew(folder, environ, senders, hasty)
    try:
        yield started
    finally:
        started.stop()


def wait_until(
    done: Callable[[], bool],
    otherwise: str,
    meanwhile: Callable[[], None] = lambda: None,
    *,
    seconds: float = PATIENCE,
) -> None:
    """Raises CannotMeasure after that time, with what is wrong then."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{otherwise} (after {seconds:.0f} s)")
        meanwhile()
        time.sleep(0.01)


def state_of(pid: int) -> str:
    """R, S, D, T, Z… as in /proc/PID/stat, X for gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "X"
