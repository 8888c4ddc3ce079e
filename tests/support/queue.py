"""Running what was put into the queues, here and now."""

from typing import Any

from flask import Flask
from rq import SimpleWorker
from rq.job import Job

from webapp.platform.queueing import QueueName, queue


class JobFailed(AssertionError):
    """A job raised; the text is its traceback."""


def run_jobs(app: Flask) -> int:
    """Run the jobs of all queues, and those that they enqueue, until none is left.

    Returns how many ran. Raises JobFailed.
    """
    with app.app_context():
        queues = [queue(name) for name in QueueName]
    worker = _Worker(queues, connection=queues[0].connection)
    worker.app, worker.done = app, 0
    worker.work(burst=True, logging_level="WARNING")
    for each in queues:
        for job_id in each.failed_job_registry.get_job_ids():
            result = Job.fetch(job_id, connection=each.connection).latest_result()
            raise JobFailed(result.exc_string if result else job_id)
    return worker.done


class _Worker(SimpleWorker):
    app: Flask
    done: int

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        self.done += 1
        with self.app.app_context():
            return bool(super().perform_job(*args, **kwargs))

    def _install_signal_handlers(self) -> None:
        """The test session keeps its own."""
