"""What an administrator defined, on the forms and cards of people and companies."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_company, make_contact, make_field, make_item
from webapp.accounts.rights import Role
from webapp.people import custom_fields, lists
from webapp.people.models import Company, Contact, FieldKind, FieldOf, ListName
from webapp.platform.database import db, utcnow

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def _fields() -> None:
    make_field("Nickname", FieldKind.TEXT)
    make_field("Size", FieldKind.NUMBER)
    make_field("Birthday", FieldKind.DATE)
    make_field("Member", FieldKind.YES_NO)
    make_field("Tier", FieldKind.ONE_OF, "Gold", "Silver")
    make_field("Likes", FieldKind.MANY_OF, "Lamps", "Chairs", "Tables")


VALUES = {
    "field_nickname": "Spárky 💡",
    "field_size": "1,234.5",
    "field_birthday": "1984-02-29",
    "field_member": "no",
    "field_tier": "Silver",
    "field_likes": ["Lamps", "Tables"],
}


@pytest.mark.usefixtures("_fields")
def test_every_kind_of_field_is_written_and_shown(signed_in: SignIn) -> None:
    data = {"first_name": "Karen", **VALUES}
    card = signed_in().post("/contacts/new", data=data, follow_redirects=True).text
    contact = db.session.scalars(select(Contact)).one()
    assert contact.fields == {
        "nickname": "Spárky 💡",
        "size": 1234.5,
        "birthday": "1984-02-29",
        "member": False,
        "tier": "Silver",
        "likes": ["Lamps", "Tables"],
    }
    for words in ("Spárky 💡", "1,234.5", "February 29, 1984", "Silver", "Lamps, Tables"):
        assert words in card


@pytest.mark.usefixtures("_fields")
def test_saving_the_form_as_it_was_changes_nothing(signed_in: SignIn) -> None:
    browser = signed_in()
    browser.post("/contacts/new", data={"first_name": "Karen", **VALUES})
    contact = db.session.scalars(select(Contact)).one()
    before, form = contact.fields, browser.get(f"/contacts/{contact.id}/edit").text
    assert 'type="date"' in form
    assert 'value="1984-02-29"' in form
    assert 'value="1234.5"' in form
    data = {"first_name": "Karen", **VALUES, "field_size": "1234.5"}
    browser.post(f"/contacts/{contact.id}/edit", data=data)
    assert contact.fields == before


@pytest.mark.usefixtures("_fields")
def test_values_are_taken_away(signed_in: SignIn) -> None:
    contact = make_contact(fields={"size": 140, "likes": ["Lamps"], "member": True})
    data = {"first_name": "Karen", "field_size": " ", "field_member": ""}
    signed_in().post(f"/contacts/{contact.id}/edit", data=data)
    assert contact.fields == {}


@pytest.mark.usefixtures("_fields")
def test_a_form_from_before_a_field_was_made_keeps_its_value(signed_in: SignIn) -> None:
    contact = make_contact(fields={"size": 140, "tier": "Gold"})
    signed_in().post(f"/contacts/{contact.id}/edit", data={"first_name": "Karen"})
    assert contact.fields == {"size": 140, "tier": "Gold"}


@pytest.mark.usefixtures("_fields")
@pytest.mark.parametrize(
    ("name", "written", "sentence"),
    [
        ("field_size", "big", "“big” is not a number."),
        ("field_birthday", "0026-05-12", "The year must lie between 1900 and 2200."),
        ("field_birthday", "2026-02-31", "is not a date"),
        ("field_nickname", "x" * 50_000, "keep it under 1000 characters"),
        ("field_tier", "Platinum", "is not one of the choices"),
        ("field_likes", ["Lamps", "Cars"], "“Cars” is not one of the choices."),
        ("field_member", "maybe", "is not one of the choices"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_loses_nothing(
    signed_in: SignIn, name: str, written: str | list[str], sentence: str
) -> None:
    contact = make_contact(fields={"size": 140})
    data = {"first_name": "Sofie", **VALUES, name: written}
    answer = signed_in().post(f"/contacts/{contact.id}/edit", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'id="{name}-error"' in answer.text
    assert 'value="Sofie"' in answer.text
    assert contact.fields == {"size": 140}
    assert contact.first_name == "Karen"


def test_a_choice_that_is_not_offered_any_more_is_kept_and_shown_as_such(
    signed_in: SignIn,
) -> None:
    field = make_field("Tier", FieldKind.ONE_OF, "Gold", "Silver")
    contact = make_contact(fields={"tier": "Gold"})
    custom_fields.change(field, "Tier", ["Silver"], by=None)
    browser = signed_in()
    assert "No longer offered: Gold" in browser.get(f"/contacts/{contact.id}").text
    assert "Gold (no longer offered)" in browser.get(f"/contacts/{contact.id}/edit").text
    data = {"first_name": "Karen", "field_tier": "Gold"}
    assert browser.post(f"/contacts/{contact.id}/edit", data=data).status_code == 303
    assert contact.fields == {"tier": "Gold"}
    assert "Gold" not in browser.get("/contacts/new").text


def test_a_retired_field_is_not_asked_for_and_keeps_its_value(signed_in: SignIn) -> None:
    field = make_field("Size")
    contact = make_contact(fields={"size": 140})
    custom_fields.retire(field, by=None)
    browser = signed_in()
    assert 'name="field_size"' not in browser.get(f"/contacts/{contact.id}/edit").text
    data = {"first_name": "Karen", "field_size": "1"}
    browser.post(f"/contacts/{contact.id}/edit", data=data)
    assert contact.fields == {"size": 140}


def test_a_key_can_be_any_word(signed_in: SignIn) -> None:
    for label in ("Data", "Errors", "Validate", "CSRF token", "First name", "Obj"):
        make_field(label, FieldKind.TEXT)
    data = {"first_name": "Karen", "field_data": "x", "field_first_name": "Kalle"}
    assert signed_in().post("/contacts/new", data=data).status_code == 303
    contact = db.session.scalars(select(Contact)).one()
    assert contact.fields == {"data": "x", "first_name": "Kalle"}
    assert contact.first_name == "Karen"


def test_category_interests_and_our_contact_are_chosen(signed_in: SignIn) -> None:
    dealer = make_item("Dealer", ListName.CATEGORY)
    lamps, chairs = make_item("Lamps"), make_item("Chairs")
    jonas = make_user(Role.MARKETER)
    contact = make_contact()
    lists.set_interests(contact.id, [chairs.id])
    data = {
        "first_name": "Karen",
        "category_id": dealer.id,
        "our_contact_id": jonas.id,
        "interests": [lamps.id],
    }
    browser = signed_in()
    card = browser.post(f"/contacts/{contact.id}/edit", data=data, follow_redirects=True).text
    assert contact.category == dealer
    assert contact.our_contact == jonas
    assert [item.name for item in lists.interests_of(contact.id)] == ["Lamps"]
    for words in ("Dealer", "Lamps", jonas.name):
        assert words in card
    assert "Chairs" not in card
    form = browser.get(f"/contacts/{contact.id}/edit").text
    assert f'<option selected value="{dealer.id}">' in form
    assert form.count(" checked ") == 1


@pytest.mark.parametrize("name", ["category_id", "our_contact_id"])
@pytest.mark.parametrize("value", ["999999", "nonsense", "9" * 30])
def test_what_is_not_on_the_list_is_refused(signed_in: SignIn, name: str, value: str) -> None:
    contact = make_contact()
    data = {"first_name": "Karen", name: value}
    answer = signed_in().post(f"/contacts/{contact.id}/edit", data=data)
    assert answer.status_code == 422


def test_an_interest_is_no_category(signed_in: SignIn) -> None:
    make_item("Dealer", ListName.CATEGORY)
    data = {"first_name": "Karen", "category_id": make_item("Lamps").id}
    assert signed_in().post("/contacts/new", data=data).status_code == 422


def test_somebody_who_may_not_sign_in_any_more_stays_our_contact(signed_in: SignIn) -> None:
    jonas = make_user(Role.MARKETER)
    jonas.disabled_at = utcnow()
    contact = make_contact(our_contact_id=jonas.id)
    browser = signed_in()
    assert jonas.name in browser.get(f"/contacts/{contact.id}/edit").text
    assert jonas.name not in browser.get("/contacts/new").text
    data = {"first_name": "Karen", "our_contact_id": jonas.id}
    assert browser.post(f"/contacts/{contact.id}/edit", data=data).status_code == 303


def test_a_company_carries_all_of_it(signed_in: SignIn) -> None:
    make_field("Branches", FieldKind.NUMBER, of=FieldOf.COMPANY)
    make_field("Size", FieldKind.NUMBER)
    category, business = (
        make_item("Dealer", ListName.CATEGORY),
        make_item("Retail", ListName.BUSINESS),
    )
    jonas = make_user(Role.MARKETER)
    company = make_company("Dam")
    data = {
        "name": "Dam",
        "email": " Info@Dam.example",
        "category_id": category.id,
        "business_id": business.id,
        "our_contact_id": jonas.id,
        "no_mailings": "y",
        "field_branches": "12",
        "field_size": "5",
    }
    browser = signed_in()
    card = browser.post(f"/companies/{company.id}/edit", data=data, follow_redirects=True).text
    assert (company.email, company.email_key) == ("Info@Dam.example", "info@dam.example")
    assert (company.category, company.business, company.our_contact) == (category, business, jonas)
    assert company.no_mailings
    assert company.fields == {"branches": 12}
    for words in ("Info@Dam.example", "Dealer", "Retail", jonas.name, "Branches", "No mailings"):
        assert words in card
    form = browser.get(f"/companies/{company.id}/edit").text
    assert 'value="12"' in form
    assert 'value="Info@Dam.example"' in form


def test_a_wrong_address_of_a_company_is_told_at_its_field(signed_in: SignIn) -> None:
    answer = signed_in().post("/companies/new", data={"name": "Dam", "email": "info@"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert db.session.scalars(select(Company)).all() == []
