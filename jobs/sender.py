"""Runs the jobs of the queue “sending”, so that a mailing never stands before a confirmation."""

from jobs.worker import main
from webapp.platform.queueing import QueueName

if __name__ == "__main__":
    main(QueueName.SENDING)
