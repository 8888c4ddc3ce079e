"""The clock: rings again for work whose bell was not heard, and frees what a dead sender held.

A loop of our own, since `rq cron` dies with Redis and ticks twice when two of it run. However many
clocks run, the one that holds an advisory lock ticks; PostgreSQL gives the lock to the next when
its connection ends.
"""

import logging
import signal
import sys
import time

from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from webapp import create_app
from webapp.content import shelf
from webapp.content.models import Template
from webapp.delivery import sweeping
from webapp.mailings import gathering
from webapp.mailings.models import Mailing
from webapp.people.imports import work
from webapp.platform import stopping
from webapp.platform.config import ConfigError
from webapp.platform.database import db
from webapp.platform.machinery import CLOCK_LOCK
from webapp.targets import updates

TICK = 2.0

log = logging.getLogger("clock")


def run(app: Flask) -> None:
    while not stopping.requested():
        try:
            with app.app_context(), db.engine.connect() as connection:
                tick_while_first(connection)
        except SQLAlchemyError as error:
            log.warning("The database is away: %s", error.__cause__ or error)
        wait()


def tick_while_first(connection: Connection) -> None:
    while not stopping.requested():
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": CLOCK_LOCK}):
            return
        connection.commit()
        sweep()
        wait()


def sweep() -> None:
    sweeping.sweep()
    gathering.sweep()
    shelf.sweep(Mailing, Mailing.started_at.is_(None))
    shelf.sweep(Template)
    for import_id in work.stuck():
        work.ring(import_id)
    for update_id in updates.stuck():
        updates.ring(update_id)


def wait() -> None:
    for _ in range(10):
        if not stopping.requested():
            time.sleep(TICK / 10)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stopping.on_signals(signal.SIGTERM, signal.SIGINT)
    try:
        app = create_app()
    except ConfigError as error:
        sys.exit(f"Brevdue cannot start: {error}")
    run(app)


if __name__ == "__main__":
    main()
