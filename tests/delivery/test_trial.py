"""Test messages: like the real ones, and counted nowhere."""

import pytest

from tests.factories import make_contact, make_mailing
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.delivery import servers, trial
from webapp.mailings.models import Mailing, Recipient
from webapp.people.addresses import parse_address
from webapp.platform.database import db

pytestmark = pytest.mark.usefixtures("trusting")

ME, BOSS = parse_address("me@fjordlys.dk"), parse_address("boss@fjordlys.dk")


def words(smtp: ScriptedSmtp, subtype: str = "plain", to: str = ME.text) -> str:
    (found,) = smtp.to(to)
    part = found.get_body((subtype,))
    assert part is not None
    return str(part.get_content())


def refused(mailing: Mailing, *addresses: object) -> str:
    with pytest.raises(trial.TestNotSent) as told:
        trial.send(mailing, list(addresses) or [ME], None)  # type: ignore[arg-type]
    return str(told.value)


def test_a_test_message_is_sent_as_the_chosen_person_and_counts_nowhere(
    smtp: ScriptedSmtp,
) -> None:
    mailing = make_mailing()
    trial.send(mailing, [ME], make_contact("Åse Ærø"))
    assert "Hi Åse," in words(smtp)
    assert "/c/" not in words(smtp, "html")
    assert "/o/" not in words(smtp, "html")
    assert db.session.query(Recipient).count() == 0


def test_a_test_without_a_person_is_sent_as_a_sample(smtp: ScriptedSmtp) -> None:
    trial.send(make_mailing(), [ME], None)
    assert "Hi Karen," in words(smtp)


def test_each_address_gets_one_and_each_is_a_message_of_its_own(smtp: ScriptedSmtp) -> None:
    mailing = make_mailing()
    for _again in range(2):
        trial.send(mailing, [ME, BOSS], None)
    assert smtp.count_by_recipient() == {ME.text: 2, BOSS.text: 2}
    marks = {taken.message["Message-ID"] for taken in smtp.messages}
    assert len(marks) == 4
    assert smtp.connections == 2


def test_of_two_the_one_that_was_refused_is_told_and_the_other_has_it(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, recipient=BOSS.text, reply="550 5.1.1 no such user")
    told = refused(make_mailing(), ME, BOSS)
    assert BOSS.text in told
    assert "550 5.1.1 no such user" in told
    assert smtp.count_by_recipient() == {ME.text: 1}


@pytest.mark.parametrize(
    ("moment", "reply"),
    [
        (Moment.CONNECT, "421 4.3.2 Too busy"),
        (Moment.CONNECT, "554 5.7.1 Go away"),
        (Moment.MAIL, "550 5.7.1 Sender rejected"),
        (Moment.RCPT, "550 5.1.1 no such user"),
        (Moment.RCPT, "450 4.2.0 Greylisted"),
        (Moment.RCPT, "554 5.7.1 Relay access denied"),
        (Moment.DOT, "554 5.7.1 Spam"),
    ],
)
def test_whatever_the_server_has_against_it_is_told(
    smtp: ScriptedSmtp, moment: Moment, reply: str
) -> None:
    smtp.at(moment, reply=reply)
    assert reply in refused(make_mailing())
    assert smtp.messages == []


def test_a_line_that_is_lost_is_told(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.DOT, hang_up=True)
    assert "lost" in refused(make_mailing())


def test_a_refusal_of_a_test_leaves_the_server_to_the_mailings(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.MAIL, reply="550 5.7.1 Sender rejected")
    refused(make_mailing())
    (server,) = servers.everyone()
    assert servers.state_of(server) is servers.State.WORKS


def test_a_test_does_not_ask_for_the_limits(smtp: ScriptedSmtp) -> None:
    servers.everyone()[0].per_minute = 0
    db.session.commit()
    trial.send(make_mailing(), [ME], None)
    assert smtp.count_by_recipient() == {ME.text: 1}


def test_where_every_server_is_paused_its_reason_is_told(smtp: ScriptedSmtp) -> None:
    servers.pause(servers.everyone()[0].id, "535 5.7.8 Wrong password")
    with pytest.raises(servers.AllPaused, match=r"535 5.7.8 Wrong password"):
        trial.send(make_mailing(), [ME], None)
