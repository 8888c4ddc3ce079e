"""The whole journey, as a newcomer makes it: everything runs as `script/server` runs it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.conftest import PATIENCE
from tests.support.place import Place, made_in

KUNDER = Path(__file__).parent.parent / "data" / "kunder.xlsx"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with made_in(tmp_path_factory.mktemp("journey")) as place:
        place.begin()
        yield place


@pytest.fixture
def context(browser: Browser, place: Place) -> Iterator[BrowserContext]:
    desk = f"http://localhost:{place.ports['PORT']}"
    context = browser.new_context(base_url=desk, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def test_from_an_excel_list_to_the_numbers_that_come_back(
    context: BrowserContext, place: Place
) -> None:
    page = context.new_page()
    sign_up(page)
    import_list(page)
    write(page)
    send(page)
    assert_everyone_got_exactly_one(place)
    message = open_in_inbox(page, place, "oskar.mortensen0@example.dk")
    click_and_unsubscribe(context, message)
    see_the_numbers(page)


def sign_up(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Organisation").fill("Fjordlys A/S")
    page.get_by_label("Your name").fill("Mette Kjærgaard")
    page.get_by_label("E-mail").fill("mette@fjordlys.example")
    page.get_by_label("Password", exact=True).fill("a lamp in every window")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Three steps to your first mailing")).to_be_visible()


def import_list(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Import people")).click()
    page.locator("input[type=file]").set_input_files(KUNDER)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="What do the columns hold?").wait_for()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("The person said yes to it.").click()
    page.get_by_label("Where do these people come from?").fill("Autumn fair")
    page.locator("#statement").get_by_role("button", name="Import").click()
    expect(page.get_by_text("people imported")).to_be_visible()
    expect(page.get_by_text("2,252", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Create mailing to them").click()


def write(page: Page) -> None:
    page.get_by_label("Subject", exact=True).fill('Light for you, [[customer.firstname|"friend"]]')
    page.get_by_label("Preheader", exact=True).fill("New lamps are here")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile("Plain letter")).click()
    page.get_by_role("button", name="Button", exact=True).click()
    page.get_by_label("Words on it").fill("See the lamps")
    opens = page.get_by_label("Opens", exact=True)
    opens.fill(f"{page.url.split('/mailings')[0]}/sign-in")
    opens.press("Tab")
    expect(page.frame_locator("#canvas").get_by_text("See the lamps")).to_be_attached()


def send(page: Page) -> None:
    page.get_by_role("link", name="Continue").click()
    expect(page.get_by_text("1,606", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url("**/confirm")
    page.get_by_role("button", name="Send now").click()
    page.get_by_role("dialog").get_by_role("button", name="Send now").click()
    expect(page.get_by_text("1,606 of 1,606")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("646 were left out.")).to_be_visible()


def assert_everyone_got_exactly_one(place: Place) -> None:
    inbox = f"http://127.0.0.1:{place.ports['INBOX_PORT']}/messages.json?limit=10000"
    with urlopen(inbox) as answer:
        messages = json.load(answer)["messages"]
    addresses = [message["to"] for message in messages]
    assert len(addresses) == len(set(map(str, addresses))) == 1606


def open_in_inbox(page: Page, place: Place, address: str) -> FrameLocator:
    page.goto(f"http://localhost:{place.ports['INBOX_PORT']}/?q={address}")
    page.get_by_role("link", name="Light for you, Oskar").click()
    return page.frame_locator("iframe")


def click_and_unsubscribe(context: BrowserContext, message: FrameLocator) -> None:
    with context.expect_page() as clicked:
        message.get_by_role("link", name="See the lamps").click()
    clicked.value.wait_for_load_state()
    with context.expect_page() as opened:
        message.get_by_role("link", name="Afmeld").click()
    goodbye = opened.value
    goodbye.get_by_role("button").first.click()
    goodbye.get_by_role("button", name=re.compile("Tilmeld mig igen|Put me back")).wait_for()


def see_the_numbers(page: Page) -> None:
    page.goto("/mailings/")
    page.get_by_role("link", name=re.compile("kunder")).first.click()
    for figure in ("Opened", "Clicked", "Unsubscribed"):
        card = page.locator("dl.key-figures > div").filter(has_text=figure)
        expect(card).to_contain_text("1 person")
    page.get_by_role("link", name=re.compile("Recipients")).first.click()
    page.get_by_role("link", name=re.compile("Unsubscribed")).click()
    expect(page.get_by_text("oskar.mortensen0@example.dk")).to_be_visible()
