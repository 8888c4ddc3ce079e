"""A sender or a clock to which seconds are what minutes are to others.

python -m benchmarks.kill_test.hasty sender|clock

Where a test has to see a lease end, or a bell ring again, it would wait for minutes otherwise.
Nothing else is changed.
"""

import os
import sys

from jobs import clock, sender, worker
from webapp.delivery import batches, engine, sweeping
from webapp.platform.queueing import QueueName

LEASE = 3.0


def hasten() -> None:
    # A transaction in which its sender was stopped holds up the clock for as long.
    os.environ["PGOPTIONS"] = "-c idle_in_transaction_session_timeout=2s"
    batches.LEASE, batches.RENEW_BELOW, batches.MARGIN = LEASE, 2.0, 0.7
    engine.PLACE = LEASE
    sweeping.PATIENCE = 1.0
    worker.BEAT = 1
    clock.TICK = 0.4


if __name__ == "__main__":
    hasten()
    if sys.argv[1] == "clock":
        clock.main()
    else:
        worker.main(QueueName.SENDING, beat=sender.replay)
