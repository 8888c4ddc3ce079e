"""Several lines to one server: shared out, replaced, and fewer where it takes no more."""

import time
from collections.abc import Iterator

import pytest

from tests.delivery import feeding
from tests.delivery.feeding import Feed, letter, letters, send
from tests.support.secure_smtp import SecureSmtp
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.delivery import pool as pool_module
from webapp.delivery.message import Message
from webapp.delivery.outcomes import ServerRefusesUs, ServerUnavailable
from webapp.delivery.pool import MESSAGES_PER_LINE, Pool
from webapp.mailings.models import RecipientState as R
from webapp.platform.config import MailConfig

pytestmark = pytest.mark.usefixtures("trusting")

both_ways = pytest.mark.parametrize(
    "pipelining", [True, False], ids=["pipelined", "one command at a time"]
)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that show that something would never end."""
    monkeypatch.setattr(feeding, "PATIENCE", 4.0)


def everybody(number: int) -> dict[str, int]:
    return {f"p{each}@x.dk": 1 for each in range(number)}


def test_a_handful_is_not_worth_a_second_connection(smtp: ScriptedSmtp) -> None:
    send(smtp, letters(MESSAGES_PER_LINE - 1), most=4)
    assert smtp.connections == 1


@both_ways
def test_many_messages_go_over_as_many_connections_as_are_allowed(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining, smtp.delay = pipelining, 0.005
    feed = send(smtp, letters(120), most=4)
    assert set(feed.states.values()) == {R.SENT}
    assert smtp.count_by_recipient() == everybody(120)
    assert smtp.connections == smtp.most_talking == 4
    assert min(smtp.by_connection) > 10


def test_every_connection_is_ended_politely(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.QUIT, reply="221 2.0.0 Bye")
    smtp.delay = 0.002
    send(smtp, letters(60), most=3)
    smtp.wait_until_quiet()
    assert smtp.heard[Moment.QUIT] == smtp.connections == 3


@both_ways
@pytest.mark.parametrize("per_line", [1, 7])
def test_our_own_limit_of_messages_on_a_connection_is_kept(
    smtp: ScriptedSmtp, pipelining: bool, per_line: int
) -> None:
    smtp.pipelining = pipelining
    feed = send(smtp, letters(15), per_line=per_line)
    assert feed.trouble is None
    assert smtp.count_by_recipient() == everybody(15)
    assert max(smtp.by_connection) == per_line
    assert smtp.most_talking <= 2


@both_ways
@pytest.mark.parametrize("farewell", ["421 4.3.2 Enough for this connection", ""])
def test_the_servers_limit_of_messages_on_a_connection_costs_nobody_anything(
    smtp: ScriptedSmtp, pipelining: bool, farewell: str
) -> None:
    smtp.pipelining, smtp.most_messages, smtp.farewell = pipelining, 7, farewell
    feed = send(smtp, letters(60), most=2)
    assert feed.trouble is None
    assert set(feed.states.values()) == {R.SENT}
    assert smtp.count_by_recipient() == everybody(60)
    assert max(smtp.by_connection) == 7


@both_ways
def test_where_the_server_takes_no_more_connections_fewer_are_used(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining, smtp.delay, smtp.most_connections = pipelining, 0.005, 2
    # The refusals are heard before those who are let in have been greeted.
    for nth in (1, 2):
        smtp.at(Moment.EHLO, nth=nth, silence=0.1)
    feed = send(smtp, letters(120), most=4)
    assert feed.trouble is None
    assert set(feed.states.values()) == {R.SENT}
    assert smtp.count_by_recipient() == everybody(120)


def test_a_connection_that_is_refused_while_others_work_is_not_asked_for_again(
    smtp: ScriptedSmtp,
) -> None:
    smtp.delay = 0.005
    smtp.at(Moment.CONNECT, nth=1)
    for nth in (2, 3, 4):
        smtp.at(Moment.CONNECT, nth=nth, silence=0.1, reply="421 4.7.0 Too many connections")
    feed = send(smtp, letters(120), most=4)
    assert feed.trouble is None
    assert smtp.count_by_recipient() == everybody(120)
    assert smtp.connections == 4


@pytest.mark.parametrize("moment", [Moment.MAIL, Moment.RCPT, Moment.DATA, Moment.DOT])
def test_one_line_that_breaks_does_not_disturb_the_others(
    smtp: ScriptedSmtp, moment: Moment
) -> None:
    smtp.delay = 0.002
    smtp.at(moment, nth=30, hang_up=True)
    feed = send(smtp, letters(100), most=3)
    assert feed.trouble is None
    assert len(feed.outcomes) == 100
    hurt = [state for state in feed.states.values() if state is not R.SENT]
    assert hurt == {Moment.MAIL: [], Moment.DOT: [R.UNKNOWN]}.get(moment, [R.DEFERRED])
    assert max(smtp.count_by_recipient().values()) == 1


@pytest.mark.usefixtures("hasty")
def test_a_message_that_comes_back_from_a_lost_line_goes_out_on_one_that_is_idle(
    smtp: ScriptedSmtp,
) -> None:
    """One line holds a message and the offer of the next until all others are through, and is
    lost then."""
    others = 2 * MESSAGES_PER_LINE - 2
    smtp.at(Moment.DOT, nth=1, silence=0.7, hang_up=True)
    feed = send(smtp, letters(others + 2), most=2)
    assert list(feed.states.values()).count(R.UNKNOWN) == 1
    assert list(feed.states.values()).count(R.SENT) == others + 1
    assert max(smtp.count_by_recipient().values()) == 1


def test_a_server_that_does_not_greet_is_given_up(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, silence=30)
    feed = send(smtp, letters(3), timeout=0.1)
    assert isinstance(feed.trouble, ServerUnavailable)
    assert feed.outcomes == {}


@both_ways
def test_a_server_that_falls_silent_before_it_looked_at_anybody_is_given_up(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining = pipelining
    smtp.at(Moment.MAIL, silence=30)
    feed = send(smtp, letters(3), timeout=0.1)
    assert isinstance(feed.trouble, ServerUnavailable)
    assert feed.outcomes == {}


def test_a_line_that_falls_silent_is_replaced(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, recipient="p1@x.dk", silence=30)
    feed = send(smtp, letters(3), timeout=1.0)
    assert feed.trouble is None
    assert feed.states == {"p0@x.dk": R.SENT, "p1@x.dk": R.DEFERRED, "p2@x.dk": R.SENT}
    assert smtp.connections == 2


def test_nobody_listens(smtp: ScriptedSmtp) -> None:
    feed = send(smtp, letters(60), most=3, port=1)
    assert isinstance(feed.trouble, ServerUnavailable)
    assert str(feed.trouble) == "Connection refused"
    assert feed.outcomes == {}


def test_who_is_refused_at_sign_in_touches_nobody() -> None:
    with SecureSmtp(password="right") as server:
        feed = Feed(letters(3))
        config = MailConfig("127.0.0.1", server.port, username="brevdue", password="wrong")
        pool = Pool(config, feed, most=1, per_line=10)
        pool.run()
    assert isinstance(pool.trouble, ServerRefusesUs)
    assert "535" in str(pool.trouble)
    assert feed.outcomes == {}


def test_a_password_with_letters_beyond_ascii_that_cannot_be_said_is_told_as_trouble() -> None:
    with SecureSmtp(password="blåbærgrød") as server:
        feed = Feed(letters(3))
        config = MailConfig("127.0.0.1", server.port, username="brevdue", password="blåbærgrød")
        pool = Pool(config, feed, most=1, per_line=10)
        pool.run()
    assert isinstance(pool.trouble, ServerRefusesUs)
    assert feed.outcomes == {}


class Stopping(Feed):
    """Stops after so many were begun."""

    stop_after = 1 << 30
    stopped = False

    def goes_on(self) -> bool:
        self.stopped = self.stopped or len(self.begun) >= self.stop_after
        return not self.stopped and super().goes_on()


@both_ways
def test_who_stops_has_the_messages_in_hand_settled_and_nothing_else(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining, smtp.delay = pipelining, 0.01
    feed = Stopping(letters(100))
    feed.stop_after = 20
    config = MailConfig("127.0.0.1", smtp.port, timeout=10.0)
    Pool(config, feed, most=2, per_line=1000).run()
    assert set(feed.outcomes) == set(feed.begun)
    assert set(feed.states.values()) == {R.SENT}
    # On each line the one in hand, and the one that the server had been offered behind it.
    assert 20 <= len(feed.outcomes) <= 24
    assert set(smtp.count_by_recipient()) == set(feed.begun)


class Late(Stopping):
    """Its lease is over."""

    def may_begin(self, message: Message) -> bool:
        self.stopped = True
        return False


@both_ways
def test_what_may_not_be_begun_is_left_and_its_connection_is_closed(
    smtp: ScriptedSmtp, pipelining: bool
) -> None:
    smtp.pipelining = pipelining
    feed = Late(letters(3))
    Pool(MailConfig("127.0.0.1", smtp.port), feed, most=1, per_line=10).run()
    assert (feed.outcomes, smtp.messages, smtp.connections) == ({}, [], 1)
    smtp.wait_until_quiet()


class Failing(Feed):
    """Something of ours goes wrong when the tenth message is taken."""

    def settle(self, message: Message, outcome: object) -> None:
        super().settle(message, outcome)  # type: ignore[arg-type]
        if message.ref == 10:
            raise MemoryError


def test_when_something_of_ours_goes_wrong_the_messages_in_hand_are_in_doubt(
    smtp: ScriptedSmtp,
) -> None:
    smtp.delay = 0.01
    feed = Failing(letters(80))
    config = MailConfig("127.0.0.1", smtp.port, timeout=10.0)
    with pytest.raises(MemoryError):
        Pool(config, feed, most=3, per_line=1000).run()
    assert set(feed.outcomes) >= set(feed.begun)
    smtp.wait_until_quiet()
    assert max(smtp.count_by_recipient().values()) == 1
    untouched = set(everybody(80)) - set(feed.outcomes)
    assert untouched.isdisjoint(smtp.count_by_recipient())


def test_it_looks_up_from_its_work_again_and_again(smtp: ScriptedSmtp) -> None:
    smtp.delay = 0.05
    feed = Feed(letters(5))
    looked: list[int] = []
    pool = Pool(MailConfig("127.0.0.1", smtp.port), feed, most=1, per_line=10)
    pool.run(between=lambda: looked.append(len(feed.outcomes)))
    assert set(looked) >= {1, 2, 3, 4}


def test_a_connection_that_is_not_needed_any_more_is_closed_when_it_comes(
    smtp: ScriptedSmtp,
) -> None:
    smtp.at(Moment.CONNECT, nth=2, silence=0.2)
    feed = send(smtp, letters(MESSAGES_PER_LINE + 1), most=2)
    assert set(feed.states.values()) == {R.SENT}
    smtp.wait_until_quiet()
    assert smtp.most_talking == 2


class Slowly(Feed):
    """Its first batch ends exactly when a connection has carried all that it may."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(letters(first))
        self._then: Iterator[Message] = (letter(first + each) for each in range(second))

    def next(self) -> Message | None:
        return super().next() or next(self._then, None)


def test_what_only_the_next_look_brings_is_sent_although_every_line_was_closed(
    smtp: ScriptedSmtp,
) -> None:
    send_all = Slowly(first=10, second=25)
    Pool(MailConfig("127.0.0.1", smtp.port), send_all, most=2, per_line=10).run()
    assert smtp.count_by_recipient() == everybody(35)


def test_a_server_that_says_nothing_to_our_goodbyes_holds_us_up_once_and_not_on_each_line(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "GOODBYE", 0.4)
    smtp.delay = 0.005
    smtp.at(Moment.QUIT, silence=60)
    begun = time.monotonic()
    send(smtp, letters(160), most=8)
    assert time.monotonic() - begun < 2.5
