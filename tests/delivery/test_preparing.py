"""Between “Send now” and the first message."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from tests.delivery.sending import draft_to, people, recipient, send, started, states
from tests.factories import make_content, make_tracked_link
from tests.support.smtp import ScriptedSmtp
from webapp.content.links.tracked_links import tag_of
from webapp.delivery import invariant, preparing
from webapp.delivery.message import MessageWriter
from webapp.mailings import audience, lifecycle
from webapp.mailings.models import Batch, LeftOut, Mailing, MailingLink, Recipient, State
from webapp.mailings.models import RecipientState as R
from webapp.platform.database import db

Step = Callable[..., bool]


def begun(*addresses: str) -> Mailing:
    mailing = draft_to(*addresses)
    assert lifecycle.start(mailing, by=None)
    return mailing


def prepared(mailing: Mailing) -> bool:
    can_be_sent = preparing.prepare(mailing.id)
    db.session.expire_all()
    return can_be_sent


def test_the_audience_is_the_one_of_this_moment() -> None:
    mailing = draft_to("ann@x.dk", "bo@x.dk")
    audience.resolve(mailing)
    gone = recipient("bo@x.dk").contact
    assert gone is not None
    gone.no_mailings = True
    db.session.commit()
    assert lifecycle.start(mailing, by=None)
    assert prepared(mailing)
    assert states(mailing) == {R.READY: 1, R.LEFT_OUT: 1}
    assert recipient("bo@x.dk").reason == LeftOut.NO_MAILINGS
    assert mailing.state == State.SENDING
    assert mailing.prepared_at is not None
    assert invariant.violations() == []


def test_links_are_kept_for_the_clicks_to_come() -> None:
    mailing = draft_to("ann@x.dk")
    mailing.content = make_content("https://www.fjordlys.example/lumo?for=[[customer.email]]")
    db.session.commit()
    assert lifecycle.start(mailing, by=None)
    assert prepared(mailing)
    targets = db.session.scalars(select(MailingLink)).all()
    assert "https://www.fjordlys.example/lumo?for=[[customer.email]]" in [
        link.url for link in targets
    ]


def test_a_link_that_is_kept_says_of_which_registered_one_it_is_a_use() -> None:
    link = make_tracked_link(url="https://www.fjordlys.example/lumo?for=[[customer.email]]")
    mailing = draft_to("ann@x.dk")
    mailing.content = make_content(tag_of(link))
    db.session.commit()
    assert lifecycle.start(mailing, by=None)
    assert prepared(mailing)
    [kept] = db.session.scalars(select(MailingLink).where(MailingLink.tracked_link_id == link.id))
    assert kept.url == link.url


def test_what_is_prepared_twice_is_prepared_once() -> None:
    mailing = begun(*people(3))
    assert prepared(mailing)
    before = db.session.scalars(select(Recipient.id)).all()
    assert not prepared(mailing)
    assert db.session.scalars(select(Recipient.id)).all() == before
    assert db.session.scalar(select(func.count()).select_from(Batch)) == 1


def test_a_draft_is_not_prepared() -> None:
    mailing = draft_to("ann@x.dk")
    assert not prepared(mailing)
    assert mailing.state == State.DRAFT
    assert not preparing.prepare(mailing.id + 1000)


def test_while_one_prepares_another_does_not(app: Flask) -> None:
    mailing = begun("ann@x.dk")
    with db.engine.connect() as other:
        assert other.scalar(preparing.ONLY_ONE, {"mailing": mailing.id})
        assert not prepared(mailing)
    assert prepared(mailing)


def test_a_mailing_to_nobody_is_finished_at_once(smtp: ScriptedSmtp) -> None:
    mailing = begun()
    send(mailing)
    assert mailing.state == State.SENT
    assert smtp.messages == []


def test_a_fault_of_the_content_shows_before_anybody_got_it(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing = begun("ann@x.dk", "bo@x.dk")
    really_write = MessageWriter.message_for

    def message_for(writer: MessageWriter, person: Any) -> Any:
        if person.email == "bo@x.dk":
            raise ValueError("no such picture")
        return really_write(writer, person)

    monkeypatch.setattr(MessageWriter, "message_for", message_for)
    assert not prepared(mailing)
    assert mailing.state == State.PAUSED
    assert "no such picture" in mailing.state_reason
    assert "bo@x.dk" in mailing.state_reason
    send(mailing)
    assert smtp.messages == []
    assert states(mailing) == {R.READY: 2}
    assert invariant.violations() == []


def test_only_a_few_are_rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = begun(*people(40))
    rehearsed = []
    monkeypatch.setattr(
        MessageWriter, "message_for", lambda _writer, person: rehearsed.append(person.email)
    )
    assert prepared(mailing)
    assert len(set(rehearsed)) == len(rehearsed) == preparing.SAMPLE < 40


def test_a_content_that_cannot_be_compiled_pauses_the_mailing_with_the_reason(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled(*_args: object, **_options: object) -> None:
        raise ValueError("the template is broken")

    mailing = begun("ann@x.dk")
    with monkeypatch.context() as broken:
        broken.setattr(preparing, "compiled", compiled)
        send(mailing)
    assert mailing.state == State.PAUSED
    assert "the template is broken" in mailing.state_reason
    assert mailing.prepared_at is None
    assert smtp.messages == []
    assert lifecycle.resume(mailing, by=None)
    send(mailing)
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


def test_a_from_address_that_is_none_pauses_the_mailing() -> None:
    mailing = begun("ann@x.dk")
    mailing.from_address = "mette at home"
    db.session.commit()
    assert not prepared(mailing)
    assert mailing.state == State.PAUSED
    assert "mette at home" in mailing.state_reason


def test_a_database_that_is_away_is_not_the_mailings_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(*_given: object) -> None:
        raise OperationalError("…", {}, ConnectionError("the server is gone"))

    mailing = begun("ann@x.dk")
    with monkeypatch.context() as away:
        away.setattr(audience, "resolve", resolve)
        with pytest.raises(OperationalError):
            preparing.prepare(mailing.id)
    db.session.rollback()
    assert prepared(mailing)


@pytest.mark.parametrize(
    ("step", "state"),
    [(lifecycle.pause_by_hand, State.PAUSED), (lifecycle.cancel, State.CANCELLED)],
)
def test_who_stops_it_while_it_is_prepared_finds_it_stopped(
    app: Flask, monkeypatch: pytest.MonkeyPatch, step: Step, state: State
) -> None:
    """The step is taken by another process, before the audience is made."""
    mailing = begun("ann@x.dk")
    resolve = audience.resolve

    def stopped_meanwhile(ours: Mailing, _tell: object) -> None:
        monkeypatch.setattr(audience, "resolve", resolve)
        with db.engine.begin() as other:
            stop = text("UPDATE mailing SET state = :state WHERE id = :mailing")
            other.execute(stop, {"state": state.value, "mailing": ours.id})
        resolve(ours)

    monkeypatch.setattr(audience, "resolve", stopped_meanwhile)
    assert not prepared(mailing)
    assert mailing.state == state
    assert mailing.prepared_at is None
    assert db.session.scalar(select(func.count()).select_from(MailingLink)) == 0
    if step is lifecycle.pause_by_hand:
        assert lifecycle.resume(mailing, by=None)
        assert prepared(mailing)
        assert states(mailing) == {R.READY: 1}


def test_what_was_cancelled_before_it_was_prepared_never_goes_out(smtp: ScriptedSmtp) -> None:
    mailing = begun("ann@x.dk")
    assert lifecycle.cancel(mailing, by=None)
    send(mailing)
    assert smtp.messages == []
    assert mailing.finished_at is not None


def test_who_pauses_right_after_it_was_prepared_has_an_audience_and_no_mail(
    smtp: ScriptedSmtp,
) -> None:
    mailing = started("ann@x.dk")
    assert lifecycle.pause_by_hand(mailing, by=None)
    send(mailing)
    assert smtp.messages == []
    assert states(mailing) == {R.READY: 1}
