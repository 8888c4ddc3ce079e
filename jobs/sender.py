"""Runs the jobs of the queue “sending”, so that a mailing never stands before a confirmation, and
settles what killed senders of this host have left."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from jobs.worker import main
from webapp.delivery import batches
from webapp.platform.database import db
from webapp.platform.queueing import QueueName

log = logging.getLogger("sender")


def replay() -> None:
    try:
        batches.replay()
    except SQLAlchemyError as error:
        # It is tried again with the next heartbeat.
        log.warning("A journal could not be settled: %s", error)
    finally:
        db.session.remove()


if __name__ == "__main__":
    main(QueueName.SENDING, beat=replay)
