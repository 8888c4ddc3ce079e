"""The card of a person: made, changed, read, and kept by two people at once."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests.conftest import PATIENCE
from tests.factories import make_contact, make_field, make_item, make_mailing, make_recipient
from webapp.accounts.rights import Role
from webapp.people.models import Contact, FieldKind
from webapp.platform.database import db, utcnow
from webapp.targets import projects
from webapp.targets.projects import ProjectDetails

SignIn = Callable[..., FlaskClient]
SignedInPage = Callable[..., Page]


@pytest.fixture
def colleague(browser: Browser, live_server: str, signed_in: SignIn) -> Iterator[Page]:
    """The page of a marketer in another browser."""
    context = browser.new_context(base_url=live_server, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    cookie = signed_in(Role.MARKETER).get_cookie("brevdue")
    assert cookie is not None
    context.add_cookies([{"name": "brevdue", "value": cookie.value, "url": live_server}])
    yield context.new_page()
    context.close()


def test_a_contact_is_made_and_told_about(signed_in_page: SignedInPage) -> None:
    make_field("Shop size", FieldKind.NUMBER)
    make_field("Sells", FieldKind.MANY_OF, "Lamps", "Blinds")
    make_item("Opening nights")
    projects.create(ProjectDetails(name="Showroom evening"))
    page = signed_in_page()
    page.goto("/contacts/")
    make(page)
    change(page)
    join(page)
    hear_from()
    read_what_happened(page)


def make(page: Page) -> None:
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("First name").fill("Karen")
    page.get_by_label("Last name").fill("Blichfeldt")
    page.get_by_label("E-mail", exact=True).fill("karen@blichfeldt.example")
    page.get_by_label("Company").fill("Blichfeldt Lys")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Karen Blichfeldt")).to_be_visible()
    expect(page.get_by_role("link", name="Blichfeldt Lys")).to_be_visible()


def change(page: Page) -> None:
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Shop size").fill("240")
    page.get_by_label("Blinds").check()
    page.get_by_label("Opening nights").check()
    page.get_by_role("button", name="Save").click()
    details = page.get_by_role("region", name="Details")
    for known in ("240", "Blinds", "Opening nights"):
        expect(details.get_by_text(known, exact=True)).to_be_visible()


def join(page: Page) -> None:
    tab(page, "Projects").click()
    page.get_by_label("Project, new or one of yours").fill("Showroom evening")
    page.get_by_label("Role, such as guest or speaker").fill("Speaker")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Remove from Showroom evening")).to_be_visible()
    expect(tab(page, "Projects")).to_have_text("Projects 1")


def hear_from() -> None:
    """Gets a mailing and opens it, as far as the card can tell."""
    karen = db.session.scalars(select(Contact)).one()
    make_recipient(make_mailing("November newsletter"), karen, opened_at=utcnow())
    db.session.commit()


def read_what_happened(page: Page) -> None:
    tab(page, "Activities").click()
    page.wait_for_url("**/activities")
    for happened in (
        "Came into your contacts",
        "Added to the project Showroom evening",
        "Got November newsletter",
        "Opened November newsletter",
    ):
        expect(page.get_by_role("listitem").filter(has_text=happened)).to_be_visible()
    page.get_by_role("link", name="Mailings", exact=True).last.click()
    expect(page.get_by_text("Came into your contacts")).to_have_count(0)
    expect(page.get_by_text("Got November newsletter")).to_be_visible()


def tab(page: Page, name: str) -> object:
    return page.locator(".tabs").get_by_role("link", name=name)


def test_whoever_saves_a_card_second_is_told_what_the_first_one_saved(
    signed_in_page: SignedInPage, colleague: Page
) -> None:
    contact = make_contact("Karen Blichfeldt", note="Rings on Mondays")
    page = signed_in_page()
    for each in (page, colleague):
        each.goto(f"/contacts/{contact.id}/edit")
    colleague.get_by_label("Note").fill("Rings on Tuesdays")
    colleague.get_by_role("button", name="Save").click()
    expect(colleague.get_by_text("Rings on Tuesdays")).to_be_visible()

    page.get_by_label("Note").fill("Rather writes")
    page.get_by_role("button", name="Save").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Mette Marketer changed this card while you were at it.")
    expect(page.get_by_text("Saved meanwhile: Rings on Tuesdays")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("Rather writes")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Details")).to_contain_text("Rather writes")
