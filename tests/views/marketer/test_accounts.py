from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD, make_user
from webapp.accounts.models import AuditEntry, User
from webapp.accounts.organisation import organisation
from webapp.accounts.passwords import hashed
from webapp.accounts.rights import Role
from webapp.platform.database import db

FIRST = {
    "organisation": "Fjordlys A/S",
    "name": "Mette Kjærgaard",
    "email": "mette@fjordlys.example",
    "password": PASSWORD,
}


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    return client.post("/sign-in", data={"email": email, "password": password}).status_code


def test_the_first_start_asks_for_the_first_administrator(client: FlaskClient) -> None:
    assert client.get("/").location == "/sign-in"
    assert client.get("/sign-in").location == "/first-start"
    assert client.post("/first-start", data=FIRST).location == "/"
    assert client.get("/").status_code == 200
    user = db.session.scalars(select(User)).one()
    assert (user.role, user.email) == (Role.ADMINISTRATOR, "mette@fjordlys.example")
    assert organisation().name == "Fjordlys A/S"


def test_the_first_start_is_over_once_there_is_a_user(client: FlaskClient) -> None:
    make_user()
    assert client.get("/first-start").location == "/sign-in"
    assert client.post("/first-start", data=FIRST).location == "/sign-in"
    assert db.session.query(User).count() == 1


@pytest.mark.parametrize("field", list(FIRST))
def test_the_first_start_says_at_the_field_what_is_missing(client: FlaskClient, field: str) -> None:
    answer = client.post("/first-start", data=FIRST | {field: ""})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert db.session.query(User).count() == 0


def test_a_short_password_is_refused_with_what_is_enough(client: FlaskClient) -> None:
    answer = client.post("/first-start", data=FIRST | {"password": "short"})
    assert "Use at least 10 characters." in answer.text


def test_signing_in_leads_where_one_wanted_to_go(client: FlaskClient) -> None:
    make_user(email="mette@x.dk")
    assert client.get("/contacts/?q=ole").location == "/sign-in"
    answer = client.post("/sign-in", data={"email": "mette@x.dk", "password": PASSWORD})
    assert answer.location == "/contacts/?q=ole"


def test_a_wrong_password_is_told_and_written_down(client: FlaskClient) -> None:
    make_user(email="mette@x.dk")
    answer = client.post("/sign-in", data={"email": "mette@x.dk", "password": "wrong"})
    assert answer.status_code == 422
    assert "do not match" in answer.text
    assert db.session.scalars(select(AuditEntry.action)).all() == ["sign-in failed"]


def test_guessing_is_throttled(client: FlaskClient) -> None:
    make_user(email="mette@x.dk")
    assert [sign_in(client, "mette@x.dk", "wrong") for _ in range(11)] == [422] * 10 + [429]


def test_signing_out_ends_the_session(signed_in: Callable[..., FlaskClient]) -> None:
    client = signed_in()
    assert client.get("/").status_code == 200
    client.post("/sign-out")
    assert client.get("/").location == "/sign-in"


def test_a_user_who_is_disabled_is_out_at_once(signed_in: Callable[..., FlaskClient]) -> None:
    client = signed_in(Role.MARKETER)
    db.session.scalars(select(User)).one().disabled_at = db.func.now()
    assert client.get("/").location == "/sign-in"


def test_language_and_theme_are_kept_with_the_user(signed_in: Callable[..., FlaskClient]) -> None:
    client = signed_in()
    client.post("/preferences", data={"language": "da"})
    client.post("/preferences", data={"theme": "dark"})
    page = client.get("/").text
    assert '<html lang="da"' in page
    assert 'data-theme="dark"' in page


def test_somebody_not_signed_in_chooses_a_language_too(client: FlaskClient) -> None:
    make_user()
    client.get("/language/da")
    assert '<html lang="da"' in client.get("/sign-in").text


def test_htmx_is_sent_to_the_sign_in_page_as_a_page(client: FlaskClient) -> None:
    make_user()
    answer = client.get("/contacts/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in")


def test_guessing_at_one_user_from_many_places_is_throttled(app: Flask) -> None:
    make_user(email="mette@x.dk")
    codes = []
    for place in range(31):
        answer = app.test_client().post(
            "/sign-in",
            data={"email": "mette@x.dk", "password": "wrong"},
            environ_base={"REMOTE_ADDR": f"10.0.0.{place}"},
        )
        codes.append(answer.status_code)
    assert codes == [422] * 30 + [429]


def test_a_new_password_ends_the_sessions_of_the_old_one(
    signed_in: Callable[..., FlaskClient],
) -> None:
    client = signed_in()
    db.session.scalars(select(User)).one().password_hash = hashed("another long password")
    assert client.get("/").location == "/sign-in"


def test_a_claimed_address_is_not_believed_without_a_proxy(client: FlaskClient) -> None:
    make_user(email="mette@x.dk")
    for number in range(11):
        answer = client.post(
            "/sign-in",
            data={"email": f"m{number}@x.dk", "password": "wrong"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )
    assert answer.status_code == 429
