"""What a sender leaves behind when it dies, and who may take it up."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.delivery import journal as journal_module
from webapp.delivery import outcomes
from webapp.delivery.journal import Entry, Journal
from webapp.mailings.models import RecipientState as R

TOKEN = UUID("12345678-1234-5678-1234-567812345678")
NOON = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
PEOPLE = [11, 12, 13, 14, 15]
SLOT = 256

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "rb+")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_elsewhere(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process works on it."""
    holder = subprocess.Popen(
        [sys.executable, "-S", "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    yield holder
    holder.stdin.close()
    holder.wait(timeout=20)
    holder.stdout.close()


def begun(folder: Path, batch_id: int = 7, recipients: list[int] | None = None) -> Journal:
    return Journal.begin(folder, TOKEN, batch_id, 3, PEOPLE if recipients is None else recipients)


def left(folder: Path) -> list[Journal]:
    return list(Journal.left(folder))


def only(folder: Path) -> Path:
    (path,) = folder.glob("*.journal")
    return path


def test_what_was_noted_is_read_by_who_comes_after(tmp_path: Path) -> None:
    mine = begun(tmp_path)
    mine.begun(1)
    for number, outcome in [
        (2, outcomes.sent("250 2.0.0 OK")),
        (3, outcomes.deferred("450 later")),
        (4, outcomes.failed("550 nej, æøå 灯り")),
    ]:
        mine.begun(number)
        mine.ended(number, PEOPLE[number], outcome, NOON)
    mine.close()
    (found,) = left(tmp_path)
    assert (found.token, found.batch_id, found.attempt) == (TOKEN, 7, 3)
    assert found.of_this_boot
    never = datetime.fromtimestamp(0, UTC)
    assert list(found.entries()) == [
        Entry(11, False, None, never),
        Entry(12, True, None, never),
        Entry(13, True, outcomes.sent("250 2.0.0 OK"), NOON),
        Entry(14, True, outcomes.deferred("450 later"), NOON),
        Entry(15, True, outcomes.failed("550 nej, æøå 灯り"), NOON),
    ]
    found.remove()
    assert list(tmp_path.iterdir()) == []


def test_an_outcome_without_a_beginning_counts(tmp_path: Path) -> None:
    """A recipient that was refused before the content."""
    mine = begun(tmp_path)
    mine.ended(0, 11, outcomes.failed("550 no"), NOON)
    assert next(mine.entries()).outcome == outcomes.failed("550 no")
    mine.remove()


@given(reply=st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_words_of_a_server_are_kept_as_far_as_there_is_room(tmp_path: Path, reply: str) -> None:
    mine = Journal.begin(tmp_path, uuid4(), 7, 3, [11, 12, 13])
    for number, state in enumerate([R.SENT, R.UNKNOWN, R.FAILED]):
        mine.ended(number, 11 + number, outcomes.Outcome(state, reply), NOON)
    entries = list(mine.entries())
    mine.remove()
    for number, (entry, state) in enumerate(
        zip(entries, [R.SENT, R.UNKNOWN, R.FAILED], strict=True)
    ):
        assert entry.recipient_id == 11 + number
        assert entry.outcome is not None
        assert entry.outcome.state is state
        assert reply.startswith(entry.outcome.reply)
        assert len(entry.outcome.reply.encode()) >= min(len(reply.encode()), 225)


def test_a_whole_batch_of_the_largest_size_fits(tmp_path: Path) -> None:
    people = list(range(2**62, 2**62 + 500))
    mine = begun(tmp_path, recipients=people)
    for number, each in enumerate(people):
        mine.ended(number, each, outcomes.sent("x" * 500), NOON)
    assert [entry.recipient_id for entry in mine.entries()] == people
    mine.remove()


def test_a_batch_of_nobody_has_a_journal_too(tmp_path: Path) -> None:
    mine = begun(tmp_path, recipients=[])
    assert list(mine.entries()) == []
    mine.remove()


def test_who_is_at_work_is_not_replayed(tmp_path: Path) -> None:
    mine = begun(tmp_path)
    assert left(tmp_path) == []
    mine.close()
    assert len(left(tmp_path)) == 1


def test_what_another_process_holds_is_left_alone_until_it_dies(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with held_elsewhere(only(tmp_path)) as holder:
        assert left(tmp_path) == []
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(timeout=20)
        (found,) = left(tmp_path)
        found.remove()


def test_only_one_takes_over(tmp_path: Path) -> None:
    begun(tmp_path).close()
    (first,) = left(tmp_path)
    assert left(tmp_path) == []
    first.close()


def test_a_closed_journal_stays_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    mine = begun(tmp_path)
    mine.close()
    mine.close()
    assert only(tmp_path).exists()
    (found,) = left(tmp_path)
    found.remove()
    found.remove()
    assert list(tmp_path.iterdir()) == []


def test_nobody_sees_a_journal_that_is_not_complete(tmp_path: Path) -> None:
    unfinished = tmp_path / "7-3-aa.new"
    unfinished.write_bytes(b"half of it")
    assert left(tmp_path) == []
    assert unfinished.exists()


def test_what_its_sender_never_completed_is_thrown_away_after_a_while(tmp_path: Path) -> None:
    unfinished = tmp_path / "7-3-aa.new"
    unfinished.write_bytes(b"half of it")
    a_while_ago = time.time() - 120
    os.utime(unfinished, (a_while_ago, a_while_ago))
    assert left(tmp_path) == []
    assert not unfinished.exists()


def test_it_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    begun(tmp_path).close()
    assert only(tmp_path).stat().st_mode & 0o077 == 0


def test_a_child_process_does_not_inherit_the_hold(tmp_path: Path) -> None:
    mine = begun(tmp_path)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        mine.close()
        assert len(left(tmp_path)) == 1
        child.kill()


def test_another_start_of_the_machine_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path).close()
    monkeypatch.setattr(journal_module, "boot_id", lambda: b"another boot 007")
    (found,) = left(tmp_path)
    assert not found.of_this_boot
    found.remove()


def test_without_a_boot_id_every_process_takes_another_for_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_path: Path) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert journal_module._read_boot_id() != journal_module._read_boot_id()


def test_a_state_that_nobody_knows_is_taken_for_begun(tmp_path: Path) -> None:
    begun(tmp_path).close()
    _write(only(tmp_path), SLOT, b"\x4d")
    (found,) = left(tmp_path)
    first = next(found.entries())
    assert (first.recipient_id, first.begun, first.outcome) == (11, True, None)
    found.remove()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"brevdue1"),
        lambda path: path.write_bytes(b"\0" * SLOT),
        lambda path: path.write_bytes(bytes(range(256)) * 5),
        lambda path: _write(path, 0, b"brevdue9"),
        lambda path: os.truncate(path, SLOT),
        lambda path: os.truncate(path, 3 * SLOT + 10),
        lambda path: _write(path, 56, b"\xff" * 8),
    ],
    ids=[
        "empty",
        "ends in the header",
        "zeros",
        "garbage",
        "of another kind",
        "ends after the header",
        "ends in a slot",
        "size below zero",
    ],
)
def test_a_file_that_cannot_be_a_journal_is_put_aside_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], object]
) -> None:
    begun(tmp_path, batch_id=7).close()
    spoil(only(tmp_path))
    begun(tmp_path, batch_id=8).close()
    with caplog.at_level(logging.WARNING):
        for found in Journal.left(tmp_path):
            assert found.batch_id == 8
            assert [entry.recipient_id for entry in found.entries()] == PEOPLE
            found.remove()
    (broken,) = tmp_path.iterdir()
    assert broken.suffix == ".broken"
    assert "7-3-" in caplog.text


def _write(path: Path, at: int, octets: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(at)
        file.write(octets)
