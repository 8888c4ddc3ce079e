"""A mailing is only begun when a server may take it, whoever begins it."""

import pytest
from flask import Flask

from tests.conftest import make_user
from tests.support.drafts import found_by, make_draft
from webapp.accounts.organisation import organisation
from webapp.delivery import servers
from webapp.delivery.checks import public_address, sending_server
from webapp.delivery.models import SendingServer
from webapp.mailings import preflight, schedule
from webapp.mailings.checks.finding import Level, Place
from webapp.mailings.models import State
from webapp.mailings.preflight import NotReady
from webapp.platform.database import db, utcnow


@pytest.fixture
def environment() -> SendingServer:
    return servers.everyone()[0]


def test_a_server_that_takes_it_is_fine() -> None:
    assert found_by(sending_server, make_draft()) == []


def test_without_any_server_there_is_nothing_to_send_with(environment: SendingServer) -> None:
    environment.enabled = False
    [finding] = found_by(sending_server, make_draft())
    assert (finding.level, finding.place) == (Level.ERROR, Place.SERVERS)


def test_a_from_domain_that_no_server_may_send_for_is_an_error(environment: SendingServer) -> None:
    environment.from_domains = ["lumo.example"]
    [finding] = found_by(sending_server, make_draft())
    assert (finding.level, finding.place, finding.at) == (
        Level.ERROR,
        Place.SETUP,
        "from_address",
    )
    assert "fjordlys.example" in finding.text
    assert found_by(sending_server, make_draft(from_address="me@lumo.example")) == []


def test_a_paused_server_stops_it_unless_another_works(environment: SendingServer) -> None:
    environment.paused_reason = "535 Who are you?"
    mailing = make_draft()
    [finding] = found_by(sending_server, mailing)
    assert finding.level is Level.ERROR
    assert "535 Who are you?" in finding.detail
    servers.change(SendingServer(), {"name": "Second", "host": "smtp.lys.example"}, None,
                   by=make_user().id)  # fmt: skip
    assert found_by(sending_server, mailing) == []


def test_a_password_that_cannot_be_read_is_an_error(environment: SendingServer) -> None:
    environment.host, environment.sealed_password = "smtp.lys.example", b"nonsense"
    [finding] = found_by(sending_server, make_draft())
    assert "cannot be read" in finding.text


def test_a_server_that_rests_is_a_hint(environment: SendingServer) -> None:
    servers.rest(environment.id)
    [finding] = found_by(sending_server, make_draft())
    assert finding.level is Level.HINT


@pytest.mark.parametrize(
    ("host", "public_url", "warned"),
    [
        ("127.0.0.1", "http://localhost:5080", False),
        ("smtp.lys.dk", "http://localhost:5080", True),
        ("smtp.lys.dk", "http://192.168.1.20", True),
        ("smtp.lys.dk", "https://post.lys.dk", False),
    ],
)
def test_mail_that_leaves_the_house_needs_an_address_that_readers_can_open(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    environment: SendingServer,
    host: str,
    public_url: str,
    warned: bool,
) -> None:
    monkeypatch.setitem(app.config, "PUBLIC_URL", public_url)
    environment.host = host
    found = found_by(public_address, make_draft())
    assert [finding.level for finding in found] == [Level.WARNING] * warned


def test_no_person_no_command_and_no_clock_begins_it(
    app: Flask, environment: SendingServer
) -> None:
    organisation().language = "en"
    environment.enabled = False
    mailing = make_draft()
    with pytest.raises(NotReady, match="no sending server"):
        preflight.require_ready(mailing)
    db.session.commit()
    answer = app.test_cli_runner().invoke(args=["mailing", "send", str(mailing.id)])
    assert answer.exit_code == 1
    assert "There is no sending server." in answer.output
    mailing.state, mailing.scheduled_at, mailing.scheduled_zone = State.SCHEDULED, utcnow(), "UTC"
    db.session.commit()
    schedule.start_due()
    assert mailing.state == State.SCHEDULED
    assert "There is no sending server." in mailing.state_reason
