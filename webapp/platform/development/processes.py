"""Starting, finding and ending the processes that we are answerable for."""

import ctypes
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_SOL_LOCAL, _LOCAL_PEERPID = 0, 2  # macOS, from sys/un.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """The user and group of the operating system that a process runs as."""

    uid: int
    gid: int


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    environ: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
    last_signal: signal.Signals = signal.SIGTERM,
) -> "Popen[bytes]":
    """A process in a session of its own, so that Ctrl-C in the terminal reaches only us.

    Let STOP_SIGNALS wait until the caller has kept what this returns: one that strikes between
    would leave a process that nobody knows.

    Should we die without a word, the kernel (Linux) sends it `last_signal`. That counts for the
    thread which calls this: it has to be one that lives as long as we do.
    """
    with log.open("ab") as output:
        return Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if environ is None else dict(environ),
            cwd=cwd,
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=_follows_parent(os.getpid(), last_signal),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def _follows_parent(parent: int, last_signal: signal.Signals) -> Callable[[], None] | None:
    libc = _libc
    if libc is None:
        return None

    def follow() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:
            os._exit(1)

    return follow


def stop(process: "Popen[bytes]", number: signal.Signals, limit: float) -> None:
    """Ask with signal `number`, wait `limit` seconds, then end the process and all its children."""
    if process.poll() is None:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(limit)
    end_group(process)


def end_group(process: "Popen[bytes]") -> None:
    """Whatever is left of the process and its children goes at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def listener(path: Path) -> int | None:
    """The process that listens on this socket, None for nobody.

    The kernel knows; a pid file can name a process long gone whose number another one has now.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        if sys.platform == "linux":
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return int(struct.unpack("3i", credentials)[0])
        return connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID)


def end_listener(path: Path, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn and wait its seconds, until nobody listens. False: still there."""
    for number, limit in steps:
        pid = listener(path)
        if pid is None:
            return True
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
        deadline = time.monotonic() + limit
        while listener(path) is not None and time.monotonic() < deadline:
            time.sleep(0.05)
    return listener(path) is None


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
