"""Every answer of the other side (delivery.md, section 5), and every moment at which a line can
break: what becomes of that message, and that nobody else notices."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace

import pytest

from tests.delivery.feeding import CONTENT, Feed, large, letter, letters, send
from tests.support.certificates import Authority
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.delivery import smtp as smtp_module
from webapp.delivery.message import Message
from webapp.delivery.outcomes import ServerRefusesUs, ServerUnavailable
from webapp.delivery.smtp import FINAL_REPLY_PATIENCE, ConnectionLost, Line, NotBegun, opened
from webapp.mailings.models import RecipientState as R

ANN, BO, EVA = "p0@x.dk", "p1@x.dk", "p2@x.dk"
OFFER = b"MAIL FROM:<news@fjordlys.example>\r\nRCPT TO:<p%d@x.dk>\r\nDATA\r\n"

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
    assert counted[BO] == (1 if feed.states[BO] in {R.SENT, R.UNKNOWN} else 0)
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
@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA, Moment.CONTENT])
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

    with pytest.raises(ServerRefusesUs, match="454 4.7.0 Try later"):
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
def test_a_line_that_is_lost_after_the_final_dot_leaves_that_message_in_doubt(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.at(Moment.DOT, recipient=BO, hang_up=True)
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
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def _secure(authority: Authority) -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp(tls=authority.server("localhost")) as server:
        yield server


@pytest.fixture
def secure(
    _secure: ScriptedSmtp, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> ScriptedSmtp:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
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
    secure.at(Moment.CONTENT, recipient="p8@x.dk", hang_up=True)
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


# Byte by byte.


class Narrow(socket.socket):
    """Takes no more than `room` bytes."""

    room = 1 << 30

    def send(self, data: memoryview, flags: int = 0) -> int:  # type: ignore[override]
        if not self.room:
            raise BlockingIOError
        written = super().send(data[: self.room], flags)
        self.room -= written
        return written


class Wire:
    """A line whose other end the test holds in its hands."""

    def __init__(self, pipelining: bool) -> None:
        ours, self.server = socket.socketpair()
        self.socket = Narrow(fileno=ours.detach())
        self.server.setblocking(False)
        host = smtplib.SMTP()
        host.sock, host.does_esmtp = self.socket, True
        host.esmtp_features = {"pipelining": ""} if pipelining else {}
        self.feed = Feed([])
        self.line = Line(host, self.feed, timeout=10.0)

    def hears(self) -> bytes:
        self.line.write()
        try:
            return self.server.recv(1 << 20)
        except BlockingIOError:
            return b""

    def says(self, words: bytes) -> None:
        self.server.sendall(words)
        self.line.read()

    def begins(self, message: Message) -> None:
        """Up to the content, which is not written yet."""
        self.line.offer(message)
        self.hears()
        self.says(b"250 ok\r\n250 ok\r\n354 go\r\n")


@pytest.fixture
def wires() -> Iterator[Callable[..., Wire]]:
    made: list[Wire] = []

    def make(*, pipelining: bool = True) -> Wire:
        made.append(Wire(pipelining))
        return made[-1]

    yield make
    for wire in made:
        wire.line.close()
        wire.server.close()


def test_the_end_of_a_message_and_the_offer_of_the_next_leave_in_one_packet(
    wires: Callable[..., Wire],
) -> None:
    wire = wires()
    wire.line.offer(letter(0))
    assert wire.hears() == OFFER % 0
    assert not wire.line.free
    wire.says(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert wire.line.free
    wire.line.offer(letter(1))
    assert wire.hears() == CONTENT + b".\r\n" + OFFER % 1
    wire.says(b"250 queued\r\n250 ok\r\n550 no\r\n554 nobody\r\n")
    assert wire.feed.states == {ANN: R.SENT, BO: R.FAILED}
    assert wire.line.free
    wire.line.offer(letter(2))
    assert wire.hears() == b"RSET\r\n" + OFFER % 2
    wire.says(b"250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n")
    assert wire.hears() == CONTENT + b".\r\n"
    wire.says(b"250 queued\r\n")
    assert wire.feed.states[EVA] == R.SENT
    assert not wire.line.busy


def test_without_pipelining_a_command_waits_for_the_answer_to_the_one_before(
    wires: Callable[..., Wire],
) -> None:
    wire = wires(pipelining=False)
    mail, rcpt, data, _end = (OFFER % 0).splitlines(keepends=True) + [b""]
    wire.line.offer(letter(0))
    for command, answer in [(mail, b"250 ok"), (rcpt, b"250 ok"), (data, b"354 go")]:
        assert not wire.line.free
        assert wire.hears() == command
        wire.says(answer + b"\r\n")
    assert wire.hears() == CONTENT + b".\r\n"
    assert not wire.line.free
    wire.says(b"250 queued\r\n")
    assert wire.line.free
    assert wire.feed.states == {ANN: R.SENT}


def test_a_refused_recipient_is_not_followed_by_data_without_pipelining(
    wires: Callable[..., Wire],
) -> None:
    wire = wires(pipelining=False)
    wire.line.offer(letter(0))
    wire.hears()
    wire.says(b"250 ok\r\n")
    wire.hears()
    wire.says(b"550 no\r\n")
    assert wire.feed.states == {ANN: R.FAILED}
    assert wire.hears() == b"RSET\r\n"


@pytest.mark.parametrize("size", range(1, 24, 2))
def test_it_does_not_matter_where_the_answers_are_cut(
    wires: Callable[..., Wire], size: int
) -> None:
    wire = wires()
    wire.line.offer(letter(0))
    wire.hears()
    words = b"250-first\r\n250 second\r\n250 ok\r\n354 go\r\n"
    for start in range(0, len(words), size):
        wire.says(words[start : start + size])
    wire.line.offer(letter(1))
    assert wire.hears() == CONTENT + b".\r\n" + OFFER % 1
    words = b"250-queued\r\n250 as 7\r\n250 ok\r\n550-no\r\n550-such\r\n550 user\r\n503 no\r\n"
    for start in range(0, len(words), size):
        wire.says(words[start : start + size])
    assert [each.reply for each in wire.feed.outcomes.values()] == [
        "250 queued as 7",
        "550 no such user",
    ]


@pytest.mark.parametrize("missing", range(1, 8))
def test_a_content_whose_final_dot_has_not_left_is_tried_again(
    wires: Callable[..., Wire], missing: int
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.line.offer(letter(1))
    wire.socket.room = len(CONTENT + b".\r\n") - missing
    wire.line.write()
    assert wire.line.lose("gone") == letter(1)
    assert wire.feed.states == {ANN: R.DEFERRED}


@pytest.mark.parametrize("more", [0, 1, 10, 40, 1000])
def test_a_content_whose_final_dot_has_left_is_in_doubt(
    wires: Callable[..., Wire], more: int
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.line.offer(letter(1))
    wire.socket.room = len(CONTENT + b".\r\n") + more
    wire.line.write()
    assert wire.line.lose("gone") == letter(1)
    assert wire.feed.states == {ANN: R.UNKNOWN}


@pytest.mark.parametrize(
    ("answers", "states", "untouched"),
    [
        (b"", {ANN: R.UNKNOWN}, True),
        (b"250 queued\r\n", {ANN: R.SENT}, True),
        (b"250 queued\r\n250", {ANN: R.SENT}, True),
        (b"250 queued\r\n250 ok\r\n", {ANN: R.SENT, BO: R.DEFERRED}, False),
        (b"250 queued\r\n250 ok\r\n550 no\r\n", {ANN: R.SENT, BO: R.FAILED}, False),
        (b"250 queued\r\n250 ok\r\n450 no\r\n", {ANN: R.SENT, BO: R.DEFERRED}, False),
        (b"250 queued\r\n250 ok\r\n250 ok\r\n", {ANN: R.SENT, BO: R.DEFERRED}, False),
        (b"550 spam\r\n250 ok\r\n250 ok\r\n354 go\r\n", {ANN: R.FAILED, BO: R.DEFERRED}, False),
    ],
)
def test_a_line_may_break_between_any_two_answers(
    wires: Callable[..., Wire], answers: bytes, states: dict[str, R], untouched: bool
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.line.offer(letter(1))
    wire.hears()
    if answers:
        wire.says(answers)
    wire.server.close()
    with pytest.raises(ConnectionLost):
        wire.line.read()
    assert wire.line.lose("gone") == (letter(1) if untouched else None)
    assert wire.feed.states == states


def test_an_answer_that_comes_with_the_end_of_the_connection_still_counts(
    wires: Callable[..., Wire],
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.hears()
    wire.server.sendall(b"250 queued\r\n")
    wire.server.close()
    with pytest.raises(ConnectionLost):
        for _read in range(2):
            wire.line.read()
    assert wire.line.lose("gone") is None
    assert wire.feed.states == {ANN: R.SENT}


def test_a_goodbye_that_nobody_asked_for_ends_an_idle_line(wires: Callable[..., Wire]) -> None:
    wire = wires()
    with pytest.raises(ConnectionLost, match="421 4.4.2 Idle for too long"):
        wire.says(b"421 4.4.2 Idle for too long\r\n")
    assert wire.line.lose("gone") is None
    assert wire.feed.outcomes == {}


@pytest.mark.parametrize("flood", [b"x" * 70_000, b"250-and\r\n" * 20_000])
def test_an_answer_without_end_ends_the_line(wires: Callable[..., Wire], flood: bytes) -> None:
    wire = wires()
    wire.line.offer(letter(0))
    wire.hears()
    with pytest.raises(ConnectionLost):
        for start in range(0, len(flood), 10_000):
            wire.says(flood[start : start + 10_000])


@pytest.mark.parametrize("words", [b"what?\r\n", b"\r\n", b"25\r\n", b"\n", b"2\xb25 hm\r\n"])
def test_an_answer_that_is_none_is_never_taken_for_a_yes(
    wires: Callable[..., Wire], words: bytes
) -> None:
    at_mail, at_rcpt, at_data = wires(), wires(), wires()
    for wire in (at_mail, at_rcpt, at_data):
        wire.line.offer(letter(0))
        wire.hears()
    with pytest.raises(ServerUnavailable):
        at_mail.says(words)
    at_rcpt.says(b"250 ok\r\n" + words + b"554 nobody\r\n")
    at_data.says(b"250 ok\r\n250 ok\r\n" + words)
    assert at_rcpt.feed.states == at_data.feed.states == {ANN: R.DEFERRED}
    assert at_rcpt.feed.begun == at_data.feed.begun == []


def test_nothing_of_a_content_leaves_that_may_not_be_begun(wires: Callable[..., Wire]) -> None:
    wire = wires()
    wire.feed.lets_begin = False
    wire.line.offer(letter(0))
    wire.hears()
    with pytest.raises(NotBegun):
        wire.says(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert wire.line.give_up() == letter(0)
    assert wire.server.recv(100) == b""
    assert wire.feed.outcomes == {}


def test_the_words_of_a_server_are_kept_readable_and_short(wires: Callable[..., Wire]) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.hears()
    wire.says(b"550 5.7.1 \xff\0 caf\xc3\xa9\t " + b"so " * 400 + b"\r\n")
    reply = wire.feed.outcomes[ANN].reply
    assert reply.startswith("550 5.7.1 \N{REPLACEMENT CHARACTER} café so so")
    assert len(reply) == 500


# Patience, by a clock in the test's hands.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1000.0)
    ticking = SimpleNamespace(monotonic=lambda: clock.now)
    monkeypatch.setattr(smtp_module, "time", ticking)
    return clock


def test_a_server_may_take_its_time_once_for_each_answer(
    wires: Callable[..., Wire], clock: SimpleNamespace
) -> None:
    wire = wires()
    clock.now += 100
    assert not wire.line.silent
    wire.line.offer(letter(0))
    wire.hears()
    for answer in (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
        clock.now += 9
        assert not wire.line.silent
        wire.says(answer)
    clock.now += 11
    assert wire.line.silent


def test_a_server_may_think_longer_about_a_whole_message(
    wires: Callable[..., Wire], clock: SimpleNamespace
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.hears()
    clock.now += 10 * FINAL_REPLY_PATIENCE - 1
    assert not wire.line.silent
    clock.now += 2
    assert wire.line.silent
    wire.line.lose("It did not answer in time.")
    assert wire.feed.states == {ANN: R.UNKNOWN}


def test_a_server_that_takes_no_more_of_a_content_is_silent_before_it_has_all(
    wires: Callable[..., Wire], clock: SimpleNamespace
) -> None:
    wire = wires()
    wire.begins(large(0, 1_000_000))
    wire.line.write()
    for _portion in range(5):
        clock.now += 9
        assert not wire.line.silent
        assert len(wire.server.recv(1 << 20)) > 1000
        wire.line.write()
    clock.now += 11
    assert wire.line.silent
    wire.line.lose("It did not answer in time.")
    assert wire.feed.states == {ANN: R.DEFERRED}


class SecureWire(Wire):
    """The same over TLS; `taken` is what the server has understood so far."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(pipelining=True)
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        trusting = ssl.create_default_context(cafile=authority.file)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        server = authority.server("localhost")
        self._tls = server.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._raw = theirs
        shaking = Thread(target=self._shake_hands)
        shaking.start()
        self.line.socket.close()
        self.line.socket = trusting.wrap_socket(ours, server_hostname="localhost")
        shaking.join()
        self.line.socket.setblocking(False)
        theirs.setblocking(False)
        self.taken = b""

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self._raw.sendall(self._outgoing.read())
                self._incoming.write(self._raw.recv(1 << 16))
            finally:
                if self._outgoing.pending:
                    self._raw.sendall(self._outgoing.read())

    def takes(self, size: int) -> int:
        """How many octets came, of so many."""
        try:
            octets = self._raw.recv(size)
        except BlockingIOError:
            return 0
        self._incoming.write(octets)
        try:
            while True:
                self.taken += self._tls.read(1 << 16)
        except ssl.SSLWantReadError:
            return len(octets)

    def says(self, words: bytes) -> None:
        self._tls.write(words)
        self._raw.sendall(self._outgoing.read())
        self.line.read()
        self.line.read()

    def hears(self) -> bytes:
        self.line.write()
        self.takes(1 << 16)
        return self.taken

    def close(self) -> None:
        self.line.close()
        self._raw.close()


@pytest.fixture
def secure_wire(authority: Authority) -> Iterator[SecureWire]:
    wire = SecureWire(authority)
    yield wire
    wire.close()


def test_over_tls_a_slow_server_that_takes_a_content_bit_by_bit_is_not_silent(
    secure_wire: SecureWire, clock: SimpleNamespace
) -> None:
    wire = secure_wire
    wire.begins(large(0, 1_000_000))
    assert wire.feed.begun == [ANN]
    for _portion in range(10):
        wire.line.write()
        while wire.takes(1 << 16):
            wire.line.write()
            clock.now += 1
            assert not wire.line.silent


def test_over_tls_a_content_whose_final_dot_arrived_is_in_doubt(secure_wire: SecureWire) -> None:
    wire = secure_wire
    wire.begins(large(0, 16_000))
    assert wire.feed.begun == [ANN]
    # A long offer behind it, of which a part cannot leave yet.
    wire.line.offer(letter(1, "x" * 50_000 + "@x.dk"))
    end = b"\r\n.\r\nMAIL"
    for _bit in range(100_000):
        if end in wire.taken:
            break
        if not wire.takes(100):
            wire.line.write()
    assert end in wire.taken
    assert wire.line.wants_to_write
    wire.line.lose("gone")
    assert wire.feed.states == {ANN: R.UNKNOWN}


def _about_bo(moment: Moment) -> dict[str, str]:
    return {"recipient": BO}
