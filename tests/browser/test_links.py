"""Choosing where something leads, in the editor."""

import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy import select

from tests.browser.test_accessibility import violations
from tests.delivery.sending import draft_to, recipient
from tests.factories import make_content, make_tracked_link
from webapp.content.document.operations import add_block, update_part
from webapp.content.links.tracked_links import tag_of
from webapp.content.models import TrackedLink
from webapp.delivery import preparing
from webapp.mailings import lifecycle, values
from webapp.mailings.models import Mailing, MailingLink
from webapp.platform.database import db
from webapp.response.tracked_links import Clicks, clicks_of

SignInPage = Callable[..., Page]


@pytest.fixture
def mailing() -> Mailing:
    mailing = draft_to("ann@x.dk")
    mailing.content = make_content()
    db.session.commit()
    return mailing


@pytest.fixture
def page(page: Page, signed_in_page: SignInPage, mailing: Mailing) -> Page:
    opened = signed_in_page()
    opened.set_viewport_size({"width": 1280, "height": 1300})
    opened.goto(f"/mailings/{mailing.id}/draft/content")
    expect(opened.frame_locator("#canvas").get_by_role("link", name="See it")).to_be_visible()
    return opened


@pytest.fixture
def canvas(page: Page) -> FrameLocator:
    return page.frame_locator("#canvas")


def open_choice(page: Page, tab: str = "") -> None:
    page.get_by_role("link", name=re.compile("Choose")).first.click()
    page.get_by_role("dialog").wait_for()
    if tab:
        page.get_by_role("dialog").get_by_role("link", name=tab).click()
        expect(page.get_by_role("link", name=tab, exact=True)).to_have_attribute(
            "aria-current", "true"
        )


def test_a_tracked_link_is_made_on_the_spot_and_its_clicks_are_summed(
    page: Page, canvas: FrameLocator, mailing: Mailing, live_server: str
) -> None:
    canvas.get_by_role("link", name="See it").click()
    open_choice(page, "Tracked")
    page.get_by_label("Name", exact=True).fill("Lumo")
    page.get_by_role("dialog").get_by_label("Address").fill("")
    page.get_by_role("button", name="Make and use it").click()
    expect(page.get_by_text("Write where it leads.")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Address").fill(f"{live_server}/sign-in")
    page.get_by_role("button", name="Make and use it").click()
    expect(page.locator("[data-link-name]").first).to_have_text("Lumo")
    expect(page.get_by_label("Opens", exact=True)).to_be_hidden()
    expect(canvas.locator(f"a[href='{live_server}/sign-in']")).to_be_attached()

    db.session.expire_all()
    link = db.session.scalars(select(TrackedLink)).one()
    assert lifecycle.start(mailing, by=None)
    assert preparing.prepare(mailing.id)
    kept = db.session.scalars(
        select(MailingLink).where(MailingLink.tracked_link_id == link.id)
    ).one()
    ann = recipient("ann@x.dk")
    address = values.public_links().click(mailing.id, ann.id, kept.number)
    # Not from the editor: it asks before one leaves while something is being saved.
    reader = page.context.new_page()
    reader.goto(urlsplit(address).path)
    expect(reader).to_have_url(re.compile("sign-in|/$"))
    assert _counted(link) == Clicks(1, 1)


def test_a_chosen_link_is_still_called_by_its_name_after_a_reload_and_can_be_removed(
    page: Page, canvas: FrameLocator
) -> None:
    make_tracked_link("Price list")
    make_tracked_link("Lumo collection", "https://www.fjordlys.example/new")
    db.session.commit()
    canvas.get_by_role("link", name="See it").click()
    open_choice(page, "Tracked")
    page.get_by_role("searchbox", name="Search", exact=True).fill("lumo c")
    expect(page.get_by_role("button", name=re.compile("Price list"))).to_have_count(0)
    page.get_by_role("button", name=re.compile("Lumo collection")).click()
    expect(canvas.locator("a[href='https://www.fjordlys.example/new']")).to_be_attached()
    page.reload()
    expect(page.locator("[data-link-name]").first).to_have_text("Lumo collection")
    expect(page.locator("[data-link-url]").first).to_have_text("fjordlys.example/new")
    page.get_by_role("button", name="Remove the link").first.click()
    expect(page.get_by_label("Opens", exact=True)).to_have_value("")
    expect(page.get_by_label("Opens", exact=True)).to_be_focused()


def test_a_plain_address_is_checked_and_completed(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("link", name="See it").click()
    open_choice(page)
    typed = page.get_by_role("dialog").get_by_label("Address")
    expect(typed).to_have_value("https://www.fjordlys.example/lumo")
    page.get_by_text("A call", exact=True).click()
    typed.fill("ring")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("Write a phone number")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Address").fill("+45 86 12 34 56")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_label("Opens", exact=True)).to_have_value("tel:+4586123456")


def test_marked_words_lead_where_it_was_chosen(page: Page, canvas: FrameLocator) -> None:
    link = make_tracked_link("Lumo collection", "https://www.fjordlys.example/new")
    db.session.commit()
    canvas.get_by_text("Write here what you want to tell.").click()
    page.locator("#in-place").press("Control+a")
    page.get_by_role("button", name="Link", exact=True).click()
    open_choice(page, "Tracked")
    page.get_by_role("button", name=re.compile("Lumo collection")).click()
    expect(page.locator("#in-place a").first).to_have_attribute("href", tag_of(link))
    expect(canvas.locator("a[href='https://www.fjordlys.example/new']").first).to_be_attached()
    page.locator("#in-place").press("Control+a")
    page.get_by_role("button", name="Link", exact=True).click()
    expect(page.locator(".rich-link [data-link-name]")).to_have_text("Lumo collection")


def test_the_entries_of_a_menu_lead_to_special_pages_too(
    page: Page, canvas: FrameLocator, mailing: Mailing
) -> None:
    document, block_id = add_block(mailing.content, "menu")
    items = [{"label": "Home", "url": "https://www.fjordlys.example"}]
    mailing.content = update_part(document, block_id, {"items": items})
    db.session.commit()
    page.goto(f"/mailings/{mailing.id}/draft/content?part={block_id}")
    second = page.locator("[data-item]").nth(1)
    second.get_by_label("Words").fill("In the browser")
    second.get_by_role("link", name="Choose where it leads").click()
    page.get_by_role("dialog").get_by_role("link", name="Special").click()
    page.get_by_role("button", name=re.compile("View online")).click()
    expect(second.locator("[data-link-name]")).to_have_text("View online")
    third = page.locator("[data-item]").nth(2)
    expect(third.get_by_label("Opens")).to_be_visible()
    third.get_by_role("link", name="Choose where it leads").click()
    page.get_by_role("dialog").wait_for()
    expect(canvas.get_by_role("link", name="In the browser")).to_be_attached()


def test_choosing_where_something_leads_breaks_no_rule(page: Page, canvas: FrameLocator) -> None:
    make_tracked_link()
    db.session.commit()
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    canvas.get_by_role("link", name="See it").click()
    for tab in ("Tracked", "Plain", "Special"):
        open_choice(page, tab)
        assert violations(page) == [], tab
        page.get_by_role("button", name="Close").first.press("Escape")
    open_choice(page, "Tracked")
    page.get_by_role("button", name=re.compile("Lumo collection")).click()
    expect(page.locator("[data-link-name]").first).to_be_visible()
    assert violations(page) == []


def _counted(link: TrackedLink) -> Clicks | None:
    """Clicks are written a moment after they were answered."""
    for _try in range(100):
        db.session.rollback()
        if found := clicks_of([link.id]):
            return found[link.id]
        time.sleep(0.1)
    return None


def test_an_address_that_was_typed_is_tracked_under_the_words_of_its_button(
    page: Page, canvas: FrameLocator, mailing: Mailing
) -> None:
    canvas.get_by_role("link", name="See it").click()
    offer = page.get_by_role("link", name="Track it under a name")
    page.get_by_label("Opens").fill("")
    expect(offer).to_be_hidden()
    page.get_by_label("Opens").fill("https://example.com/signup")
    offer.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Address")).to_have_value("https://example.com/signup")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("See it")
    dialog.get_by_role("button", name="Make and use it").click()
    expect(page.locator("[data-link-shown]")).to_contain_text("See it")
    made = db.session.scalars(select(TrackedLink)).one()
    assert (made.name, made.url) == ("See it", "https://example.com/signup")
