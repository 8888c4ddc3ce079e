"""The Template step as a marketer uses it who keeps the hands on the keyboard."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import make_mailing
from webapp.mailings.models import State

SignInPage = Callable[..., Page]


def test_a_template_is_looked_at_as_on_a_phone_and_chosen(signed_in_page: SignInPage) -> None:
    draft = make_mailing("Lumo", state=State.DRAFT)
    page = signed_in_page()
    page.goto(f"/mailings/{draft.id}/draft/template")
    page.get_by_role("searchbox").fill("offer")
    expect(page.get_by_role("link", name="Look at “Newsletter”")).to_be_hidden()
    page.get_by_role("link", name="Look at “Offer”").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    frame = dialog.locator("iframe")
    expect(dialog.frame_locator("iframe").get_by_text("−20%")).to_be_visible()
    wide = frame.bounding_box()
    dialog.get_by_label("Desktop").focus()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_label("Phone")).to_be_checked()
    narrow = frame.bounding_box()
    assert wide is not None
    assert narrow is not None
    assert narrow["width"] < 400 < 600 < wide["width"]
    dialog.get_by_role("button", name="Use this").click()
    page.get_by_role("button", name="Begin anew").click()
    page.wait_for_url("**/draft/content")
    expect(page.frame_locator("#canvas").get_by_text("−20%")).to_be_visible()
    page.get_by_role("button", name="Undo").first.click()
    expect(page.frame_locator("#canvas").get_by_role("link", name="See it")).to_be_visible()


def test_a_double_click_makes_one_template(signed_in_page: SignInPage) -> None:
    draft = make_mailing("Lumo", state=State.DRAFT)
    page = signed_in_page()
    page.goto(f"/mailings/{draft.id}/draft/template")
    page.get_by_role("link", name="Copy to template").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").dblclick()
    expect(page.get_by_text("“Lumo” is among the templates now")).to_be_visible()
    page.goto("/templates/")
    expect(page.locator(".mailing-tile", has_text="Lumo")).to_have_count(1)
