"""What is done to the senders, to their journals and to the servers under them."""

import logging
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from redis import Redis
from sqlalchemy import text

from benchmarks.kill_test.crew import PATIENCE, Horse, wait_until
from benchmarks.kill_test.run import Run
from benchmarks.kill_test.verdict import SLOW_HAND_OVER
from webapp.mailings.audience import BATCH_SIZE
from webapp.platform.database import db
from webapp.platform.development.embedded import EmbeddedServerError, Server

log = logging.getLogger("kills")

BOOT_ID_AT = 8
"""In the header of a journal."""
LONGEST_ABSENCE = 2.0
"""Seconds that a server is away."""

HANDING_OVER = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE wait_event = 'PgSleep' AND datname = current_database()"
)


@dataclass(frozen=True)
class Variant:
    words: str
    attack: Callable[[Run], None]
    share: float
    """Of the number of blows that was asked for."""
    per_connection: int = 0
    """Unknown recipients for each connection of a sender that is lost; 0 means that nobody may be
    unknown."""
    at_once: int = 3
    """Mailings that are under way: more, the quicker one blow follows the other."""
    hasty: bool = False
    """Whether somebody has to wait for the end of a lease."""

    def blows(self, asked: int) -> int:
        return max(1, round(asked * self.share))

    def strike(self, run: Run, blows: int) -> None:
        log.info("%s, %d times", self.words, blows)
        run.blows = blows
        run.limit = self.per_connection * run.size.connections
        self.attack(run)


def kill_senders(run: Run) -> None:
    for number, horse in enumerate(run.victims()):
        run.lose(horse)
        horse.strike(signal.SIGKILL)
        if number % 2:
            horse.sender.kill()
            horse.sender.wait()


def kill_parents(run: Run) -> None:
    for horse in run.victims():
        horse.sender.kill()
        horse.sender.wait()
        until_it_ends(horse)


def stop_past_the_lease(run: Run) -> None:
    for victim in run.victims(holding=True):
        horse = stopped_with_a_batch(run, victim)
        # In the middle of a transaction it is cut off from the database, and may have to give up.
        run.lose(horse)
        try:
            until_it_holds_nothing(run, horse)
        finally:
            horse.strike(signal.SIGCONT)
        until_it_ends(horse)


def stopped_with_a_batch(run: Run, horse: Horse) -> Horse:
    """This one, or the next that has a batch in hand."""
    horse.strike(signal.SIGSTOP)
    while not run.held_by(horse):
        horse.strike(signal.SIGCONT)
        horse = run.victim(holding=True)
        horse.strike(signal.SIGSTOP)
    return horse


def terminate(run: Run) -> None:
    for number, horse in enumerate(run.victims()):
        if number % 2:
            # As systemd does it: parent and child at once.
            horse.strike(signal.SIGTERM)
        horse.sender.terminate()
        if code := horse.sender.wait(PATIENCE):
            run.broken.append(f"the sender {horse.sender.pid} ended with {code} after SIGTERM")


def change_boot(run: Run) -> None:
    for _victim in run.victims(holding=True):
        lose_host(run)
        for path in run.journals.glob("*.journal"):
            with path.open("r+b") as file:
                file.seek(BOOT_ID_AT)
                file.write(uuid4().bytes)


def lose_journals(run: Run) -> None:
    for _victim in run.victims(holding=True):
        lose_host(run)
        for path in run.journals.iterdir():
            path.unlink()


def find_journals_late(run: Run) -> None:
    """The host comes back after others took what it held for lost."""
    away = run.journals.with_suffix(".away")
    away.mkdir(exist_ok=True)
    for _victim in run.victims(holding=True):
        horses = lose_host(run)
        for path in run.journals.iterdir():
            path.rename(away / path.name)
        run.crew.revive()
        for horse in horses:
            until_it_holds_nothing(run, horse)
        for path in away.iterdir():
            path.rename(run.journals / path.name)


def lose_host(run: Run) -> list[Horse]:
    horses = run.crew.kill_all_senders()
    for horse in horses:
        run.lose(horse)
    return horses


def until_it_ends(horse: Horse) -> None:
    wait_until(lambda: not horse.alive, f"the work horse {horse.pid} does not end")


def until_it_holds_nothing(run: Run, horse: Horse) -> None:
    words = f"the lease of the work horse {horse.pid} does not end"
    wait_until(lambda: not run.held_by(horse), words, run.crew.revive)


def restart_postgres(run: Run) -> None:
    db.session.execute(SLOW_HAND_OVER)
    db.session.commit()
    for number, _victim in enumerate(run.victims()):
        if number % 2:
            wait_until(handing_over, "nobody hands over", run.keep_busy)
            time.sleep(random.uniform(0, 0.15))  # noqa: S311
        # Our own connection goes too.
        db.session.remove()
        restart(run.bench.postgres, hard=number % 4 > 1)


def handing_over() -> bool:
    number = db.session.scalar(HANDING_OVER)
    db.session.rollback()
    return bool(number)


def restart_valkey(run: Run) -> None:
    for number, _victim in enumerate(run.victims()):
        if number % 3:
            restart(run.bench.valkey, hard=number % 3 > 1)
        else:
            with Redis.from_url(run.bench.valkey.url()) as redis:
                redis.flushall()


def restart(server: Server, *, hard: bool) -> None:
    assert server.process is not None
    if hard:
        server.process.kill()
        server.process.wait()
    server.stop()
    time.sleep(random.uniform(0, LONGEST_ABSENCE))  # noqa: S311
    deadline = time.monotonic() + 30
    while True:
        try:
            server.start(lambda _words: None)
        except EmbeddedServerError:
            # What was killed may still be going down.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


VARIANTS = {
    "kill": Variant(
        "kill -9 of a work horse, or of a whole sender",
        kill_senders,
        1,
        per_connection=1,
        at_once=8,
    ),
    "orphan": Variant("kill -9 of the sender's parent process alone", kill_parents, 0.05),
    "stop": Variant(
        "SIGSTOP past the lease, then SIGCONT",
        stop_past_the_lease,
        0.03,
        per_connection=1,
        hasty=True,
    ),
    "boot": Variant(
        "kill -9 of all, and another boot id",
        change_boot,
        0.03,
        per_connection=BATCH_SIZE,
        hasty=True,
    ),
    "erase": Variant(
        "kill -9 of all, and their journals deleted",
        lose_journals,
        0.03,
        per_connection=BATCH_SIZE,
        hasty=True,
    ),
    "late": Variant(
        "kill -9 of all, and their journals found after the lease",
        find_journals_late,
        0.03,
        per_connection=1,
        hasty=True,
    ),
    "postgres": Variant(
        "PostgreSQL restarted or killed, at hand-over too", restart_postgres, 0.06, hasty=True
    ),
    "valkey": Variant("Valkey emptied, restarted or killed", restart_valkey, 0.04),
    "term": Variant("SIGTERM", terminate, 0.1),
}
