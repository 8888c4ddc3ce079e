from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.factories import make_contacts, make_mailing
from webapp.mailings import audience, gathering, preflight, sources
from webapp.mailings.models import Gathering, Mailing, Recipient, State
from webapp.platform import queueing
from webapp.platform.database import db, utcnow
from webapp.platform.queueing import QueueName
from webapp.targets import selections

RunJobs = Callable[[], int]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few people are many, and a page of the database is written at a time."""
    monkeypatch.setattr(gathering, "WAITED_FOR", 10)
    monkeypatch.setattr(audience, "PAGES", 1)


def draft_to(number: int) -> Mailing:
    mailing = make_mailing(state=State.DRAFT)
    selection = selections.create("Many", owner_id=None)
    selections.add_members(selection.id, people(number))
    sources.add_selection(mailing, selection)
    db.session.commit()
    return mailing


def people(number: int, domain: str = "x.dk") -> list[int]:
    made = make_contacts({f"p{each}@{domain}": f"Person {each}" for each in range(number)})
    return [person.id for person in made]


def test_a_page_waits_for_a_small_audience() -> None:
    mailing = draft_to(10)
    gathering.bring_up_to_date(mailing)
    assert audience.count(mailing).mailed == 10
    assert gathering.of(mailing) is None


def test_a_large_one_is_left_to_a_worker(run_jobs: RunJobs) -> None:
    mailing = draft_to(300)
    gathering.bring_up_to_date(mailing)
    assert gathering.of(mailing) is not None
    assert audience.count(mailing).total == 0
    run_jobs()
    db.session.expire_all()
    assert gathering.of(mailing) is None
    assert audience.count(mailing).mailed == 300
    assert not audience.is_out_of_date(mailing)


def test_it_tells_how_far_it_is_while_it_works() -> None:
    heard: list[tuple[int, int]] = []
    audience.resolve(draft_to(300), lambda done, total: heard.append((done, total)))
    done = [each for each, _total in heard]
    assert (done[0], done[-1], len(done) > 3) == (0, 300, True)
    assert done == sorted(done)
    assert {total for _done, total in heard} == {300}


def test_others_see_how_far_it_is_before_it_is_finished() -> None:
    mailing = draft_to(300)
    gathering.renew(mailing)
    with gathering.told(mailing.id) as tell:
        tell(120, 300)
        found = gathering.of(mailing)
        assert found is not None
        assert (found.done, found.total) == (120, 300)


def test_who_gives_it_up_keeps_the_audience_that_was(run_jobs: RunJobs) -> None:
    mailing = draft_to(8)
    gathering.bring_up_to_date(mailing)
    selection = mailing.sources[0].selection
    assert selection is not None
    selections.add_members(selection.id, people(300, "y.dk"))
    gathering.renew(mailing)
    gathering.give_up(mailing)
    db.session.commit()
    run_jobs()
    assert audience.count(mailing).total == 8
    # Nobody asks for it again until somebody wants it.
    gathering.bring_up_to_date(mailing)
    run_jobs()
    assert audience.count(mailing).total == 8
    gathering.renew(mailing)
    run_jobs()
    assert audience.count(mailing).total == 308


def test_a_worker_that_is_at_it_hears_that_it_was_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailing = draft_to(300)
    gathering.renew(mailing)
    write = audience._write

    def given_up_meanwhile(*given: object) -> None:
        with db.engine.begin() as other:
            other.execute(update(Gathering).values(cancelled=True))
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(audience, "_write", given_up_meanwhile)
    gathering.gather(mailing.id)
    assert db.session.scalars(select(Recipient)).all() == []
    found = gathering.of(mailing)
    assert found is not None
    assert found.cancelled


def test_two_workers_at_once_do_it_once() -> None:
    mailing = draft_to(300)
    gathering.renew(mailing)
    with db.engine.begin() as other:
        assert other.scalar(gathering._ONLY_ONE, {"mailing": mailing.id})
        gathering.gather(mailing.id)
    db.session.rollback()
    assert audience.count(mailing).total == 0
    gathering.gather(mailing.id)
    gathering.gather(mailing.id)
    assert audience.count(mailing).total == 300


def test_what_a_dead_worker_left_is_rung_for_again(
    monkeypatch: pytest.MonkeyPatch, run_jobs: RunJobs
) -> None:
    mailing = draft_to(300)
    with monkeypatch.context() as deaf:
        deaf.setattr(gathering, "_ring", lambda _mailing: None)
        gathering.renew(mailing)
    gathering.sweep()
    run_jobs()
    assert audience.count(mailing).total == 0
    db.session.execute(update(Gathering).values(beat_at=utcnow() - 2 * gathering.SILENT))
    gathering.sweep()
    # The next tick of the clock does not ring again: nobody may be there to hear it.
    gathering.sweep()
    assert queueing.queue(QueueName.DEFAULT).count == 1
    run_jobs()
    assert audience.count(mailing).total == 300


def test_a_mailing_is_not_ready_while_its_recipients_are_gathered() -> None:
    mailing = draft_to(300)
    gathering.renew(mailing)
    errors = [str(finding.text) for finding in preflight.check(mailing).errors]
    assert "The recipients are being gathered." in errors
    gathering.give_up(mailing)
    errors = [str(finding.text) for finding in preflight.check(mailing).errors]
    assert "The list of recipients is not up to date." in errors
