"""A stop asked for by signal: long work looks at the flag between two messages or rows."""

import ctypes
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

_requested = Event()


def requested() -> bool:
    return _requested.is_set()


def on_signals(*numbers: signal.Signals) -> None:
    """From now on these signals only set the flag."""
    for number in numbers:
        signal.signal(number, lambda *_: _requested.set())


@contextmanager
def heeding(*numbers: signal.Signals) -> Iterator[None]:
    """Within the block these signals only set the flag; afterwards they do what they did before."""
    before = {number: signal.getsignal(number) for number in numbers}
    on_signals(*numbers)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def awaiting(*numbers: signal.Signals) -> Iterator[None]:
    """Within the block these signals wait; at its end they do what they would have done."""
    came: list[int] = []
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for each in came:
        signal.raise_signal(signal.Signals(each))


def with_parent() -> None:
    """Ask the kernel (Linux) for SIGTERM when the parent dies, so that no orphan works on."""
    pr_set_pdeathsig = 1
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
