from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import func, select

from webapp.accounts import users
from webapp.accounts.models import Organisation, User
from webapp.accounts.organisation import fingerprint
from webapp.accounts.rights import Right, Role
from webapp.platform.config import ConfigError
from webapp.platform.database import db

PASSWORD = "a long enough one"


def make(email: str = "mette@x.dk", role: Role = Role.ADMINISTRATOR) -> User:
    return users.create_user(
        name="Mette Kjærgaard", email=email, password=PASSWORD, role=role, language="da"
    )


def test_the_right_password_opens_in_whatever_case_the_address_is_typed() -> None:
    mette = make()
    assert users.authenticate(" METTE@X.dk ", PASSWORD) is mette


@pytest.mark.parametrize(
    ("email", "password"), [("mette@x.dk", "a wrong password"), ("nobody@x.dk", PASSWORD)]
)
def test_a_wrong_password_and_an_unknown_address_stay_outside(email: str, password: str) -> None:
    make()
    assert users.authenticate(email, password) is None


def test_a_disabled_user_stays_outside() -> None:
    make()
    bo = make("bo@x.dk", Role.MARKETER)
    users.change(bo, role=Role.MARKETER, active=False, password=None)
    assert users.authenticate("bo@x.dk", PASSWORD) is None


def test_passwords_are_kept_as_argon2_hashes() -> None:
    assert make().password_hash.startswith("$argon2id$")


def test_an_address_signs_in_one_user() -> None:
    make()
    with pytest.raises(users.AddressTaken):
        make("Mette@X.dk")


@pytest.mark.parametrize(("role", "active"), [(Role.VIEWER, True), (Role.ADMINISTRATOR, False)])
def test_somebody_stays_administrator(role: Role, active: bool) -> None:
    with pytest.raises(users.LastAdministrator):
        users.change(make(), role=role, active=active, password=None)


def test_two_browsers_at_first_start_make_one_administrator(app: Flask) -> None:
    def make_first(number: int) -> bool:
        with app.app_context():
            try:
                users.create_first_administrator(
                    name="Mette", email=f"m{number}@x.dk", password=PASSWORD, language="en"
                )
            except users.AlreadySetUp:
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(make_first, range(4))) == [False, False, False, True]
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_each_role_may_do_what_the_next_lower_one_may() -> None:
    ladder = [Role.ADMINISTRATOR, Role.MARKETER, Role.AUTHOR, Role.VIEWER]
    for higher, lower in pairwise(ladder):
        assert lower.rights < higher.rights
    assert Right.SEND_MAILINGS not in Role.AUTHOR.rights


def test_an_exchanged_secret_key_is_noticed_before_blocks_are_forgotten(app: Flask) -> None:
    fingerprint("karen@x.dk")
    db.session.get_one(Organisation, 1).fingerprint_check = b"of another key"
    db.session.commit()
    app.extensions.pop("fingerprint_key")
    with pytest.raises(ConfigError, match="SECRET_KEY_FALLBACKS"):
        fingerprint("karen@x.dk")
