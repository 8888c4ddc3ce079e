from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_type, newsletter
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.people import subscriptions
from webapp.people.models import SubscriptionType
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

TYPES = "/settings/subscriptions"


@pytest.fixture(autouse=True)
def _english() -> None:
    organisation().language = "en"


def test_the_list_shows_how_many_subscribe_and_how_many_mailings_use_it(
    signed_in: SignIn,
) -> None:
    subscriptions.subscribe(make_contact(), newsletter(), source="Fair")
    for _number in range(7):
        make_mailing(subscription_type_id=newsletter().id)
    make_type(en="Old news", active=False)
    page = signed_in().get(f"{TYPES}/").text
    subscribers = 'data-label="Subscribers">1</td>'
    for words in ("Newsletter", subscribers, ">7</td>", "Old news", "Inactive"):
        assert words in page
    assert "Newsletter" in signed_in().get("/settings/").text


def test_a_type_is_added_in_both_languages(signed_in: SignIn) -> None:
    data = {
        "name_en": " Events\r\n",
        "name_da": "Arrangementer",
        "description_da": "Et par gange om året",
        "active": "y",
    }
    answer = signed_in().post(f"{TYPES}/new", data=data, follow_redirects=True)
    assert "“Events” can be subscribed to now." in answer.text
    type_ = subscriptions.types()[-1]
    assert type_.names == {"en": "Events", "da": "Arrangementer"}
    assert type_.descriptions == {"da": "Et par gange om året"}
    assert (type_.active, type_.is_default) == (True, False)


def test_a_type_is_changed(signed_in: SignIn) -> None:
    browser, url = signed_in(), f"{TYPES}/{newsletter().id}"
    assert 'value="Nyhedsbrev"' in browser.get(url).text
    data = {"name_en": "News", "name_da": "Nyt", "is_default": "y"}
    assert browser.post(url, data=data).status_code == 303
    assert newsletter().names == {"en": "News", "da": "Nyt"}
    assert (newsletter().active, newsletter().is_default) == (False, True)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name_da": "Møder"}, "Write the name in the language of your messages"),
        ({"name_en": "newsletter"}, "There is already a subscription type called"),
        ({"name_en": "x" * 50_000}, "keep it under 200 characters"),
        ({"name_en": "Events", "description_en": "x" * 501}, "keep it under 500 characters"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_the_rest_stays_typed(
    signed_in: SignIn, data: dict[str, str], sentence: str
) -> None:
    answer = signed_in().post(f"{TYPES}/new", data={"description_da": "Om vores møder"} | data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Om vores møder" in answer.text
    assert db.session.scalars(select(SubscriptionType)).all() == [newsletter()]


def test_markup_in_a_name_is_text(signed_in: SignIn) -> None:
    make_type(en="<b>Events</b> 🎉")
    assert "&lt;b&gt;Events&lt;/b&gt; 🎉" in signed_in().get(f"{TYPES}/").text


def test_a_type_that_no_mailing_uses_is_deleted(signed_in: SignIn) -> None:
    url = f"{TYPES}/{make_type().id}"
    browser = signed_in()
    assert "Delete…" in browser.get(url).text
    answer = browser.post(f"{url}/delete", follow_redirects=True)
    assert "“Events” is deleted." in answer.text
    assert browser.get(url).status_code == 404


def test_a_type_in_use_is_not_deleted_and_the_page_says_what_to_do(signed_in: SignIn) -> None:
    type_ = make_type()
    make_mailing(subscription_type_id=type_.id)
    browser = signed_in()
    page = browser.get(f"{TYPES}/{type_.id}").text
    assert "Delete…" not in page
    assert "Make it inactive instead." in page
    answer = browser.post(f"{TYPES}/{type_.id}/delete")
    assert answer.status_code == 422
    assert "Make it inactive instead of deleting it." in answer.text
    assert db.session.get(SubscriptionType, type_.id)


def test_privacy_mode_is_on_until_somebody_turns_it_off(signed_in: SignIn) -> None:
    browser = signed_in()
    assert organisation().privacy_mode
    for mode in ("off", "off", "on"):
        answer = browser.post(f"{TYPES}/privacy", data={"mode": mode}, follow_redirects=True)
        assert f"Privacy mode is {mode}" in answer.text
        assert organisation().privacy_mode is (mode == "on")
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["privacy mode off", "privacy mode on"]


@pytest.mark.parametrize("data", [{}, {"mode": "perhaps"}])
def test_privacy_mode_is_on_or_off(signed_in: SignIn, data: dict[str, str]) -> None:
    assert signed_in().post(f"{TYPES}/privacy", data=data).status_code == 422
    assert organisation().privacy_mode


def test_only_administrators_change_types(signed_in: SignIn) -> None:
    browser = signed_in(Role.MARKETER)
    assert browser.get(f"{TYPES}/").status_code == 403
    assert browser.post(f"{TYPES}/privacy", data={"mode": "off"}).status_code == 403
