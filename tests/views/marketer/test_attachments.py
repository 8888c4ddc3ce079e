from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from tests.factories import make_mailing
from webapp.accounts.rights import Role
from webapp.mailings import attachments
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.views.security import UPLOADS

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}


def make_draft() -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT)


def upload(
    browser: FlaskClient, mailing: Mailing, *files: tuple[str, bytes], fragment: bool = True
) -> TestResponse:
    return browser.post(
        f"/mailings/{mailing.id}/draft/attachments",
        data={"file": [(BytesIO(content), name) for name, content in files]},
        headers=FRAGMENT if fragment else {},
    )


def names(mailing: Mailing) -> list[str]:
    return [attachment.name for attachment in attachments.of(mailing)]


def test_several_files_are_attached_at_once(signed_in: SignIn) -> None:
    mailing = make_draft()
    answer = upload(
        signed_in(), mailing, ("prices.pdf", b"x" * 812_000), ("film.mp4", b"x" * 2_300_000)
    )
    assert answer.status_code == 200
    assert names(mailing) == ["prices.pdf", "film.mp4"]
    assert "<html" not in answer.text
    assert "812 KB" in answer.text
    assert "3.1 MB of 25 MB" in answer.text
    assert 'id="saved" hx-swap-oob' in answer.text


def test_files_are_attached_and_removed_without_scripts_too(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    answer = upload(browser, mailing, ("prices.pdf", b"%PDF"), fragment=False)
    assert answer.location == f"/mailings/{mailing.id}/draft/setup"
    assert "prices.pdf" in browser.get(answer.location).text
    [attachment] = attachments.of(mailing)
    url = f"/mailings/{mailing.id}/draft/attachments/{attachment.id}/remove"
    answer = browser.post(url)
    assert answer.location == f"/mailings/{mailing.id}/draft/setup"
    assert "prices.pdf" not in browser.get(answer.location).text


def test_a_file_that_cannot_be_taken_does_not_hold_up_the_others(signed_in: SignIn) -> None:
    mailing = make_draft()
    answer = upload(signed_in(), mailing, ("empty.pdf", b""), ("prices.pdf", b"%PDF"))
    assert answer.status_code == 422
    assert "“empty.pdf” is empty." in answer.text
    assert names(mailing) == ["prices.pdf"]


def test_a_form_without_a_file_asks_for_one(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    answer = upload(browser, mailing, ("", b""), fragment=False)
    assert "Choose the files to attach." in browser.get(answer.location).text


def test_more_than_the_limit_is_refused_with_what_is_left(signed_in: SignIn) -> None:
    mailing = make_draft()
    attachments.add(mailing, "prices.pdf", b"x" * 4_000_000)
    answer = upload(signed_in(), mailing, ("film.mp4", b"x" * 21_500_000))
    assert answer.status_code == 422
    assert "it takes 21.5 MB, and 21 MB of 25 MB are left" in answer.text
    assert names(mailing) == ["prices.pdf"]


def test_what_is_too_large_to_be_read_says_so_in_its_place(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    huge = ("film.mp4", b"x" * UPLOADS["attachments.add"])
    answer = upload(browser, mailing, huge)
    assert answer.status_code == 422
    assert "The chosen files are too large: 25 MB of 25 MB are left." in answer.text
    assert 'id="attachments"' in answer.text
    answer = upload(browser, mailing, huge, fragment=False)
    assert "The chosen files are too large" in browser.get(answer.location).text


def test_a_name_is_shown_as_text(signed_in: SignIn) -> None:
    mailing = make_draft()
    attachments.add(mailing, '<img src=x>".pdf', b"x")
    page = signed_in().get(f"/mailings/{mailing.id}/draft/setup").text
    assert "&lt;img src=x&gt;" in page
    assert "<img src=x>" not in page


def test_a_file_is_downloaded_and_never_shown(signed_in: SignIn) -> None:
    mailing = make_draft()
    attachment = attachments.add(mailing, "prislisten på dansk.html", b"<script>alert(1)</script>")
    answer = signed_in(Role.VIEWER).get(f"/mailings/{mailing.id}/attachments/{attachment.id}")
    assert answer.data == b"<script>alert(1)</script>"
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "prislisten%20p%C3%A5%20dansk.html" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_of_another_mailing_is_not_found(signed_in: SignIn) -> None:
    attachment = attachments.add(make_draft(), "prices.pdf", b"x")
    address = f"/mailings/{make_draft().id}/attachments/{attachment.id}"
    assert signed_in().get(address).status_code == 404


def test_the_page_of_a_sent_mailing_lists_its_files(signed_in: SignIn) -> None:
    mailing = make_draft()
    attachment = attachments.add(mailing, "prices.pdf", b"x" * 3_140_000)
    mailing.state = State.SENT
    page = signed_in(Role.VIEWER).get(f"/mailings/{mailing.id}/content").text
    assert f'href="/mailings/{mailing.id}/attachments/{attachment.id}"' in page
    assert "3.1 MB" in page


def test_the_files_of_a_sent_mailing_stay_as_they_are(signed_in: SignIn) -> None:
    mailing = make_draft()
    attachment = attachments.add(mailing, "prices.pdf", b"x")
    mailing.state = State.SENT
    browser = signed_in()
    answer = upload(browser, mailing, ("late.pdf", b"x"), fragment=False)
    assert answer.location == f"/mailings/{mailing.id}"
    browser.post(f"/mailings/{mailing.id}/draft/attachments/{attachment.id}/remove")
    assert names(mailing) == ["prices.pdf"]


def test_files_are_uploaded_as_soon_as_they_are_chosen(
    signed_in_page: SignInPage, tmp_path: Path
) -> None:
    mailing = make_draft()
    db.session.commit()
    for name in ("prices.pdf", "film.mp4", "huge.zip"):
        size = UPLOADS["attachments.add"] if name == "huge.zip" else 40_000
        (tmp_path / name).write_bytes(b"x" * size)
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/draft/setup")
    page.get_by_label("Subject", exact=True).fill("Typed meanwhile")
    chooser = page.locator("#files")
    chooser.set_input_files([tmp_path / "prices.pdf", tmp_path / "film.mp4"])
    expect(page.get_by_text("80 KB of 25 MB")).to_be_visible()
    chooser.set_input_files(tmp_path / "huge.zip")
    expect(page.get_by_role("alert")).to_contain_text("The chosen files are too large")
    page.get_by_role("button", name="Remove film.mp4").click()
    expect(page.get_by_text("40 KB of 25 MB")).to_be_visible()
    expect(page.get_by_role("link", name="film.mp4")).to_have_count(0)
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Typed meanwhile")
