import pytest
from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import selectinload

from tests.factories import make_company, make_contact
from webapp.people.models import Company, Contact
from webapp.platform import paging
from webapp.platform.paging import as_search, page_of


def _companies(number: int) -> Select[Company]:
    for index in range(number):
        make_company(f"Company {index:02}")
    return select(Company).order_by(Company.name)


def test_a_page_says_which_rows_it_shows_and_of_how_many() -> None:
    page = page_of(_companies(7), 2, size=3)
    assert [company.name for company in page.rows] == ["Company 03", "Company 04", "Company 05"]
    assert (page.first, page.last, page.total) == (4, 6, 7)
    assert (page.previous, page.next) == (1, 3)


def test_the_last_page_holds_the_rest_and_has_no_next() -> None:
    page = page_of(_companies(7), 3, size=3)
    assert (page.first, page.last, page.next) == (7, 7, None)


@pytest.mark.parametrize(("asked", "shown"), [(99, 3), (0, 1), (-5, 1)])
def test_a_page_that_does_not_exist_is_the_nearest_one(asked: int, shown: int) -> None:
    assert page_of(_companies(7), asked, size=3).number == shown


def test_an_empty_list_is_one_page_without_rows() -> None:
    page = page_of(_companies(0), 4)
    assert (page.number, page.first, page.last, page.total) == (1, 0, 0, 0)
    assert (page.previous, page.next) == (None, None)


@pytest.fixture
def _low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 5)
    monkeypatch.setattr(paging, "SEARCH_LIMIT", 3)


@pytest.mark.usefixtures("_low_limits")
def test_what_a_condition_holds_true_of_is_not_counted_to_its_end() -> None:
    companies = _companies(8)
    page = page_of(companies.where(Company.name < "Company 07"), 9, size=2)
    assert (page.total, page.more, page.number) == (5, True, 3)
    assert page_of(companies.where(Company.name < "Company 05"), 1).more is False


@pytest.mark.usefixtures("_low_limits")
def test_a_search_is_counted_even_less_far() -> None:
    searched = as_search(_companies(8).where(Company.name > "Company 01"))
    page = page_of(searched, 9, size=2)
    assert (page.total, page.more, page.number) == (3, True, 2)
    assert [company.name for company in page.rows] == ["Company 04", "Company 05"]


@pytest.mark.usefixtures("_low_limits")
def test_a_whole_table_is_counted_to_its_end() -> None:
    page = page_of(_companies(8), 99, size=3)
    assert (page.total, page.more) == (8, False)
    assert [company.name for company in page.rows] == ["Company 06", "Company 07"]


@pytest.mark.parametrize(
    ("number", "names"),
    [(1, ["3", "4"]), (2, ["5", "2"]), (3, ["1", "0"]), (9, ["1", "0"])],
)
def test_several_statements_are_one_list(number: int, names: list[str]) -> None:
    companies = _companies(6)
    late = companies.where(Company.name > "Company 02")
    early = companies.where(Company.name <= "Company 02").order_by(None)
    page = page_of([late, early.order_by(Company.name.desc())], number, size=2)
    assert [company.name.removeprefix("Company 0") for company in page.rows] == names
    assert (page.total, page.last) == (6, page.number * 2)


def test_a_page_knows_what_it_was_told_to_load() -> None:
    make_contact(company=make_company())
    page = page_of(select(Contact).options(selectinload(Contact.company)), 1)
    assert "company" not in inspect(page.rows[0]).unloaded
