import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_content, make_mailing
from tests.support.drafts import with_link
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.content.document.parts import all_blocks
from webapp.delivery import servers
from webapp.mailings import gathering, schedule, sources
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]
FRAGMENT = {"HX-Request": "true"}
JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def january(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dates on which clocks are changed lie ahead."""
    monkeypatch.setattr(schedule, "utcnow", lambda: JANUARY)


def typed(
    day: str, clock: str, zone: str = "Europe/Copenhagen", **more: object
) -> dict[str, object]:
    return {"day": day, "clock": clock, "zone": zone} | more


def soon() -> str:
    return f"{(utcnow() + timedelta(days=2)).date()}"


def schedule_url(mailing: Mailing) -> str:
    return f"/mailings/{mailing.id}/schedule"


def make_ready(**values: object) -> Mailing:
    mailing = make_mailing(state=State.DRAFT, preheader="It dims", **values)
    sources.add_contact(mailing, make_contact())
    return mailing


def url_of(mailing: Mailing, rest: str = "") -> str:
    return f"/mailings/{mailing.id}/draft/confirm{rest}"


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def send_button(page: str) -> list[str]:
    """What keeps the button from being pressed."""
    found = re.search(r'<button class="button button-primary button-large[^>]*>', page)
    assert found
    return re.findall(r"\bdisabled\b", found[0])


def test_a_ready_mailing_is_summed_up_and_sent(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in(Role.MARKETER)
    page = browser.get(url_of(mailing, "/checks")).text
    assert "Ready to send" in page
    assert "1 of 1" in page
    answer = browser.post(url_of(mailing, "/send"))
    assert answer.headers["Location"] == f"/mailings/{mailing.id}"
    db.session.refresh(mailing)
    assert mailing.state == State.PREPARING


def test_the_page_comes_before_the_check_which_opens_the_buttons(signed_in: SignIn) -> None:
    mailing, browser = make_ready(), signed_in()
    page = browser.get(url_of(mailing)).text
    assert f'hx-get="{url_of(mailing, "/checks")}" hx-trigger="load"' in page
    assert send_button(page) == ["disabled"]
    answer = browser.get(url_of(mailing, "/checks"), headers=FRAGMENT).text
    assert "<html" not in answer
    assert "Ready to send" in answer
    assert '<div id="send" hx-swap-oob="morph">' in answer
    assert send_button(answer) == []


def test_the_check_waits_until_a_large_audience_is_gathered(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    monkeypatch.setattr(gathering, "WAITED_FOR", 0)
    mailing, browser = make_ready(), signed_in()
    browser.get(url_of(mailing))
    waiting = browser.get(url_of(mailing, "/checks"), headers=FRAGMENT).text
    assert "The recipients are gathered first" in waiting
    assert "load delay:2s" in waiting
    run_jobs()
    checked = browser.get(url_of(mailing, "/checks"), headers=FRAGMENT).text
    assert "Ready to send" in checked
    assert "E-mail to 1 person" in checked


def test_dns_is_asked_in_a_fragment_of_its_own(signed_in: SignIn) -> None:
    mailing, browser = make_ready(), signed_in()
    assert url_of(mailing, "/domain") in browser.get(url_of(mailing, "/checks")).text
    answer = browser.get(url_of(mailing, "/domain?fine=2&others=3"), headers=FRAGMENT).text
    assert "2 checks are fine, 4 things you may want to look at" in answer
    assert "The records of fjordlys.example could not be looked up" in answer
    assert "<html" not in answer


@pytest.mark.parametrize("way", ["send", "schedule"])
def test_what_changed_after_it_was_looked_at_is_looked_at_again(
    signed_in: SignIn, way: str
) -> None:
    mailing, browser = make_ready(), signed_in()
    seen = seen_in(browser.get(url_of(mailing, "/checks")).text)
    mailing.subject = "Something else"
    db.session.commit()
    url = url_of(mailing, "/send") if way == "send" else schedule_url(mailing)
    data = typed(soon(), "09:00")
    assert browser.post(url, data=data | {"seen": seen}).location == url_of(mailing)
    assert mailing.state == State.DRAFT
    page = browser.get(url_of(mailing, "/checks")).text
    assert "It was changed after you opened this page." in page
    assert browser.post(url, data=data | {"seen": seen_in(page)}).status_code == 303
    assert mailing.state != State.DRAFT


def test_each_finding_leads_to_where_it_is_mended(signed_in: SignIn) -> None:
    mailing = make_ready(content=with_link("http://localhost/x"), subject="RE: lamps")
    page = signed_in().get(url_of(mailing, "/checks")).text
    [block] = [b["id"] for b in all_blocks(mailing.content) if b.get("url") == "http://localhost/x"]
    assert f'href="/mailings/{mailing.id}/draft/content?part={block}"' in page
    assert f'href="/mailings/{mailing.id}/draft/setup#subject"' in page
    assert f'hx-get="/mailings/{mailing.id}/draft/test"' in page


def test_only_who_may_change_the_servers_is_led_there(signed_in: SignIn) -> None:
    servers.everyone()[0].enabled = False
    mailing = make_ready()
    linked = {}
    for role in (Role.ADMINISTRATOR, Role.MARKETER):
        page = signed_in(role).get(url_of(mailing, "/checks"), headers=FRAGMENT).text
        assert "There is no sending server." in page
        linked[role] = 'href="/settings/servers/"' in page
    assert linked == {Role.ADMINISTRATOR: True, Role.MARKETER: False}


def test_a_second_click_starts_nothing_more(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in()
    for _click in range(2):
        answer = browser.post(url_of(mailing, "/send"))
        assert answer.headers["Location"] == f"/mailings/{mailing.id}"
    started = select(AuditEntry).where(AuditEntry.action == "mailing started")
    assert len(db.session.scalars(started).all()) == 1


def test_an_error_blocks_sending_on_the_server_too(signed_in: SignIn) -> None:
    mailing = make_ready(subject="Hi [[customer.fristname]]")
    browser = signed_in()
    page = browser.get(url_of(mailing, "/checks")).text
    assert "One thing to fix before it can go" in page
    assert "Use firstname" in page
    answer = browser.post(url_of(mailing, "/send"))
    assert answer.status_code == 422
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


def test_one_click_mends_an_unknown_tag(signed_in: SignIn) -> None:
    mailing = make_ready(subject="Hi [[customer.fristname]]")
    data = {"kind": "text", "old": "[[customer.fristname]]"}
    browser = signed_in()
    assert browser.post(url_of(mailing, "/fix"), data=data).location == url_of(mailing)
    assert "Ready to send" in browser.get(url_of(mailing, "/checks")).text
    db.session.refresh(mailing)
    assert mailing.subject == "Hi [[customer.firstname]]"


def test_a_mend_that_was_not_offered_is_not_made(signed_in: SignIn) -> None:
    mailing = make_ready()
    signed_in().post(url_of(mailing, "/fix"), data={"kind": "text", "old": "Light"})
    db.session.refresh(mailing)
    assert mailing.subject == "Light for the dark months"


def test_an_author_may_write_but_not_send_and_reads_why(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in(Role.AUTHOR)
    page = browser.get(url_of(mailing)).text
    assert "You may write mailings but not send them." in page
    assert browser.post(url_of(mailing, "/send")).status_code == 403
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


def test_who_has_no_value_for_a_tag_can_be_seen(signed_in: SignIn) -> None:
    mailing = make_ready(content=make_content())
    sources.add_contact(mailing, make_contact("", "nameless@lys.example"))
    browser = signed_in()
    page = browser.get(url_of(mailing, "/checks")).text
    assert "1 recipient has no value for “First name”" in page
    listed = browser.get(
        f"/mailings/{mailing.id}/draft/recipients?show=mailed&without=customer.firstname",
        headers={"HX-Request": "true"},
    ).text
    assert "nameless@lys.example" in listed
    assert "Karen" not in listed


@pytest.mark.usefixtures("january")
def test_a_mailing_is_scheduled_in_the_zone_that_was_chosen(signed_in: SignIn) -> None:
    mailing = make_ready()
    data = typed("2026-11-10", "14:00", "America/New_York")
    answer = signed_in(Role.MARKETER).post(schedule_url(mailing), data=data)
    assert answer.location == f"/mailings/{mailing.id}"
    db.session.refresh(mailing)
    assert mailing.state == State.SCHEDULED
    assert mailing.scheduled_at == datetime(2026, 11, 10, 19, tzinfo=UTC)
    assert mailing.scheduled_zone == "America/New_York"


def test_the_form_begins_with_tomorrow_morning_here(signed_in: SignIn) -> None:
    organisation().timezone = "Asia/Tokyo"
    mailing = make_ready()
    page = signed_in().get(url_of(mailing)).text
    tomorrow = datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=1)
    assert f'value="{tomorrow}"' in page
    assert 'value="09:00"' in page
    assert '<option selected value="Asia/Tokyo">Tokyo (UTC+9)</option>' in page


@pytest.mark.usefixtures("january")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (typed("2026-03-29", "02:30"), "The first that exists is Sunday 29 March at 03:00."),
        (typed("2026-01-15", "12:59"), "This time has passed."),
        (typed("2027-03-01", "09:00"), "more than a year ahead"),
        (typed("", "09:00"), "Choose a day."),
        (typed("2026-11-10", ""), "Choose a time."),
        (typed("tomorrow", "09:00"), "Write the day as"),
        (typed("2026-11-10", "9 o’clock"), "Write the time as"),
        (typed("0001-01-01", "00:00"), "This time has passed."),
        (typed("9999-12-31", "23:59", "Pacific/Niue"), "more than a year ahead"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_what_was_typed_is_kept(
    signed_in: SignIn, data: dict[str, str], words: str
) -> None:
    mailing = make_ready()
    answer = signed_in().post(schedule_url(mailing), data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'id="day" name="day" required type="date" value="{data["day"]}"' in answer.text
    assert f'name="clock" required type="time" value="{data["clock"]}"' in answer.text
    assert 'id="when-later" checked' in answer.text
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


def test_a_zone_that_does_not_exist_is_refused(signed_in: SignIn) -> None:
    mailing = make_ready()
    for zone in ("Europe/Atlantis", "../../etc/passwd", ""):
        answer = signed_in().post(schedule_url(mailing), data=typed(soon(), "09:00", zone))
        assert answer.status_code == 422
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


@pytest.mark.usefixtures("january")
def test_a_time_that_comes_twice_is_asked_about(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in()
    data = typed("2026-04-05", "01:45", "Australia/Lord_Howe")
    answer = browser.post(schedule_url(mailing), data=data)
    assert answer.status_code == 422
    assert "Choose one of the two." in answer.text
    assert "01:45 summer time (UTC+11)" in answer.text
    assert "01:45 winter time (UTC+10:30)" in answer.text
    assert browser.post(schedule_url(mailing), data=data | {"fold": "1"}).status_code == 303
    db.session.refresh(mailing)
    assert mailing.scheduled_at == datetime(2026, 4, 4, 15, 15, tzinfo=UTC)


@pytest.mark.usefixtures("january")
def test_the_button_repeats_the_time_and_the_zones_their_offset_on_that_day(
    signed_in: SignIn,
) -> None:
    mailing = make_ready()
    query = typed("2026-07-10", "14:00", "America/New_York")
    answer = signed_in().get(schedule_url(mailing), query_string=query, headers=FRAGMENT).text
    assert "Schedule for Friday 10 July at 14:00" in answer
    assert "Friday 10 July at 20:00, Copenhagen (UTC+2)" in answer
    assert "New York (UTC−4)" in answer
    assert "Kolkata (UTC+5:30)" in answer
    assert "<html" not in answer


def test_what_cannot_be_sent_cannot_be_scheduled(signed_in: SignIn) -> None:
    mailing = make_ready(subject="")
    browser = signed_in()
    data = typed(soon(), "09:00")
    page = browser.get(url_of(mailing, "/checks")).text
    assert re.search(r"<button[^>]* disabled[^>]* form=\"when\"", page)
    assert 'name="ready"' not in page
    assert browser.post(schedule_url(mailing), data=data).status_code == 422
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


def test_an_author_may_not_schedule(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in(Role.AUTHOR)
    assert "when-later" not in browser.get(url_of(mailing)).text
    data = typed(soon(), "09:00")
    assert browser.post(schedule_url(mailing), data=data).status_code == 403


def test_what_is_under_way_leads_to_its_summary(signed_in: SignIn) -> None:
    mailing = make_mailing(state=State.SENDING)
    browser = signed_in()
    data = typed(soon(), "09:00")
    for answer in (
        browser.get(schedule_url(mailing)),
        browser.post(schedule_url(mailing), data=data),
    ):
        assert answer.location == f"/mailings/{mailing.id}"
    db.session.refresh(mailing)
    assert mailing.state == State.SENDING


def test_schedule_follows_what_is_typed(signed_in_page: SignInPage) -> None:
    mailing = make_ready()
    page = signed_in_page()
    page.goto(url_of(mailing))
    expect(page.locator("#when-go")).to_be_hidden()
    page.get_by_label("Schedule", exact=True).check()
    expect(page.locator(".for-now")).to_be_hidden()
    expect(page.locator("#when-go")).to_contain_text("at 09:00")
    page.locator("#clock").fill("14:05")
    expect(page.locator("#when-go")).to_contain_text("at 14:05")
    expect(page.locator("#clock")).to_be_focused()
    page.get_by_role("link", name="Check again").click()
    expect(page.locator("#checks")).to_contain_text("Ready to send")
    expect(page.locator("#when-go")).to_contain_text("at 14:05")
    page.locator("#zone").select_option("Asia/Tokyo")
    expect(page.locator("#when-go")).to_contain_text("Here it is then")
    page.locator("#clock").press("Enter")
    page.wait_for_url(f"**/mailings/{mailing.id}")
    expect(page.locator("#live")).to_contain_text("Tokyo (UTC+9)")


def test_send_now_asks_once_and_leads_to_the_mailing(signed_in_page: SignInPage) -> None:
    mailing = make_ready()
    page = signed_in_page()
    page.goto(url_of(mailing))
    page.get_by_role("button", name="Send now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("E-mail to 1 person")
    dialog.get_by_role("button", name="Send now").click()
    page.wait_for_url(f"**/mailings/{mailing.id}")
