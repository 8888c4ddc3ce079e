from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.mailings.models import RecipientState, State
from webapp.platform.database import db, utcnow

SignedInPage = Callable[..., Page]


def test_the_summary_moves_by_itself_and_leaves_an_open_menu_alone(
    signed_in_page: SignedInPage,
) -> None:
    mailing = make_mailing(state=State.SENDING)
    waiting = make_recipient(mailing, email="a@kunde.example", state=RecipientState.READY)
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}")
    expect(page.get_by_text("0 of 1")).to_be_visible()
    page.locator(".page-actions summary").click()

    waiting.state, waiting.sent_at = RecipientState.SENT, utcnow()
    mailing.state, mailing.finished_at = State.SENT, utcnow()
    make_recipient(mailing, email="b@kunde.example")
    db.session.commit()

    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.get_by_role("link", name="Recipients 2")).to_be_visible()
    expect(page.locator("#mailing-state")).to_have_text("Sent")
    expect(page.get_by_role("button", name="Duplicate")).to_be_visible()


def test_a_filter_and_a_search_go_together_and_stand_in_the_address(
    signed_in_page: SignedInPage,
) -> None:
    mailing = make_mailing()
    for name, state in (
        ("Karen Blichfeldt", RecipientState.FAILED),
        ("Mads Ørsted", RecipientState.FAILED),
        ("Karen Winther", RecipientState.SENT),
    ):
        email = f"{name.split()[1].encode('ascii', 'ignore').decode()}@kunde.example"
        make_recipient(mailing, make_contact(name, email), state=state)
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/recipients")
    expect(page.locator("tbody tr")).to_have_count(3)

    page.get_by_role("link", name="Refused 2").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("searchbox").press_sequentially("karen", delay=30)

    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("Karen Blichfeldt")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert "which=failed" in page.url
    assert "q=karen" in page.url
