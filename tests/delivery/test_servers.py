"""Which server sends what, what is kept of it, and what happens when it is broken."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import make_user
from webapp.accounts.models import AuditEntry
from webapp.delivery import servers
from webapp.delivery.models import Security, SendingServer
from webapp.delivery.servers import State
from webapp.platform.database import db, utcnow
from webapp.platform.sealing import Sealer

SECRET = "correct-horse"


@pytest.fixture
def environment() -> SendingServer:
    return servers.everyone()[0]


@pytest.fixture
def mail_config(app: Flask) -> Iterator[Any]:
    """`mail_config(server=…)` stands for other MAIL_* variables."""
    usual = app.extensions["mail_config"]

    def use(**values: Any) -> None:
        app.extensions["mail_config"] = replace(usual, **values)

    yield use
    app.extensions["mail_config"] = usual


def make_server(name: str = "Sky", **values: Any) -> SendingServer:
    password = values.pop("password", "")
    server = SendingServer(name=name, **({"host": "smtp.sky.example"} | values))
    servers.seal_password(server, password)
    db.session.add(server)
    db.session.flush()
    return server


def chosen(domain: str = "fjordlys.example", times: int = 1) -> Counter[str]:
    found = [servers.choose(domain) for _ in range(times)]
    return Counter(server.name for server in found if server)


def audited() -> list[tuple[str, dict[str, Any]]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.detail) for entry in entries]


def test_the_first_server_is_that_of_the_environment(
    environment: SendingServer, mail_config: Any
) -> None:
    mail_config(server="smtp.sky.example", port=2525, username="mette", password=SECRET)
    assert servers.is_of_environment(environment)
    assert servers.choose("fjordlys.example") is environment
    config = servers.connection_of(environment)
    assert (config.server, config.username, config.password) == (
        "smtp.sky.example",
        "mette",
        SECRET,
    )
    assert servers.place_of(environment) == "smtp.sky.example:2525"


def test_a_server_for_the_from_domain_goes_before_those_for_any() -> None:
    make_server("Own", from_domains=["fjordlys.example"])
    assert chosen(times=20) == {"Own": 20}
    assert "Own" not in chosen("other.example", times=20)


def test_a_server_for_other_domains_alone_is_not_used(environment: SendingServer) -> None:
    environment.from_domains = ["other.example"]
    with pytest.raises(servers.NoServer, match=r"fjordlys\.example"):
        servers.choose("fjordlys.example")


def test_weights_share_out_the_work(environment: SendingServer) -> None:
    environment.enabled = False
    make_server("One", weight=1)
    make_server("Three", weight=3)
    found = chosen(times=2000)
    assert 1400 < found["Three"] < 1600
    assert found.total() == 2000


def test_a_spare_is_used_only_while_no_other_works(environment: SendingServer) -> None:
    make_server("Spare", weight=0)
    assert "Spare" not in chosen(times=50)
    environment.resting_until = utcnow() + timedelta(seconds=30)
    assert chosen() == {"Spare": 1}


def test_a_server_that_rests_comes_back_by_itself(environment: SendingServer) -> None:
    environment.resting_until = utcnow() + timedelta(seconds=30)
    assert servers.choose("fjordlys.example") is None
    assert servers.state_of(environment) == State.RESTING
    environment.resting_until = utcnow() - timedelta(seconds=1)
    assert servers.choose("fjordlys.example") is environment
    assert servers.state_of(environment) == State.WORKS


def test_a_server_that_is_off_gets_nothing(environment: SendingServer) -> None:
    environment.enabled = False
    assert servers.state_of(environment) == State.OFF
    with pytest.raises(servers.NoServer):
        servers.choose("fjordlys.example")


def test_a_paused_server_waits_for_a_person(environment: SendingServer) -> None:
    servers.pause(environment.id, "535 No")
    assert servers.state_of(environment) == State.PAUSED
    with pytest.raises(servers.AllPaused, match="535 No"):
        servers.choose("fjordlys.example")
    assert audited() == [("sending server paused", {"server": environment.id, "reason": "535 No"})]

    servers.try_again("fjordlys.example")
    assert servers.choose("fjordlys.example") is environment


def test_another_takes_over_from_a_paused_server(environment: SendingServer) -> None:
    make_server("Other")
    servers.pause(environment.id, "535 No")
    assert chosen(times=20) == {"Other": 20}


def test_trying_again_leaves_the_servers_of_other_domains_alone() -> None:
    own = make_server("Own", from_domains=["fjordlys.example"], paused_reason="535 No")
    other = make_server("Other", from_domains=["other.example"], paused_reason="550 No")
    servers.try_again("fjordlys.example")
    assert (own.paused_reason, other.paused_reason) == ("", "550 No")


def test_a_rest_lasts_half_a_minute(environment: SendingServer) -> None:
    servers.rest(environment.id)
    assert environment.resting_until is not None
    left = environment.resting_until - utcnow()
    assert timedelta(seconds=25) < left <= timedelta(seconds=servers.REST)


@pytest.mark.parametrize(
    ("security", "use_tls", "use_ssl"),
    [
        (Security.NONE, False, False),
        (Security.STARTTLS, True, False),
        (Security.TLS, False, True),
    ],
)
def test_a_server_is_reached_as_its_settings_say(
    security: Security, use_tls: bool, use_ssl: bool
) -> None:
    server = make_server(port=2525, security=security, username="mette", password=SECRET)
    config = servers.connection_of(server)
    assert (config.server, config.port) == ("smtp.sky.example", 2525)
    assert (config.use_tls, config.use_ssl) == (use_tls, use_ssl)
    assert (config.username, config.password) == ("mette", SECRET)
    assert SECRET not in repr(config)


def test_a_server_without_a_password_is_not_signed_in_to() -> None:
    config = servers.connection_of(make_server())
    assert (config.username, config.password) == (None, None)


def test_a_password_sealed_with_a_lost_key_has_to_be_typed_again() -> None:
    server = make_server(username="mette")
    server.sealed_password = Sealer(["a key that is gone"]).seal(SECRET)
    with pytest.raises(servers.PasswordLost, match="Sky"):
        servers.connection_of(server)


def test_a_password_is_kept_sealed_and_out_of_the_audit_log() -> None:
    me = make_user()
    server = SendingServer()
    settings = {"name": "Sky", "host": "smtp.sky.example", "username": "mette"}
    servers.change(server, settings, SECRET, by=me.id)
    db.session.commit()
    assert server.sealed_password is not None
    assert SECRET.encode() not in server.sealed_password
    ((action, detail),) = audited()
    assert action == "sending server added"
    assert detail["changed"] == "host, name, password, username"
    assert SECRET not in str(detail)


def test_other_connection_settings_end_a_pause_and_others_do_not() -> None:
    me = make_user()
    server = make_server(username="mette", password=SECRET, port=25)
    server.paused_reason = "535 No"
    servers.change(server, {"weight": 2, "host": "smtp.sky.example"}, None, by=me.id)
    assert server.paused_reason == "535 No"
    for settings, password in [({"port": 587}, None), ({}, "another"), ({}, "")]:
        server.paused_reason, server.resting_until = "535 No", utcnow()
        servers.change(server, settings, password, by=me.id)
        assert (server.paused_reason, server.resting_until) == ("", None)
    assert server.sealed_password is None
    changes = [detail["changed"] for _action, detail in audited()]
    assert changes == ["weight", "port", "password", "password"]


def test_other_limits_end_a_rest_but_no_pause(environment: SendingServer) -> None:
    me = make_user()
    servers.rest(environment.id, utcnow() + timedelta(hours=9))
    servers.pause(environment.id, "535 No")
    servers.change(environment, {"per_day": 1000}, None, by=me.id)
    assert (environment.paused_reason, environment.resting_until) == ("535 No", None)


def test_a_server_is_deleted_but_for_that_of_the_environment(environment: SendingServer) -> None:
    me, server = make_user(), make_server()
    servers.remove(server, by=me.id)
    db.session.flush()
    assert servers.everyone() == [environment]
    with pytest.raises(servers.StaysHere):
        servers.remove(environment, by=me.id)


@pytest.mark.parametrize(
    ("host", "security", "username", "shown"),
    [
        ("smtp.sky.example", Security.NONE, "mette", True),
        ("10.0.0.7", Security.NONE, "mette", True),
        ("smtp.sky.example", Security.STARTTLS, "mette", False),
        ("smtp.sky.example", Security.TLS, "mette", False),
        ("smtp.sky.example", Security.NONE, "", False),
        ("localhost", Security.NONE, "mette", False),
        ("127.0.0.1", Security.NONE, "mette", False),
        ("::1", Security.NONE, "mette", False),
    ],
)
def test_a_password_over_a_plain_line_is_noticed(
    host: str, security: Security, username: str, shown: bool
) -> None:
    server = make_server(host=host, security=security, username=username, password=SECRET)
    assert servers.shows_password(server) is shown


def test_the_password_of_the_environment_is_watched_too(
    environment: SendingServer, mail_config: Any
) -> None:
    assert not servers.shows_password(environment)
    mail_config(server="smtp.sky.example", username="mette", password=SECRET)
    assert servers.shows_password(environment)
    mail_config(server="smtp.sky.example", username="mette", password=SECRET, use_tls=True)
    assert not servers.shows_password(environment)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("SMTP.Sky.Example", "smtp.sky.example"),
        ("smtp.sky.example.", "smtp.sky.example"),
        ("blåbærgrød.dk", "xn--blbrgrd-fxak7p.dk"),
        ("mail", "mail"),
        ("mail_1", "mail_1"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8::7]", "2001:db8::7"),
    ],
)
def test_hosts_are_understood(text: str, host: str) -> None:
    assert servers.parse_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "smtp.sky.example:587",
        "smtp://sky.example",
        "a b",
        "-a.dk",
        "a..b",
        ".",
        "",
        "x" * 64,
        "a/b",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(servers.NotAHost):
        servers.parse_host(text)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Fjordlys.DK", "fjordlys.dk"),
        ("@fjordlys.dk", "fjordlys.dk"),
        ("mette@fjordlys.dk", "fjordlys.dk"),
        ("Blåbærgrød.dk", "xn--blbrgrd-fxak7p.dk"),
    ],
)
def test_domains_are_understood(text: str, domain: str) -> None:
    assert servers.parse_domain(text) == domain


@pytest.mark.parametrize("text", ["fjordlys", "fjord lys.dk", "https://fjordlys.dk", "a..dk", "@"])
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(servers.NotADomain):
        servers.parse_domain(text)


def test_an_unknown_server_is_told() -> None:
    with pytest.raises(servers.NoSuchServer):
        servers.get(4711)
