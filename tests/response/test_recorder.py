import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import select, text

from tests.factories import make_mailing, make_recipient
from webapp.mailings.models import Recipient
from webapp.platform.config import Config
from webapp.platform.database import db
from webapp.response import recorder as module
from webapp.response.models import Hit, HitKind
from webapp.response.recorder import NewHit, Recorder

EARLIER = datetime.fromisoformat("2026-11-10T09:00:00+00:00")


@pytest.fixture
def recorder(config: Config) -> Recorder:
    return Recorder(config.database_url)


def test_a_hit_is_written_with_all_that_is_known_of_it(recorder: Recorder) -> None:
    recipient = _recipient()

    recorder.record(_hit(recipient, HitKind.CLICK, link_number=3, user_agent="Firefox\t\\N 🕊"))

    (hit,) = _hits(1)
    assert (hit.mailing_id, hit.recipient_id) == (recipient.mailing_id, recipient.id)
    assert (hit.kind, hit.link_number, hit.method) == (HitKind.CLICK, 3, "GET")
    assert hit.user_agent == "Firefox\t\\N 🕊"
    assert hit.at == EARLIER


def test_the_first_open_and_click_are_kept_at_the_recipient(recorder: Recorder) -> None:
    recipient = _recipient()

    recorder.record(_hit(recipient, HitKind.OPEN, at=EARLIER + timedelta(minutes=5)))
    recorder.record(_hit(recipient, HitKind.OPEN, at=EARLIER))
    recorder.record(_hit(recipient, HitKind.CLICK, at=EARLIER + timedelta(minutes=7)))
    _hits(3)
    recorder.record(_hit(recipient, HitKind.CLICK, at=EARLIER + timedelta(hours=1)))
    _hits(4)

    db.session.refresh(recipient)
    assert recipient.opened_at == EARLIER
    assert recipient.clicked_at == EARLIER + timedelta(minutes=7)


def test_who_clicked_has_opened_too(recorder: Recorder) -> None:
    recipient = _recipient()

    recorder.record(_hit(recipient, HitKind.CLICK))
    _hits(1)

    db.session.refresh(recipient)
    assert recipient.opened_at == recipient.clicked_at == EARLIER


def test_a_head_request_is_recorded_and_counts_for_nobody(recorder: Recorder) -> None:
    recipient = _recipient()

    recorder.record(_hit(recipient, HitKind.CLICK, method="HEAD"))

    assert _hits(1)[0].method == "HEAD"
    db.session.refresh(recipient)
    assert recipient.opened_at is None
    assert recipient.clicked_at is None


def test_hits_of_a_deleted_mailing_harm_nobody(recorder: Recorder) -> None:
    recipient = _recipient()
    recorder.record(NewHit(999, 999, HitKind.OPEN, None, EARLIER, "GET", ""))

    recorder.record(_hit(recipient, HitKind.OPEN))

    assert len(_hits(2)) == 2


def test_recording_does_not_wait_for_the_database(recorder: Recorder) -> None:
    recipient = _recipient()
    with db.engine.begin() as other:
        other.execute(text("LOCK TABLE hit"))

        began = time.perf_counter()
        for _ in range(100):
            recorder.record(_hit(recipient, HitKind.OPEN))
        took = time.perf_counter() - began

    assert took < 0.2
    assert len(_hits(100)) == 100


def test_a_connection_that_was_cut_is_made_again_and_nothing_is_lost(recorder: Recorder) -> None:
    recipient = _recipient()
    recorder.record(_hit(recipient, HitKind.OPEN))
    _hits(1)

    with db.engine.begin() as other:
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE '%UPDATE recipient%' AND pid <> pg_backend_pid()"
                " AND datname = current_database() AND state = 'idle'"
            )
        )
    for _ in range(10):
        recorder.record(_hit(recipient, HitKind.OPEN))

    assert len(_hits(11)) == 11


def test_hits_wait_while_the_database_is_away(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = _recipient()
    really_connect = psycopg.connect
    away = threading.Event()
    away.set()

    def connect(*args: object, **kwargs: object) -> psycopg.Connection:
        if away.is_set():
            raise psycopg.OperationalError("connection refused")
        return really_connect(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(module.psycopg, "connect", connect)
    recorder.record(_hit(recipient, HitKind.OPEN))
    time.sleep(0.3)
    recorder.record(_hit(recipient, HitKind.OPEN))
    assert _all_hits() == []

    away.clear()

    assert len(_hits(2)) == 2


def test_what_finds_no_room_is_dropped_and_logged(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recipient = _recipient()
    monkeypatch.setattr(module, "ROOM", 3)

    for _ in range(5):
        recorder.record(_hit(recipient, HitKind.OPEN))

    assert len(_hits(3)) == 3
    _eventually(lambda: "2 opens and clicks were dropped" in caplog.text)


def test_a_hit_that_cannot_be_written_does_not_block_the_others(recorder: Recorder) -> None:
    recipient = _recipient()
    recorder.record(NewHit(1, 1, HitKind.OPEN, None, EARLIER, "GET", "a NUL: \0"))
    time.sleep(0.3)

    recorder.record(_hit(recipient, HitKind.OPEN))

    assert len(_hits(1)) == 1


def test_a_server_that_is_stopped_writes_what_it_has(config: Config) -> None:
    """Granian forks its workers, and a forked process runs no atexit functions."""
    recipient = _recipient()
    hit = f"NewHit({recipient.mailing_id}, {recipient.id}, HitKind.OPEN, None, utcnow(), 'GET', '')"
    program = f"""
import multiprocessing
from webapp.platform.database import utcnow
from webapp.response.recorder import HitKind, NewHit, Recorder

def serve():
    recorder = Recorder({config.database_url!r})
    for _ in range(10):
        recorder.record({hit})

worker = multiprocessing.get_context("fork").Process(target=serve)
worker.start()
worker.join()
serve()
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)

    assert len(_all_hits()) == 20


def _recipient() -> Recipient:
    recipient = make_recipient(make_mailing())
    db.session.commit()
    return recipient


def _hit(
    recipient: Recipient,
    kind: HitKind,
    *,
    at: datetime = EARLIER,
    link_number: int | None = None,
    method: str = "GET",
    user_agent: str = "",
) -> NewHit:
    return NewHit(recipient.mailing_id, recipient.id, kind, link_number, at, method, user_agent)


def _hits(count: int) -> list[Hit]:
    """All of them, once there are so many."""
    _eventually(lambda: len(_all_hits()) >= count)
    return _all_hits()


def _all_hits() -> list[Hit]:
    db.session.rollback()
    return list(db.session.scalars(select(Hit).order_by(Hit.id)))


def _eventually(true: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.02)
