import pytest
from sqlalchemy import Select, select

from tests.factories import make_company
from webapp.people.models import Company
from webapp.platform import paging
from webapp.platform.paging import page_of


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


def test_a_very_long_list_is_not_counted_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 5)
    companies = _companies(7)
    assert (page_of(companies, 1).total, page_of(companies, 1).more) == (5, True)
    assert page_of(companies.where(Company.name < "Company 05"), 1).more is False
