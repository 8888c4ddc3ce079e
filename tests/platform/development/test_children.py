"""The processes of the application while it is developed."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from webapp.platform import stopping
from webapp.platform.development import processes
from webapp.platform.development.children import Child


class Stop(BaseException):
    """As the supervisor raises it."""


def stop(*_: object) -> None:
    raise Stop


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    child = Child("sleeper", [sys.executable, "-c", "input()"], {}, tmp_path / "log")
    yield child
    child.stop()


def test_a_stop_that_strikes_while_a_child_starts_finds_the_child_to_end(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would work on when we are gone."""
    begin = processes.start

    def struck(*args: Any, **kwargs: Any) -> "Popen[bytes]":
        process = begin(*args, **kwargs)
        signal.raise_signal(signal.SIGHUP)
        return process

    monkeypatch.setattr(processes, "start", struck)
    before = signal.signal(signal.SIGHUP, stop)

    with pytest.raises(Stop):
        child.start()

    assert child.process is not None
    assert signal.signal(signal.SIGHUP, before) is stop


def test_signals_that_nobody_sent_do_nothing_after_the_wait() -> None:
    before = signal.getsignal(signal.SIGHUP)

    with stopping.awaiting(signal.SIGHUP):
        assert signal.getsignal(signal.SIGHUP) is not before

    assert signal.getsignal(signal.SIGHUP) is before
