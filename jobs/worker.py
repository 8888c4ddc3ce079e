"""Runs the jobs of the queues “system” and “default”, in this order."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import rq
from flask import Flask

from webapp import create_app
from webapp.platform import stopping
from webapp.platform.config import ConfigError
from webapp.platform.database import db
from webapp.platform.queueing import QueueName, connection, queue

BEAT = 5
"""Seconds between two heartbeats. (RQ waits for work 15 s less than its time to live.)"""


class Worker(rq.Worker):
    """RQ's worker with an application for its jobs, and a stop that reaches them.

    RQ waits for the running job at SIGTERM without telling it, and leaves it running when the
    worker is killed.
    """

    app: Flask
    beat: Callable[[], None] | None = None
    """Called every few seconds, whether a job runs or not."""

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        if self.beat is not None:
            self.beat()
        super().heartbeat(*args, **kwargs)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        stopping.on_signals(signal.SIGTERM, signal.SIGINT)
        stopping.with_parent()

    def perform_job(self, *args: Any) -> bool:
        with self.app.app_context():
            # The connections belong to the parent: forget them without closing them.
            db.engine.dispose(close=False)
            connection().connection_pool.reset()
            return bool(super().perform_job(*args))


def main(*names: QueueName, beat: Callable[[], None] | None = None) -> None:
    try:
        app = create_app()
    except ConfigError as error:
        sys.exit(f"Brevdue cannot start: {error}")
    with app.app_context():
        worker = Worker(
            [queue(name) for name in names],
            connection=connection(),
            worker_ttl=15 + BEAT,
            job_monitoring_interval=BEAT,
        )
        worker.app, worker.beat = app, beat
        worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(QueueName.SYSTEM, QueueName.DEFAULT)
