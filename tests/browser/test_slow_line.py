"""Somebody who is quicker than the scripts: nothing that they do is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_mailing
from webapp.mailings.models import Mailing, State

SignInPage = Callable[..., Page]


@pytest.fixture
def mailing() -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT)


@pytest.fixture
def page(signed_in_page: SignInPage, mailing: Mailing) -> Page:
    return signed_in_page()


@contextmanager
def before_the_scripts(page: Page, address: str) -> Iterator[None]:
    """The page stands there, and its scripts are on the way."""
    page.route("**/*.js", lambda script: None)
    page.goto(address, wait_until="commit")
    yield
    page.unroute("**/*.js")


@contextmanager
def saved(page: Page) -> Iterator[None]:
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        yield


def choose_button(page: Page, mailing: Mailing) -> str:
    page.goto(f"/mailings/{mailing.id}/draft/content")
    page.locator("#contents").get_by_role("link", name="Button See it").click()
    page.wait_for_url("**/content?part=*")
    return page.url


def test_words_of_a_block(page: Page, mailing: Mailing) -> None:
    with before_the_scripts(page, choose_button(page, mailing)):
        page.get_by_label("Words on it").fill("See the lamps")
        page.get_by_label("Words on it").press("Tab")
    expect(page.frame_locator("#canvas").get_by_text("See the lamps")).to_be_attached()


def test_size_of_a_block(page: Page, mailing: Mailing) -> None:
    chosen = choose_button(page, mailing)
    with saved(page), before_the_scripts(page, chosen):
        page.get_by_role("group", name="Size").get_by_text("L", exact=True).click()
    page.goto(chosen)
    expect(page.get_by_role("radio", name="L", exact=True)).to_be_checked()


def test_columns_of_a_row(page: Page, mailing: Mailing) -> None:
    choose_button(page, mailing)
    page.get_by_role("link", name="Row", exact=True).click()
    columns = page.get_by_label("Columns", exact=True)
    columns.wait_for()
    with saved(page), before_the_scripts(page, page.url):
        columns.select_option("Two columns")
    page.reload()
    expect(columns.locator("option:checked")).to_have_text("Two columns")


def test_subject_at_setup(page: Page, mailing: Mailing) -> None:
    setup = f"/mailings/{mailing.id}/draft/setup"
    subject = page.get_by_label("Subject", exact=True)
    with saved(page), before_the_scripts(page, setup):
        subject.fill("Light for you")
    page.goto(setup)
    expect(subject).to_have_value("Light for you")
