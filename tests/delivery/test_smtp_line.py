"""One line byte by byte: its other end is in the test's hands, and so is the clock."""

import smtplib
import socket
import ssl
from collections import deque
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace

import pytest

from tests.delivery.feeding import CONTENT, Feed, large, letter
from tests.support.certificates import Authority
from webapp.delivery import smtp as smtp_module
from webapp.delivery.message import Message
from webapp.delivery.outcomes import ServerUnavailable
from webapp.delivery.smtp import FINAL_REPLY_PATIENCE, ConnectionLost, Line, NotBegun
from webapp.mailings.models import RecipientState as R

ANN, BO, EVA = "p0@x.dk", "p1@x.dk", "p2@x.dk"
OFFER = b"MAIL FROM:<news@fjordlys.example>\r\nRCPT TO:<p%d@x.dk>\r\nDATA\r\n"


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
    mail, rcpt, data = (OFFER % 0).splitlines(keepends=True)
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


def test_it_does_not_matter_where_the_answers_are_cut(wires: Callable[..., Wire]) -> None:
    for size in range(1, 24, 2):
        _hears_in_portions(wires(), size)


def _hears_in_portions(wire: Wire, size: int) -> None:
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
        (b"550 spam\r\n250 ok\r\n250 ok\r\n", {ANN: R.FAILED, BO: R.DEFERRED}, False),
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


def test_a_go_ahead_and_a_goodbye_in_one_packet_begin_nothing(wires: Callable[..., Wire]) -> None:
    wire = wires()
    wire.line.offer(letter(0))
    wire.hears()
    with pytest.raises(ConnectionLost):
        wire.says(b"250 ok\r\n250 ok\r\n354 go\r\n421 4.3.2 Shutting down\r\n")
    wire.line.lose("gone")
    assert wire.feed.states == {ANN: R.DEFERRED}


def test_an_answer_that_comes_with_the_end_of_the_connection_still_counts(
    wires: Callable[..., Wire],
) -> None:
    wire = wires()
    wire.begins(letter(0))
    wire.hears()
    wire.server.sendall(b"250 queued\r\n")
    wire.server.close()
    wire.line.read()
    with pytest.raises(ConnectionLost):
        wire.line.read()
    assert wire.line.lose("gone") is None
    assert wire.feed.states == {ANN: R.SENT}


def test_a_goodbye_that_nobody_asked_for_ends_an_idle_line(wires: Callable[..., Wire]) -> None:
    wire = wires()
    with pytest.raises(ConnectionLost, match=r"421 4.4.2 Idle for too long"):
        wire.says(b"421 4.4.2 Idle for too long\r\n")
    assert wire.line.lose("gone") is None
    assert wire.feed.outcomes == {}


@pytest.mark.parametrize("flood", [b"x" * 70_000, b"250-and\r\n" * 20_000])
def test_an_answer_without_end_ends_the_line(wires: Callable[..., Wire], flood: bytes) -> None:
    wire = wires()
    wire.line.offer(letter(0))
    wire.hears()
    portions = [flood[start : start + 10_000] for start in range(0, len(flood), 10_000)]
    with pytest.raises(ConnectionLost):
        deque(map(wire.says, portions), maxlen=0)


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
    wire.line.give_up()
    assert wire.server.recv(100) == b""
    assert wire.line.lose("gone") is None
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
    for answer in (b"250 ok\r\n", b"250-o\r\n", b"250 k\r\n"):
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
    wire.begins(large(0, 10_000_000))
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
