from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_folder, make_mailing, make_recipient
from webapp.accounts.models import AuditEntry, User
from webapp.accounts.rights import Role
from webapp.content import folders, shelf
from webapp.content.models import FolderOf
from webapp.content.shelf import NothingToRestore
from webapp.mailings import lifecycle, schedule, shelving
from webapp.mailings.models import Mailing, Recipient, State
from webapp.mailings.shelving import NotTheirs, Restored, StillRunning
from webapp.platform.database import db, utcnow


def make_scheduled(minutes: int = 30, **values: object) -> Mailing:
    at = utcnow() + timedelta(minutes=minutes)
    when = {"scheduled_at": at, "scheduled_zone": "Europe/Copenhagen"}
    return make_mailing(state=State.SCHEDULED, **when, **values)


@pytest.fixture
def marketer(app: Flask) -> User:
    return make_user(Role.MARKETER)


@pytest.fixture
def author(app: Flask) -> User:
    return make_user(Role.AUTHOR)


def remove(user: User, *mailings: Mailing) -> None:
    shelving.remove(mailings, user)
    db.session.commit()


def restore(user: User, *mailings: Mailing) -> Restored:
    restored = shelving.restore([mailing.id for mailing in mailings], user)
    db.session.commit()
    return restored


@pytest.mark.parametrize("state", [State.DRAFT, State.SENT, State.CANCELLED])
def test_a_deleted_mailing_comes_back_as_it_was(state: State, marketer: User) -> None:
    mailing = make_mailing(state=state)
    recipient = make_recipient(mailing)
    changed = mailing.updated_at
    remove(marketer, mailing)
    assert shelving.several([mailing.id]) == []
    assert db.session.get(Recipient, recipient.id) is not None
    restore(marketer, mailing)
    assert shelving.several([mailing.id]) == [mailing]
    assert (mailing.state, mailing.updated_at) == (state, changed)


def test_what_is_being_sent_cannot_be_deleted(marketer: User) -> None:
    running = [make_mailing(state=state) for state in (State.PREPARING, State.PAUSED)]
    draft = make_mailing(state=State.DRAFT)
    with pytest.raises(StillRunning):
        remove(marketer, *running)
    removed = shelving.remove([*running, draft], marketer)
    assert (removed.gone, removed.running) == ([draft], running)
    assert [mailing.deleted_at for mailing in running] == [None, None]


def test_a_deleted_mailing_does_not_go_out_and_is_on_time_again_when_it_is_back(
    marketer: User,
) -> None:
    mailing = make_scheduled()
    at = mailing.scheduled_at
    remove(marketer, mailing)
    mailing.scheduled_at = utcnow() - timedelta(minutes=1)
    db.session.commit()
    assert schedule.due() == []
    mailing.scheduled_at = at
    restore(marketer, mailing)
    assert (mailing.state, mailing.scheduled_at) == (State.SCHEDULED, at)


def test_a_mailing_whose_time_went_by_while_it_was_deleted_is_a_draft(marketer: User) -> None:
    mailing = make_scheduled(minutes=-1)
    remove(marketer, mailing)
    restore(marketer, mailing)
    assert (mailing.state, mailing.scheduled_at) == (State.DRAFT, None)


def test_who_may_not_send_never_makes_a_mailing_go_out(marketer: User, author: User) -> None:
    mailing = make_scheduled()
    remove(marketer, mailing)
    assert restore(author, mailing).drafts == [mailing]
    assert (mailing.state, mailing.scheduled_at) == (State.DRAFT, None)
    own = make_scheduled(owner=author)
    remove(author, own)
    assert restore(marketer, own).drafts == []
    assert (own.state, own.scheduled_at) == (State.DRAFT, None)


@pytest.mark.parametrize("state", [State.SCHEDULED, State.SENT])
def test_who_may_not_send_deletes_drafts_and_their_own_only(state: State, author: User) -> None:
    others, draft = make_mailing("Others’", state=state), make_mailing(state=State.DRAFT)
    own = make_mailing(state=state, owner=author)
    with pytest.raises(NotTheirs):
        remove(author, others)
    removed = shelving.remove([others, draft, own], author)
    assert (removed.gone, removed.others) == ([draft, own], [others])
    assert others.deleted_at is None


def test_nobody_starts_or_schedules_what_is_deleted_meanwhile(marketer: User) -> None:
    mailing = make_mailing(state=State.DRAFT)
    remove(marketer, mailing)
    assert not lifecycle.start(mailing, by=None)
    assert not lifecycle.schedule(mailing, utcnow(), "UTC", by=None)


def test_what_was_never_sent_is_forgotten_after_a_month(marketer: User) -> None:
    long_ago = utcnow() - shelf.KEPT
    make_mailing("Old", state=State.DRAFT, deleted_at=long_ago)
    sent = make_mailing(deleted_at=long_ago)
    newer = make_mailing(state=State.DRAFT, deleted_at=long_ago + timedelta(hours=1))
    kept = make_mailing(state=State.DRAFT)
    shelf.sweep(Mailing, Mailing.started_at.is_(None))
    found = set(db.session.scalars(select(Mailing.id)))
    assert found == {sent.id, newer.id, kept.id}
    with pytest.raises(NothingToRestore):
        restore(marketer, sent)


def test_mailings_go_back_to_the_folders_that_they_were_in() -> None:
    there, gone, target = make_folder("There"), make_folder("Gone"), make_folder("Target")
    mailings = [make_mailing(folder=folder) for folder in (there, gone, None)]
    stray, of_images = make_mailing(), make_folder(of=FolderOf.IMAGE)
    places = shelving.move(mailings, target, by=None)
    db.session.expire_all()
    assert {mailing.folder for mailing in mailings} == {target}
    folders.remove(gone, Mailing.folder_id, by=None)
    shelving.put_back(places | {stray.id: of_images.id}, by=None)
    db.session.expire_all()
    assert stray.folder is None
    assert [mailing.folder for mailing in mailings] == [there, None, None]


def test_what_is_done_is_audited(marketer: User) -> None:
    mailing = make_mailing()
    shelving.move([mailing], make_folder(), by=None)
    remove(marketer, mailing)
    restore(marketer, mailing)
    entries = select(AuditEntry.action).where(
        AuditEntry.detail["mailing"].as_integer() == mailing.id
    )
    assert db.session.scalars(entries.order_by(AuditEntry.id)).all() == [
        "mailing put into folder",
        "mailing deleted",
        "mailing restored",
    ]
