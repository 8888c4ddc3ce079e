from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_contacts, newsletter
from tests.support.histories import subscription_history
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.people.models import Consent, ConsentEntry, Contact
from webapp.platform.database import db
from webapp.targets import selections, updates
from webapp.views.marketer.update_forms import THINGS

SignIn = Callable[..., FlaskClient]
ALL = "/contacts/update?everybody=1"
GRANT = {"state": "granted", "basis": "customer", "source": "Orders of 2026"}


def test_the_list_leads_to_the_ticked_ones_and_to_all_that_it_found(signed_in: SignIn) -> None:
    ib, bo, _eva = make_contacts(
        {"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam", "c@voss.example": "Eva Voss"}
    )
    browser = signed_in()
    assert "Change all 3…" in browser.get("/contacts/").text
    assert "everybody=1&amp;q=dam" in browser.get("/contacts/?q=dam").text
    answer = browser.post("/contacts/update/ticked", data={"contact": [ib.id, bo.id, "x"]})
    assert answer.location == f"/contacts/update?contact={ib.id}&contact={bo.id}"
    assert "Change 2 people" in browser.get(answer.location).text


def test_nobody_ticked_is_told_so(signed_in: SignIn) -> None:
    answer = signed_in().post("/contacts/update/ticked", data={})
    assert answer.status_code == 422
    assert "Tick people in the list first." in answer.text


def test_a_selection_leads_to_all_its_members(signed_in: SignIn) -> None:
    selection = selections.create("Dealers", None)
    selections.add_members(selection.id, [make_contact().id])
    make_contact("Eva Voss", "eva@voss.example")
    browser = signed_in()
    assert "Change 1 person…" in browser.get(f"/selections/{selection.id}").text
    page = browser.get(f"{ALL}&selection={selection.id}").text
    assert "Change 1 person" in page
    assert "Dealers" in page
    assert browser.get(f"{ALL}&selection=999999").status_code == 404


@pytest.mark.parametrize("thing", THINGS)
def test_everything_that_can_be_changed_has_its_form(signed_in: SignIn, thing: str) -> None:
    make_contact()
    browser = signed_in()
    assert f"what={thing}" in browser.get(ALL).text
    assert browser.get(f"{ALL}&what={thing}").status_code == 200


@pytest.mark.parametrize("address", ["&what=nonsense", "&only=nonsense", "&contact=x"])
def test_nonsense_in_the_address_is_passed_over(signed_in: SignIn, address: str) -> None:
    make_contact()
    assert "Choose what to change." in signed_in().get(ALL + address).text


def test_it_says_what_it_will_do_before_and_what_it_did_after(signed_in: SignIn) -> None:
    for state in Consent:
        make_contact("Ib Dam", f"{state}@dam.example", e_marketing=state)
    browser, url = signed_in(), f"{ALL}&what=e_marketing"
    page = browser.post(url, data=GRANT).text
    for words in ("Nothing is changed yet.", "Change 1 person", "said no", "Orders of 2026"):
        assert words in page
    assert _states() == [Consent.UNKNOWN, Consent.GRANTED, Consent.WITHDRAWN]
    page = browser.post(url, data=GRANT | {"go": "yes"}, follow_redirects=True).text
    assert "person is changed" in page
    assert "of the 3 you chose" in page
    assert "Orders of 2026" in page
    assert _states() == [Consent.GRANTED, Consent.GRANTED, Consent.WITHDRAWN]


def test_back_from_the_forecast_keeps_what_was_typed(signed_in: SignIn) -> None:
    make_contact(e_marketing=Consent.UNKNOWN)
    answer = signed_in().post(f"{ALL}&what=e_marketing", data=GRANT | {"edit": "yes"})
    assert answer.status_code == 200
    assert 'value="Orders of 2026"' in answer.text
    assert "See what it does" in answer.text


def test_a_second_click_finds_nothing_to_change(signed_in: SignIn) -> None:
    make_contact(e_marketing=Consent.UNKNOWN)
    browser, url = signed_in(), f"{ALL}&what=e_marketing"
    browser.post(url, data=GRANT | {"go": "yes"})
    assert "Nothing to change" in browser.post(url, data=GRANT | {"go": "yes"}).text
    granted = select(ConsentEntry).where(ConsentEntry.source == "Orders of 2026")
    assert len(db.session.scalars(granted).all()) == 1


@pytest.mark.parametrize(
    ("thing", "data", "sentence"),
    [
        ("e_marketing", {}, "Choose one of the two."),
        ("e_marketing", {"state": "granted", "source": "x"}, "Say on what basis"),
        ("e_marketing", GRANT | {"basis": "contract"}, "Say on what basis"),
        ("e_marketing", GRANT | {"source": " \r\n"}, "Say how we know."),
        ("e_marketing", GRANT | {"source": "x" * 50_000}, "keep it under 200 characters"),
        ("sales_service", {"state": "withdrawn"}, "Say how we know."),
        ("subscription", {"type": "999999", "state": "leave", "source": "x"}, "Not a valid"),
        ("subscription", {"type": "x", "state": "leave", "source": "x"}, "Invalid Choice"),
        ("language", {"value": "klingon"}, "Not a valid choice"),
        ("country", {"value": "XX"}, "Not a valid choice"),
        ("no_mailings", {}, "Choose one of the two."),
        ("former_employee", {"value": "perhaps"}, "Not a valid choice"),
    ],
)
def test_a_mistake_is_told_and_changes_nobody(
    signed_in: SignIn, thing: str, data: dict[str, str], sentence: str
) -> None:
    make_contact(e_marketing=Consent.UNKNOWN)
    answer = signed_in().post(f"{ALL}&what={thing}", data=data | {"go": "yes"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_people_subscribe_and_leave(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    url = f"{ALL}&what=subscription"
    data = {"type": str(newsletter().id), "source": "🎉 مهرجان", "go": "yes"}
    browser.post(url, data=data | {"state": "subscribe"})
    browser.post(url, data=data | {"state": "leave"})
    left, joined = subscription_history(contact)
    assert (joined.subscribed, left.subscribed) == (True, False)
    assert joined.source == "🎉 مهرجان"
    assert joined.user


@pytest.mark.parametrize(
    ("thing", "value", "expected"),
    [
        ("language", "da", ("da", "", False, False)),
        ("country", "SE", ("", "SE", False, False)),
        ("no_mailings", "yes", ("", "", True, False)),
        ("former_employee", "yes", ("", "", False, True)),
    ],
)
def test_a_field_is_set(
    signed_in: SignIn, thing: str, value: str, expected: tuple[object, ...]
) -> None:
    contact = make_contact()
    signed_in().post(f"{ALL}&what={thing}", data={"value": value, "go": "yes"})
    found = (contact.language, contact.country, contact.no_mailings, contact.former_employee)
    assert found == expected


def test_while_a_worker_is_at_it_the_page_shows_how_far(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    monkeypatch.setattr(updates, "AT_ONCE", 0)
    make_contact()
    browser = signed_in()
    data = {"value": "da", "go": "yes"}
    answer = browser.post(f"{ALL}&what=language", data=data)
    assert "Waiting for its turn" in browser.get(answer.location).text
    fragment = browser.get(answer.location, headers={"HX-Request": "true"})
    assert fragment.text.strip().startswith('<div id="progress"')
    run_jobs()
    moved_on = browser.get(answer.location, headers={"HX-Request": "true"})
    assert moved_on.headers["HX-Redirect"] == answer.location
    assert "person is changed" in browser.get(answer.location).text


def test_a_change_that_was_never_asked_for_is_a_404(signed_in: SignIn) -> None:
    assert signed_in().get("/contacts/update/999999").status_code == 404


def test_a_viewer_changes_nobody(signed_in: SignIn) -> None:
    make_contact()
    browser = signed_in(Role.VIEWER)
    assert "Change 1 person…" not in browser.get("/contacts/").text
    assert browser.post(f"{ALL}&what=language", data={"value": "da"}).status_code == 403


def test_ticked_people_are_changed_step_by_step(signed_in_page: Callable[..., Page]) -> None:
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    page = signed_in_page()
    page.goto("/contacts/")
    page.get_by_label("Choose Ib Dam").check()
    page.get_by_role("button", name="Change…").click()
    page.get_by_role("link", name="No mailings").click()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="See what it does").click()
    page.get_by_role("button", name="Change 1 person").click()
    expect(page.get_by_text("person is changed")).to_be_visible()
    names = db.session.scalars(select(Contact.first_name).where(Contact.no_mailings)).all()
    assert names == ["Ib"]


def _states() -> list[Consent]:
    db.session.expire_all()
    return list(db.session.scalars(select(Contact.e_marketing).order_by(Contact.id)))
