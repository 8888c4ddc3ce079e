from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import TextClause, select
from sqlalchemy.exc import OperationalError

from tests.delivery.sending import people, recipient, send, started, states
from tests.factories import make_contact
from tests.support.secure_smtp import SecureSmtp
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.accounts.organisation import fingerprint, organisation
from webapp.delivery import batches, queries, servers, shift, sweeping
from webapp.delivery.models import Security, SendingServer
from webapp.mailings import lifecycle
from webapp.mailings.models import LeftOut, Mailing, Recipient, State
from webapp.mailings.models import RecipientState as R
from webapp.people import suppression
from webapp.people.models import Consent, SuppressionReason
from webapp.platform import mail
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _, speaking

pytestmark = pytest.mark.usefixtures("trusting")


def use_server(monkeypatch: pytest.MonkeyPatch, **changed: object) -> None:
    config = replace(mail.of_environment(), **changed)  # type: ignore[arg-type]
    monkeypatch.setitem(current_app.extensions, "mail_config", config)


def server() -> SendingServer:
    """The one of the environment."""
    return db.session.scalars(select(SendingServer)).one()


def _ids(mailing: Mailing) -> list[int]:
    of_mailing = select(Recipient.id).where(Recipient.mailing_id == mailing.id)
    return list(db.session.scalars(of_mailing.order_by(Recipient.id)))


def test_everybody_gets_exactly_one_message(smtp: ScriptedSmtp) -> None:
    mailing = started(*people(603))
    send(mailing)
    assert mailing.state == State.SENT
    assert states(mailing) == {R.SENT: 603}
    assert smtp.count_by_recipient() == dict.fromkeys(people(603), 1)


def test_a_place_has_one_holder_however_often_its_job_runs(smtp: ScriptedSmtp) -> None:
    mailing = started("karen@x.dk")
    db.session.execute(
        queries.TAKE_SLOT,
        {"mailing": mailing.id, "slot": 0, "token": "0" * 32, "lease": 60},
    )
    db.session.commit()
    send(mailing)
    assert smtp.messages == []


def test_who_unsubscribes_while_a_mailing_runs_is_not_mailed(smtp: ScriptedSmtp) -> None:
    mailing = started("karen@x.dk", "bo@x.dk")
    suppression.block(fingerprint("karen@x.dk"), SuppressionReason.UNSUBSCRIBED)
    db.session.commit()
    send(mailing)
    assert smtp.count_by_recipient() == {"bo@x.dk": 1}
    karen = recipient("karen@x.dk")
    assert (karen.state, karen.reason) == (R.LEFT_OUT, LeftOut.BLOCKED_ADDRESS)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"no_mailings": True}, LeftOut.NO_MAILINGS),
        ({"former_employee": True}, LeftOut.FORMER_EMPLOYEE),
        ({"e_marketing": Consent.WITHDRAWN}, LeftOut.NO_CONSENT),
    ],
)
def test_a_rule_that_comes_to_apply_meanwhile_is_honoured(
    smtp: ScriptedSmtp, change: dict[str, object], reason: LeftOut
) -> None:
    mailing = started("karen@x.dk")
    contact = recipient("karen@x.dk").contact
    assert contact is not None
    for field, value in change.items():
        setattr(contact, field, value)
    db.session.commit()
    send(mailing)
    assert smtp.messages == []
    assert recipient("karen@x.dk").reason == reason


def test_a_refused_recipient_is_failed_with_the_servers_words(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, recipient="bo@x.dk", reply="550 5.1.1 no such user")
    mailing = started("karen@x.dk", "bo@x.dk", "eva@x.dk")
    send(mailing)
    assert states(mailing) == {R.SENT: 2, R.FAILED: 1}
    assert recipient("bo@x.dk").reply == "550 5.1.1 no such user"
    assert mailing.state == State.SENT_WITH_ERRORS


@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DOT])
def test_a_temporary_refusal_is_tried_again_later(smtp: ScriptedSmtp, moment: Moment) -> None:
    smtp.at(moment, recipient="bo@x.dk", times=1, reply="450 4.2.1 try again")
    mailing = started("karen@x.dk", "bo@x.dk")
    send(mailing)
    deferred = recipient("bo@x.dk")
    assert (deferred.state, deferred.reply) == (R.DEFERRED, "450 4.2.1 try again")
    assert deferred.next_try_at is not None
    assert 40 < (deferred.next_try_at - utcnow()).total_seconds() < 80
    assert mailing.state == State.SENDING
    deferred.next_try_at = utcnow()
    db.session.commit()
    sweeping.sweep()
    send(mailing)
    assert smtp.count_by_recipient() == {"karen@x.dk": 1, "bo@x.dk": 1}
    assert mailing.state == State.SENT


def test_a_line_lost_after_the_final_dot_is_unknown_and_not_sent_again(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.DOT, recipient="bo@x.dk", hang_up=True)
    mailing = started("ann@x.dk", "bo@x.dk", "eva@x.dk")
    send(mailing)
    sweeping.sweep()
    send(mailing)
    assert states(mailing) == {R.SENT: 2, R.UNKNOWN: 1}
    assert smtp.count_by_recipient() == {"ann@x.dk": 1, "bo@x.dk": 1, "eva@x.dk": 1}
    assert mailing.state == State.SENT_WITH_ERRORS


@pytest.mark.parametrize("reply", ["421 too busy", "451 not now"])
def test_a_server_that_takes_nothing_now_costs_nobody_a_try(smtp: ScriptedSmtp, reply: str) -> None:
    smtp.at(Moment.CONNECT, reply=reply, times=1)
    mailing = started("ann@x.dk")
    send(mailing)
    assert states(mailing) == {R.READY: 1}
    assert (mailing.state, mailing.state_reason) == (State.SENDING, reply)
    send(mailing)
    assert states(mailing) == {R.READY: 1}
    server().resting_until = utcnow()
    db.session.commit()
    send(mailing)
    assert (mailing.state, mailing.state_reason) == (State.SENT, "")
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


def test_a_server_that_is_down_is_waited_for(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_server(monkeypatch, port=1)
    mailing = started("ann@x.dk")
    send(mailing)
    assert states(mailing) == {R.READY: 1}
    assert mailing.state == State.SENDING
    assert mailing.state_reason == "Connection refused"
    rest = server().resting_until
    assert rest is not None
    assert rest > utcnow() + timedelta(seconds=20)


def test_a_server_that_is_silent_is_waited_for(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_server(monkeypatch, timeout=0.1)
    smtp.at(Moment.CONNECT, silence=3)
    mailing = started("ann@x.dk")
    send(mailing)
    assert states(mailing) == {R.READY: 1}
    with speaking(organisation().language):
        assert mailing.state_reason == _("It did not answer in time.")


def test_a_server_that_refuses_us_pauses_the_mailing_and_touches_nobody(
    smtp: ScriptedSmtp,
) -> None:
    smtp.at(Moment.RCPT, reply="554 5.7.1 Relay access denied")
    mailing = started("ann@x.dk", "bo@x.dk")
    send(mailing)
    send(mailing)
    assert mailing.state == State.PAUSED
    assert "554 5.7.1 Relay access denied" in mailing.state_reason
    assert server().paused_reason == "554 5.7.1 Relay access denied"
    assert states(mailing) == {R.READY: 2}
    smtp.clear()
    servers.try_again("fjordlys.example")
    assert lifecycle.resume(mailing, by=None)
    send(mailing)
    assert smtp.count_by_recipient() == {"ann@x.dk": 1, "bo@x.dk": 1}


def test_a_deleted_contact_is_not_mailed_any_more(smtp: ScriptedSmtp) -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    db.session.delete(recipient("bo@x.dk").contact)
    db.session.commit()
    send(mailing)
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


def test_a_message_that_cannot_be_written_fails_that_person_only(smtp: ScriptedSmtp) -> None:
    mailing = started("ann@x.dk", "bo@x.dk")
    recipient("bo@x.dk").email = "not an address"
    db.session.commit()
    send(mailing)
    assert states(mailing) == {R.SENT: 1, R.FAILED: 1}
    assert smtp.count_by_recipient() == {"ann@x.dk": 1}


def test_an_international_address_goes_to_a_server_that_takes_them(smtp: ScriptedSmtp) -> None:
    mailing = started("søren@bøgehuset.dk")
    send(mailing)
    assert states(mailing) == {R.SENT: 1}
    assert smtp.count_by_recipient() == {"søren@xn--bgehuset-54a.dk": 1}


@pytest.mark.parametrize("statement", [queries.RENEW, queries.CLOSE, queries.RECORD])
def test_a_database_that_is_away_for_a_moment_leaves_nobody_unknown(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch, statement: TextClause
) -> None:
    mailing = started(*people(10))
    really_execute, failures = type(db.session()).execute, iter([True, True])

    def execute(self: object, asked: object, *args: Any, **kwargs: Any) -> Any:
        if asked is statement and next(failures, False):
            raise OperationalError("…", {}, ConnectionError("the server is gone"))
        return really_execute(self, asked, *args, **kwargs)

    monkeypatch.setattr(type(db.session()), "execute", execute)
    monkeypatch.setattr(batches, "RENEW_BELOW", 2 * batches.LEASE)
    monkeypatch.setattr(shift, "LOOK_EVERY", 0.0)
    send(mailing)
    assert next(failures, None) is None
    assert states(mailing) == {R.SENT: 10}
    assert smtp.count_by_recipient() == dict.fromkeys(people(10), 1)


def test_a_batch_that_cannot_be_closed_just_now_puts_no_message_under_way_in_doubt(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.delay = 0.05
    mailing = started(*people(20))
    really_close, failures = shift.Shift._close_finished, iter([True])

    def close(self: shift.Shift) -> None:
        if self._in_hand and next(failures, False):
            raise OperationalError("…", {}, ConnectionError("the server is gone"))
        really_close(self)

    monkeypatch.setattr(shift.Shift, "_close_finished", close)
    send(mailing)
    assert next(failures, None) is None
    assert states(mailing) == {R.SENT: 20}


def test_the_states_add_up_to_the_audience(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, recipient="p1@x.dk", reply="550 no")
    smtp.at(Moment.RCPT, recipient="p2@x.dk", reply="450 later")
    smtp.at(Moment.DOT, recipient="p3@x.dk", hang_up=True)
    make_contact(email="p4@x.dk", e_marketing=Consent.UNKNOWN)
    mailing = started(*people(8))
    send(mailing)
    assert states(mailing) == {R.SENT: 5, R.FAILED: 1, R.DEFERRED: 1, R.UNKNOWN: 1}
    assert db.session.query(Recipient).count() == 8


def test_two_large_mailings_share_one_sender(
    smtp: ScriptedSmtp, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    smtp.delay = 0.02
    monkeypatch.setattr(shift, "SLICE", 0.2)
    first, second = people(60), [f"q{each}@x.dk" for each in range(60)]
    for mailing in (started(*first), started(*second)):
        lifecycle.ring(mailing.id, slot=0)
    run_jobs()
    came = [message.recipients[0] for message in smtp.messages]
    assert sorted(came) == sorted(first + second)
    # Neither waited until the other was through.
    assert came.index(second[0]) < 60
    assert came.index(second[-1]) > came.index(first[0])
    assert max(came.index(each) for each in first) > came.index(second[0])


# Several servers.


@pytest.fixture
def second() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as other:
        yield other


def add_server(smtp: ScriptedSmtp, **settings: object) -> SendingServer:
    values = {"host": "127.0.0.1", "port": smtp.port, "security": Security.NONE} | settings
    added = SendingServer(name=f"Server {smtp.port}", **values)
    db.session.add(added)
    db.session.commit()
    return added


def test_when_a_server_refuses_us_another_takes_over_and_nobody_notices(
    smtp: ScriptedSmtp, second: ScriptedSmtp
) -> None:
    server().connections = 1
    add_server(second, weight=0)
    smtp.at(Moment.MAIL, nth=4, reply="550 5.7.1 Your account is closed")
    mailing = started(*people(10))
    send(mailing)
    assert mailing.state == State.SENDING
    send(mailing)
    assert (mailing.state, mailing.state_reason) == (State.SENT, "")
    assert smtp.count_by_recipient() + second.count_by_recipient() == dict.fromkeys(people(10), 1)
    assert (len(smtp.messages), len(second.messages)) == (3, 7)
    reasons = [each.paused_reason for each in servers.everyone()]
    assert reasons == ["550 5.7.1 Your account is closed", ""]


@pytest.mark.parametrize("act", [{"reply": "421 Too busy"}, {"hang_up": True}])
def test_when_a_server_takes_nothing_now_another_takes_over(
    smtp: ScriptedSmtp, second: ScriptedSmtp, act: dict[str, object]
) -> None:
    add_server(second, weight=0)
    smtp.at(Moment.CONNECT, **act)  # type: ignore[arg-type]
    mailing = started(*people(5))
    send(mailing)
    send(mailing)
    assert mailing.state == State.SENT
    assert second.count_by_recipient() == dict.fromkeys(people(5), 1)


def test_when_a_server_cannot_be_reached_the_work_goes_on_by_itself_with_another(
    smtp: ScriptedSmtp, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    server().weight = 0
    add_server(smtp, port=1)
    mailing = started(*people(5))
    run_jobs()
    assert db.session.get_one(Mailing, mailing.id).state == State.SENT
    assert smtp.count_by_recipient() == dict.fromkeys(people(5), 1)


def test_a_server_that_is_there_for_the_from_domain_sends_it_alone(
    smtp: ScriptedSmtp, second: ScriptedSmtp
) -> None:
    add_server(second, from_domains=["fjordlys.example"])
    send(started(*people(5)))
    assert second.count_by_recipient() == dict.fromkeys(people(5), 1)
    assert smtp.messages == []


def test_nobody_else_stands_in_for_the_server_of_a_from_domain(
    smtp: ScriptedSmtp, second: ScriptedSmtp
) -> None:
    add_server(second, from_domains=["fjordlys.example"])
    second.at(Moment.CONNECT, reply="554 5.7.1 Go away")
    mailing = started(*people(3))
    send(mailing)
    send(mailing)
    assert mailing.state == State.PAUSED
    assert "554 5.7.1 Go away" in mailing.state_reason
    assert smtp.messages == []
    assert states(mailing) == {R.READY: 3}


def test_without_a_server_for_the_from_domain_the_mailing_says_so(smtp: ScriptedSmtp) -> None:
    server().from_domains = ["elsewhere.example"]
    mailing = started(*people(3))
    send(mailing)
    assert mailing.state == State.PAUSED
    assert "fjordlys.example" in mailing.state_reason
    assert states(mailing) == {R.READY: 3}


def test_a_server_that_is_switched_off_sends_nothing(
    smtp: ScriptedSmtp, second: ScriptedSmtp
) -> None:
    server().enabled = False
    add_server(second)
    send(started(*people(3)))
    assert smtp.messages == []
    assert second.count_by_recipient() == dict.fromkeys(people(3), 1)


def test_a_password_that_cannot_be_said_pauses_the_server_and_tells_why(
    smtp: ScriptedSmtp,
) -> None:
    """Not every server takes more than ASCII; whatever happens, the mailing must say what."""
    server().enabled = False
    with SecureSmtp(password="blåbærgrød") as asking:
        added = add_server(smtp, port=asking.port, username="brevdue")
        servers.seal_password(added, "blåbærgrød")
        db.session.commit()
        mailing = started("ann@x.dk")
        send(mailing)
        send(mailing)
    assert mailing.state == State.PAUSED
    assert mailing.state_reason
    assert states(mailing) == {R.READY: 1}
