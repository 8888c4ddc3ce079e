from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories import make_company, make_contact, make_item
from webapp.accounts.rights import Role
from webapp.people import lists
from webapp.people.models import ListItem, ListName
from webapp.platform.database import db
from webapp.targets.models import Project

SignIn = Callable[..., FlaskClient]


def _names(list_name: ListName = ListName.INTEREST) -> list[str]:
    return [item.name for item in lists.items(list_name)]


@pytest.mark.parametrize("list_name", list(ListName))
def test_a_word_is_put_on_each_list(signed_in: SignIn, list_name: ListName) -> None:
    browser = signed_in()
    address = f"/settings/lists/{list_name}"
    assert "Nothing on this list yet." in browser.get(address, follow_redirects=True).text
    page = browser.post(address, data={"name": " Æbler\t💡 "}, follow_redirects=True).text
    assert "Æbler 💡" in page
    assert _names(list_name) == ["Æbler 💡"]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (" \0 ", "Write a name."),
        ("x" * 101, "keep it under 100 characters"),
        ("LAMPS", "“LAMPS” is on the list already."),
    ],
)
def test_a_name_that_cannot_be_is_told_at_its_field(
    signed_in: SignIn, name: str, sentence: str
) -> None:
    make_item("Lamps")
    answer = signed_in().post("/settings/lists/", data={"name": name})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert _names() == ["Lamps"]


def test_the_list_says_how_many_use_each(signed_in: SignIn) -> None:
    dealer = make_item("Dealer", ListName.CATEGORY)
    make_contact(category_id=dealer.id)
    make_company(category_id=dealer.id)
    make_company("Dam", category_id=dealer.id)
    fair = make_item("Fair", ListName.PROJECT_TYPE)
    db.session.add(Project(name="Light fair", type_id=fair.id))
    browser = signed_in()
    assert "1 person, 2 companies" in browser.get("/settings/lists/category").text
    assert "1 project" in browser.get("/settings/lists/project_type").text


def test_a_word_is_renamed(signed_in: SignIn) -> None:
    item = make_item("Lamps")
    make_item("Chairs")
    browser = signed_in()
    taken = browser.post(f"/settings/lists/items/{item.id}", data={"name": "chairs"})
    assert taken.status_code == 422
    assert "Rename “Lamps”" in taken.text
    browser.post(f"/settings/lists/items/{item.id}", data={"name": "Lights"})
    assert _names() == ["Chairs", "Lights"]


def test_a_word_is_deleted_once(signed_in: SignIn) -> None:
    item = make_item("Lamps")
    browser = signed_in()
    address = f"/settings/lists/items/{item.id}/delete"
    assert "“Lamps” is deleted." in browser.post(address, follow_redirects=True).text
    assert browser.post(address).status_code == 404
    assert _names() == []


def test_a_list_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    browser = signed_in()
    assert browser.get("/settings/lists/colours").status_code == 404
    assert browser.get("/settings/lists/items/999999").status_code == 404


def test_a_long_list_is_searched_and_paged(signed_in: SignIn) -> None:
    db.session.add_all(
        ListItem(list=ListName.INTEREST, name=f"Interest {number:03}") for number in range(60)
    )
    browser = signed_in()
    assert "1–25 of 60" in browser.get("/settings/lists/").text
    page = browser.get("/settings/lists/?page=3").text
    assert "Interest 059" in page
    assert "Interest 049" not in page
    found = browser.get("/settings/lists/?q=INTEREST%2001", headers={"HX-Request": "true"})
    assert "1–10 of 10" in found.text
    assert "<html" not in found.text
    assert "Nothing on the list is called that." in browser.get("/settings/lists/?q=%25").text


def test_interests_are_suggested_while_one_is_typed(signed_in: SignIn) -> None:
    make_item("Lamps")
    make_item("Lamps for sale", ListName.CATEGORY)
    answer = signed_in(Role.MARKETER).get("/settings/lists/interests/suggestions?interest=LAM")
    assert answer.text.strip() == '<option value="Lamps"></option>'
