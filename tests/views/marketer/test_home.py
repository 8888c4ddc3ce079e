from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.accounts.models import User
from webapp.accounts.organisation import organisation
from webapp.mailings.models import RecipientState, State
from webapp.platform.database import db, utcnow
from webapp.views.marketer import home

SignedIn = Callable[..., FlaskClient]


def test_a_fresh_installation_shows_the_first_steps(signed_in: SignedIn) -> None:
    page = signed_in().get("/").text

    assert "Three steps to your first mailing" in page
    assert "Last mailings" not in page


def test_what_is_sending_comes_with_its_progress(signed_in: SignedIn) -> None:
    mailing = make_mailing("Winter light", state=State.SENDING)
    make_recipient(mailing, email="a@kunde.example")
    make_recipient(mailing, email="b@kunde.example", state=RecipientState.READY)

    page = signed_in().get("/").text

    assert "Sending now" in page
    assert "Winter light" in page
    assert "1 of 2" in page
    assert 'hx-trigger="every 2s"' in page


def test_the_last_mailings_come_with_their_rates(signed_in: SignedIn) -> None:
    mailing = make_mailing("October newsletter")
    make_recipient(mailing, email="a@kunde.example", opened_at=utcnow())
    make_recipient(mailing, email="b@kunde.example")

    page = signed_in().get("/").text

    assert "October newsletter" in page
    assert "50.0%" in page


def test_a_paused_mailing_needs_somebody_and_says_why(signed_in: SignedIn) -> None:
    mailing = make_mailing("Prices", state=State.PAUSED, state_reason="535 sign-in refused")
    make_recipient(mailing, state=RecipientState.READY)

    page = signed_in().get("/").text

    assert "Prices is paused" in page
    assert "535 sign-in refused" in page
    assert "1 of 1 still wait" in page


def test_unknown_recipients_need_somebody_for_two_weeks(signed_in: SignedIn) -> None:
    new = make_mailing("New")
    old = make_mailing("Old", started_at=utcnow() - timedelta(days=15))
    for mailing in (new, old):
        make_recipient(mailing, state=RecipientState.UNKNOWN)

    page = signed_in().get("/").text

    assert f"/mailings/{new.id}/recipients?which=unknown" in page
    assert f"/mailings/{old.id}/recipients?which=unknown" not in page


def test_a_user_finds_their_own_drafts(signed_in: SignedIn) -> None:
    client = signed_in()
    user = db.session.scalars(select(User)).one()
    make_mailing("Mine", state=State.DRAFT, owner_id=user.id)
    make_mailing("Somebody else’s", state=State.DRAFT)

    page = client.get("/").text

    assert "Mine" in page
    assert "Somebody else’s" not in page


def test_with_nothing_to_do_the_page_says_so(signed_in: SignedIn) -> None:
    make_contact()

    page = signed_in().get("/").text

    assert "Nothing has been sent yet" in page
    assert "Everything is on its way or home" in page


@pytest.mark.parametrize(
    ("utc", "words"),
    [
        ("2026-11-10T04:30:00+00:00", "Good morning"),
        ("2026-11-10T11:00:00+00:00", "Good afternoon"),
        ("2026-11-10T17:00:00+00:00", "Good evening"),
        ("2026-11-10T01:00:00+00:00", "Good evening"),
    ],
)
def test_the_greeting_follows_the_clock_of_the_organisation(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, utc: str, words: str
) -> None:
    organisation().timezone = "Europe/Copenhagen"
    make_contact()
    now = type(utcnow()).fromisoformat(utc)
    monkeypatch.setattr(home, "utcnow", lambda: now)

    assert f"{words}, Mette" in signed_in().get("/").text
