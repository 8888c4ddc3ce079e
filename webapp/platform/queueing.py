"""The queue is a doorbell: the database is the truth, so losing Redis loses nothing.

Jobs are named by their dotted path, so that the application never imports what RQ runs.
"""

import logging
from enum import StrEnum

from flask import Flask, current_app
from redis import Redis, RedisError
from rq import Queue

log = logging.getLogger(__name__)


class QueueName(StrEnum):
    SYSTEM = "system"
    """What somebody waits for: confirmations, tests."""
    DEFAULT = "default"
    SENDING = "sending"
    """Its own workers, so that a mailing can never starve a confirmation."""


def init_app(app: Flask, redis_url: str, prefix: str) -> None:
    app.extensions["redis"] = Redis.from_url(
        redis_url, socket_connect_timeout=5, health_check_interval=30
    )
    app.extensions["queue_prefix"] = prefix


def connection() -> Redis:
    redis: Redis = current_app.extensions["redis"]
    return redis


def queue(name: QueueName) -> Queue:
    prefix = current_app.extensions["queue_prefix"]
    return Queue(prefix + name, connection=connection(), default_timeout=-1)


def enqueue(job: str, *ids: int, on: QueueName = QueueName.DEFAULT) -> None:
    """Call it after the commit that the job is to see.

    Never raises for a Redis that is away: the clock finds work whose bell was not heard.
    """
    try:
        queue(on).enqueue_call(
            job, args=ids, timeout=-1, result_ttl=0, failure_ttl=7 * 86400, description=job
        )
    except RedisError as error:
        log.warning("Could not ring for %s%s: %s", job, ids, error)
