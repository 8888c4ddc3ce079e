"""The real sender processes, counted at the mail server."""

import os
import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from tests.delivery.sending import people, started, states
from tests.jobs.conftest import Start, wait_until
from tests.support.smtp import ScriptedSmtp
from webapp.delivery import engine, sweeping
from webapp.delivery.models import SenderSlot
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch, Mailing, State
from webapp.mailings.models import RecipientState as R
from webapp.platform.database import db, utcnow


def finished(mailing: Mailing) -> bool:
    db.session.rollback()
    db.session.refresh(mailing)
    return mailing.state in {State.SENT, State.SENT_WITH_ERRORS}


def test_two_senders_share_a_mailing_and_nobody_gets_it_twice(
    smtp: ScriptedSmtp, start: Start
) -> None:
    mailing = started(*people(1100))
    for slot in range(engine.SLOTS):
        lifecycle.ring(mailing.id, slot)
        start("jobs.sender")
    wait_until(lambda: finished(mailing))
    assert states(mailing) == {R.SENT: 1100}
    assert smtp.count_by_recipient() == dict.fromkeys(people(1100), 1)
    assert smtp.connections >= 2


def test_a_sender_that_is_stopped_leaves_the_rest_to_the_other(
    smtp: ScriptedSmtp, start: Start
) -> None:
    smtp.delay = 0.05
    mailing = started(*people(700))
    stopped, _other = start("jobs.sender"), start("jobs.sender")
    for slot in range(engine.SLOTS):
        lifecycle.ring(mailing.id, slot)
    wait_until(lambda: _at_work() == 2)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(timeout=15) == 0
    lifecycle.ring(mailing.id, slot=0)
    wait_until(lambda: finished(mailing))
    assert states(mailing) == {R.SENT: 700}
    assert smtp.count_by_recipient() == dict.fromkeys(people(700), 1)


def test_killing_only_the_parent_stops_its_work_horse_in_good_order(
    smtp: ScriptedSmtp, start: Start
) -> None:
    smtp.delay = 0.005
    mailing = started(*people(600))
    killed = start("jobs.sender")
    smtp.wait_for(100)
    killed.kill()
    wait_until(lambda: _quiet(smtp))
    _let_leases_end()
    start("jobs.sender")
    sweeping.sweep()
    wait_until(lambda: finished(mailing))
    assert states(mailing) == {R.SENT: 600}
    assert smtp.count_by_recipient() == dict.fromkeys(people(600), 1)


def test_a_sender_that_is_killed_leaves_doubts_but_never_a_second_message(
    smtp: ScriptedSmtp, start: Start
) -> None:
    smtp.delay = 0.005
    mailing = started(*people(700))
    killed = start("jobs.sender")
    smtp.wait_for(100)
    os.kill(_work_horse(killed), signal.SIGKILL)
    killed.kill()
    wait_until(lambda: _quiet(smtp))
    _let_leases_end()
    start("jobs.sender")
    sweeping.sweep()
    wait_until(lambda: finished(mailing))
    counted, now = smtp.count_by_recipient(), states(mailing)
    assert max(counted.values()) == 1
    assert now[R.SENT] + now[R.UNKNOWN] == 700
    assert now[R.SENT] <= sum(counted.values()) <= 700
    assert 0 < now[R.UNKNOWN] <= 500


def _work_horse(sender: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{sender.pid}/task/{sender.pid}/children").read_text()
    return int(children.split()[0])


def _at_work() -> int:
    db.session.rollback()
    return db.session.query(SenderSlot).where(SenderSlot.token.is_not(None)).count()


def _quiet(smtp: ScriptedSmtp) -> bool:
    """Nothing has come for a while."""
    before = len(smtp.messages)
    time.sleep(0.3)
    return len(smtp.messages) == before


def _let_leases_end() -> None:
    long_ago = utcnow() - timedelta(minutes=1)
    db.session.execute(
        update(Batch).where(Batch.lease_until.is_not(None)).values(lease_until=long_ago)
    )
    db.session.execute(engine.queries.text("UPDATE sender_slot SET held_until = now()"))
    db.session.commit()
