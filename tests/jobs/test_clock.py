from datetime import timedelta

from sqlalchemy import text

from tests.delivery.sending import draft_to, recipient, send, started
from tests.jobs.conftest import Start, wait_until
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.mailings import lifecycle, preflight
from webapp.mailings.models import RecipientState, State
from webapp.people.imports import work
from webapp.people.imports.models import Import, ImportState
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue

TICKING = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = (:lock >> 32) AND objid = (:lock & 4294967295)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(lock=0x6272657664756501)


def rung_for() -> set[int]:
    """The mailings that a sender is asked to work on."""
    return {job.args[0] for job in queue(QueueName.SENDING).jobs}


def ticking() -> list[int]:
    found = list(db.session.scalars(TICKING))
    db.session.rollback()
    return found


def test_it_finds_what_is_due_and_whose_bell_nobody_heard(smtp: ScriptedSmtp, start: Start) -> None:
    smtp.at(Moment.RCPT, times=1, reply="450 later")
    send(started("deferred@x.dk"))
    recipient("deferred@x.dk").next_try_at = utcnow()
    unheard = started("unheard@x.dk")
    scheduled = draft_to("scheduled@x.dk")
    preflight.check(scheduled)
    lifecycle.schedule(scheduled, utcnow(), "Europe/Copenhagen", by=None)
    forgotten = Import(filename="kunder.xlsx", stored_as="none", state=ImportState.WAITING)
    forgotten.rung_at = utcnow() - timedelta(seconds=2 * work.PATIENCE)
    db.session.add(forgotten)
    db.session.commit()
    queue(QueueName.SENDING).empty()

    start("jobs.clock")

    wait_until(lambda: {unheard.id, scheduled.id} <= rung_for())
    wait_until(lambda: queue(QueueName.DEFAULT).count > 0)
    wait_until(lambda: _state("deferred@x.dk") == RecipientState.READY)
    db.session.refresh(scheduled)
    assert scheduled.state == State.PREPARING


def test_of_several_clocks_one_ticks_and_the_next_takes_over(start: Start) -> None:
    first = start("jobs.clock")
    wait_until(lambda: len(ticking()) == 1)
    (before,) = ticking()
    start("jobs.clock")
    first.terminate()
    first.wait(timeout=15)
    wait_until(lambda: ticking() not in ([], [before]))
    assert len(ticking()) == 1


def test_it_goes_on_when_the_database_was_away(start: Start) -> None:
    clock = start("jobs.clock")
    wait_until(lambda: len(ticking()) == 1)
    (before,) = ticking()
    db.session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before})
    db.session.commit()
    wait_until(lambda: ticking() not in ([], [before]))
    assert clock.poll() is None


def _state(address: str) -> RecipientState:
    db.session.rollback()
    return recipient(address).state
