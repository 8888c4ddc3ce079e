"""The kill test, a blow or two of each kind; `script/kill` has the full number.

What SIGTERM does, and a parent that dies alone, is in test_senders.py.
"""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from benchmarks.desk import Bench, Options, bench
from benchmarks.kill_test.run import Size, running
from benchmarks.kill_test.variants import VARIANTS
from benchmarks.kill_test.verdict import KEEP_HISTORY, judged
from tests.factories import make_mailing, make_recipient
from webapp.mailings.models import Batch, BatchState, Recipient, RecipientState, State
from webapp.platform.database import db
from webapp.views.access import limiter

SIZE = Size(people=200, at_once=3, longest_wait=0.3)
# The leases of the first ones end while the others have their turn.
BLOWS = {"erase": 1, "boot": 1, "late": 1, "stop": 1, "kill": 2, "postgres": 2, "valkey": 2}


@pytest.fixture
def made() -> Iterator[Bench]:
    """Servers of its own, since these are killed too."""
    # One limiter serves every application, and counts where the last one told it to.
    kept = vars(limiter).copy()
    with bench(Options()) as made:
        yield made
    vars(limiter).update(kept)


def test_nobody_is_lost_or_mailed_twice_whatever_is_killed(made: Bench) -> None:
    with running(made, SIZE, hasty=True) as run:
        for name, number in BLOWS.items():
            VARIANTS[name].strike(run, number)
        verdict = run.ended()
    assert "\n".join(verdict.broken) == ""
    assert verdict.blows == sum(BLOWS.values())
    assert verdict.counted > 0


def test_the_verdict_tells_whom_a_promise_was_broken_to() -> None:
    """Nothing here is committed, not even the tables of the history."""
    db.session.execute(KEEP_HISTORY)
    mailing = make_mailing(state=State.SENDING)
    batch = Batch(mailing_id=mailing.id, state=BatchState.DONE, size=6, sender="vm 41")
    db.session.add(batch)
    db.session.flush()
    for name in ("well", "twice", "never"):
        make_recipient(mailing, email=f"{name}@x.dk", batch_id=batch.id)
    for name in ("waiting", "doubt", "doubly"):
        make_recipient(mailing, email=f"{name}@x.dk", batch_id=batch.id, state=RecipientState.READY)
    doubts = update(Recipient).where(Recipient.email.like("doub%"))
    db.session.execute(doubts.values(state=RecipientState.UNKNOWN))
    counted = Counter(["well@x.dk", *["twice@x.dk"] * 2, "waiting@x.dk", "nobody@x.dk"])
    verdict = judged(1, counted, lost={41: 1})
    assert (verdict.people, verdict.counted) == (6, 5)
    assert (verdict.twice, verdict.lost, verdict.unknown, verdict.worst) == (1, 2, 2, 2)
    broken = "\n".join(verdict.broken)
    assert "twice@x.dk, got it twice" in broken
    assert "never@x.dk, is lost: sent, counted 0" in broken
    assert "waiting@x.dk, is lost: ready, counted 1" in broken
    assert "doubly@x.dk, is unknown with 1 others through sender 41" in broken
    assert "ready → unknown (vm 41)" in broken
    assert "nobody@x.dk" in broken
    assert "well@x.dk" not in broken
