import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from redis import Redis
from rq import Worker
from sqlalchemy import select

from tests.factories import make_mailing, make_recipient
from webapp.accounts.rights import Role
from webapp.delivery.models import SendingServer
from webapp.mailings.models import Batch, BatchState, Gathering, RecipientState, State
from webapp.people.imports import work
from webapp.people.imports.models import Import, ImportState
from webapp.platform import machinery
from webapp.platform.config import Config
from webapp.platform.database import db, utcnow
from webapp.platform.machinery import CLOCK_LOCK
from webapp.platform.queueing import QueueName, connection, enqueue, queue
from webapp.targets.models import PeopleUpdate, UpdateState

SignedIn = Callable[..., FlaskClient]


@contextmanager
def worker(*names: QueueName) -> Iterator[None]:
    """As `jobs.worker` makes itself known, without taking a job."""
    registered = Worker([queue(name) for name in names], connection=connection())
    registered.register_birth()
    yield
    registered.register_death()


@contextmanager
def clock(config: Config) -> Iterator[psycopg.Connection]:
    with psycopg.connect(config.database_url.replace("+psycopg", "", 1)) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [CLOCK_LOCK])
        yield held


def lines(client: FlaskClient) -> dict[str, tuple[str, str]]:
    """What each line is about: its level, and what it says."""
    page = html.fromstring(client.get("/settings/health/").text)
    found = {}
    for row in page.xpath("//li[@class='item-row']"):
        name = row.xpath(".//*[@class='row-name']")[0].text_content()
        level = row.xpath(".//*[@class='visually-hidden']")[0].text_content().rstrip(":")
        found[name] = (level, " ".join(row.text_content().split()))
    return found


def headline(client: FlaskClient) -> str:
    page = html.fromstring(client.get("/settings/health/").text)
    return str(page.xpath("//*[@id='live']//h2")[0].text_content())


def server() -> SendingServer:
    return db.session.scalars(select(SendingServer)).one()


def test_when_all_is_well_every_line_is_fine(signed_in: SignedIn, config: Config) -> None:
    client = signed_in()
    with clock(config), worker(QueueName.SYSTEM, QueueName.DEFAULT), worker(QueueName.SENDING):
        assert {level for level, _ in lines(client).values()} == {"Fine"}
        assert headline(client) == "Everything runs"


def test_the_versions_are_told(signed_in: SignedIn) -> None:
    page = signed_in().get("/settings/health/").text
    assert f"Python {machinery.versions().python}" in page
    assert machinery.postgres_version() in page
    assert machinery.redis().version in page


def test_without_redis_the_page_answers_and_says_what_to_do(
    signed_in: SignedIn, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    monkeypatch.setitem(app.extensions, "redis", Redis.from_url("redis://127.0.0.1:1"))
    level, words = lines(client)["Redis"]
    assert level == "Broken"
    assert "REDIS_URL" in words
    assert lines(client)["Queues and workers"][0] == "Broken"


def test_a_queue_without_a_worker_is_broken_until_one_starts(signed_in: SignedIn) -> None:
    client = signed_in()
    with worker(QueueName.SYSTEM, QueueName.DEFAULT):
        level, words = lines(client)["Mailings"]
        assert level == "Broken"
        assert "python -m jobs.sender" in words
        assert lines(client)["Imports and updates"][0] == "Fine"
    with worker(QueueName.SENDING):
        assert lines(client)["Mailings"][0] == "Fine"


def test_a_worker_of_another_program_is_not_ours(signed_in: SignedIn) -> None:
    stranger = Worker(["high"], connection=connection())
    stranger.register_birth()
    assert not any("Worker" in name for name in lines(signed_in()))


def test_jobs_that_wait_are_counted_and_a_long_wait_is_amber(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    enqueue("jobs.imports.run", 1)
    enqueue("jobs.imports.run", 2)
    with worker(QueueName.DEFAULT):
        level, words = lines(client)["Imports and updates"]
        assert (level, "2 jobs wait" in words) == ("Fine", True)
        later = utcnow() + timedelta(minutes=5)
        monkeypatch.setattr("webapp.response.health.utcnow", lambda: later)
        level, words = lines(client)["Imports and updates"]
        assert level == "To look at"
        assert "5 minutes" in words
        assert "busy" in words


def test_the_clock_ticks_while_somebody_holds_its_lock(signed_in: SignedIn, config: Config) -> None:
    client = signed_in()
    level, words = lines(client)["Clock"]
    assert level == "Broken"
    assert "python -m jobs.clock" in words
    with clock(config):
        assert lines(client)["Clock"][0] == "Fine"


def test_a_sending_server_is_fine_resting_paused_or_off(signed_in: SignedIn) -> None:
    client = signed_in()
    name = server().name
    assert lines(client)[name][0] == "Fine"
    server().resting_until = utcnow() + timedelta(minutes=1)
    assert lines(client)[name][0] == "To look at"
    server().paused_reason = "535 5.7.8 Authentication <failed>"
    level, words = lines(client)[name]
    assert level == "Broken"
    assert "535 5.7.8 Authentication <failed>. Correct" in words
    server().enabled = False
    found = lines(client)
    assert found[name][0] == "Off"
    assert found["No sending server is on"][0] == "Broken"


def test_rows_that_are_stuck_are_counted(signed_in: SignedIn) -> None:
    client, long_ago = signed_in(), utcnow() - timedelta(hours=1)
    make_mailing(state=State.PREPARING, updated_at=long_ago)
    make_mailing(state=State.PREPARING)
    make_mailing(state=State.SCHEDULED, scheduled_at=long_ago)
    make_mailing(state=State.SCHEDULED, scheduled_at=utcnow() + timedelta(hours=1))
    make_mailing(state=State.CANCELLED, finished_at=None, updated_at=long_ago)
    sending = make_mailing(state=State.SENDING)
    for lease_until in (long_ago, utcnow() + timedelta(minutes=5)):
        db.session.add(
            Batch(
                mailing_id=sending.id,
                state=BatchState.HANDED_OVER,
                size=1,
                token=uuid4(),
                lease_until=lease_until,
            )
        )
    make_recipient(sending, state=RecipientState.UNKNOWN)
    draft = make_mailing(state=State.DRAFT, sources_changed_at=long_ago)
    db.session.add(Gathering(mailing_id=draft.id))
    for state in UpdateState:
        heard_at = utcnow() if state == UpdateState.ASKED else long_ago
        db.session.add(PeopleUpdate(change={}, state=state, people=1, heard_at=heard_at))

    found = lines(client)

    for name in (
        "Mailings being prepared",
        "Mailings that are due",
        "Mailings being cancelled",
        "Batches at work",
        "Changes of many people",
        "Recipients being gathered",
        "Unknown recipients",
    ):
        level, words = found[name]
        assert level == "To look at", name
        assert words.endswith(" 1"), words


def test_an_import_is_stuck_unless_somebody_works_at_it(
    signed_in: SignedIn, config: Config
) -> None:
    client = signed_in()
    forgotten = Import(filename="kunder.xlsx", stored_as="none", state=ImportState.RUNNING)
    forgotten.created_at = utcnow() - timedelta(hours=1)
    db.session.add(forgotten)
    db.session.commit()
    level, words = lines(client)["Imports at work"]
    assert (level, words.endswith(" 1")) == ("To look at", True)
    with psycopg.connect(config.database_url.replace("+psycopg", "", 1)) as held:
        held.execute("SELECT pg_advisory_xact_lock(%s, %s)", [work.LOCKS, forgotten.id])
        assert lines(client)["Imports at work"][0] == "Fine"


@pytest.mark.parametrize(
    ("free", "level"), [(50_000_000_000, "Fine"), (1_500_000_000, "To look at"), (9_000, "Broken")]
)
def test_a_full_disk_is_told_before_it_is_full(
    signed_in: SignedIn, config: Config, monkeypatch: pytest.MonkeyPatch, free: int, level: str
) -> None:
    usage = type(shutil.disk_usage("/"))(100_000_000_000, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert lines(signed_in())[str(config.media_dir)][0] == level


def test_a_folder_that_is_gone_is_told(
    signed_in: SignedIn, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    monkeypatch.setitem(app.config, "JOURNAL_DIR", gone)
    level, words = lines(signed_in())[str(gone)]
    assert level == "Broken"
    assert "JOURNAL_DIR" in words


def test_the_recipients_are_counted_beside_the_page(signed_in: SignedIn) -> None:
    client = signed_in()
    assert 'hx-trigger="load"' in client.get("/settings/health/").text

    mailing = make_mailing(prepared_at=utcnow())
    make_recipient(mailing)
    fragment = client.get("/settings/health/recipients", headers={"HX-Request": "true"}).text
    assert "Every recipient is accounted for" in fragment
    assert "<html" not in fragment
    assert "<html" in client.get("/settings/health/recipients").text


def test_a_recipient_who_is_not_accounted_for_is_named(signed_in: SignedIn) -> None:
    mailing = make_mailing("Winter light", state=State.SENDING, prepared_at=utcnow())
    make_recipient(mailing, state=RecipientState.READY)
    page = signed_in().get("/settings/health/recipients").text
    assert "Not every recipient is accounted for" in page
    assert "wait in no batch" in page
    assert "Winter light" in page


def test_the_page_keeps_itself_up_to_date(signed_in: SignedIn) -> None:
    client = signed_in()
    assert 'hx-trigger="every 2s"' in client.get("/settings/health/").text
    answer = client.get("/settings/health/?seen=1&every=2", headers={"HX-Request": "true"})
    assert 'id="health-side"' in answer.text
    assert 'hx-swap-oob="morph"' in answer.text


def test_it_is_the_administrators(signed_in: SignedIn) -> None:
    assert signed_in(Role.MARKETER).get("/settings/health/").status_code == 403
    assert 'href="/settings/health/"' in signed_in().get("/settings/").text
