from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD, make_user
from webapp.accounts.models import User
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.platform.database import db

SignedIn = Callable[..., FlaskClient]


def test_the_organisation_is_changed(signed_in: SignedIn) -> None:
    answer = signed_in().post(
        "/settings/",
        data={
            "name": "Fjordlys A/S",
            "address": "Mejlgade 41, 8000 Aarhus C",
            "country": "SE",
            "language": "en",
            "timezone": "Europe/Stockholm",
        },
    )
    assert answer.status_code == 303
    us = organisation()
    assert (us.name, us.country, us.timezone) == ("Fjordlys A/S", "SE", "Europe/Stockholm")


def test_a_user_is_added_and_can_sign_in(signed_in: SignedIn, client: FlaskClient) -> None:
    new = {"name": "Bo", "email": "bo@x.dk", "role": "author", "password": PASSWORD}
    assert signed_in().post("/settings/users/new", data=new).status_code == 303
    answer = client.post("/sign-in", data={"email": "bo@x.dk", "password": PASSWORD})
    assert answer.status_code == 303


def test_an_address_that_is_taken_is_told_at_the_field(signed_in: SignedIn) -> None:
    make_user(email="bo@x.dk")
    new = {"name": "Bo", "email": "bo@x.dk", "role": "author", "password": PASSWORD}
    answer = signed_in(Role.ADMINISTRATOR).post("/settings/users/new", data=new)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


def test_a_role_is_changed_and_the_password_stays(signed_in: SignedIn) -> None:
    bo = make_user(Role.VIEWER, email="bo@x.dk")
    before = bo.password_hash
    data = {"role": "marketer", "active": "y", "password": ""}
    assert signed_in().post(f"/settings/users/{bo.id}", data=data).status_code == 303
    bo = db.session.scalars(select(User).where(User.email == "bo@x.dk")).one()
    assert (bo.role, bo.password_hash) == (Role.MARKETER, before)


def test_the_last_administrator_stays_one(signed_in: SignedIn) -> None:
    client = signed_in()
    me = db.session.scalars(select(User)).one()
    answer = client.post(f"/settings/users/{me.id}", data={"role": "viewer", "active": "y"})
    assert answer.status_code == 422
    assert 'id="role-error"' in answer.text


def test_settings_are_the_administrators(signed_in: SignedIn) -> None:
    assert signed_in(Role.MARKETER).get("/settings/").status_code == 403


def test_the_numbers_of_a_user_are_kept_as_others_are(signed_in: SignedIn) -> None:
    bo = make_user(Role.VIEWER, email="bo@x.dk")
    data = {"role": "viewer", "active": "y", "phone": "88 32 66 94", "mobile": "+46 70 123 45 67"}
    browser = signed_in()
    assert browser.post(f"/settings/users/{bo.id}", data=data).status_code == 303
    db.session.refresh(bo)
    assert (bo.phone, bo.mobile) == ("+4588326694", "+46701234567")
    answer = browser.post(f"/settings/users/{bo.id}", data=data | {"mobile": "call me"})
    assert answer.status_code == 422
    assert 'id="mobile-error"' in answer.text


def test_a_new_user_has_numbers_too(signed_in: SignedIn) -> None:
    new = {"name": "Bo", "email": "bo@x.dk", "role": "author", "password": PASSWORD}
    signed_in().post("/settings/users/new", data=new | {"mobile": "20 14 88 36"})
    bo = db.session.scalars(select(User).where(User.email == "bo@x.dk")).one()
    assert (bo.phone, bo.mobile) == ("", "+4520148836")


def test_the_settings_lead_to_fields_and_lists(signed_in: SignedIn) -> None:
    page = signed_in().get("/settings/").text
    assert 'href="/settings/fields/"' in page
    assert 'href="/settings/lists/"' in page
