import smtplib
import socket
import time
from pathlib import Path

import pytest

from benchmarks import sinks
from benchmarks.figures import CannotMeasure

MESSAGE = b"Subject: Hi\r\n\r\nA line.\r\n"


def send(port: int, times: int = 1) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as host:
        for _ in range(times):
            host.sendmail("mette@fjordlys.example", ["karen@kunde.example"], MESSAGE)


def test_our_own_sink_counts_messages_and_keeps_the_last(tmp_path: Path) -> None:
    with sinks.our_own(tmp_path, keep=tmp_path / "kept") as sink:
        send(sink.port, times=3)
    assert sink.messages() == 3
    assert (tmp_path / "kept").read_bytes() == MESSAGE


def test_our_own_sink_answers_what_was_sent_ahead_and_finds_a_dot_in_pieces(
    tmp_path: Path,
) -> None:
    envelope = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
    with (
        sinks.our_own(tmp_path) as sink,
        socket.create_connection(("127.0.0.1", sink.port), timeout=10) as host,
        host.makefile("rb") as replies,
    ):
        assert replies.readline().startswith(b"220")
        host.sendall(envelope)
        assert [replies.readline()[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        for piece in (b"Subject: Hi\r\n\r", b"\nA line.\r", b"\n.\r", b"\n" + envelope):
            host.sendall(piece)
            time.sleep(0.02)
        assert [replies.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"354"]
    assert sink.messages() == 1


def test_our_own_sink_thinks_as_long_as_it_is_told_about_each_message(tmp_path: Path) -> None:
    with sinks.our_own(tmp_path, delay=0.1) as sink:
        begun = time.monotonic()
        send(sink.port, times=2)
        assert time.monotonic() - begun >= 0.2


def test_a_folder_without_the_unpacked_package_is_an_error_not_another_sink(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_SINK_DIR", str(tmp_path))
    with pytest.raises(CannotMeasure, match="SMTP_SINK_DIR"):
        sinks.postfix()
