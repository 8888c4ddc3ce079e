from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_company, make_contact
from webapp.accounts.rights import Role
from webapp.people import companies
from webapp.people.editing import Read
from webapp.people.models import Company, Contact
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]


def test_the_list_shows_how_many_people_a_company_has(signed_in: SignIn) -> None:
    make_contact(company=make_company("Voss & Bjerregaard"))
    page = signed_in().get("/companies/").text
    assert "Voss &amp; Bjerregaard" in page
    assert "1–1 of 1" in page
    assert 'data-label="People">1</td>' in page


def test_a_search_answers_htmx_with_the_list_alone(signed_in: SignIn) -> None:
    make_company("Voss & Bjerregaard")
    make_company("Thygesen Arkitekter")
    answer = signed_in().get("/companies/?q=thy", headers={"HX-Request": "true"})
    assert answer.text.strip().startswith('<div id="list">')
    assert "Thygesen" in answer.text
    assert "Voss" not in answer.text


def test_companies_of_one_name_are_told_apart_by_their_departments(signed_in: SignIn) -> None:
    browser = signed_in()
    for department in ("Showroom Aarhus", "Warehouse"):
        browser.post("/companies/new", data={"name": "Fjordlys", "department": department})
    found = browser.get("/companies/?q=fjordlys+aarhus").text
    assert "Showroom Aarhus" in found
    assert "Warehouse" not in found


def test_a_company_is_created_and_changed(signed_in: SignIn) -> None:
    browser = signed_in()
    browser.post("/companies/new", data={"name": "Fjordlys", "domain": "https://fjordlys.dk/"})
    company = db.session.scalars(select(Company)).one()
    assert company.domain == "fjordlys.dk"
    answer = browser.post(
        f"/companies/{company.id}/edit",
        data={"name": "Fjordlys A/S", "phone": "88 32 66 94"},
        follow_redirects=True,
    )
    assert (company.name, company.phone) == ("Fjordlys A/S", "+4588326694")
    assert "+45 88 32 66 94" in answer.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"name": " "}, "Write the name of the company."),
        ({"name": "Fjordlys", "phone": "call us"}, "is not a phone number"),
    ],
)
def test_a_mistake_is_told_at_its_field(
    signed_in: SignIn, data: dict[str, str], sentence: str
) -> None:
    answer = signed_in().post("/companies/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalars(select(Company)).all() == []


def test_the_card_lists_the_people(signed_in: SignIn) -> None:
    company = make_company("Dam")
    make_contact("Karen Dam", company=company)
    make_contact("Ole Voss", "ole@voss.example")
    card = signed_in().get(f"/companies/{company.id}/people").text
    assert "Karen Dam" in card
    assert "Ole Voss" not in card


def test_deleting_a_company_leaves_its_people(signed_in: SignIn) -> None:
    contact = make_contact(company=make_company("Dam"))
    answer = signed_in().post(f"/companies/{contact.company_id}/delete", follow_redirects=True)
    assert "Dam is deleted." in answer.text
    assert db.session.scalars(select(Company)).all() == []
    assert db.session.scalars(select(Contact)).one().company is None


def test_names_are_suggested_while_one_is_typed(signed_in: SignIn) -> None:
    make_company('Voss "&" Bjerregaard')
    answer = signed_in().get("/companies/suggestions?company=bjer")
    assert answer.text.strip() == ('<option value="Voss &#34;&amp;&#34; Bjerregaard"></option>')


def test_a_viewer_changes_no_company(signed_in: SignIn) -> None:
    company = make_company()
    browser = signed_in(Role.VIEWER)
    assert browser.get(f"/companies/{company.id}").status_code == 200
    assert browser.get("/companies/new").status_code == 403
    assert browser.post(f"/companies/{company.id}/delete").status_code == 403


def test_a_company_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    assert signed_in().get("/companies/999999").status_code == 404


def test_whoever_saves_second_sees_what_was_saved_meanwhile(signed_in: SignIn) -> None:
    company = make_company("Fjordlys")
    first, second = signed_in(), signed_in()
    url = f"/companies/{company.id}/edit"
    data = {"name": "Fjordlys", "read": Read.now(company, companies.details(company)).dumped()}
    first.post(url, data=data | {"city": "Odense", "domain": "fjordlys.dk"})
    answer = second.post(url, data=data | {"city": "Aarhus"})
    assert answer.status_code == 422
    assert "Saved meanwhile: Odense" in answer.text
    for value in ("Aarhus", "fjordlys.dk"):
        assert f'value="{value}"' in answer.text
    data = {"name": "Fjordlys", "read": Read.now(company, companies.details(company)).dumped()}
    second.post(url, data=data | {"city": "Aarhus", "domain": "fjordlys.dk"})
    assert (company.city, company.domain) == ("Aarhus", "fjordlys.dk")


def test_what_was_typed_into_a_card_that_is_gone_becomes_a_new_one(signed_in: SignIn) -> None:
    company = make_company("Fjordlys")
    url = f"/companies/{company.id}/edit"
    companies.remove(company, by=None)
    answer = signed_in().post(url, data={"name": "Fjordlys", "note": "Rings back"})
    assert answer.status_code == 422
    assert "This company does not exist any more." in answer.text
    assert "Rings back" in answer.text
    assert 'action="/companies/new"' in answer.text
    assert signed_in().get(url).status_code == 404
