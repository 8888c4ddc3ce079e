import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_mailing
from tests.support.pictures import picture
from webapp.accounts.rights import Role
from webapp.mailings.models import ContentState, Mailing, State
from webapp.platform.database import db
from webapp.views.security import UPLOADS

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]
FRAGMENT = {"HX-Request": "true"}

FOOTER = '<a href="[[link.unsubscribe]]">Leave</a>'


def make_draft(html: str | None = "<p>Hi</p>") -> Mailing:
    content = {"kind": "html", "html": html + FOOTER} if html is not None else None
    return make_mailing("Lumo", state=State.DRAFT, content=content)


def url_of(mailing: Mailing, rest: str) -> str:
    return f"/mailings/{mailing.id}/draft/{rest}"


def html_of(mailing: Mailing) -> str:
    db.session.refresh(mailing)
    return str((mailing.content or {}).get("html"))


def test_the_template_step_leads_to_html_of_ones_own(signed_in: SignIn) -> None:
    mailing = make_draft(None)
    assert url_of(mailing, "html") in signed_in().get(url_of(mailing, "template?shelf=html")).text


def test_all_of_its_card_leads_there(signed_in_page: SignInPage) -> None:
    mailing = make_draft(None)
    page = signed_in_page()
    page.goto(url_of(mailing, "template?shelf=html"))
    card = page.locator(".card-link")
    around = card.bounding_box()
    assert around
    card.click(position={"x": around["width"] - 4, "y": around["height"] - 4})
    page.wait_for_url("**/draft/html")


def test_pasted_html_becomes_the_content(signed_in: SignIn) -> None:
    mailing = make_draft(None)
    answer = signed_in().post(
        url_of(mailing, "html"),
        data={"html": "<p>Hi [[customer.firstname]]</p><script>x</script>"},
        follow_redirects=True,
    )
    assert answer.request.path == url_of(mailing, "source")
    assert "Scripts were removed" in answer.text
    assert "There was no unsubscribe link" in answer.text
    assert "Hi [[customer.firstname]]" in html_of(mailing)
    assert "Scripts were removed" not in signed_in().get(url_of(mailing, "source")).text


def test_a_file_of_any_encoding_becomes_the_content(signed_in: SignIn) -> None:
    mailing = make_draft()
    html = f"<meta charset=iso-8859-1><p>Rød grød</p>{FOOTER}".encode("latin-1")
    signed_in().post(url_of(mailing, "html"), data={"file": (BytesIO(html), "mail.html")})
    assert "Rød grød" in html_of(mailing)


def test_a_zip_brings_its_images(signed_in: SignIn) -> None:
    mailing = make_draft(None)
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("a.html", f'<img src="lamp.png"><img src="gone.png">{FOOTER}')
        archive.writestr("lamp.png", picture())
    packed.seek(0)
    page = signed_in().post(
        url_of(mailing, "html"), data={"file": (packed, "mail.zip")}, follow_redirects=True
    )
    assert "1 image is not there, and nobody will see it: gone.png" in page.text
    assert "/i/" in html_of(mailing)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose a file, or paste the HTML."),
        ({"html": "  "}, "Choose a file, or paste the HTML."),
        ({"html": "x" * 1_000_001}, "This HTML is too large for an e-mail."),
        ({"file": (b"%PDF", "mail.pdf")}, "There is no HTML in this file."),
        ({"file": (b"PK\x03\x04", "mail.zip")}, "This ZIP is damaged"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    signed_in: SignIn, data: dict[str, object], words: str
) -> None:
    mailing = make_draft()
    sent = {
        name: (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
        for name, value in data.items()
    }
    answer = signed_in().post(url_of(mailing, "html"), data=sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<p>Hi</p>" in html_of(mailing)


def test_a_file_that_is_not_even_read_says_so(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(UPLOADS, "own_html.new", 50_000)
    mailing = make_draft()
    answer = signed_in().post(
        url_of(mailing, "html"),
        data={"file": (BytesIO(b"x" * 60_000), "mail.zip")},
        follow_redirects=True,
    )
    assert "This file is too large for an e-mail: at most 50 KB." in answer.text


def test_own_html_is_edited_as_source(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    content = browser.get(url_of(mailing, "content"))
    assert content.headers["Location"] == url_of(mailing, "source")
    answer = browser.post(
        url_of(mailing, "source"), data={"version": 0, "html": "<p>Bye</p>"}, follow_redirects=True
    )
    assert "There was no unsubscribe link" in answer.text
    assert "Bye" in html_of(mailing)
    assert "[[link.unsubscribe]]" in html_of(mailing)


def test_a_late_edit_is_refused_and_what_was_typed_stays(signed_in: SignIn) -> None:
    mailing = make_draft()
    answer = signed_in().post(url_of(mailing, "source"), data={"version": 7, "html": "<p>Late</p>"})
    assert answer.status_code == 422
    assert "Somebody else changed this e-mail meanwhile" in answer.text
    assert "&lt;p&gt;Late&lt;/p&gt;" in answer.text
    assert "Late" not in html_of(mailing)


def test_it_saves_by_itself_and_says_what_it_changed(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    data = {"version": 0, "html": "<p>Bye</p><script>x()</script>"}
    answer = browser.post(url_of(mailing, "source"), data=data, headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<textarea" not in answer.text
    assert answer.headers["HX-Trigger"] == '{"content-saved": {"version": 1}}'
    assert "Scripts were removed" in answer.text
    assert "Bye" in html_of(mailing)


def test_two_people_choose_whose_stays(signed_in: SignIn) -> None:
    mailing, browser, colleague = make_draft(), signed_in(), signed_in(Role.MARKETER)
    address = url_of(mailing, "source")
    theirs = {"version": 0, "html": "<p>Theirs</p>"}
    colleague.post(address, data=theirs, follow_redirects=True)
    mine = {"version": 0, "html": "<p>Mine</p>"}
    for _time in range(2):
        answer = browser.post(address, data=mine, headers=FRAGMENT)
        assert answer.status_code == 422
        assert "Marketer is in this e-mail too" in answer.text
        assert "Look at theirs" in answer.text
        assert 'name="over" value="1"' in answer.text
        assert "Theirs" in html_of(mailing)
    assert browser.post(address, data=mine | {"over": 1}, headers=FRAGMENT).status_code == 200
    assert "Mine" in html_of(mailing)


def test_the_plain_text_that_somebody_wrote_stays(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    browser.post(url_of(mailing, "text"), data={"version": 0, "text": "My own words"})
    browser.post(url_of(mailing, "source"), data={"version": 1, "html": "<p>Bye</p>"})
    assert "Bye" in html_of(mailing)
    assert (mailing.content or {})["text"] == "My own words"


@pytest.mark.parametrize(
    "press",
    [
        lambda page: page.get_by_role("link", name="Continue").click(),
        lambda page: page.get_by_role("link", name="Mobile").click(),
        lambda page: page.get_by_role("button", name="Undo").click(),
    ],
    ids=["continue", "mobile", "undo"],
)
def test_nothing_that_was_typed_is_lost_by_going_on(
    signed_in_page: SignInPage, press: Callable[[Page], None]
) -> None:
    mailing = make_draft()
    page = signed_in_page()
    page.goto(url_of(mailing, "source"))
    page.get_by_label("HTML").fill("<p>Typed at the last moment</p>")
    with page.expect_navigation():
        press(page)
    db.session.rollback()
    states = db.session.scalars(select(ContentState).filter_by(mailing_id=mailing.id))
    assert "Typed at the last moment" in str([state.content for state in states])


def test_the_preview_follows_and_the_state_is_shown(signed_in_page: SignInPage) -> None:
    mailing = make_draft()
    page = signed_in_page()
    page.goto(url_of(mailing, "source"))
    page.get_by_label("HTML").fill("<p>Look at this</p>")
    expect(page.locator("#editor-saved")).to_contain_text("Saved")
    expect(page.frame_locator("[data-look] iframe").get_by_text("Look at this")).to_be_visible()
    expect(page.locator("[data-saves] [name=version]")).to_have_value("1")


def test_mine_is_kept_on_request_and_nothing_else_overwrites_a_colleague(
    signed_in_page: SignInPage, signed_in: SignIn
) -> None:
    mailing = make_draft()
    page = signed_in_page()
    page.goto(url_of(mailing, "source"))
    signed_in(Role.MARKETER).post(
        url_of(mailing, "source"), data={"version": 0, "html": "<p>Theirs</p>"}
    )
    page.get_by_label("HTML").fill("<p>Mine</p>")
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#editor-saved")).to_have_text("Not saved")
    expect(page.get_by_role("link", name="Look at theirs")).to_be_visible()
    assert "Theirs" in html_of(mailing)
    field = page.get_by_label("HTML")
    field.press_sequentially(" ")
    # Leaving the field saves it, and is refused, before the button is let go.
    page.get_by_role("button", name="Keep mine").click(delay=1000)
    expect(page.locator("#editor-saved")).to_contain_text("Saved")
    expect(page.get_by_role("link", name="Look at theirs")).to_have_count(0)
    db.session.rollback()
    assert "Mine" in html_of(mailing)


def test_a_merge_tag_is_written_where_the_cursor_is(signed_in_page: SignInPage) -> None:
    mailing = make_draft("<p>Hi </p>")
    page = signed_in_page()
    page.goto(url_of(mailing, "source"))
    field = page.get_by_label("HTML")
    field.focus()
    field.evaluate("field => field.setSelectionRange(6, 6)")
    page.get_by_text("Merge tag", exact=True).click()
    page.locator('[data-inserts="[[customer.firstname]]"]').click()
    expect(field).to_have_value("<p>Hi [[customer.firstname]]</p>" + FOOTER)
    expect(page.locator("#editor-saved")).to_contain_text("Saved")


def test_it_is_shown_as_somebody_reads_it_on_a_phone_in_the_dark(signed_in: SignIn) -> None:
    style = "<style>@media (prefers-color-scheme:dark){p{color:#fff}}</style>"
    mailing = make_draft(f"{style}<p>Hi [[customer.firstname]]</p>")
    person = make_contact()
    browser = signed_in()
    page = browser.get(
        url_of(mailing, f"content?as={person.id}&width=mobile&dark=yes"), follow_redirects=True
    )
    assert "is-mobile" in page.text
    shown = re.search(r'<iframe src="([^"]+)"', page.text)
    assert shown
    look = browser.get(unescape(shown[1]))
    assert "Hi Karen" in look.text
    assert "(min-width:0)" in look.text
    policy = look.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_an_e_mail_is_never_wider_than_its_preview(signed_in_page: SignInPage) -> None:
    mailing = make_draft('<table width="600"><tr><td>Wide</td></tr></table>')
    page = signed_in_page()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(url_of(mailing, "source"))
        frame = page.locator("[data-look] iframe").bounding_box()
        around = page.locator("[data-look]").bounding_box()
        assert frame
        assert around
        assert frame["x"] + frame["width"] <= around["x"] + around["width"]
        inside = page.frame_locator("[data-look] iframe").locator("html")
        assert inside.evaluate("root => root.scrollWidth <= root.clientWidth")


def test_its_size_is_shown_with_a_warning_when_gmail_would_cut_it(signed_in: SignIn) -> None:
    browser = signed_in()
    small = browser.get(url_of(make_draft(), "source")).text
    assert "1 KB" in small
    assert "Gmail cuts it" not in small
    large = browser.get(url_of(make_draft("<p>Hi</p>" * 12_000), "source")).text
    assert "The message is 109 KB. Gmail cuts it after 100 KB" in large


def test_blocks_have_no_source_page(signed_in: SignIn) -> None:
    mailing = make_mailing(state=State.DRAFT)
    answer = signed_in().get(url_of(mailing, "source"))
    assert answer.headers["Location"] == url_of(mailing, "content")
