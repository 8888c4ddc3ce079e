from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from sqlalchemy import select

from tests.support.smtp import ScriptedSmtp
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.delivery import servers
from webapp.delivery.models import Security, SendingServer
from webapp.platform.database import db, utcnow
from webapp.platform.sealing import Sealer

SignedIn = Callable[..., FlaskClient]

SECRET = "correct-horse"
HTMX = {"HX-Request": "true"}
TYPED = {
    "name": "Sky",
    "host": "SMTP.Sky.example",
    "port": "587",
    "security": "starttls",
    "username": "mette",
    "password": SECRET,
    "from_domains": "Fjordlys.example, blåbærgrød.dk\nfjordlys.example",
    "weight": "3",
    "connections": "2",
    "messages_per_connection": "50",
    "per_minute": "60",
    "per_hour": "",
    "per_day": "",
    "per_domain_hour": "500",
    "enabled": "y",
}
USE = {name: TYPED[name] for name in ("name", "weight", "connections", "messages_per_connection")}


@pytest.fixture
def environment() -> SendingServer:
    return servers.everyone()[0]


@pytest.fixture
def other_environment(app: Flask) -> Iterator[Any]:
    """`other_environment(server=…)` stands for other MAIL_* variables."""
    usual = app.extensions["mail_config"]

    def use(**values: Any) -> None:
        app.extensions["mail_config"] = replace(usual, **values)

    yield use
    app.extensions["mail_config"] = usual


@pytest.fixture
def sky() -> SendingServer:
    server = SendingServer(name="Sky", host="smtp.sky.example", username="mette")
    servers.seal_password(server, SECRET)
    db.session.add(server)
    db.session.commit()
    return server


def typed(**values: str) -> dict[str, str]:
    return TYPED | values


def password_of(server: SendingServer) -> str | None:
    return servers.connection_of(server).password


def audited() -> list[str]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [f"{entry.action}: {entry.detail}" for entry in entries]


def test_a_server_is_added_and_its_password_is_sealed(signed_in: SignedIn) -> None:
    assert signed_in().post("/settings/servers/new", data=TYPED).status_code == 303
    sky = servers.everyone()[1]
    assert (sky.host, sky.port, sky.security) == ("smtp.sky.example", 587, Security.STARTTLS)
    assert sky.from_domains == ["fjordlys.example", "xn--blbrgrd-fxak7p.dk"]
    assert (sky.weight, sky.connections, sky.messages_per_connection) == (3, 2, 50)
    assert (sky.per_minute, sky.per_hour, sky.per_domain_hour) == (60, None, 500)
    assert sky.enabled
    assert password_of(sky) == SECRET
    assert SECRET not in " ".join(audited())
    assert audited()[0].startswith("sending server added")


def test_a_password_never_comes_back(signed_in: SignedIn, sky: SendingServer) -> None:
    client = signed_in()
    refused = client.post(f"/settings/servers/{sky.id}", data=typed(port="no"))
    assert refused.status_code == 422
    assert "Type it again: this page does not get it back." in refused.text
    tested = client.post(f"/settings/servers/{sky.id}/check", data=typed(host="nowhere.invalid"))
    for page in (
        refused,
        tested,
        client.get(f"/settings/servers/{sky.id}"),
        client.get("/settings/servers/"),
        client.get("/settings/"),
    ):
        assert SECRET not in page.text
        assert sky.sealed_password.decode() not in page.text


def test_an_empty_password_keeps_the_one_that_is_stored(
    signed_in: SignedIn, sky: SendingServer
) -> None:
    data = typed(password="", name="Cloud", host="smtp.sky.example")
    assert signed_in().post(f"/settings/servers/{sky.id}", data=data).status_code == 303
    assert (sky.name, password_of(sky)) == ("Cloud", SECRET)


def test_another_password_replaces_it_and_a_tick_removes_it(
    signed_in: SignedIn, sky: SendingServer
) -> None:
    client, url = signed_in(), f"/settings/servers/{sky.id}"
    client.post(url, data=typed(password="another-horse"))
    assert password_of(sky) == "another-horse"
    client.post(url, data=typed(password="", remove_password="y"))
    assert sky.sealed_password is None


def test_a_stored_password_does_not_go_to_another_host(
    signed_in: SignedIn, sky: SendingServer, smtp: ScriptedSmtp
) -> None:
    data = typed(password="", host="127.0.0.1", port=str(smtp.port), security="none")
    for url in (f"/settings/servers/{sky.id}", f"/settings/servers/{sky.id}/check"):
        answer = signed_in().post(url, data=data)
        assert answer.status_code == 422
        assert "type the password again" in answer.text
    assert sky.host == "smtp.sky.example"
    assert smtp.connections == 0


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "What do you call it?"),
        ("host", "", "Where is it?"),
        ("host", "smtp.sky.example:587", "Write the host alone"),
        ("port", "0", "Write 1 to 65535."),
        ("port", "many", "Write a whole number."),
        ("security", "rot13", "Invalid Choice"),
        ("username", "", "A password needs its user name."),
        ("username", "mætte", "plain letters"),
        ("password", "", "A user name needs its password."),
        ("password", "blåbærgrød", "plain letters"),
        ("from_domains", "fjordlys", "“fjordlys” is not a domain."),
        ("weight", "101", "Write 0 to 100."),
        ("weight", "", "Write a whole number."),
        ("connections", "0", "Write 1 to 50."),
        ("connections", "51", "Write 1 to 50."),
        ("messages_per_connection", "100001", "Write 1 to 100000."),
        ("per_minute", "0", "1 or more"),
        ("per_hour", "-1", "1 or more"),
        ("per_day", "9999999999999999999999", "1 or more"),
        ("per_domain_hour", "1.5", "Write a whole number."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    signed_in: SignedIn, field: str, value: str, words: str
) -> None:
    answer = signed_in().post("/settings/servers/new", data=typed(**{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert words in answer.text
    assert len(servers.everyone()) == 1


def test_other_connection_settings_end_a_pause(signed_in: SignedIn, sky: SendingServer) -> None:
    sky.paused_reason, sky.resting_until = "535 No", utcnow() + timedelta(minutes=5)
    client, url = signed_in(), f"/settings/servers/{sky.id}"
    same = typed(password="", port="587", host="smtp.sky.example", weight="9")
    client.post(url, data=same)
    assert (sky.weight, sky.paused_reason) == (9, "535 No")
    client.post(url, data=same | {"port": "465"})
    assert (sky.paused_reason, sky.resting_until) == ("", None)


def test_a_paused_server_says_why_and_can_be_tried_again(
    signed_in: SignedIn, environment: SendingServer
) -> None:
    servers.pause(environment.id, "535 5.7.8 Not <you>")
    client = signed_in()
    for url in ("/settings/servers/", f"/settings/servers/{environment.id}"):
        page = client.get(url).text
        assert "535 5.7.8 Not &lt;you&gt;" in page
        assert "Paused" in page
    answer = client.post(f"/settings/servers/{environment.id}/try-again")
    assert answer.status_code == 303
    assert environment.paused_reason == ""
    assert audited()[-1].startswith("sending server tried again")


def test_the_list_tells_the_state_of_each(
    signed_in: SignedIn, environment: SendingServer, sky: SendingServer
) -> None:
    environment.resting_until = utcnow() + timedelta(minutes=5)
    sky.enabled, sky.per_day, sky.weight, sky.security = False, 50_000, 0, Security.NONE
    page = signed_in().get("/settings/servers/").text
    assert "Resting until" in page
    assert "Off" in page
    assert "50,000 a day" in page
    assert "No limits" in page
    assert "Spare" in page
    assert "from the environment" in page
    assert "Password not encrypted" in page


def test_the_server_of_the_environment_shows_its_variables_and_keeps_its_host(
    signed_in: SignedIn, environment: SendingServer, app: Flask
) -> None:
    client, url = signed_in(), f"/settings/servers/{environment.id}"
    page = client.get(url).text
    assert "MAIL_SERVER" in page
    assert 'name="host"' not in page
    data = USE | {"host": "smtp.sky.example", "password": SECRET, "per_day": "1000"}
    assert client.post(url, data=data).status_code == 303
    assert (environment.host, environment.sealed_password) == ("", None)
    assert (environment.weight, environment.per_day, environment.enabled) == (3, 1000, False)


def test_a_password_of_the_environment_is_not_shown(
    signed_in: SignedIn, environment: SendingServer, other_environment: Any
) -> None:
    other_environment(server="smtp.sky.example", username="mette", password=SECRET)
    page = signed_in().get(f"/settings/servers/{environment.id}").text
    assert "smtp.sky.example" in page
    assert SECRET not in page
    assert "The password is not encrypted on its way" in page


def test_a_server_is_deleted_but_for_that_of_the_environment(
    signed_in: SignedIn, environment: SendingServer, sky: SendingServer
) -> None:
    client = signed_in()
    assert client.post(f"/settings/servers/{sky.id}/delete").status_code == 303
    assert servers.everyone() == [environment]
    answer = client.post(f"/settings/servers/{environment.id}/delete")
    assert answer.status_code == 422
    assert "Turn it off instead" in answer.text
    assert servers.everyone() == [environment]


def test_a_test_shows_the_answers_to_values_that_are_not_saved(
    signed_in: SignedIn, smtp: ScriptedSmtp
) -> None:
    data = {"host": "127.0.0.1", "port": str(smtp.port), "security": "none"}
    answer = signed_in().post("/settings/servers/check", data=data, headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "It works." in answer.text
    assert "220 localhost ESMTP" in answer.text
    assert "PIPELINING" in answer.text
    assert smtp.messages == []
    assert len(servers.everyone()) == 1


def test_a_test_message_goes_where_it_is_told(
    signed_in: SignedIn, environment: SendingServer, smtp: ScriptedSmtp
) -> None:
    url = f"/settings/servers/{environment.id}/check"
    data = {"test_to": "Bo@fjordlys.example", "send": "1"}
    answer = signed_in().post(url, data=data)
    assert "It took the test message." in answer.text
    assert smtp.count_by_recipient() == {"Bo@fjordlys.example": 1}


@pytest.mark.parametrize("address", ["", "nobody", "blåbær@fjordlys.example"])
def test_a_test_message_needs_an_address(
    signed_in: SignedIn, environment: SendingServer, smtp: ScriptedSmtp, address: str
) -> None:
    url = f"/settings/servers/{environment.id}/check"
    answer = signed_in().post(url, data={"test_to": address, "send": "1"}, headers=HTMX)
    assert answer.status_code == 422
    assert "Fix this first." in answer.text
    assert smtp.connections == 0


def test_a_test_that_fails_says_what_to_do(signed_in: SignedIn, smtp: ScriptedSmtp) -> None:
    data = {
        "host": "127.0.0.1",
        "port": str(smtp.port),
        "security": "none",
        "username": "mette",
        "password": SECRET,
    }
    answer = signed_in().post("/settings/servers/check", data=data)
    assert "It offers no sign-in (AUTH)" in answer.text
    assert SECRET not in answer.text


def test_a_password_that_cannot_be_read_any_more_is_asked_for(
    signed_in: SignedIn, sky: SendingServer
) -> None:
    sky.sealed_password = Sealer(["a key that is gone"]).seal(SECRET)
    data = typed(password="", host="smtp.sky.example")
    answer = signed_in().post(f"/settings/servers/{sky.id}/check", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert "Type it again." in answer.text


def test_servers_are_the_administrators(signed_in: SignedIn) -> None:
    assert signed_in(Role.MARKETER).get("/settings/servers/").status_code == 403


def test_a_server_that_is_gone_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in().get("/settings/servers/4711").status_code == 404


def test_a_server_is_added_and_tested_in_the_browser(
    signed_in_page: Callable[..., Page], smtp: ScriptedSmtp
) -> None:
    page = signed_in_page()
    page.goto("/settings/")
    page.locator("a[href='/settings/servers/']").click()
    page.get_by_role("link", name="Add server").click()
    page.get_by_label("Name", exact=True).fill("Sky")
    page.get_by_label("Host", exact=True).fill("127.0.0.1")
    page.get_by_label("Port", exact=True).fill(str(smtp.port))
    page.get_by_label("Encryption", exact=True).select_option("none")
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("It works.").wait_for()
    assert page.get_by_label("Host", exact=True).input_value() == "127.0.0.1"
    page.get_by_role("button", name="Send test message").click()
    page.get_by_text("It took the test message.").wait_for()
    page.get_by_role("button", name="Add server").click()
    page.get_by_role("link", name="Sky").wait_for()
    assert [server.name for server in servers.everyone()][1:] == ["Sky"]
