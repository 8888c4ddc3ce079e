"""Every answer of the other side (delivery.md, section 5), and every moment at which a line can
break: what becomes of that message, and that nobody else notices."""

import smtplib
from collections.abc import Iterator

import pytest

from tests.delivery.feeding import CONTENT, large, letter, letters, send
from tests.support.certificates import Authority
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.delivery.outcomes import ServerRefusesUs, ServerUnavailable
from webapp.delivery.smtp import opened
from webapp.mailings.models import RecipientState as R

pytestmark = pytest.mark.usefixtures("trusting")

ANN, BO, EVA = "p0@x.dk", "p1@x.dk", "p2@x.dk"

both_ways = pytest.mark.parametrize(
    "pipelining", [True, False], ids=["pipelined", "one command at a time"]
)


def struck(smtp: ScriptedSmtp, pipelining: bool) -> tuple[R, str]:
    """What became of Bo, whom the script is about; Ann before and Eva behind are not harmed."""
    smtp.pipelining = pipelining
    feed = send(smtp, letters(3))
    assert feed.trouble is None
    assert (feed.states[ANN], feed.states[EVA]) == (R.SENT, R.SENT)
    counted = smtp.count_by_recipient()
    assert (counted[ANN], counted[EVA]) == (1, 1)
    may_have_it = {R.SENT: {1}, R.UNKNOWN: {0, 1}}
    assert counted[BO] in may_have_it.get(feed.states[BO], {0})
    return feed.states[BO], feed.outcomes[BO].reply


# 2xx after the final dot.


@both_ways
def test_a_message_that_is_taken_is_sent_with_the_servers_words(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.at(Moment.DOT, recipient=BO, reply="250 2.0.0 Ok: queued as 4F2C")
    assert struck(smtp, pipelining) == (R.SENT, "250 2.0.0 Ok: queued as 4F2C")
    assert smtp.messages[1].content == CONTENT
    assert smtp.connections == 1


@both_ways
def test_an_answer_in_several_lines_is_one_answer(smtp: ScriptedSmtp, pipelining: bool) -> None:
    smtp.at(Moment.RCPT, recipient=BO, reply="550-5.1.1 No such user\r\n550 5.1.1 Ask his boss")
    assert struck(smtp, pipelining) == (R.FAILED, "550 5.1.1 No such user 5.1.1 Ask his boss")


@both_ways
def test_answers_may_come_a_byte_at_a_time(smtp: ScriptedSmtp, pipelining: bool) -> None:
    smtp.in_bytes = True
    smtp.at(Moment.RCPT, recipient=BO, reply="450-4.2.0 Later\r\n450 4.2.0 Please")
    assert struck(smtp, pipelining) == (R.DEFERRED, "450 4.2.0 Later 4.2.0 Please")


# 4xx; or the connection is lost before the final dot was sent.


@both_ways
@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA, Moment.DOT])
def test_a_temporary_refusal_defers_that_message_only(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment
) -> None:
    smtp.at(moment, **_about_bo(moment), reply="450 4.2.1 Try again")
    assert struck(smtp, pipelining) == (R.DEFERRED, "450 4.2.1 Try again")
    assert smtp.connections == 1


@both_ways
@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA])
def test_a_line_that_is_lost_before_the_final_dot_defers_that_message_only(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment
) -> None:
    smtp.at(moment, **_about_bo(moment), hang_up=True)
    state, reply = struck(smtp, pipelining)
    assert state == R.DEFERRED
    assert "lost" in reply
    assert smtp.connections == 2


@both_ways
def test_a_line_that_is_lost_in_the_middle_of_a_large_content_defers_it(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining, smtp.slow = pipelining, True
    smtp.at(Moment.CONTENT, recipient=BO, hang_up=True)
    feed = send(smtp, [letter(0), large(1, 5_000_000), letter(2)])
    assert feed.states == {ANN: R.SENT, BO: R.DEFERRED, EVA: R.SENT}
    assert smtp.count_by_recipient() == {ANN: 1, EVA: 1}


@both_ways
def test_a_line_that_is_lost_before_mail_is_answered_costs_nobody_a_try(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.at(Moment.MAIL, nth=2, hang_up=True)
    assert struck(smtp, pipelining) == (R.SENT, "250 2.0.0 OK")
    assert smtp.connections == 2


@both_ways
@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA, Moment.DOT])
def test_a_server_that_closes_with_421_defers_the_message_it_closes_on(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment
) -> None:
    smtp.at(moment, **_about_bo(moment), reply="421 4.3.2 Shutting down")
    state, reply = struck(smtp, pipelining)
    assert state == R.DEFERRED
    assert "421 4.3.2 Shutting down" in reply
    assert smtp.connections == 2


@both_ways
@pytest.mark.parametrize("reply", ["421 4.3.2 Shutting down", "451 4.3.2 Not now"])
def test_a_used_line_that_takes_no_more_is_replaced_at_once(
    smtp: ScriptedSmtp, pipelining: bool, reply: str
) -> None:
    smtp.at(Moment.MAIL, nth=2, reply=reply)
    assert struck(smtp, pipelining) == (R.SENT, "250 2.0.0 OK")
    assert smtp.connections == 2


@both_ways
def test_a_yes_and_a_goodbye_in_one_packet_are_heard_as_two_words(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    words = "250 2.0.0 Queued\r\n421 4.3.2 And that was the last one"
    smtp.at(Moment.DOT, recipient=BO, reply=words)
    assert struck(smtp, pipelining) == (R.SENT, "250 2.0.0 Queued")
    assert smtp.connections == 2


@both_ways
def test_a_server_that_closes_when_it_is_to_forget_a_refusal_harms_nobody(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.at(Moment.RCPT, recipient=BO, reply="550 5.1.1 No such user")
    smtp.at(Moment.RSET, reply="421 4.7.0 Too many errors")
    assert struck(smtp, pipelining) == (R.FAILED, "550 5.1.1 No such user")
    assert smtp.connections == 2


# 5xx for the recipient.


@both_ways
@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA, Moment.DOT])
def test_a_permanent_refusal_fails_that_message_only(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment
) -> None:
    smtp.at(moment, **_about_bo(moment), reply="550 5.1.1 No such user")
    assert struck(smtp, pipelining) == (R.FAILED, "550 5.1.1 No such user")
    assert smtp.connections == 1


@pytest.mark.parametrize("to_data", ["554 5.5.1 Nobody", "503 5.5.1 RCPT first", "354 Go ahead"])
@pytest.mark.parametrize(("reply", "state"), [("550 no", R.FAILED), ("450 later", R.DEFERRED)])
def test_whatever_is_said_to_data_after_a_refused_recipient_the_refusal_counts(
    smtp: ScriptedSmtp, to_data: str, reply: str, state: R
) -> None:
    smtp.without_recipient = to_data
    smtp.at(Moment.RCPT, recipient=BO, reply=reply)
    assert struck(smtp, pipelining=True) == (state, reply)
    assert smtp.empty_contents == to_data.startswith("354")


@both_ways
def test_many_refusals_in_a_row_leave_the_line_in_step(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining = pipelining
    for number in (0, 1, 2, 5, 6, 9):
        smtp.at(Moment.RCPT, recipient=f"p{number}@x.dk", reply="550 no")
    feed = send(smtp, letters(10))
    assert [to for to, state in feed.states.items() if state is R.SENT] == [
        "p3@x.dk",
        "p4@x.dk",
        "p7@x.dk",
        "p8@x.dk",
    ]
    assert smtp.count_by_recipient() == {f"p{number}@x.dk": 1 for number in (3, 4, 7, 8)}
    assert smtp.connections == 1


@both_ways
def test_an_unknown_user_of_a_relay_is_about_that_person_only(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    words = f"550 5.1.1 <{BO}>: User unknown in relay recipient table"
    smtp.at(Moment.RCPT, recipient=BO, reply=words)
    assert struck(smtp, pipelining) == (R.FAILED, words)


# 5xx about us.


@both_ways
@pytest.mark.parametrize(
    ("moment", "reply"),
    [
        (Moment.CONNECT, "554 5.7.1 Your network is not welcome"),
        (Moment.MAIL, "550 5.7.1 Sender rejected"),
        (Moment.MAIL, "530 5.7.0 Authentication required"),
        (Moment.RCPT, "530 5.7.0 Authentication required"),
        (Moment.RCPT, "554 5.7.1 <p0@x.dk>: Relay access denied"),
        (Moment.RCPT, "550 5.7.1 Unable to relay"),
        (Moment.RCPT, "550 relay not permitted"),
    ],
)
def test_a_refusal_of_us_stops_everything_and_touches_nobody(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment, reply: str
) -> None:
    smtp.pipelining = pipelining
    smtp.at(moment, reply=reply)
    feed = send(smtp, letters(3))
    assert isinstance(feed.trouble, ServerRefusesUs)
    assert str(feed.trouble) == reply
    assert feed.outcomes == {}
    assert smtp.messages == []
    assert smtp.connections == 1


@both_ways
def test_who_is_refused_in_the_middle_keeps_what_was_sent(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining = pipelining
    smtp.at(Moment.MAIL, nth=2, reply="550 5.7.1 Daily limit reached, buy more")
    feed = send(smtp, letters(3))
    assert isinstance(feed.trouble, ServerRefusesUs)
    assert feed.states == {ANN: R.SENT}
    assert smtp.count_by_recipient() == {ANN: 1}


def test_a_password_that_is_not_taken_is_about_us() -> None:
    def sign_in() -> smtplib.SMTP:
        raise smtplib.SMTPAuthenticationError(454, b"4.7.0 Try later \xff")

    with pytest.raises(ServerRefusesUs, match=r"454 4.7.0 Try later"):
        opened(sign_in)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "in time"),
        (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "unexpectedly closed"),
        (smtplib.SMTPConnectError(421, b"Too busy"), "421 Too busy"),
        (smtplib.SMTPHeloError(451, "Not now"), "451 Not now"),
    ],
)
def test_a_server_that_cannot_be_spoken_to_is_unavailable(error: Exception, words: str) -> None:
    def connect() -> smtplib.SMTP:
        raise error

    with pytest.raises(ServerUnavailable, match=words):
        opened(connect)


@pytest.mark.parametrize("moment", [Moment.CONNECT, Moment.MAIL])
@pytest.mark.parametrize("act", [{"reply": "421 Too busy"}, {"hang_up": True}])
@both_ways
def test_a_server_that_takes_nothing_now_touches_nobody(
    smtp: ScriptedSmtp, moment: Moment, act: dict[str, object], pipelining: bool
) -> None:
    smtp.pipelining = pipelining
    smtp.at(moment, **act)  # type: ignore[arg-type]
    feed = send(smtp, letters(3))
    assert isinstance(feed.trouble, ServerUnavailable)
    assert (feed.outcomes, feed.begun, smtp.connections) == ({}, [], 1)


def test_a_server_of_the_old_kind_is_spoken_to_in_the_old_way(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.EHLO, reply="502 5.5.2 Command not implemented")
    assert struck(smtp, pipelining=False) == (R.SENT, "250 2.0.0 OK")


# The connection is lost after the final dot, before the reply.


@both_ways
@pytest.mark.parametrize("moment", [Moment.CONTENT, Moment.DOT])
def test_a_line_that_is_lost_after_the_final_dot_leaves_that_message_in_doubt(
    smtp: ScriptedSmtp, pipelining: bool, moment: Moment
) -> None:
    """A short content has left with its dot, whether the server read it or not."""
    smtp.at(moment, recipient=BO, hang_up=True)
    state, reply = struck(smtp, pipelining)
    assert state == R.UNKNOWN
    assert "before the answer" in reply
    assert smtp.connections == 2


@both_ways
@pytest.mark.parametrize("reply", ["what?", "", "354 Go on", "150 Half a yes"])
def test_an_answer_to_the_content_that_is_none_leaves_it_in_doubt(
    smtp: ScriptedSmtp, pipelining: bool, reply: str
) -> None:
    smtp.pipelining = pipelining
    smtp.at(Moment.DOT, recipient=BO, reply=reply or " ")
    feed = send(smtp, letters(3))
    assert feed.states == {ANN: R.SENT, BO: R.UNKNOWN, EVA: R.SENT}
    assert smtp.connections == 2


# All of it over TLS.


@pytest.fixture(scope="module")
def _secure(authority: Authority) -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp(tls=authority.server("localhost")) as server:
        yield server


@pytest.fixture
def secure(_secure: ScriptedSmtp) -> ScriptedSmtp:
    _secure.clear()
    return _secure


@both_ways
@pytest.mark.parametrize("in_bytes", [False, True], ids=["", "answers in single bytes"])
def test_over_tls_every_answer_means_the_same(
    secure: ScriptedSmtp, pipelining: bool, in_bytes: bool
) -> None:
    secure.pipelining, secure.in_bytes = pipelining, in_bytes
    secure.at(Moment.RCPT, recipient="p1@x.dk", reply="550-5.1.1 No\r\n550 5.1.1 such user")
    secure.at(Moment.RCPT, recipient="p3@x.dk", reply="450 4.2.1 Later")
    secure.at(Moment.DOT, recipient="p5@x.dk", reply="554 5.7.1 Spam")
    secure.at(Moment.DOT, recipient="p6@x.dk", hang_up=True)
    secure.at(Moment.DATA, recipient="p8@x.dk", hang_up=True)
    feed = send(secure, letters(10), server="localhost", use_ssl=True)
    assert [feed.states[f"p{number}@x.dk"] for number in range(10)] == [
        R.SENT,
        R.FAILED,
        R.SENT,
        R.DEFERRED,
        R.SENT,
        R.FAILED,
        R.UNKNOWN,
        R.SENT,
        R.DEFERRED,
        R.SENT,
    ]
    assert secure.count_by_recipient() == {f"p{number}@x.dk": 1 for number in (0, 2, 4, 6, 7, 9)}
    assert secure.connections == 3


@both_ways
def test_ten_megabytes_reach_a_slow_reader_whole(smtp: ScriptedSmtp, pipelining: bool) -> None:
    smtp.pipelining, smtp.slow = pipelining, True
    messages = [letter(0), large(1, 10_000_000), letter(2)]
    assert send(smtp, messages).states == {ANN: R.SENT, BO: R.SENT, EVA: R.SENT}
    assert [taken.content for taken in smtp.messages] == [each.content for each in messages]


def test_ten_megabytes_reach_a_slow_reader_whole_over_tls(secure: ScriptedSmtp) -> None:
    secure.slow = True
    messages = [letter(0), large(1, 10_000_000), letter(2)]
    feed = send(secure, messages, server="localhost", use_ssl=True)
    assert feed.states == {ANN: R.SENT, BO: R.SENT, EVA: R.SENT}
    assert [taken.content for taken in secure.messages] == [each.content for each in messages]


# International addresses.


@both_ways
def test_an_international_address_goes_only_to_a_server_that_takes_them(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining, smtp.international = pipelining, False
    feed = send(smtp, [letter(0), letter(1, "søren@x.dk", utf8=True), letter(2)])
    assert feed.states == {ANN: R.SENT, "søren@x.dk": R.FAILED, EVA: R.SENT}
    smtp.international = True
    feed = send(smtp, [letter(1, "søren@x.dk", utf8=True)])
    assert feed.states == {"søren@x.dk": R.SENT}
    assert smtp.count_by_recipient()["søren@x.dk"] == 1


def _about_bo(moment: Moment) -> dict[str, str]:
    return {"recipient": BO}
