import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_company, make_contact, make_mailing, make_recipient
from webapp.people.models import Company, Contact
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

LIST = "http://localhost/contacts/duplicates"
HIDDEN = re.compile(r'name="(kept_read_at|other_read_at)" value="([^"]+)"')


def two() -> tuple[Contact, Contact]:
    return (
        make_contact("Karen Dam", "karen@dam.example", mobile="+4520148836"),
        make_contact("Karen A Dam", "kad@dam.example", note="Prefers noon"),
    )


def read(browser: FlaskClient, url: str) -> dict[str, Any]:
    """The hidden fields of the form, as a browser would send them."""
    return dict(HIDDEN.findall(browser.get(url).text.replace("&#43;", "+")))


def test_both_cards_stand_side_by_side_with_the_better_chosen(signed_in: SignIn) -> None:
    kept, other = two()
    page = signed_in().get(f"/contacts/{kept.id}/merge/{other.id}").text
    for text in ("karen@dam.example", "kad@dam.example", "+45 20 14 88 36", "Prefers noon"):
        assert text in page
    assert 'name="mobile" value="kept" checked' in page
    assert 'name="note" value="other" checked' in page
    assert f"/contacts/{other.id}/merge/{kept.id}" in page


def test_what_was_picked_stands_on_the_one_card(signed_in: SignIn) -> None:
    kept, other = two()
    browser, url = signed_in(), f"/contacts/{kept.id}/merge/{other.id}"
    data = read(browser, url) | {"name": "other", "email": "kept"}
    answer = browser.post(url, data=data, follow_redirects=True)
    assert "The two cards are one." in answer.text
    assert db.session.scalars(select(Contact)).all() == [kept]
    assert (kept.name, kept.email, kept.note) == (
        "Karen A Dam",
        "karen@dam.example",
        "Prefers noon",
    )


def test_a_second_click_leads_to_the_card_that_stays(signed_in: SignIn) -> None:
    kept, other = two()
    browser, url = signed_in(), f"/contacts/{kept.id}/merge/{other.id}"
    data = read(browser, url)
    browser.post(url, data=data)
    answer = browser.post(url, data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "it was merged or deleted" in answer.text
    assert len(db.session.scalars(select(Contact)).all()) == 1


def test_a_stale_page_is_shown_anew_and_merges_nothing(signed_in: SignIn) -> None:
    kept, other = two()
    browser, url = signed_in(), f"/contacts/{kept.id}/merge/{other.id}"
    data = read(browser, url)
    other.city = "Odense"
    answer = browser.post(url, data=data)
    assert answer.status_code == 422
    assert "was changed meanwhile" in answer.text
    assert "Odense" in answer.text
    assert len(db.session.scalars(select(Contact)).all()) == 2


@pytest.mark.parametrize("data", [{}, {"kept_read_at": "x", "other_read_at": "2026"}])
def test_a_form_without_its_moments_merges_nothing(signed_in: SignIn, data: dict[str, str]) -> None:
    kept, other = two()
    answer = signed_in().post(f"/contacts/{kept.id}/merge/{other.id}", data=data)
    assert answer.status_code == 422
    assert len(db.session.scalars(select(Contact)).all()) == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_card_cannot_be_merged_with_itself(signed_in: SignIn, method: str) -> None:
    contact, company = make_contact(), make_company()
    for url in (
        f"/contacts/{contact.id}/merge/{contact.id}",
        f"/companies/{company.id}/merge/{company.id}",
    ):
        answer = getattr(signed_in(), method)(url)
        assert answer.status_code == 422
        assert "This is one and the same card." in answer.text


def test_a_card_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    contact = make_contact()
    browser = signed_in()
    for url in (f"/contacts/{contact.id}/merge/999999", "/contacts/999999/merge"):
        assert browser.get(url).status_code == 404
    assert browser.post("/contacts/999998/merge/999999").status_code == 404


def test_the_other_card_is_found_by_a_search_and_the_likely_ones_come_first(
    signed_in: SignIn,
) -> None:
    kept = make_contact("Karen Dam", "office@dam.example")
    make_contact("Ole Dam", "office@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    browser = signed_in()
    assert "same address" in browser.get(f"/contacts/{kept.id}/merge").text
    found = browser.get(f"/contacts/{kept.id}/merge?q=voss", headers={"HX-Request": "true"}).text
    assert "Ib Voss" in found
    assert "Dam" not in found.replace("Compare Karen Dam", "")


def test_duplicates_are_listed_with_their_likeness(signed_in: SignIn) -> None:
    kept, other = make_contact("Karen Dam", "a@dam.example"), make_contact("O", "A@dam.example")
    make_contact("Ib Voss", "ib@voss.example", postcode="5700")
    make_contact("Ib Voss", "voss@voss.example", postcode="5700")
    browser = signed_in()
    page = browser.get("/contacts/duplicates").text
    assert f"/contacts/{kept.id}/merge/{other.id}" in page
    assert "Ib Voss" not in page
    assert "same name and postcode" in browser.get("/contacts/duplicates?by=name").text
    assert browser.get("/contacts/duplicates?by=x&after=%00x").status_code in {200, 400}
    assert "No more duplicates." in browser.get("/contacts/duplicates?after=zzz").text


def test_two_people_are_kept_apart_with_a_word_and_back_again(signed_in: SignIn) -> None:
    one, other = make_contact("Karen Dam", "a@dam.example"), make_contact("Ole", "A@dam.example")
    browser = signed_in()
    url = f"/contacts/{one.id}/not-duplicate/{other.id}"
    answer = browser.post(url, headers={"Referer": LIST}, follow_redirects=True)
    assert "Karen Dam and Ole are two people." in answer.text
    assert "No duplicates." in answer.text
    assert "another card of the same person" not in browser.get(f"/contacts/{one.id}").text
    remembered = browser.get("/contacts/duplicates/not").text
    assert "Mette Administrator said so" in remembered
    assert f'action="/contacts/{one.id}/not-duplicate/{other.id}/undo"' in remembered
    answer = browser.post(f"{url}/undo", follow_redirects=True)
    assert "The two may be duplicates again." in answer.text
    assert "Nothing here." in answer.text
    assert "another card of the same person" in browser.get(f"/contacts/{one.id}").text


def test_after_comparing_the_card_comes_next(signed_in: SignIn) -> None:
    one, other = two()
    browser, url = signed_in(), f"/contacts/{one.id}/not-duplicate/{other.id}"
    page = browser.get(f"/contacts/{one.id}/merge/{other.id}").text
    assert f'action="{url}"' in page
    answer = browser.post(url, data={"compared": "1"}, headers={"Referer": LIST})
    assert answer.location == f"/contacts/{one.id}"


def test_a_card_is_not_kept_apart_from_itself_or_one_that_is_gone(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    assert browser.post(f"/contacts/{contact.id}/not-duplicate/{contact.id}").status_code == 422
    assert browser.post(f"/contacts/{contact.id}/not-duplicate/999999").status_code == 404
    assert browser.post(f"/contacts/{contact.id}/not-duplicate/999999/undo").status_code == 303


def test_without_duplicates_the_page_says_what_would_stand_there(signed_in: SignIn) -> None:
    make_contact()
    assert "No duplicates." in signed_in().get("/contacts/duplicates").text


def test_two_companies_become_one(signed_in: SignIn) -> None:
    kept, other = make_company("Fjordlys"), make_company("Fjordlys A/S", city="Aarhus")
    contact = make_contact(company=other)
    make_recipient(make_mailing(), contact)
    browser, url = signed_in(), f"/companies/{kept.id}/merge/{other.id}"
    assert "Fjordlys A/S" in browser.get(f"/companies/{kept.id}/merge").text
    answer = browser.post(url, data=read(browser, url) | {"name": "other"}, follow_redirects=True)
    assert "The two cards are one." in answer.text
    assert db.session.scalars(select(Company)).all() == [kept]
    assert (kept.name, kept.city, contact.company) == ("Fjordlys A/S", "Aarhus", kept)
    assert "November newsletter" in browser.get(f"/companies/{kept.id}/activities").text


def test_merging_asks_once_and_names_what_it_does(signed_in_page: SignInPage) -> None:
    kept, other = two()
    page = signed_in_page()
    page.goto(f"/contacts/{kept.id}/merge/{other.id}")
    page.get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The card on the right is deleted")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.get_by_text("The two cards are one.")).to_be_visible()
