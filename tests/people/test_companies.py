import pytest

from tests.factories import make_company, make_contact
from webapp.people import companies
from webapp.people.companies import CompanyDetails, NoSuchCompany
from webapp.platform.database import db


@pytest.mark.parametrize(
    "text",
    ["fjordlys.dk", "https://www.fjordlys.dk/om-os?x=1", " WWW.Fjordlys.DK ", "http://fjordlys.dk"],
)
def test_a_web_site_is_kept_as_its_domain(text: str) -> None:
    assert companies.create(CompanyDetails(name="Fjordlys", domain=text)).domain == "fjordlys.dk"


def test_the_people_of_a_deleted_company_stay() -> None:
    company = make_company()
    contact = make_contact(company=company)
    companies.remove(company, by=None)
    db.session.expire_all()
    assert contact.company is None
    with pytest.raises(NoSuchCompany):
        companies.get(company.id)


def test_each_company_on_a_page_knows_how_many_people_it_has() -> None:
    busy, quiet = make_company("Busy"), make_company("Quiet")
    make_contact("Karen Dam", "karen@dam.example", company=busy)
    make_contact("Ole Dam", "ole@dam.example", company=busy)
    assert companies.people_counts([busy, quiet]) == {busy.id: 2, quiet.id: 0}


def test_names_are_suggested_while_one_is_typed() -> None:
    make_company("Voss & Bjerregaard")
    make_company("Bjerre El")
    make_company("Thygesen Arkitekter")
    assert companies.suggestions("bjerre") == ["Bjerre El", "Voss & Bjerregaard"]
    assert companies.suggestions(" ") == []
