"""Hits on their way into the database: in memory first, so that no reader ever waits for it."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from flask import Flask, current_app

from webapp.response.models import HitKind
from webapp.response.queries import COPY_HITS, NOTE_FIRST_TIMES

GATHERING = 0.05
"""Seconds between two writes; what came meanwhile is written at once."""
ROOM = 100_000
"""Hits kept while the database is away. What comes after that is dropped, counted and logged."""
AT_ONCE = 5_000
LONGEST_PAUSE = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewHit:
    mailing_id: int
    recipient_id: int
    kind: HitKind
    link_number: int | None
    at: datetime
    method: str
    user_agent: str

    @property
    def counts(self) -> bool:
        """Who asks by HEAD is a machine that has not read anything."""
        return self.method != "HEAD"


class Recorder:
    """One for each process. Its thread starts with the first hit, so after a server has forked.

    The thread ends by itself, after a last write, when the main thread has ended. That works for
    every way a server stops its workers, also where neither signals nor atexit reach us.
    """

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._waiting: deque[NewHit] = deque()
        self._lock = threading.Lock()
        self._filled = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: psycopg.Connection | None = None
        self._dropped = 0

    def record(self, hit: NewHit) -> None:
        """Takes a microsecond and never fails."""
        with self._lock:
            if len(self._waiting) >= ROOM:
                self._dropped += 1
                return
            self._waiting.append(hit)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="hits", daemon=False)
                self._thread.start()
        self._filled.set()

    def _work(self) -> None:
        main = threading.main_thread()
        while main.is_alive():
            if self._filled.wait(timeout=0.25):
                time.sleep(GATHERING)
                self._filled.clear()
                self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        while hits := self._take():
            self._write_patiently(hits)

    def _take(self) -> list[NewHit]:
        with self._lock:
            dropped, self._dropped = self._dropped, 0
            count = min(len(self._waiting), AT_ONCE)
            hits = [self._waiting.popleft() for _ in range(count)]
        if dropped:
            log.error("%d opens and clicks were dropped: the database was away too long", dropped)
        return hits

    def _write_patiently(self, hits: Sequence[NewHit]) -> None:
        """Tries until they are written; once only when the process is ending."""
        pause = GATHERING
        while True:
            try:
                return self._write(hits)
            except psycopg.OperationalError as error:
                self._disconnect()
                if not threading.main_thread().is_alive():
                    return log.error("%d opens and clicks are lost: %s", len(hits), error)
                log.warning("Opens and clicks wait for the database: %s", error)
            except Exception:
                self._disconnect()
                return log.exception("%d opens and clicks cannot be written", len(hits))
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _write(self, hits: Sequence[NewHit]) -> None:
        if self._connection is None:
            self._connection = psycopg.connect(self._database_url, connect_timeout=5)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            with cursor.copy(COPY_HITS) as copy:
                for hit in hits:
                    copy.write_row(_row(hit))
            seen = _first_times(hits)
            if seen:
                cursor.execute(
                    NOTE_FIRST_TIMES, [list(column) for column in zip(*seen, strict=True)]
                )

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _row(hit: NewHit) -> tuple[object, ...]:
    return (
        hit.mailing_id,
        hit.recipient_id,
        hit.kind.value,
        hit.link_number,
        hit.at,
        hit.method,
        hit.user_agent,
    )


def _first_times(
    hits: Sequence[NewHit],
) -> list[tuple[int, int, datetime, datetime | None]]:
    """(recipient, mailing, first open, first click) of those who read, in order of recipients.

    A click counts as an open too: who clicked has read, also when the images were blocked.
    """
    opened: dict[tuple[int, int], datetime] = {}
    clicked: dict[tuple[int, int], datetime] = {}
    for hit in sorted(filter(lambda hit: hit.counts, hits), key=lambda hit: hit.at):
        who = (hit.recipient_id, hit.mailing_id)
        opened.setdefault(who, hit.at)
        if hit.kind is HitKind.CLICK:
            clicked.setdefault(who, hit.at)
    return [(*who, opened[who], clicked.get(who)) for who in sorted(opened)]


def init_app(app: Flask, database_url: str) -> None:
    app.extensions["recorder"] = Recorder(database_url)


def recorder() -> Recorder:
    found: Recorder = current_app.extensions["recorder"]
    return found
