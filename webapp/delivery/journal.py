"""What a sender has begun, in a file of its host that outlives it.

To commit around every message is too slow, and to commit around every 500 would leave 500 in doubt
after a crash. A memory-mapped file costs less than a microsecond a message, and the kernel keeps it
when the process dies. One file to a batch: a header, and a slot for each recipient. The body of a
slot is written first and its state last.

Who works on a batch holds a lock on its file (flock, which ends with the process; never a process
number, which is used again). What nobody holds is left by a dead sender, to be replayed.
"""

import fcntl
import logging
import mmap
import os
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from webapp.delivery.outcomes import Outcome
from webapp.mailings.models import RecipientState

_HEADER = struct.Struct("<8s16s16sqqq")
_MAGIC = b"brevdue1"
_BODY = struct.Struct("<qdH")
_SLOT = 256
"""Bytes; a slot never lies across two pages of memory."""
_REPLY_AT = 8 + _BODY.size
_LONGEST_REPLY = _SLOT - _REPLY_AT

_LONGEST_BEGINNING = 60.0
"""Seconds; milliseconds are usual."""

_NOT_BEGUN, _BEGUN = 0, 1
_CODES = {
    RecipientState.SENT: 2,
    RecipientState.DEFERRED: 3,
    RecipientState.FAILED: 4,
    RecipientState.UNKNOWN: 5,
}
_STATES = {code: state for state, code in _CODES.items()}


log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    recipient_id: int
    begun: bool
    outcome: Outcome | None
    at: datetime


class Journal:
    """Of one batch; its slots are numbered as the recipients were given."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file
        self._map = mmap.mmap(file, 0)
        magic, boot, token, self.batch_id, self.attempt, self._size = _HEADER.unpack_from(self._map)
        if magic != _MAGIC or len(self._map) != _SLOT * (self._size + 1):
            raise ValueError("This is no journal.")
        self.token = UUID(bytes=token)
        self.of_this_boot = boot == boot_id()

    @classmethod
    def begin(
        cls, folder: Path, token: UUID, batch_id: int, attempt: int, recipients: Sequence[int]
    ) -> "Journal":
        """It gets its name once it is locked and complete, so that nobody takes it for left."""
        path = folder / f"{batch_id}-{attempt}-{token.hex}.journal"
        unfinished = path.with_suffix(".new")
        file = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = len(recipients)
        header = (_MAGIC, boot_id(), token.bytes, batch_id, attempt, size)
        content = bytearray(_SLOT * (size + 1))
        _HEADER.pack_into(content, 0, *header)
        for number, recipient_id in enumerate(recipients):
            _BODY.pack_into(content, _at(number) + 8, recipient_id, 0.0, 0)
        os.write(file, content)
        os.rename(unfinished, path)
        return cls(path, file)

    @classmethod
    def left(cls, folder: Path) -> Iterator["Journal"]:
        """Those that nobody holds; they are held now."""
        _throw_away_unfinished(folder)
        for path in sorted(folder.glob("*.journal")):
            if journal := cls._taken_over(path):
                yield journal

    @classmethod
    def _taken_over(cls, path: Path) -> "Journal | None":
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file).st_nlink:
                return cls(path, file)
        except BlockingIOError:
            pass
        except (ValueError, struct.error):
            log.warning("%s is no journal; it is put aside", path.name)
            path.rename(path.with_suffix(".broken"))
        os.close(file)
        return None

    def begun(self, number: int) -> None:
        """From here on it may have arrived."""
        self._map[_at(number)] = _BEGUN

    def ended(self, number: int, recipient_id: int, outcome: Outcome, at: datetime) -> None:
        start = _at(number)
        reply = outcome.reply.encode()[:_LONGEST_REPLY]
        _BODY.pack_into(self._map, start + 8, recipient_id, at.timestamp(), len(reply))
        self._map[start + _REPLY_AT : start + _REPLY_AT + len(reply)] = reply
        self._map[start] = _CODES[outcome.state]

    def entries(self) -> Iterator[Entry]:
        for number in range(self._size):
            start = _at(number)
            code = self._map[start]
            recipient_id, at, length = _BODY.unpack_from(self._map, start + 8)
            reply = self._map[start + _REPLY_AT : start + _REPLY_AT + length]
            state = _STATES.get(code)
            outcome = Outcome(state, reply.decode("utf-8", "ignore")) if state else None
            yield Entry(recipient_id, code != _NOT_BEGUN, outcome, datetime.fromtimestamp(at, UTC))

    def remove(self) -> None:
        """Everything in it stands in the database now."""
        self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        if not self._map.closed:
            self._map.close()
            os.close(self._file)


def _throw_away_unfinished(folder: Path) -> None:
    """Whoever was killed before a journal had its name had handed nothing over."""
    for path in folder.glob("*.new"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _LONGEST_BEGINNING:
                path.unlink()


def boot_id() -> bytes:
    """After another start of the machine the file may lack what was written last.

    Where the system does not tell (Linux does), every process takes the file of another for one
    from before: what it does not know is unknown then, and never sent twice.
    """
    return _BOOT_ID


def _read_boot_id() -> bytes:
    try:
        return UUID(Path("/proc/sys/kernel/random/boot_id").read_text().strip()).bytes
    except (OSError, ValueError):
        return uuid4().bytes


_BOOT_ID = _read_boot_id()


def _at(number: int) -> int:
    return _SLOT * (number + 1)
