"""A Brevdue of its own for each figure: real servers and processes, as durable as in production."""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from redis import Redis
from rq import Worker
from sqlalchemy import func, select, update

from benchmarks import machine
from benchmarks.figures import CannotMeasure
from webapp import create_app
from webapp.delivery.models import SendingServer
from webapp.mailings import lifecycle
from webapp.mailings.models import Mailing, Recipient, RecipientState, State
from webapp.platform import queueing
from webapp.platform.config import from_environment
from webapp.platform.database import db
from webapp.platform.development import processes
from webapp.platform.development.embedded import NAME, Postgres, Valkey
from webapp.platform.development.settings import ROOT

START = 30.0
"""Seconds until the senders have to be there."""
LOOK_EVERY = 0.05
"""Seconds; to look more often would take part in what is measured."""
SLOWEST = 50
"""Messages per second below which we no longer wait for the end."""


@dataclass(frozen=True)
class Options:
    senders: int = 2
    connections: int = 4
    """Of each sender."""
    runs: int = 3
    quick: bool = False

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full


@dataclass(frozen=True)
class Bench:
    """What every measurement is given."""

    options: Options
    folder: Path
    postgres: Postgres
    valkey: Valkey

    @contextmanager
    def desk(self, name: str) -> Iterator["Desk"]:
        """An empty Brevdue, in whose application context the block runs."""
        self._sql(SQL("CREATE DATABASE {} TEMPLATE {}"), name, NAME)
        with Redis.from_url(self.valkey.url()) as redis:
            redis.flushdb()
        environ = self.environ(name)
        with create_app(from_environment(environ)).app_context():
            try:
                yield Desk(self.folder, environ)
            finally:
                db.session.remove()
                db.engine.dispose()
        self._sql(SQL("DROP DATABASE {} WITH (FORCE)"), name)

    def processor_times(self, senders: Sequence[int], sink: int) -> dict[str, float]:
        """Seconds that each program has computed so far."""
        assert self.postgres.process is not None
        pids = {"senders": senders, "PostgreSQL": [self.postgres.process.pid], "sink": [sink]}
        return {name: sum(map(machine.processor_time, each)) for name, each in pids.items()}

    def environ(self, database: str) -> dict[str, str]:
        """Complete, so that no `.env` and nothing that was set by chance has a say."""
        return os.environ | {
            "PYTHONPATH": str(ROOT),
            "BREVDUE_DATA": str(self.folder),
            "SECRET_KEY": "a-secret-that-is-only-used-by-the-benchmarks",
            "SECRET_KEY_FALLBACKS": "",
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.valkey.url(),
            "PUBLIC_URL": "https://post.fjordlys.example",
            "MEDIA_DIR": str(self.folder / "media"),
            "JOURNAL_DIR": str(self.folder / "journal"),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": "25",
            "MAIL_USE_TLS": "no",
            "MAIL_USE_SSL": "no",
            "MAIL_USERNAME": "",
            "MAIL_PASSWORD": "",
            "MAIL_DEFAULT_SENDER": "mette@fjordlys.example",
        }

    def _sql(self, statement: SQL, *names: str) -> None:
        with psycopg.connect(self.postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.format(*map(Identifier, names)))


@contextmanager
def bench(options: Options) -> Iterator[Bench]:
    """Raises EmbeddedServerError, CannotMeasure."""
    with tempfile.TemporaryDirectory(prefix="brevdue-bench-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        made = Bench(
            options,
            folder,
            Postgres(folder / "postgres", folder / "postgres.log"),
            Valkey(folder / "valkey", folder / "valkey.log"),
        )
        for server in (made.postgres, made.valkey):
            stack.callback(server.stop)
            server.start(say)
        _migrate(made.environ(NAME))
        yield made


def say(text: str) -> None:
    """What goes on, beside the figures."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Desk:
    folder: Path
    environ: Mapping[str, str]

    def set_connections(self, number: int) -> None:
        db.session.execute(update(SendingServer).values(connections=number))
        db.session.commit()

    @contextmanager
    def senders(self, number: int, port: int) -> Iterator[list[int]]:
        """So many of them, ready to send to that port, and the clock; yields the senders' pids."""
        environ = {**self.environ, "MAIL_PORT": str(port)}
        with ExitStack() as stack:
            started = []
            for name in ["clock", *["sender"] * number]:
                process = processes.start(
                    [sys.executable, "-m", f"jobs.{name}"],
                    log=self.folder / f"{name}.log",
                    environ=environ,
                    cwd=self.folder,
                )
                stack.callback(processes.stop, process, signal.SIGTERM, START)
                started.append(process)
            self._wait_for_senders(number, started)
            yield [process.pid for process in started[1:]]

    def _wait_for_senders(self, number: int, started: list["subprocess.Popen[bytes]"]) -> None:
        deadline = time.monotonic() + START
        sending = queueing.queue(queueing.QueueName.SENDING)
        while Worker.count(queue=sending) < number:
            if time.monotonic() > deadline or any(each.poll() is not None for each in started):
                log = (self.folder / "sender.log").read_text(errors="replace").strip()
                raise CannotMeasure(f"the senders do not start: {log[-500:]}")
            time.sleep(0.05)

    def send(self, mailing: Mailing, people: int, watch: Callable[[], None] | None = None) -> float:
        """Seconds from “Send now” until everybody has it. Meanwhile `watch` is called again and
        again. Raises CannotMeasure when not everybody gets it."""
        begun = time.perf_counter()
        lifecycle.start(mailing, by=None)
        for turn in itertools.count():
            db.session.refresh(mailing)
            state = mailing.state
            db.session.rollback()
            took = time.perf_counter() - begun
            if state not in {State.PREPARING, State.SENDING}:
                break
            if took > 60 + people / SLOWEST:
                raise CannotMeasure(f"gave up after {took:.0f} s: {_outcome(mailing)}")
            if watch and turn % 2 == 0:
                watch()
            time.sleep(LOOK_EVERY)
        if _count(mailing) != {RecipientState.SENT: people}:
            raise CannotMeasure(f"not everybody has got it: {_outcome(mailing)}")
        return took


def _count(mailing: Mailing) -> dict[RecipientState, int]:
    counted = (
        select(Recipient.state, func.count().label("number"))
        .where(Recipient.mailing_id == mailing.id)
        .group_by(Recipient.state)
    )
    return {row.state: row.number for row in db.session.execute(counted)}


def _outcome(mailing: Mailing) -> str:
    states = ", ".join(f"{number} {state.value}" for state, number in _count(mailing).items())
    said = select(func.max(Recipient.reply)).where(
        Recipient.mailing_id == mailing.id, Recipient.state != RecipientState.SENT
    )
    words = [mailing.state.value, states, mailing.state_reason, db.session.scalar(said) or ""]
    return "; ".join(filter(None, words))


def _migrate(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "webapp", "db", "upgrade"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotMeasure(f"the migrations fail: {done.stderr[-500:]}")
