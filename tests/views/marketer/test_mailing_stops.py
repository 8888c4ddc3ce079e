"""A mailing is scheduled, paused, cancelled and sent again by hand, on its own pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.delivery import servers
from webapp.mailings import preflight, sources
from webapp.mailings.models import Mailing, Recipient, RecipientState, State
from webapp.platform.database import db, utcnow

SignedIn = Callable[..., FlaskClient]
SignedInPage = Callable[..., Page]
FRAGMENT = {"HX-Request": "true"}
STOPS = ["pause", "resume", "cancel", "resend", "send"]


def test_the_page_of_a_scheduled_mailing_says_when_it_goes_by_both_clocks(
    signed_in: SignedIn,
) -> None:
    organisation().timezone = "Europe/Copenhagen"
    mailing = scheduled(datetime(2027, 7, 10, 18, tzinfo=UTC), "America/New_York")
    page = words(signed_in().get(url_of(mailing)).text)
    assert "Goes out Saturday 10 July 2027 at 14:00" in page
    assert "New York (UTC−4)" in page
    assert "Saturday 10 July 2027 at 20:00, Copenhagen (UTC+2)" in page
    assert "1 person" in page


def test_the_organisations_own_clocks_are_not_told_twice(signed_in: SignedIn) -> None:
    organisation().timezone = "Europe/Copenhagen"
    mailing = scheduled(datetime(2027, 7, 10, 18, tzinfo=UTC), "Europe/Paris")
    assert "Here it is then" not in signed_in().get(url_of(mailing)).text


def test_a_scheduled_mailing_is_sent_now_once(signed_in: SignedIn) -> None:
    mailing = scheduled()
    browser = signed_in(Role.MARKETER)
    for _click in range(2):
        assert browser.post(url_of(mailing, "/send")).location == url_of(mailing)
    assert state_of(mailing) == State.PREPARING
    assert len(entries("mailing started")) == 1


def test_what_is_not_ready_is_not_sent_now_either(signed_in: SignedIn) -> None:
    mailing = scheduled(subject="")
    answer = signed_in().post(url_of(mailing, "/send"))
    assert answer.status_code == 422
    assert "There is no subject." in answer.text
    assert state_of(mailing) == State.SCHEDULED


def test_another_time_can_be_chosen(signed_in: SignedIn) -> None:
    mailing = scheduled(datetime(2027, 7, 10, 18, tzinfo=UTC), "America/New_York")
    browser = signed_in()
    page = browser.get(url_of(mailing, "/schedule")).text
    assert 'value="2027-07-10"' in page
    assert 'value="14:00"' in page
    data = {"day": f"{(utcnow() + timedelta(days=9)).date()}", "clock": "08:00", "zone": "UTC"}
    wrong = browser.post(
        url_of(mailing, "/schedule"), data=data | {"clock": "", "zone": "Asia/Tokyo"}
    )
    assert wrong.status_code == 422
    assert "Choose a time." in wrong.text
    data["zone"] = "Asia/Tokyo"
    assert browser.post(url_of(mailing, "/schedule"), data=data).location == url_of(mailing)
    db.session.refresh(mailing)
    assert mailing.scheduled_zone == "Asia/Tokyo"
    assert mailing.scheduled_at is not None
    assert mailing.scheduled_at.hour == 23


def test_a_scheduled_mailing_goes_back_to_the_draft_and_can_be_changed(signed_in: SignedIn) -> None:
    mailing = scheduled()
    browser = signed_in()
    assert browser.get(f"/mailings/{mailing.id}/draft/setup").status_code == 303
    answer = browser.post(url_of(mailing, "/schedule/undo"))
    assert answer.location == f"/mailings/{mailing.id}/draft/confirm"
    assert state_of(mailing) == State.DRAFT
    assert mailing.scheduled_at is None
    assert browser.get(f"/mailings/{mailing.id}/draft/setup").status_code == 200


def test_going_back_after_it_started_changes_nothing(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SENDING)
    assert signed_in().post(url_of(mailing, "/schedule/undo")).location == url_of(mailing)
    assert state_of(mailing) == State.SENDING


def test_an_overdue_mailing_says_why_it_waits(signed_in: SignedIn) -> None:
    reason = "It should have gone out on Monday. Nothing was sent; decide yourself."
    mailing = scheduled(utcnow() - timedelta(hours=3), state_reason=reason)
    browser = signed_in()
    for page in (url_of(mailing), "/"):
        assert reason in browser.get(page).text
    assert "was to go out " in browser.get("/mailings/?shelf=scheduled").text


def test_the_shelf_of_the_scheduled_has_the_next_one_first(signed_in: SignedIn) -> None:
    scheduled(utcnow() + timedelta(days=3), name="Third")
    scheduled(utcnow() + timedelta(days=1), name="First")
    make_mailing("On its way", state=State.SENDING)
    browser = signed_in()
    page = browser.get("/mailings/?shelf=scheduled", headers=FRAGMENT).text
    assert re.findall(r'class="row-link"[^>]*>([^<]+)<', page) == ["First", "Third"]
    assert "goes out" in page
    home = browser.get("/").text
    assert home.index("First") < home.index("Third")


@pytest.mark.parametrize("stop", STOPS)
def test_who_may_not_send_stops_nothing(signed_in: SignedIn, stop: str) -> None:
    mailing = make_mailing(state=State.SENDING)
    assert signed_in(Role.AUTHOR).post(url_of(mailing, f"/{stop}")).status_code == 403
    page = signed_in(Role.AUTHOR).get(url_of(mailing)).text
    assert url_of(mailing, f"/{stop}") not in page


def test_a_mailing_is_paused_and_goes_on(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SENDING)
    browser = signed_in(Role.MARKETER)
    for _click in range(2):
        assert browser.post(url_of(mailing, "/pause")).location == url_of(mailing)
    assert state_of(mailing) == State.PAUSED
    assert "It was paused by hand." in browser.get(url_of(mailing)).text
    for _click in range(2):
        browser.post(url_of(mailing, "/resume"))
    assert state_of(mailing) == State.SENDING
    assert len(entries("mailing moved")) == 2


def test_the_live_part_answers_its_own_buttons(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SENDING)
    answer = signed_in().post(url_of(mailing, "/pause"), headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="mailing-state" hx-swap-oob="true"' in answer.text
    assert "Go on sending" in answer.text
    assert url_of(mailing, "/pause") not in answer.text
    assert "is paused" in answer.headers["HX-Trigger"]


def test_going_on_gives_a_paused_server_another_chance(signed_in: SignedIn) -> None:
    (server,) = servers.everyone()
    server.paused_reason, server.resting_until = "535 authentication failed", utcnow()
    mailing = make_mailing(state=State.PAUSED, state_reason="535 authentication failed")
    signed_in().post(url_of(mailing, "/resume"))
    db.session.refresh(server)
    assert (server.paused_reason, server.resting_until) == ("", None)


def test_cancelling_names_the_figures_and_says_afterwards_who_got_it(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SENDING)
    for number in range(3):
        make_recipient(mailing, email=f"got{number}@x.dk")
    make_recipient(mailing, email="ready@x.dk", state=RecipientState.READY)
    make_recipient(mailing, email="later@x.dk", state=RecipientState.DEFERRED)
    browser = signed_in()
    assert "3 have got it, 2 will not." in browser.get(url_of(mailing)).text
    for _click in range(2):
        browser.post(url_of(mailing, "/cancel"))
    assert state_of(mailing) == State.CANCELLED
    page = words(browser.get(url_of(mailing)).text)
    assert "3 people got it. See who got it 2 did not. See who did not" in page
    assert "60% 3 of 5" in page
    assert len(entries("mailing moved")) == 1


def test_a_cancelled_mailing_is_settled_before_it_says_so(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.CANCELLED)
    browser = signed_in()
    assert "is being settled" in browser.get(url_of(mailing)).text
    mailing.finished_at = utcnow()
    assert "Nobody got it." in browser.get(url_of(mailing)).text


def test_a_cancelled_mailing_can_be_deleted(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.CANCELLED, finished_at=utcnow())
    browser = signed_in()
    browser.post("/mailings/delete", data={"mailing": mailing.id})
    assert browser.get(url_of(mailing)).status_code == 404


def test_all_unknown_are_sent_to_again_from_the_summary(signed_in: SignedIn) -> None:
    mailing = with_unknown("a@x.dk", "b@x.dk")
    browser = signed_in(Role.MARKETER)
    assert "Send again to 2 unknown" in browser.get(url_of(mailing)).text
    for _click in range(2):
        browser.post(url_of(mailing, "/resend"))
    assert state_of(mailing) == State.SENDING
    (entry,) = entries("sent again to unknown")
    assert entry.detail["people"] == 2
    assert "Send again to" not in browser.get(url_of(mailing)).text


def test_ticked_unknown_are_sent_to_again_also_bare_addresses(signed_in: SignedIn) -> None:
    mailing = with_unknown("a@x.dk", "b@x.dk")
    bare, other = mailing_recipients(mailing)
    browser = signed_in()
    page = browser.get(url_of(mailing, "/recipients?which=unknown")).text
    assert f'name="recipient" value="{bare}"' in page
    assert "Send again to those who are ticked?" in page
    browser.post(url_of(mailing, "/resend"), data={"whom": "chosen", "recipient": [bare]})
    (entry,) = entries("sent again to unknown")
    assert entry.detail["people"] == 1
    listed = browser.get(url_of(mailing, "/recipients?which=unknown"), headers=FRAGMENT).text
    assert f'value="{other}"' in listed
    assert f'value="{bare}"' not in listed


def test_nothing_ticked_sends_to_nobody(signed_in: SignedIn) -> None:
    mailing = with_unknown("a@x.dk")
    signed_in().post(url_of(mailing, "/resend"), data={"whom": "chosen"})
    assert state_of(mailing) == State.SENT_WITH_ERRORS


def test_a_cancelled_mailing_offers_no_second_try(signed_in: SignedIn) -> None:
    mailing = with_unknown("a@x.dk", state=State.CANCELLED, finished_at=utcnow())
    browser = signed_in()
    assert "Send again" not in browser.get(url_of(mailing)).text
    assert "Send again" not in browser.get(url_of(mailing, "/recipients?which=unknown")).text
    answer = browser.post(url_of(mailing, "/resend"))
    assert answer.status_code == 422
    assert "was cancelled" in answer.text


def test_pause_and_cancel_exchange_the_page_where_it_stands(signed_in_page: SignedInPage) -> None:
    mailing = make_mailing(state=State.SENDING)
    make_recipient(mailing, email="got@x.dk")
    make_recipient(mailing, email="waits@x.dk", state=RecipientState.READY)
    page = signed_in_page()
    page.goto(url_of(mailing))
    page.evaluate("document.body.dataset.same = 'yes'")

    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#live")).to_contain_text("It was paused by hand.")
    expect(page.locator("#mailing-state")).to_have_text("Paused")
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)

    page.get_by_role("button", name="Go on sending").click()
    expect(page.locator("#mailing-state")).to_have_text("Sending")

    page.get_by_role("button", name="Cancel the rest").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 has got it, 1 will not.")
    dialog.get_by_role("button", name="Do not cancel").click()
    expect(page.locator("#mailing-state")).to_have_text("Sending")
    page.get_by_role("button", name="Cancel the rest").click()
    dialog.get_by_role("button", name="Yes, cancel the rest").click()
    expect(page.locator("#mailing-state")).to_have_text("Cancelled")
    expect(page.locator("#live")).to_contain_text("1 person got it.")
    assert page.evaluate("document.body.dataset.same") == "yes"


def test_ticked_recipients_are_sent_to_again_after_one_question(
    signed_in_page: SignedInPage,
) -> None:
    mailing = with_unknown("a@x.dk", "b@x.dk")
    page = signed_in_page()
    page.goto(url_of(mailing, "/recipients?which=unknown"))
    page.locator("[data-row]").first.check()
    page.get_by_role("button", name="Send again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("they get it twice")
    dialog.get_by_role("button", name="Send again").click()
    page.wait_for_url(f"**{url_of(mailing)}")
    expect(page.locator("#live")).to_contain_text("1 unknown")


def scheduled(
    at: datetime | None = None,
    zone: str = "Europe/Copenhagen",
    name: str = "November newsletter",
    **values: object,
) -> Mailing:
    at = at or utcnow() + timedelta(days=2)
    mailing = make_mailing(name, state=State.DRAFT, scheduled_at=at, scheduled_zone=zone, **values)
    sources.add_contact(mailing, make_contact(email=f"{mailing.id}@kunde.example"))
    preflight.check(mailing)
    mailing.state = State.SCHEDULED
    db.session.commit()
    return mailing


def with_unknown(
    *addresses: str, state: State = State.SENT_WITH_ERRORS, **values: object
) -> Mailing:
    mailing = make_mailing(state=state, **values)
    for address in addresses:
        make_recipient(mailing, email=address, state=RecipientState.UNKNOWN)
    db.session.commit()
    return mailing


def mailing_recipients(mailing: Mailing) -> list[int]:
    ids = select(Recipient.id).where(Recipient.mailing_id == mailing.id).order_by(Recipient.id)
    return list(db.session.scalars(ids))


def url_of(mailing: Mailing, rest: str = "") -> str:
    return f"/mailings/{mailing.id}{rest}"


def state_of(mailing: Mailing) -> State:
    db.session.refresh(mailing)
    return mailing.state


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def words(html: str) -> str:
    """The words of a page, without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())
