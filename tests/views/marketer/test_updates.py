from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import (
    make_contact,
    make_contacts,
    make_field,
    make_item,
    make_type,
    newsletter,
)
from tests.support.histories import subscription_history
from webapp.accounts.models import AuditEntry, User
from webapp.accounts.rights import Role
from webapp.people import lists, subscriptions
from webapp.people.models import Consent, ConsentEntry, Contact, FieldKind, ListName
from webapp.platform.database import db
from webapp.targets import projects, selections, updates
from webapp.targets.models import PeopleUpdate
from webapp.views.marketer.update_forms import THINGS

SignIn = Callable[..., FlaskClient]
ALL = "/contacts/update?everybody=1"
GRANT = {"state": "granted", "basis": "customer", "source": "Orders of 2026"}


def test_the_list_leads_to_the_ticked_ones_and_to_all_that_it_found(signed_in: SignIn) -> None:
    ib, bo, _eva = make_contacts(
        {"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam", "c@voss.example": "Eva Voss"}
    )
    browser = signed_in()
    assert "All 3:" in browser.get("/contacts/").text
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
    assert "This person:" in browser.get(f"/selections/{selection.id}").text
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


def test_a_category_and_our_contact_are_set_and_taken_away(signed_in: SignIn) -> None:
    browser, contact = signed_in(), make_contact()
    dealer, user = make_item("Dealer", ListName.CATEGORY), db.session.scalars(select(User)).one()
    for thing, value, shown in (
        ("category", dealer.id, "Dealer"),
        ("our_contact", user.id, user.name),
    ):
        url = f"{ALL}&what={thing}"
        assert shown in browser.post(url, data={"value": value}).text
        browser.post(url, data={"value": value, "go": "yes"})
    assert (contact.category, contact.our_contact) == (dealer, user)
    for thing in ("category", "our_contact"):
        browser.post(f"{ALL}&what={thing}", data={"value": "", "go": "yes"})
    assert (contact.category, contact.our_contact) == (None, None)


def test_an_interest_is_added_and_removed(signed_in: SignIn) -> None:
    browser, contact, lamps = signed_in(), make_contact(), make_item("Lamps")
    url = f"{ALL}&what=interest"
    assert '<option value="Lamps"></option>' in browser.get(url).text
    assert "No interest is called “Chairs”." in browser.post(url, data={"interest": "Chairs"}).text
    assert "Choose an interest." in browser.post(url, data={"state": "add"}).text
    page = browser.post(url, data={"interest": "lamps", "state": "add"}).text
    assert 'name="interest" value="lamps"' in page
    browser.post(url, data={"interest": "lamps", "state": "add", "go": "yes"})
    assert lists.interests_of(contact.id) == [lamps]
    browser.post(url, data={"interest": "Lamps", "state": "remove", "go": "yes"})
    assert lists.interests_of(contact.id) == []


def test_custom_fields_are_set_each_by_its_own_control(signed_in: SignIn) -> None:
    browser, contact = signed_in(), make_contact()
    size, colours = make_field(), make_field("Colours", FieldKind.MANY_OF, "Red", "Blue")
    assert "Shop size" in browser.get(ALL).text
    url = f"{ALL}&what=field_{size.key}"
    assert "is not a number" in browser.post(url, data={"value": "much"}).text
    browser.post(url, data={"value": "1,234.5", "go": "yes"})
    url = f"{ALL}&what=field_{colours.key}"
    page = browser.post(url, data={"value": ["Red", "Blue"]}).text
    assert page.count('type="hidden" name="value"') == 2
    browser.post(url, data={"value": ["Red", "Blue"], "go": "yes"})
    assert contact.fields == {size.key: 1234.5, colours.key: ["Red", "Blue"]}
    browser.post(url, data={"go": "yes"})
    assert contact.fields == {size.key: 1234.5}


def test_people_are_added_without_being_asked_twice_and_one_is_led_back(signed_in: SignIn) -> None:
    first, second = make_contact(), make_contact("Ole Dam", "ole@dam.example")
    browser = signed_in()
    step = browser.post(
        "/contacts/update/ticked?what=selection&q=dam&sort=-name&page=2&nonsense=1",
        data={"contact": [first.id, second.id]},
    )
    assert "Add 2 people" in browser.get(step.location).text
    missing = browser.post(step.location, data={"selection": " \n", "go": "yes"})
    assert missing.status_code == 422
    assert "Write the name of a selection" in missing.text
    back = browser.post(step.location, data={"selection": " New  dealers\n", "go": "yes"})
    assert back.location == "/contacts/?q=dam&sort=-name&page=2"
    assert "2 people are added to “New dealers”." in browser.get(back.location).text
    assert selections.size(selections.named("New dealers", None).id) == 2


def test_many_are_added_by_a_worker_and_the_page_leads_to_where_they_are(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    monkeypatch.setattr(updates, "AT_ONCE", 0)
    make_contact()
    browser = signed_in()
    data = {"project": "Fair", "role": "Guest", "go": "yes"}
    answer = browser.post(f"{ALL}&what=project", data=data)
    assert "Waiting for its turn" in browser.get(answer.location).text
    run_jobs()
    page = browser.get(answer.location).text
    assert "person is added" in page
    assert "Guest" in page
    assert f'href="/projects/{projects.named("Fair", None).id}"' in page


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


def test_what_failed_says_why_and_is_tried_again(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contact()
    browser, type_ = signed_in(), make_type(en="Events", da="Arrangementer")
    monkeypatch.setattr(updates, "AT_ONCE", 0)
    data = {"type": type_.id, "state": "subscribe", "source": "Fair", "go": "yes"}
    page = browser.post(f"{ALL}&what=subscription", data=data).location
    subscriptions.remove(type_, by=None)
    db.session.commit()
    updates.run(db.session.scalars(select(PeopleUpdate.id)).one())
    for _time in range(2):
        words = browser.get(page).text
        assert "This subscription type does not exist any more." in words
        assert "A subscription type that has been deleted since" in words
        assert "Nobody was changed." in words
        assert f"{page}/retry" in words
        monkeypatch.setattr(updates, "AT_ONCE", 1)
        assert browser.post(f"{page}/retry").location == page


def test_what_is_done_is_not_tried_again(signed_in: SignIn) -> None:
    make_contact()
    browser = signed_in()
    page = browser.post(f"{ALL}&what=language", data={"value": "da", "go": "yes"}).location
    assert "/retry" not in browser.get(page).text
    browser.post(f"{page}/retry")
    assert "person is changed" in browser.get(page).text


def test_a_change_that_was_never_asked_for_is_a_404(signed_in: SignIn) -> None:
    assert signed_in().get("/contacts/update/999999").status_code == 404


def test_a_viewer_changes_nobody(signed_in: SignIn) -> None:
    make_contact()
    browser = signed_in(Role.VIEWER)
    assert "Change…" not in browser.get("/contacts/").text
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
