from datetime import timedelta

from sqlalchemy import text

from tests.delivery.sending import draft_to, recipient, send, started
from tests.jobs.conftest import Start, wait_until
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.mailings import lifecycle, preflight
from webapp.mailings.models import Mailing, RecipientState, State
from webapp.people.imports import work
from webapp.people.imports.models import Import, ImportState
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName, queue

TICKING = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND classid = (:lock >> 32) AND objid = (:lock & 4294967295)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(lock=0x6272657664756501)


def ticking() -> list[int]:
    found = list(db.session.scalars(TICKING))
    db.session.rollback()
    return found


def test_it_rings_for_work_whose_bell_nobody_heard(smtp: ScriptedSmtp, start: Start) -> None:
    started("ann@x.dk")
    queue(QueueName.SENDING).empty()
    start("jobs.clock")
    wait_until(lambda: queue(QueueName.SENDING).count > 0)


def test_it_gathers_those_whose_next_try_is_due(smtp: ScriptedSmtp, start: Start) -> None:
    smtp.at(Moment.RCPT, times=1, reply="450 later")
    mailing = started("ann@x.dk")
    send(mailing)
    recipient("ann@x.dk").next_try_at = utcnow()
    db.session.commit()
    start("jobs.clock")
    wait_until(lambda: _state("ann@x.dk") == RecipientState.READY)


def test_it_starts_what_is_scheduled_for_now(start: Start) -> None:
    mailing = draft_to("ann@x.dk")
    preflight.check(mailing)
    lifecycle.schedule(mailing, utcnow(), "Europe/Copenhagen", by=None)
    start("jobs.clock")
    wait_until(lambda: queue(QueueName.SENDING).count > 0)
    assert _fresh(mailing).state == State.PREPARING


def test_it_rings_for_an_import_that_was_forgotten(start: Start) -> None:
    forgotten = Import(filename="kunder.xlsx", stored_as="none", state=ImportState.WAITING)
    db.session.add(forgotten)
    forgotten.rung_at = utcnow() - timedelta(seconds=2 * work.PATIENCE)
    db.session.commit()
    start("jobs.clock")
    wait_until(lambda: queue(QueueName.DEFAULT).count > 0)


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


def _fresh(mailing: Mailing) -> Mailing:
    db.session.rollback()
    db.session.refresh(mailing)
    return mailing
