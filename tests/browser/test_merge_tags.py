"""Merge tags put in from their menu, at Setup and on the canvas."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import make_mailing
from webapp.mailings.models import State

SignInPage = Callable[..., Page]


@pytest.fixture
def page(page: Page, signed_in_page: SignInPage) -> Page:
    mailing = make_mailing("Lumo", state=State.DRAFT, subject="Lumo")
    opened = signed_in_page()
    opened.goto(f"/mailings/{mailing.id}/draft/setup")
    return opened


@pytest.fixture
def menu(page: Page) -> Locator:
    menu = page.locator("[data-tag-picker]").first
    menu.locator("summary").click()
    return menu


@pytest.mark.parametrize(
    ("fallback", "written"),
    [
        ("", "[[customer.firstname]]"),
        ("there", '[[customer.firstname|"there"]]'),
        ('our "best" [[friend]]', '[[customer.firstname|"our ”best” friend"]]'.replace('""', '"')),
    ],
)
def test_a_tag_says_what_those_read_who_have_no_value(
    page: Page, menu: Locator, fallback: str, written: str
) -> None:
    menu.get_by_label("Where it is empty, write").fill(fallback)
    menu.get_by_label("Search merge tags").fill("first name")
    menu.get_by_label("Search merge tags").press("Enter")
    expect(page.get_by_label("Subject", exact=True)).to_have_value(f"Lumo{written}")


def test_what_is_still_to_be_written_is_typed_over(page: Page, menu: Locator) -> None:
    menu.get_by_role("button", name="A text to use again").click()
    page.keyboard.type("Hello there")
    subject = page.get_by_label("Subject", exact=True)
    expect(subject).to_have_value('Lumo[[SET:greeting="Hello there"]]')


def test_neither_search_nor_fallback_is_saved_with_the_form(page: Page, menu: Locator) -> None:
    menu.get_by_label("Where it is empty, write").fill("there")
    menu.get_by_label("Search merge tags").fill("phone")
    page.keyboard.press("Escape")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.get_by_label("Subject", exact=True).fill("Lumo again")
        page.keyboard.press("Tab")
    form = saved.value.request.post_data or ""
    assert "Lumo+again" in form or "Lumo%20again" in form
    assert "there" not in form
