from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import make_folder, make_mailing, make_recipient
from webapp.accounts.models import AuditEntry
from webapp.content import folders
from webapp.mailings import lifecycle, schedule, shelving
from webapp.mailings.models import Mailing, Recipient, State
from webapp.mailings.shelving import NothingToRestore, StillRunning
from webapp.platform.database import db, utcnow


def make_scheduled(minutes: int = 30) -> Mailing:
    at = utcnow() + timedelta(minutes=minutes)
    return make_mailing(state=State.SCHEDULED, scheduled_at=at, scheduled_zone="Europe/Copenhagen")


def remove(*mailings: Mailing) -> None:
    shelving.remove(mailings, by=None)
    db.session.commit()


def restore(*mailings: Mailing) -> None:
    shelving.restore([mailing.id for mailing in mailings], by=None)
    db.session.commit()


@pytest.mark.parametrize("state", [State.DRAFT, State.SENT, State.CANCELLED])
def test_a_deleted_mailing_comes_back_as_it_was(state: State) -> None:
    mailing = make_mailing(state=state)
    recipient = make_recipient(mailing)
    changed = mailing.updated_at
    remove(mailing)
    assert shelving.several([mailing.id]) == []
    assert db.session.get(Recipient, recipient.id) is not None
    restore(mailing)
    assert shelving.several([mailing.id]) == [mailing]
    assert (mailing.state, mailing.updated_at) == (state, changed)


def test_what_is_being_sent_cannot_be_deleted() -> None:
    running = [make_mailing(state=state) for state in (State.PREPARING, State.PAUSED)]
    draft = make_mailing(state=State.DRAFT)
    with pytest.raises(StillRunning):
        remove(*running)
    removed = shelving.remove([*running, draft], by=None)
    assert (removed.gone, removed.running) == ([draft], running)
    assert [mailing.deleted_at for mailing in running] == [None, None]


def test_a_deleted_mailing_does_not_go_out_and_is_on_time_again_when_it_is_back() -> None:
    mailing = make_scheduled()
    at = mailing.scheduled_at
    remove(mailing)
    mailing.scheduled_at = utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert schedule.due() == []
    mailing.scheduled_at = at
    restore(mailing)
    assert (mailing.state, mailing.scheduled_at) == (State.SCHEDULED, at)


def test_a_mailing_whose_time_went_by_while_it_was_deleted_is_a_draft() -> None:
    mailing = make_scheduled(minutes=-1)
    remove(mailing)
    restore(mailing)
    assert (mailing.state, mailing.scheduled_at) == (State.DRAFT, None)


def test_nobody_starts_or_schedules_what_is_deleted_meanwhile() -> None:
    mailing = make_mailing(state=State.DRAFT)
    remove(mailing)
    assert not lifecycle.start(mailing, by=None)
    assert not lifecycle.schedule(mailing, utcnow(), "UTC", by=None)


def test_what_was_never_sent_is_forgotten_after_a_month() -> None:
    long_ago = utcnow() - shelving.KEPT
    make_mailing("Old", state=State.DRAFT, deleted_at=long_ago)
    sent = make_mailing(deleted_at=long_ago)
    newer = make_mailing(state=State.DRAFT, deleted_at=long_ago + timedelta(hours=1))
    kept = make_mailing(state=State.DRAFT)
    shelving.sweep()
    found = set(db.session.scalars(select(Mailing.id)))
    assert found == {sent.id, newer.id, kept.id}
    with pytest.raises(NothingToRestore):
        restore(sent)


def test_mailings_go_back_to_the_folders_that_they_were_in() -> None:
    there, gone, target = make_folder("There"), make_folder("Gone"), make_folder("Target")
    mailings = [make_mailing(folder=folder) for folder in (there, gone, None)]
    places = shelving.move(mailings, target, by=None)
    db.session.expire_all()
    assert {mailing.folder for mailing in mailings} == {target}
    folders.remove(gone, Mailing.folder_id, by=None)
    shelving.put_back(places, by=None)
    db.session.expire_all()
    assert [mailing.folder for mailing in mailings] == [there, None, None]


def test_what_is_done_is_audited() -> None:
    mailing = make_mailing()
    shelving.move([mailing], make_folder(), by=None)
    remove(mailing)
    restore(mailing)
    entries = select(AuditEntry.action).where(
        AuditEntry.detail["mailing"].as_integer() == mailing.id
    )
    assert db.session.scalars(entries.order_by(AuditEntry.id)).all() == [
        "mailing put into folder",
        "mailing deleted",
        "mailing restored",
    ]
