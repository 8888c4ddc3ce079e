from collections.abc import Callable

from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_content, make_mailing
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.mailings import sources
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]


def make_ready(**values: object) -> Mailing:
    mailing = make_mailing(state=State.DRAFT, preheader="It dims", **values)
    sources.add_contact(mailing, make_contact())
    return mailing


def url_of(mailing: Mailing, rest: str = "") -> str:
    return f"/mailings/{mailing.id}/draft/confirm{rest}"


def test_a_ready_mailing_is_summed_up_and_sent(signed_in: SignIn) -> None:
    mailing = make_ready()
    browser = signed_in(Role.MARKETER)
    page = browser.get(url_of(mailing)).text
    assert "Ready to send" in page
    assert "1 of 1" in page
    answer = browser.post(url_of(mailing, "/send"))
    assert answer.headers["Location"] == f"/mailings/{mailing.id}"
    db.session.refresh(mailing)
    assert mailing.state == State.PREPARING


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
    page = browser.get(url_of(mailing)).text
    assert "One thing to fix before it can go" in page
    assert "Use firstname" in page
    answer = browser.post(url_of(mailing, "/send"))
    assert answer.status_code == 422
    db.session.refresh(mailing)
    assert mailing.state == State.DRAFT


def test_one_click_mends_an_unknown_tag(signed_in: SignIn) -> None:
    mailing = make_ready(subject="Hi [[customer.fristname]]")
    data = {"kind": "text", "old": "[[customer.fristname]]"}
    page = signed_in().post(url_of(mailing, "/fix"), data=data, follow_redirects=True).text
    assert "Ready to send" in page
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
    page = browser.get(url_of(mailing)).text
    assert "1 recipient has no value for “First name”" in page
    listed = browser.get(
        f"/mailings/{mailing.id}/draft/recipients?show=mailed&without=customer.firstname",
        headers={"HX-Request": "true"},
    ).text
    assert "nameless@lys.example" in listed
    assert "Karen" not in listed


def test_send_now_asks_once_and_leads_to_the_mailing(signed_in_page: SignInPage) -> None:
    mailing = make_ready()
    page = signed_in_page()
    page.goto(url_of(mailing))
    page.get_by_role("button", name="Send now").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("E-mail to 1 person")
    dialog.get_by_role("button", name="Send now").click()
    page.wait_for_url(f"**/mailings/{mailing.id}")
