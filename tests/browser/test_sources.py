"""Whom a mailing reaches: the sources of its recipients, each with its count."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.factories import make_company, make_contact, make_contacts, make_mailing
from webapp.mailings.models import Mailing, State
from webapp.targets import projects, selections
from webapp.targets.models import Project, Selection
from webapp.targets.projects import ProjectDetails

SignedInPage = Callable[..., Page]

FAIR = {
    "name": "fair.csv",
    "mimeType": "text/csv",
    "buffer": b"Navn;E-mail\nEmil Holm;emil@holm.example\nFie Holm;fie@holm.example\n",
}


def test_recipients_come_from_several_sources(signed_in_page: SignedInPage) -> None:
    make_dealers()
    make_evening()
    make_contact("Karen Dam", "karen@lys.example", company=make_company("Blichfeldt Lys"))
    mailing = make_draft()
    page = signed_in_page()
    open_recipients(page, mailing)
    expect(page.get_by_role("heading", name="Who should read it?")).to_be_visible()

    pick(page, "Selection…", "deal", "Dealers")
    expect_size(page, "Dealers", 2)
    pick(page, "Project…", "evening", "Showroom evening")
    expect_size(page, "Showroom evening", 3)
    pick(page, "Contact…", "blichfeldt", "Karen Dam")
    expect_size(page, "Karen Dam", 1)
    expect_size(page, "In all sources", 6)

    paste(page)
    expect_size(page, "Pasted addresses", 2)
    add_file(page)
    expect_size(page, "fair.csv", 2)
    expect(page.locator(".figure-huge")).to_have_text("10")

    row(page, "Dealers").get_by_role("button", name="Remove Dealers").click()
    expect(page.locator(".figure-huge")).to_have_text("8")
    expect(row(page, "Dealers")).to_have_count(0)


def test_with_a_selection_and_a_project_the_page_says_whose_people_are_added(
    signed_in_page: SignedInPage,
) -> None:
    dealers, evening = make_dealers(), make_evening()
    mailing = make_draft()
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/draft/setup")
    page.get_by_label("Selection", exact=True).fill(dealers.name)
    page.get_by_label("Project", exact=True).fill(evening.name)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/content")

    open_recipients(page, mailing)
    expect(page.locator(".figure-huge")).to_have_text("2")
    expect(page.get_by_text("only the selection's people are added")).to_be_visible()
    page.get_by_role("button", name="Add Showroom evening too").click()
    expect(page.locator(".figure-huge")).to_have_text("5")
    expect_size(page, "Showroom evening", 3)
    expect(page.get_by_text("only the selection's people are added")).to_have_count(0)


def make_draft() -> Mailing:
    return make_mailing("Lumo for professionals", state=State.DRAFT)


def make_dealers() -> Selection:
    dealers = selections.create("Dealers", None)
    people = make_contacts({"anders@lys.example": "Anders Thy", "bente@lys.example": "Bente Ø"})
    selections.add_members(dealers.id, [person.id for person in people])
    return dealers


def make_evening() -> Project:
    evening = projects.create(ProjectDetails(name="Showroom evening"))
    people = make_contacts({f"guest{number}@ro.example": f"Guest {number}" for number in range(3)})
    projects.add_members(evening.id, [person.id for person in people])
    return evening


def open_recipients(page: Page, mailing: Mailing) -> None:
    page.goto(f"/mailings/{mailing.id}/draft/recipients")


def dialog_for(page: Page, source: str) -> Locator:
    # What is pressed before the scripts run leads to a page instead of a dialogue.
    page.wait_for_load_state()
    page.locator("summary").filter(has_text="Add").first.click()
    page.get_by_role("link", name=source).first.click()
    return page.get_by_role("dialog")


def pick(page: Page, source: str, typed: str, name: str) -> None:
    dialog = dialog_for(page, source)
    dialog.get_by_role("searchbox").press_sequentially(typed)
    expect(dialog.locator(".item-row")).to_have_count(1)
    dialog.get_by_role("button", name=f"Add {name}").click()
    expect(row(page, name)).to_be_visible()


def paste(page: Page) -> None:
    """Two people who are in no contact's card, and why we may write to them."""
    dialog = dialog_for(page, "Pasted addresses…")
    dialog.get_by_label("Addresses", exact=True).fill(
        "Carl Lund <carl@lund.example>\nd@lund.example"
    )
    dialog.get_by_role("button", name="Add addresses").click()
    expect(dialog.get_by_text("Say on what basis we may write to them.")).to_be_visible()
    dialog.get_by_label("Consent").check()
    dialog.get_by_label("Where are the addresses from?").fill("Guest book, 3 November")
    dialog.get_by_role("button", name="Add addresses").click()
    expect(row(page, "Pasted addresses")).to_contain_text("Guest book, 3 November")


def add_file(page: Page) -> None:
    dialog = dialog_for(page, "File…")
    dialog.locator("input[type=file]").set_input_files(FAIR)
    dialog.get_by_label("Customer").check()
    dialog.get_by_label("Where are the addresses from?").fill("Fair in Herning")
    dialog.get_by_role("button", name="Add addresses").click()
    expect(row(page, "fair.csv")).to_contain_text("Fair in Herning")


def expect_size(page: Page, name: str, size: int) -> None:
    expect(row(page, name).locator(".item-end")).to_have_text(re.compile(rf"^\s*{size}\b"))


def row(page: Page, name: str) -> Locator:
    """Of the sources of the mailing, behind any dialogue."""
    return page.locator(".columns .item-row").filter(has_text=name)
