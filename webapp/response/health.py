"""How Brevdue is doing: what works, what somebody should look at, what is broken."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import flask_babel
from redis import RedisError
from sqlalchemy import select, text

from webapp.delivery import invariant, servers
from webapp.delivery.invariant import Violation
from webapp.delivery.models import SendingServer
from webapp.mailings.models import Mailing
from webapp.people.imports import work
from webapp.platform import machinery
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.machinery import DiskFacts, QueueFacts, RedisFacts, WorkerFacts
from webapp.platform.queueing import QueueName
from webapp.response.today import UNKNOWN_FOR

LONG_WAIT = timedelta(minutes=1)
"""A job that waits longer than a sender works at a stretch found no worker free."""
MEGABYTE = 1_000_000
LITTLE_ROOM, NO_ROOM = 2_000 * MEGABYTE, 200 * MEGABYTE

QUEUE_NAMES = {
    QueueName.SYSTEM: _l("Confirmations and tests"),
    QueueName.DEFAULT: _l("Imports and updates"),
    QueueName.SENDING: _l("Mailings"),
}
WORKER_OF = {
    QueueName.SYSTEM: "jobs.worker",
    QueueName.DEFAULT: "jobs.worker",
    QueueName.SENDING: "jobs.sender",
}

# Rows that should have moved on by themselves, and people whose fate nobody knows. Each is found
# by an index of the few that are under way.
STUCK = text(
    """
SELECT (SELECT count(*) FROM mailing
         WHERE state = 'preparing' AND updated_at < now() - interval '10 minutes') AS preparing,
       (SELECT count(*) FROM mailing
         WHERE state = 'cancelled' AND finished_at IS NULL
           AND updated_at < now() - interval '15 minutes') AS cancelling,
       (SELECT count(*) FROM mailing
         WHERE state = 'scheduled' AND scheduled_at < now() - interval '5 minutes') AS overdue,
       (SELECT count(*) FROM batch
         WHERE state IN ('claimed', 'handed_over')
           AND lease_until < now() - interval '1 minute') AS abandoned,
       (SELECT count(*) FROM import
         WHERE state IN ('checking', 'waiting', 'running')
           AND created_at < now() - interval '10 minutes'
           AND NOT EXISTS (
               SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
                WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
                  AND classid = :import_locks AND objid = import.id AND granted)) AS imports,
       (SELECT count(*) FROM people_update
         WHERE state IN ('asked', 'running')
           AND heard_at < now() - interval '10 minutes') AS updates,
       (SELECT count(*) FROM gathering JOIN mailing ON mailing.id = mailing_id
         WHERE NOT cancelled AND mailing.state = 'draft'
           AND sources_changed_at < now() - interval '10 minutes') AS gatherings,
       (SELECT count(*) FROM recipient JOIN mailing ON mailing.id = recipient.mailing_id
         WHERE recipient.state = 'unknown' AND mailing.deleted_at IS NULL
           AND mailing.started_at > now() - cast(:unknown_for AS interval)) AS unknown
"""
)


class Level(StrEnum):
    FINE = "fine"
    OFF = "off"
    """Nobody wants it to work."""
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str
    detail: str
    """How it is; where that is not good, what to do."""
    value: str = ""


@dataclass(frozen=True)
class Health:
    services: list[Finding]
    work: list[Finding]
    servers: list[Finding]
    stuck: list[Finding]
    disks: list[Finding]

    @property
    def errors(self) -> int:
        return self._count(Level.ERROR)

    @property
    def warnings(self) -> int:
        return self._count(Level.WARNING)

    def _count(self, level: Level) -> int:
        parts = (self.services, self.work, self.servers, self.stuck, self.disks)
        return sum(finding.level is level for part in parts for finding in part)


@dataclass(frozen=True)
class Account:
    """Whether every recipient of the mailings of these days is accounted for."""

    mailings: int
    violations: list[Violation]
    names: dict[int, str]
    """Of the mailings that are not in order."""


def health() -> Health:
    """Quick, and answers also while Redis is away."""
    try:
        redis: RedisFacts | RedisError = machinery.redis()
    except RedisError as error:
        redis = error
    return Health(
        services=[_postgres(), _redis(redis), _clock()],
        work=list(_work(redis)),
        servers=list(_servers()),
        stuck=list(_stuck()),
        disks=[_disk(disk) for disk in machinery.disks()],
    )


def account() -> Account:
    """A second or two for each million recipients."""
    mailings = invariant.recent()
    violations = invariant.of_several(mailings)
    broken = {violation.mailing_id for violation in violations}
    names = db.session.execute(select(Mailing.id, Mailing.name).where(Mailing.id.in_(broken)))
    return Account(len(mailings), violations, dict(names.all()))


def _postgres() -> Finding:
    return Finding(Level.FINE, "PostgreSQL", _("It answers."), machinery.postgres_version())


def _redis(redis: RedisFacts | RedisError) -> Finding:
    if isinstance(redis, RedisFacts):
        return Finding(Level.FINE, redis.product, _("It answers."), redis.version)
    words = _(
        "It does not answer: %(error)s. Start it, or correct REDIS_URL. Until then nothing is sent"
        " or imported; nothing is lost.",
        error=str(redis).rstrip("."),
    )
    return Finding(Level.ERROR, "Redis", words)


def _clock() -> Finding:
    if machinery.clock_ticks():
        return Finding(Level.FINE, _("Clock"), _("It ticks."))
    words = _(
        "It does not run: nothing is tried again, and nothing that was scheduled starts. Start"
        " “python -m %(program)s”.",
        program="jobs.clock",
    )
    return Finding(Level.ERROR, _("Clock"), words)


def _work(redis: RedisFacts | RedisError) -> Iterator[Finding]:
    if isinstance(redis, RedisError):
        words = _("Nobody knows while Redis is away.")
        yield Finding(Level.ERROR, _("Queues and workers"), words)
        return
    for facts in redis.queues:
        yield _queue(facts)
    for worker in sorted(redis.workers, key=lambda each: (each.host, each.pid)):
        yield _worker(worker)


def _queue(facts: QueueFacts) -> Finding:
    name = str(QUEUE_NAMES[facts.name])
    workers = ngettext("%(num)d worker", "%(num)d workers", facts.workers)
    if not facts.workers:
        words = _("Nobody does this work. Start “python -m %(program)s”.", program=_program(facts))
        return Finding(Level.ERROR, name, _and_waiting(words, facts), workers)
    if facts.oldest_at and utcnow() - facts.oldest_at > LONG_WAIT:
        words = _(
            "All workers are busy. Start one more: “python -m %(program)s”.",
            program=_program(facts),
        )
        return Finding(Level.WARNING, name, _and_waiting(words, facts), workers)
    return Finding(Level.FINE, name, _waiting(facts), workers)


def _program(facts: QueueFacts) -> str:
    return WORKER_OF[facts.name]


def _and_waiting(words: str, facts: QueueFacts) -> str:
    return f"{words} {_waiting(facts)}" if facts.waiting else words


def _waiting(facts: QueueFacts) -> str:
    if not facts.waiting:
        return _("Nothing waits.")
    if not facts.oldest_at:
        return ngettext("%(num)d job waits.", "%(num)d jobs wait.", facts.waiting)
    return ngettext(
        "%(num)d job waits, for %(time)s now.",
        "%(num)d jobs wait, the oldest for %(time)s.",
        facts.waiting,
        time=flask_babel.format_timedelta(utcnow() - facts.oldest_at),
    )


def _worker(worker: WorkerFacts) -> Finding:
    return Finding(
        Level.FINE,
        _("Worker %(pid)d on %(host)s", pid=worker.pid, host=worker.host),
        " · ".join([*(str(QUEUE_NAMES[name]) for name in worker.queues), _heard(worker.heard_at)]),
        _("Busy") if worker.busy else _("Idle"),
    )


def _heard(at: datetime | None) -> str:
    return _("last heard of at %(time)s", time=_clock_time(at))


def _servers() -> Iterator[Finding]:
    everyone = servers.everyone()
    if not any(server.enabled for server in everyone):
        words = _("Turn one on under Sending servers, or add one. Until then mailings pause.")
        yield Finding(Level.ERROR, _("No sending server is on"), words)
    for server in everyone:
        yield _server(server)


def _server(server: SendingServer) -> Finding:
    match servers.state_of(server):
        case servers.State.OFF:
            return Finding(Level.OFF, server.name, _("It is not used."), _("Off"))
        case servers.State.PAUSED:
            words = _(
                "It refused us: %(reason)s Correct what it complains of, then press “Try again”"
                " under Sending servers.",
                reason=_sentence(server.paused_reason),
            )
            return Finding(Level.ERROR, server.name, words, _("Paused"))
        case servers.State.RESTING:
            words = _(
                "It could not be reached, and is tried again at %(time)s. If that goes on, press"
                " “Test connection” under Sending servers.",
                time=_clock_time(server.resting_until),
            )
            return Finding(Level.WARNING, server.name, words, _("Resting"))
        case servers.State.WORKS:
            return Finding(Level.FINE, server.name, _("It takes our messages."), _("Works"))


def _stuck() -> Iterator[Finding]:
    found = db.session.execute(
        STUCK, {"import_locks": work.LOCKS, "unknown_for": UNKNOWN_FOR}
    ).one()
    yield _stuck_rows(
        _("Mailings being prepared"),
        found.preparing,
        _("For more than ten minutes."),
        _("See whether a sender runs, and read its log."),
    )
    yield _stuck_rows(
        _("Mailings that are due"),
        found.overdue,
        _("Scheduled for a time that has passed."),
        _("Open them: each says why it waits."),
    )
    yield _stuck_rows(
        _("Mailings being cancelled"),
        found.cancelling,
        _("For more than a quarter of an hour."),
        _("See whether the clock ticks."),
    )
    yield _stuck_rows(
        _("Batches at work"),
        found.abandoned,
        _("In the hands of a sender that is gone."),
        _("See whether the clock ticks: it frees them."),
    )
    yield _stuck_rows(
        _("Imports at work"),
        found.imports,
        _("Nobody has taken them up."),
        _("See whether a worker runs, and read its log."),
    )
    yield _stuck_rows(
        _("Changes of many people"),
        found.updates,
        _("Nobody has got on with them for ten minutes."),
        _("See whether a worker runs, and read its log."),
    )
    yield _stuck_rows(
        _("Recipients being gathered"),
        found.gatherings,
        _("For more than ten minutes."),
        _("See whether a worker runs, and read its log."),
    )
    yield _stuck_rows(
        _("Unknown recipients"),
        found.unknown,
        _("Of the last two weeks: they may have got it or not."),
        _("Home shows their mailings: see who they are, and send again where it is worth it."),
    )


def _stuck_rows(name: str, count: int, which: str, advice: str) -> Finding:
    value = str(flask_babel.format_number(count))
    if not count:
        return Finding(Level.FINE, name, which, value)
    return Finding(Level.WARNING, name, f"{which} {advice}", value)


def _disk(disk: DiskFacts) -> Finding:
    folder = str(disk.folder)
    if disk.free is None:
        words = _(
            "The folder cannot be reached. Make it, or correct %(variable)s.",
            variable=disk.variable,
        )
        return Finding(Level.ERROR, folder, words)
    value = _("%(size)s free", size=_size(disk.free))
    if disk.free < LITTLE_ROOM:
        level = Level.ERROR if disk.free < NO_ROOM else Level.WARNING
        return Finding(level, folder, _("Make room: without it nothing is stored or sent."), value)
    return Finding(Level.FINE, folder, _("There is room."), value)


def _size(size: int) -> str:
    if size < 1000 * MEGABYTE:
        return f"{flask_babel.format_number(size // MEGABYTE)} MB"
    return f"{flask_babel.format_decimal(size / (1000 * MEGABYTE), '#,##0.0')} GB"


def _clock_time(at: datetime | None) -> str:
    return str(flask_babel.format_time(at, "HH:mm")) if at else "–"


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."
