from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_contact, make_content, make_field, make_mailing
from webapp.content.document.operations import add_block, update_part
from webapp.mailings.models import State
from webapp.people import custom_fields
from webapp.people.models import CustomField, FieldKind, FieldOf
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

TIER = {"of": "company", "label": "Tier", "kind": "one_of", "options": "Gold\r\nSilver\r\n"}


def _only_field() -> CustomField:
    return db.session.scalars(select(CustomField)).one()


def test_a_field_is_added_and_listed_with_its_merge_tag(signed_in: SignIn) -> None:
    page = signed_in().post("/settings/fields/new", data=TIER, follow_redirects=True).text
    field = _only_field()
    assert (field.of, field.kind, field.options) == (
        FieldOf.COMPANY,
        FieldKind.ONE_OF,
        ["Gold", "Silver"],
    )
    assert "Gold, Silver" in page
    assert "[[company.field.tier]]" in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"label": " "}, "What is the field called?"),
        ({"label": "x" * 61}, "keep it under 60 characters"),
        ({"kind": ""}, "Choose what the field holds."),
        ({"kind": "colour"}, "Not a valid choice"),
        ({"options": " \n "}, "Write what there is to choose from"),
        ({"options": "Gold\n" + "x" * 300}, "keep each under 200 characters"),
        ({"options": "x" * 60_000}, "keep it under 50000 characters"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_keeps_what_was_typed(
    signed_in: SignIn, data: dict[str, str], sentence: str
) -> None:
    answer = signed_in().post("/settings/fields/new", data=TIER | data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert data.get("label", "Tier").strip() in answer.text
    assert db.session.scalars(select(CustomField)).all() == []


def test_a_double_click_makes_one_field(signed_in: SignIn) -> None:
    browser = signed_in()
    browser.post("/settings/fields/new", data=TIER)
    answer = browser.post("/settings/fields/new", data=TIER)
    assert answer.status_code == 422
    assert "There is a field called “Tier” already." in answer.text
    assert _only_field()


def test_a_field_is_renamed_and_gets_other_choices(signed_in: SignIn) -> None:
    field = make_field("Tier", FieldKind.ONE_OF, "Gold", "Silver")
    browser = signed_in()
    form = browser.get(f"/settings/fields/{field.id}").text
    assert "Gold\r\nSilver" in form or "Gold\nSilver" in form
    data = {"label": "Level", "options": "Silver\nBronze"}
    assert browser.post(f"/settings/fields/{field.id}", data=data).status_code == 303
    field = _only_field()
    assert (field.label, field.key, field.options) == ("Level", "tier", ["Silver", "Bronze"])


def test_a_label_that_is_taken_is_told_at_the_field(signed_in: SignIn) -> None:
    make_field("Age")
    field = make_field("Size")
    answer = signed_in().post(f"/settings/fields/{field.id}", data={"label": "age"})
    assert answer.status_code == 422
    assert 'id="label-error"' in answer.text
    assert custom_fields.get(field.id).label == "Size"


def test_a_field_is_moved_up(signed_in: SignIn) -> None:
    make_field("Age")
    field = make_field("Size")
    signed_in().post(f"/settings/fields/{field.id}/move", data={"direction": "up"})
    assert [each.label for each in custom_fields.defined(FieldOf.CONTACT)] == ["Size", "Age"]


def test_deleting_says_first_who_uses_the_field(signed_in: SignIn) -> None:
    field = make_field("Size")
    make_field("Size of team")
    make_contact(fields={"size": 140})
    document, block_id = add_block(make_content(), "text")
    named = update_part(document, block_id, {"html": "<p>[[ Customer.field.SIZE ]]</p>"})
    make_mailing("Names it", content=named, state=State.DRAFT)
    make_mailing("Names it in the subject", subject='[[customer.field.size|"big"]]')
    make_mailing("Another", subject="[[customer.field.size_of_team]]")
    page = signed_in().get(f"/settings/fields/{field.id}/delete").text
    assert "1 person has a value in it." in page
    assert "2 mailings name it" in page
    assert "Names it in the subject" in page
    assert "Another" not in page


def test_a_deleted_field_is_brought_back(signed_in: SignIn) -> None:
    field = make_field("Size")
    browser = signed_in()
    page = browser.post(f"/settings/fields/{field.id}/delete", follow_redirects=True).text
    assert "Bring back" in page
    assert custom_fields.defined(FieldOf.CONTACT) == []
    browser.post(f"/settings/fields/{field.id}/bring-back")
    assert [each.label for each in custom_fields.defined(FieldOf.CONTACT)] == ["Size"]


def test_a_field_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    browser = signed_in()
    assert browser.get("/settings/fields/999999").status_code == 404
    assert browser.post("/settings/fields/999999/delete").status_code == 404
    assert browser.get("/settings/fields/new?of=nonsense").status_code == 200
