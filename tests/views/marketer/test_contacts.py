import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import event, select

from tests.factories import make_company, make_contact, make_field, make_item
from webapp.accounts.rights import Role
from webapp.people import contacts, suppression
from webapp.people.models import (
    Basis,
    Consent,
    ConsentEntry,
    Contact,
    ListName,
    SuppressionReason,
)
from webapp.platform.database import db
from webapp.targets import selections

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}


def test_the_list_shows_25_to_a_page_and_says_of_how_many(signed_in: SignIn) -> None:
    for index in range(30):
        make_contact(f"Person Nr{index:02}", f"p{index}@fjordlys.example")
    browser = signed_in()
    first, second = browser.get("/contacts/").text, browser.get("/contacts/?page=2").text
    assert "1–25 of 30" in first
    assert "Person Nr24" in first
    assert "Person Nr25" not in first
    assert "26–30 of 30" in second
    assert "Person Nr25" in second


def test_a_search_answers_htmx_with_the_list_alone(signed_in: SignIn) -> None:
    make_contact("Karen Dam")
    make_contact("Ole Voss", "ole@voss.example")
    answer = signed_in().get("/contacts/?q=voss", headers=FRAGMENT)
    assert answer.text.strip().startswith('<div id="list">')
    assert "Ole Voss" in answer.text
    assert "Karen Dam" not in answer.text


def test_a_search_for_nobody_says_so(signed_in: SignIn) -> None:
    make_contact()
    assert "Nobody fits this search." in signed_in().get("/contacts/?q=zzz").text


def test_an_empty_desk_offers_ways_to_begin(signed_in: SignIn) -> None:
    page = signed_in().get("/contacts/").text
    assert "Import a list" in page
    assert "Write one by hand" in page


@pytest.mark.parametrize("query", ["page=x&sort=x&only=x", "page=-1", "page=99999999999999999"])
def test_nonsense_in_the_address_is_passed_over(signed_in: SignIn, query: str) -> None:
    make_contact("Karen Dam")
    answer = signed_in().get(f"/contacts/?{query}")
    assert answer.status_code == 200
    assert "Karen Dam" in answer.text


def test_a_contact_is_created_and_shown(signed_in: SignIn) -> None:
    answer = signed_in().post(
        "/contacts/new",
        data={
            "first_name": "Karen\r\nAnn",
            "last_name": "<b>Dam</b>",
            "email": " Karen@Dam.example ",
            "mobile": "20 14 88 36",
            "company": "Bække El & Lys A/S",
            "country": "DK",
            "former_employee": "y",
        },
        follow_redirects=True,
    )
    contact = db.session.scalars(select(Contact)).one()
    assert contact.name == "Karen Ann <b>Dam</b>"
    assert contact.email_key == "karen@dam.example"
    assert contact.mobile == "+4520148836"
    assert contact.company
    assert contact.former_employee
    assert "Karen Ann &lt;b&gt;Dam&lt;/b&gt;" in answer.text
    assert "+45 20 14 88 36" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "karen@", "has nothing after the @"),
        ("email", "a@b.example, c@d.example", "more than one address"),
        ("email", "20 14 88 36", "has no @"),
        ("mobile", "ask Karen", "is not a phone number"),
        ("phone", "karen@dam.example", "is not a phone number"),
        ("last_name", "x" * 10_000, "keep it under 200 characters"),
        ("country", "XX", "Not a valid choice"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_the_rest_stays_typed(
    signed_in: SignIn, field: str, value: str, sentence: str
) -> None:
    data = {"first_name": "Karen", "city": "Svendborg", field: value}
    answer = signed_in().post("/contacts/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="Svendborg"' in answer.text
    assert db.session.scalars(select(Contact)).all() == []


def test_a_contact_with_nothing_to_know_them_by_is_refused(signed_in: SignIn) -> None:
    answer = signed_in().post("/contacts/new", data={"city": "Odense"})
    assert answer.status_code == 422
    assert "Write a name, an e-mail address or a mobile number." in answer.text


def test_editing_shows_what_is_known_and_changes_it(signed_in: SignIn) -> None:
    contact = make_contact("Karen Dam", company=make_company("Voss & Bjerregaard"))
    browser = signed_in()
    assert 'value="Voss &amp; Bjerregaard"' in browser.get(f"/contacts/{contact.id}/edit").text
    browser.post(
        f"/contacts/{contact.id}/edit",
        data={"first_name": "Karen", "last_name": "", "email": "", "company": ""},
    )
    assert (contact.name, contact.email_key, contact.company) == ("Karen", None, None)


def test_a_refused_change_changes_nothing(signed_in: SignIn) -> None:
    contact = make_contact("Karen Dam")
    nothing = {"first_name": "", "last_name": "", "email": "", "mobile": "", "city": "Odense"}
    answer = signed_in().post(f"/contacts/{contact.id}/edit", data=nothing)
    assert answer.status_code == 422
    assert (contact.name, contact.city) == ("Karen Dam", "")


def test_the_card_names_consent_selections_and_others_with_the_address(
    signed_in: SignIn,
) -> None:
    contact = make_contact("Karen Dam", "office@dam.example")
    make_contact("Ole Dam", "office@dam.example")
    selection = selections.create("Dealers", None)
    selections.add_members(selection.id, [contact.id])
    card = signed_in().get(f"/contacts/{contact.id}").text
    for text in ("Can get e-mail", "kunder.xlsx", "Legal basis: Consent", "Dealers", "Ole Dam"):
        assert text in card


def test_the_card_says_why_and_since_when_an_address_is_blocked(signed_in: SignIn) -> None:
    contact = make_contact()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.HARD_BOUNCE, comment="No such user")
    card = signed_in().get(f"/contacts/{contact.id}").text
    assert "Blocked since" in card
    assert "the mail server says that it does not exist" in card
    assert "No such user" in card


def test_lifting_the_block_of_somebody_who_unsubscribed_asks_first(signed_in: SignIn) -> None:
    contact = make_contact()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.UNSUBSCRIBED)
    browser = signed_in()
    assert "only if they asked for e-mail again" in browser.get(f"/contacts/{contact.id}").text
    browser.post(f"/contacts/{contact.id}/lift-block")
    assert suppression.in_force(contact.email_hash) is None


def test_an_address_is_blocked_by_hand_with_the_reason(signed_in: SignIn) -> None:
    contact = make_contact()
    signed_in().post(f"/contacts/{contact.id}/block", data={"comment": "Rang us"})
    blocked = suppression.in_force(contact.email_hash)
    assert blocked
    assert blocked.comment == "Rang us"


def test_consent_by_hand_needs_basis_and_source(signed_in: SignIn) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    answer = signed_in().post(f"/contacts/{contact.id}/consent", data={"state": "granted"})
    assert answer.status_code == 422
    assert "Say on what basis we may write." in answer.text
    assert "Say how we know" in answer.text
    assert contact.e_marketing == Consent.UNKNOWN


def test_consent_by_hand_is_kept_with_the_day_it_was_given(signed_in: SignIn) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    signed_in().post(
        f"/contacts/{contact.id}/consent",
        data={
            "state": "granted",
            "basis": "customer",
            "source": "Bought a lamp",
            "given_on": "2025-03-12",
        },
    )
    entry = db.session.scalars(select(ConsentEntry)).one()
    assert contact.e_marketing == Consent.GRANTED
    assert (entry.basis, entry.source) == (Basis.CUSTOMER, "Bought a lamp")
    assert entry.given_at.date().isoformat() == "2025-03-12"


def test_consent_cannot_have_been_given_tomorrow(signed_in: SignIn) -> None:
    contact = make_contact()
    data = {"state": "withdrawn", "given_on": "2999-01-01"}
    answer = signed_in().post(f"/contacts/{contact.id}/consent", data=data)
    assert answer.status_code == 422
    assert "This day has not come yet" in answer.text


def test_withdrawing_needs_no_reason(signed_in: SignIn) -> None:
    contact = make_contact()
    signed_in().post(f"/contacts/{contact.id}/consent", data={"state": "withdrawn"})
    assert contact.e_marketing == Consent.WITHDRAWN


def test_whoever_saves_second_sees_what_was_saved_meanwhile(signed_in: SignIn) -> None:
    dealers, lamps = make_item("Dealers", ListName.CATEGORY), make_item("Lamps")
    contact = make_contact("Karen Dam")
    first, second = signed_in(Role.MARKETER), signed_in()
    url = f"/contacts/{contact.id}/edit"
    data = {"first_name": "Karen", "last_name": "Dam", "email": contact.email}
    data["read"] = read(second, url)
    theirs = {"country": "SE", "note": "Rings back", "no_mailings": "y", "city": "Odense"}
    theirs |= {"category_id": dealers.id, "interests": lamps.id, "position": "Owner"}
    first.post(url, data=data | theirs)

    mine = {"country": "NO", "note": "Prefers noon", "city": "Svendborg", "position": ""}
    answer = second.post(url, data=data | mine)
    assert answer.status_code == 422
    assert "Mette Marketer changed this card while you were at it." in answer.text
    for saved in ("Sweden", "Rings back", "Odense"):
        assert f"Saved meanwhile: {saved}" in answer.text
    assert answer.text.count("Saved meanwhile") == 3
    # What the second one left alone is what the first one saved.
    for typed in ('value="Svendborg"', "Prefers noon", 'value="Owner"'):
        assert typed in answer.text
    assert f'<option selected value="{dealers.id}">' in answer.text
    assert contact.note == "Rings back"

    again = data | theirs | mine | {"read": read_in(answer.text), "position": "Owner"}
    second.post(url, data=again)
    assert (contact.city, contact.note, contact.country) == ("Svendborg", "Prefers noon", "NO")
    assert (contact.position, contact.category, contact.no_mailings) == ("Owner", dealers, True)


def test_what_is_neither_text_nor_choice_is_told_in_words(signed_in: SignIn) -> None:
    dealers, lamps = make_item("Dealers", ListName.CATEGORY), make_item("Lamps")
    other, oil = make_item("Others", ListName.CATEGORY), make_item("Oil")
    make_field("Shop size")
    contact = make_contact("Karen Dam", category_id=dealers.id, fields={"shop_size": 140})
    browser, url = signed_in(), f"/contacts/{contact.id}/edit"
    data = {"first_name": "Karen", "last_name": "Dam", "email": contact.email}
    data["read"] = read(browser, url)
    browser.post(url, data=data | {"category_id": "", "interests": lamps.id, "field_shop_size": 90})
    mine = {"category_id": other.id, "interests": oil.id, "field_shop_size": 70}
    answer = browser.post(url, data=data | mine)
    for saved in ("nothing", "Lamps", "90"):
        assert f"Saved meanwhile: {saved}" in answer.text


def test_two_who_change_different_fields_need_not_be_asked(signed_in: SignIn) -> None:
    contact = make_contact("Karen Dam")
    first, second = signed_in(Role.MARKETER), signed_in()
    url = f"/contacts/{contact.id}/edit"
    data = {"first_name": "Karen", "last_name": "Dam", "email": contact.email}
    data["read"] = read(second, url)
    first.post(url, data=data | {"city": "Odense"})
    answer = second.post(url, data=data | {"position": "Owner"}, follow_redirects=True)
    assert "Saved. Mette Marketer changed something else meanwhile" in answer.text
    assert (contact.city, contact.position) == ("Odense", "Owner")


def test_what_was_typed_into_a_card_that_is_gone_becomes_a_new_one(signed_in: SignIn) -> None:
    contact = make_contact("Karen Dam")
    browser, url = signed_in(), f"/contacts/{contact.id}/edit"
    data = {"first_name": "Karen", "note": "Rings back", "read": read(browser, url)}
    contacts.remove([contact.id], by=None)
    answer = browser.post(url, data=data)
    assert answer.status_code == 422
    assert "This contact does not exist any more." in answer.text
    assert "Rings back" in answer.text
    assert 'action="/contacts/new"' in answer.text
    assert browser.get(url).status_code == 404


@pytest.mark.parametrize("read", ["", "x", "[]", '["0000-13-99", {}]', '["2026-11-24", {}]'])
def test_a_form_that_forgot_what_was_read_loses_nothing(signed_in: SignIn, read: str) -> None:
    contact = make_contact("Karen Dam")
    data = {"first_name": "Karen", "city": "Odense", "read": read}
    answer = signed_in().post(f"/contacts/{contact.id}/edit", data=data)
    assert answer.status_code in {303, 422}


def read(browser: FlaskClient, url: str) -> str:
    return read_in(browser.get(url).text)


def read_in(page: str) -> str:
    """What the form carries along of the card as it was read."""
    found = re.search(r'name="read"[^>]*value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_ticked_people_are_deleted(signed_in: SignIn) -> None:
    gone, kept = make_contact(), make_contact("Ole Dam", "ole@dam.example")
    answer = signed_in().post("/contacts/delete", data={"contact": gone.id}, follow_redirects=True)
    assert "1 contact is deleted." in answer.text
    assert db.session.scalars(select(Contact)).all() == [kept]


def test_somebody_is_taken_out_of_a_selection_from_the_card(signed_in: SignIn) -> None:
    contact, selection = make_contact(), selections.create("Dealers", None)
    selections.add_members(selection.id, [contact.id])
    signed_in().post(f"/contacts/{contact.id}/selections/{selection.id}/leave")
    assert selections.size(selection.id) == 0


@pytest.mark.parametrize("path", ["", "/edit", "/consent", "/block", "/history"])
def test_a_contact_that_does_not_exist_is_a_404(signed_in: SignIn, path: str) -> None:
    assert signed_in().get(f"/contacts/999999{path}").status_code == 404


def test_a_viewer_sees_people_and_changes_nothing(signed_in: SignIn) -> None:
    contact = make_contact()
    browser = signed_in(Role.VIEWER)
    assert browser.get("/contacts/").status_code == 200
    card = browser.get(f"/contacts/{contact.id}").text
    assert "/edit" not in card
    assert browser.get(f"/contacts/{contact.id}/edit").status_code == 403
    for path in (f"{contact.id}/delete", "delete", f"{contact.id}/lift-block"):
        assert browser.post(f"/contacts/{path}", data={"contact": contact.id}).status_code == 403
    assert db.session.get(Contact, contact.id)


def test_the_number_of_queries_does_not_grow_with_the_list(
    signed_in: SignIn,
) -> None:
    browser = signed_in()
    make_contact("Karen Dam", company=make_company("Dam"))
    few = _queries_of(browser, "/contacts/")
    for index in range(10):
        company = make_company(f"Company {index}")
        make_contact(f"Ib Nr{index}", f"ib{index}@dam.example", company=company)
    assert _queries_of(browser, "/contacts/") == few


def _queries_of(browser: FlaskClient, url: str) -> int:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert browser.get(url).status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)


def test_people_are_found_as_you_type_ticked_and_put_in_a_selection(
    signed_in_page: SignInPage,
) -> None:
    for index in range(3):
        make_contact(f"Ib Nr{index}", f"ib{index}@dam.example")
    make_contact("Ole Voss", "ole@voss.example", no_mailings=True)
    page = signed_in_page()
    page.goto("/contacts/?sort=-name")
    expect(page.get_by_text("1–4 of 4")).to_be_visible()
    page.get_by_role("searchbox").press_sequentially("ib n")
    expect(page.get_by_text("1–3 of 3")).to_be_visible()
    assert "q=ib%20n" in page.url
    assert "sort=-name" in page.url
    expect(page.locator(".bulk-bar")).to_be_hidden()
    page.get_by_label("Choose all on this page").check()
    page.get_by_label("Choose Ib Nr1").uncheck()
    expect(page.locator(".bulk-bar")).to_contain_text("2 chosen")
    page.get_by_role("button", name="Add to…").click()
    page.get_by_label("Selection").fill("Dealers")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("2 people are added to “Dealers”.")).to_be_visible()
    expect(page.get_by_text("1–3 of 3")).to_be_visible()
    assert "sort=-name" in page.url


def test_a_filter_chosen_after_typing_keeps_the_search(signed_in_page: SignInPage) -> None:
    make_contact("Ib Dam", "ib@dam.example", no_mailings=True)
    make_contact("Ib Voss", "ib@voss.example")
    make_contact("Ole Dam", "ole@dam.example", no_mailings=True)
    page = signed_in_page()
    page.goto("/contacts/")
    page.get_by_role("searchbox").press_sequentially("ib")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    page.get_by_role("link", name="No mailings").click()
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    page.get_by_role("searchbox").fill("dam")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    expect(page.get_by_text("Ib Voss")).to_be_hidden()


def test_deleting_asks_and_names_what_goes(signed_in_page: SignInPage) -> None:
    contact = make_contact("Karen Dam")
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}")
    page.locator(".page-actions summary").click()
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete Karen Dam?")
    expect(dialog).to_contain_text("consent history")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Karen Dam is deleted.")).to_be_visible()
