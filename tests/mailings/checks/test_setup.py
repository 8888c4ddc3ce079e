import pytest

from tests.conftest import make_user
from tests.factories import make_mailing, make_type
from tests.support.drafts import found_by, make_draft, with_link
from webapp.accounts.audit import audit
from webapp.accounts.rights import Role
from webapp.mailings import attachments, presence
from webapp.mailings.checks import setup
from webapp.mailings.checks.finding import Level, Place
from webapp.mailings.models import State
from webapp.platform.database import db


def test_a_missing_preheader_is_a_warning() -> None:
    [finding] = found_by(setup.preheader, make_draft(preheader=""))
    assert (finding.place, finding.at) == (Place.SETUP, "preheader")


def test_an_address_at_a_provider_of_mailboxes_is_a_warning() -> None:
    mailing = make_draft(from_address="fjordlys@Gmail.com")
    [finding] = found_by(setup.mailbox_provider, mailing)
    assert "gmail.com" in finding.text
    assert found_by(setup.mailbox_provider, make_draft()) == []


def test_attachments_that_many_servers_refuse_are_a_warning() -> None:
    mailing = make_draft()
    attachments.add(mailing, "prices.pdf", b"x" * 800_000)
    attachments.add(mailing, "film.mp4", b"x" * 4_200_000)
    assert found_by(setup.attached_files, mailing) == []
    attachments.add(mailing, "notes.txt", b"x" * 100_000)
    [warning] = found_by(setup.attached_files, mailing)
    assert "5.1 MB" in warning.text
    assert "10 MB" in warning.detail
    assert warning.place is Place.SETUP


@pytest.mark.parametrize("tag", ["attachment.name", "attachment.openUrl"])
def test_what_speaks_of_an_attachment_needs_one(tag: str) -> None:
    mailing = make_draft(content=with_link(f"[[{tag}]]") if "Url" in tag else None)
    if "name" in tag:
        mailing.subject = f"See [[{tag}]]"
    [error] = found_by(setup.attached_files, mailing)
    assert (error.level, error.place, error.at) == (Level.ERROR, Place.SETUP, "attachments")
    attachments.add(mailing, "prices.pdf", b"%PDF")
    assert found_by(setup.attached_files, mailing) == []


def test_a_subscription_type_that_became_inactive_is_a_warning() -> None:
    type_ = make_type(en="Events", active=False)
    mailing = make_draft(subscription_type_id=type_.id)
    [warning] = found_by(setup.subscription_type, mailing)
    assert "Events" in warning.text
    type_.active = True
    assert found_by(setup.subscription_type, mailing) == []


def test_a_mailing_that_nobody_tried_out_is_a_hint_until_somebody_does() -> None:
    mailing, other = make_draft(), make_mailing(state=State.DRAFT)
    audit("test sent", by=None, mailing=other.id, to="mette@fjordlys.example")
    [hint] = found_by(setup.tested, mailing)
    assert (hint.level, hint.place) == (Level.HINT, Place.TEST)
    audit("test sent", by=None, mailing=mailing.id, to="mette@fjordlys.example")
    db.session.flush()
    assert found_by(setup.tested, mailing) == []


def test_somebody_else_who_is_at_work_on_it_is_named() -> None:
    mailing, me, other = make_draft(), make_user(Role.MARKETER), make_user(Role.AUTHOR)
    assert found_by(setup.nobody_else_at_it, mailing, me.id) == []
    presence.note_here(mailing, other.id)
    [warning] = found_by(setup.nobody_else_at_it, mailing, me.id)
    assert other.name in warning.text
    assert found_by(setup.nobody_else_at_it, mailing) == []


def test_to_look_it_over_is_not_to_work_on_it() -> None:
    mailing, me, other = make_draft(), make_user(Role.MARKETER), make_user(Role.AUTHOR)
    assert found_by(setup.nobody_else_at_it, mailing, me.id) == []
    assert found_by(setup.nobody_else_at_it, mailing, other.id) == []
