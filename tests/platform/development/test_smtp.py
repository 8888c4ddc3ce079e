"""The SMTP server of the inbox and of the tests, spoken to over a socket."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from tests.support.smtp import Moment, ScriptedSmtp

MESSAGE = b"Subject: Hi\r\n\r\nHello.\r\n"


@pytest.fixture
def connection(smtp: ScriptedSmtp) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", smtp.port, timeout=5) as connection:
        yield connection


def talk(smtp: ScriptedSmtp, words: bytes, replies: int) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", smtp.port), timeout=5) as line:
        line.sendall(words)
        answers = line.makefile("rb")
        return [answers.readline()[:3] for _ in range(replies)]


def test_a_message_arrives_as_it_was_sent_dots_and_all(
    smtp: ScriptedSmtp, connection: smtplib.SMTP
) -> None:
    content = b"Subject: Dots\r\n\r\n.\r\n..two\r\n.end\r\nlast.\r\n"
    connection.sendmail("me@example.com", ["a@example.com", "b@example.com"], content)

    (taken,) = smtp.messages
    assert taken.content == content
    assert taken.recipients == ["a@example.com", "b@example.com"]
    assert smtp.count_by_recipient() == {"a@example.com": 1, "b@example.com": 1}


def test_pipelined_commands_are_all_answered_in_order(smtp: ScriptedSmtp) -> None:
    one = b"MAIL FROM:<m@x.dk>\r\nRCPT TO:<a@x.dk>\r\nDATA\r\n" + MESSAGE + b".\r\n"

    answers = talk(smtp, b"EHLO test\r\n" + one + one + b"QUIT\r\n", replies=5 + 1 + 8 + 1)

    assert answers == [b"220", *[b"250"] * 5, *[b"250", b"250", b"354", b"250"] * 2, b"221"]
    assert len(smtp.messages) == 2


def test_an_address_with_letters_beyond_ascii_is_understood(
    smtp: ScriptedSmtp, connection: smtplib.SMTP
) -> None:
    connection.ehlo()
    connection.sendmail("me@x.dk", ["søren@blåbærgrød.dk"], MESSAGE, ["SMTPUTF8", "BODY=8BITMIME"])

    assert smtp.messages[0].recipients == ["søren@blåbærgrød.dk"]


@pytest.mark.parametrize("content", [b"Subject: x\n\r\nHi\r\n", b"\r\n" + b"x" * 999 + b"\r\n"])
def test_what_others_on_the_way_would_garble_is_refused(smtp: ScriptedSmtp, content: bytes) -> None:
    start = b"EHLO x\r\nMAIL FROM:<m@x.dk>\r\nRCPT TO:<a@x.dk>\r\nDATA\r\n"

    assert talk(smtp, start + content + b".\r\n", replies=10)[-1] == b"550"
    assert smtp.messages == []


def test_commands_out_of_order_are_refused(smtp: ScriptedSmtp) -> None:
    words = b"EHLO x\r\nRCPT TO:<a@x.dk>\r\nDATA\r\nMAIL FROM:<m@x.dk>\r\nDATA\r\nWHAT\r\n"

    assert talk(smtp, words, replies=11)[6:] == [b"503", b"503", b"250", b"554", b"500"]


def test_a_scripted_recipient_is_refused_and_the_others_are_not(
    smtp: ScriptedSmtp, connection: smtplib.SMTP
) -> None:
    smtp.at(Moment.RCPT, recipient="gone@x.dk", reply="550 5.1.1 No such user")

    refused = connection.sendmail("m@x.dk", ["gone@x.dk", "here@x.dk"], MESSAGE)

    assert refused == {"gone@x.dk": (550, b"5.1.1 No such user")}
    assert smtp.count_by_recipient() == {"here@x.dk": 1}


def test_the_nth_message_only_is_put_off(smtp: ScriptedSmtp, connection: smtplib.SMTP) -> None:
    smtp.at(Moment.DOT, nth=2, reply="451 4.3.0 Later")

    connection.sendmail("m@x.dk", ["a@x.dk"], MESSAGE)
    with pytest.raises(smtplib.SMTPDataError):
        connection.sendmail("m@x.dk", ["b@x.dk"], MESSAGE)
    connection.sendmail("m@x.dk", ["c@x.dk"], MESSAGE)

    assert smtp.count_by_recipient() == {"a@x.dk": 1, "c@x.dk": 1}


def test_a_line_that_breaks_before_the_final_dot_takes_no_message(
    smtp: ScriptedSmtp, connection: smtplib.SMTP
) -> None:
    smtp.at(Moment.CONTENT, hang_up=True)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        connection.sendmail("m@x.dk", ["a@x.dk"], MESSAGE)

    assert smtp.messages == []


def test_a_line_that_breaks_after_the_final_dot_leaves_a_message_nobody_confirmed(
    smtp: ScriptedSmtp, connection: smtplib.SMTP
) -> None:
    smtp.at(Moment.DOT, hang_up=True)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        connection.sendmail("m@x.dk", ["a@x.dk"], MESSAGE)

    assert [taken.acknowledged for taken in smtp.messages] == [False]


def test_a_busy_server_turns_the_first_connection_away(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, times=1, reply="421 4.3.2 Busy")

    with pytest.raises(smtplib.SMTPConnectError):
        smtplib.SMTP("127.0.0.1", smtp.port, timeout=5)
    smtplib.SMTP("127.0.0.1", smtp.port, timeout=5).quit()


def test_a_silent_server_outlasts_the_patience_of_its_caller(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, silence=5)

    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        smtplib.SMTP("127.0.0.1", smtp.port, timeout=0.3)
