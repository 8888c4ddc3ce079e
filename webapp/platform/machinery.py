"""What Brevdue stands on, looked at from here: Redis, queues and workers, the clock, disks."""

import platform
import shutil
import socket
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from flask import current_app
from rq import Queue, Worker
from rq.worker import BaseWorker
from sqlalchemy import text

from webapp.platform.database import db
from webapp.platform.queueing import QueueName, connection, queue

CLOCK_LOCK = 0x6272657664756501
"""The advisory lock of PostgreSQL that the one clock which ticks holds."""

# A lock by one number of 64 bits is listed in two halves.
CLOCK_TICKS = text(
    """
SELECT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
     WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1 AND granted
       AND classid = (cast(:lock AS bigint) >> 32)
       AND objid = (cast(:lock AS bigint) & 4294967295))
"""
).bindparams(lock=CLOCK_LOCK)


@dataclass(frozen=True)
class QueueFacts:
    name: QueueName
    waiting: int
    oldest_at: datetime | None
    workers: int


@dataclass(frozen=True)
class WorkerFacts:
    host: str
    pid: int
    queues: tuple[QueueName, ...]
    busy: bool
    heard_at: datetime | None
    """A busy one tells every half minute, an idle one every seven; RQ forgets who does not."""


@dataclass(frozen=True)
class RedisFacts:
    product: str
    """Redis, or what speaks its language."""
    version: str
    queues: tuple[QueueFacts, ...]
    workers: tuple[WorkerFacts, ...]


@dataclass(frozen=True)
class DiskFacts:
    variable: str
    folder: Path
    free: int | None
    """Bytes; None when the folder cannot be reached."""


@dataclass(frozen=True)
class Versions:
    brevdue: str
    python: str
    host: str


def redis() -> RedisFacts:
    """Raises RedisError."""
    info = connection().info("server")
    product = "valkey" if "valkey_version" in info else "redis"
    workers = tuple(_worker(each) for each in Worker.all(connection=connection()))
    return RedisFacts(
        product=product.title(),
        version=str(info[f"{product}_version"]),
        queues=tuple(_queue(name, workers) for name in QueueName),
        workers=tuple(worker for worker in workers if worker.queues),
    )


def clock_ticks() -> bool:
    return bool(db.session.scalar(CLOCK_TICKS))


def postgres_version() -> str:
    """Without what the packager added: “18.1 (Debian 18.1-2)” is 18.1."""
    said = str(db.session.scalar(text("SHOW server_version")))
    return said.split()[0]


def disks() -> list[DiskFacts]:
    """The folders of the machine that answers the page; other machines have their own."""
    return [_disk(variable) for variable in ("MEDIA_DIR", "JOURNAL_DIR")]


def versions() -> Versions:
    return Versions(version("brevdue"), platform.python_version(), socket.gethostname())


def _queue(name: QueueName, workers: tuple[WorkerFacts, ...]) -> QueueFacts:
    jobs = queue(name)
    return QueueFacts(
        name=name,
        waiting=jobs.count,
        oldest_at=_oldest(jobs),
        workers=sum(name in worker.queues for worker in workers),
    )


def _oldest(jobs: Queue) -> datetime | None:
    for job_id in jobs.get_job_ids(0, 1):
        job = jobs.fetch_job(job_id)
        return job.enqueued_at if job else None
    return None


def _worker(worker: BaseWorker) -> WorkerFacts:
    """Its queues are those of ours: other programs may use the same Redis."""
    served = worker.queue_names()
    return WorkerFacts(
        host=worker.hostname or "",
        pid=worker.pid or 0,
        queues=tuple(name for name in QueueName if queue(name).name in served),
        busy=worker.get_state() == "busy",
        heard_at=worker.last_heartbeat,
    )


def _disk(variable: str) -> DiskFacts:
    folder = Path(current_app.config[variable])
    try:
        return DiskFacts(variable, folder, shutil.disk_usage(folder).free)
    except OSError:
        return DiskFacts(variable, folder, None)
