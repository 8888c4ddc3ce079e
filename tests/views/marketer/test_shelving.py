import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.factories import make_folder, make_mailing, make_template
from webapp.accounts.rights import Role
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

LIST = {"Referer": "http://localhost/mailings/?shelf=all&page=2"}
FRAGMENT = {"HX-Request": "true"}


def undo(browser: FlaskClient) -> str:
    """The address that the toast of the next page posts to."""
    found = re.search(r'class="toast">.+?action="([^"]+)"', browser.get("/mailings/").text, re.S)
    assert found
    return found.group(1).replace("&amp;", "&")


def names(browser: FlaskClient, query: str = "shelf=all") -> list[str]:
    page = browser.get(f"/mailings/?{query}").text
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


def test_a_mailing_is_deleted_and_undone(signed_in: SignIn) -> None:
    mailing, browser = make_mailing("Old news"), signed_in()
    answer = browser.post("/mailings/delete", data={"mailing": mailing.id}, headers=LIST)
    assert answer.headers["Location"] == LIST["Referer"]
    assert browser.get(f"/mailings/{mailing.id}").status_code == 404
    assert names(browser) == []
    browser.post("/mailings/delete", data={"mailing": make_mailing("Another").id})
    address = f"/deleted/mailing/restore?id={mailing.id}"
    assert undo(browser) != address
    browser.post(address)
    assert names(browser) == ["Old news"]


def test_several_are_deleted_and_come_back_together(signed_in: SignIn) -> None:
    mailings = [make_mailing(f"News {number}") for number in range(3)]
    running = make_mailing("On its way", state=State.SENDING)
    browser = signed_in()
    browser.post("/mailings/delete", data={"mailing": [each.id for each in [*mailings, running]]})
    page = browser.get("/mailings/").text
    assert "3 mailings are deleted. 1 is being sent and stays" in page
    assert names(browser) == ["On its way"]
    browser.post("/deleted/mailing/restore", data={"id": [each.id for each in mailings]})
    assert "3 are back" in browser.get("/mailings/").text
    assert len(names(browser)) == 4


def test_an_author_is_told_what_only_others_may_delete(signed_in: SignIn) -> None:
    make_mailing("Dealer news", state=State.SENT)
    sent, draft = make_mailing("News", state=State.SENT), make_mailing(state=State.DRAFT)
    author = signed_in(Role.AUTHOR)
    page = author.get("/mailings/?shelf=all").text
    assert page.count(' action="/mailings/delete"') == 1
    answer = author.post("/mailings/delete", data={"mailing": sent.id})
    assert "Who may send mailings can delete it." in answer.text
    author.post("/mailings/delete", data={"mailing": [sent.id, draft.id]})
    page = author.get("/mailings/").text
    assert "1 is scheduled or sent by somebody else and stays" in page


def test_what_was_deleted_is_listed_and_restored(signed_in: SignIn) -> None:
    late = utcnow() - timedelta(days=31)
    make_mailing("Forgotten", deleted_at=late)
    mailing = make_mailing("Old news", deleted_at=utcnow())
    make_template("Old frame", deleted_at=utcnow())
    browser = signed_in()
    assert 'href="/deleted/mailing/"' in browser.get("/mailings/").text
    page = browser.get("/deleted/mailing/").text
    assert "for 30 days" in page
    assert "Old news" in page
    assert "Forgotten" not in page
    assert "Old frame" in browser.get("/deleted/template/").text
    back = browser.post("/deleted/mailing/restore", data={"id": mailing.id})
    assert back.status_code == 303
    assert "“Old news” is back" in browser.get("/mailings/").text
    for address in ("/deleted/mailing/restore?id=404", "/deleted/horse/restore?id=1"):
        assert browser.post(address).status_code == 404


def test_a_restored_mailing_that_was_scheduled_says_what_it_is_now(signed_in: SignIn) -> None:
    at = utcnow() + timedelta(hours=1)
    mailing = make_mailing("Soon", state=State.SCHEDULED, scheduled_at=at, scheduled_zone="UTC")
    signed_in().post("/mailings/delete", data={"mailing": mailing.id})
    author = signed_in(Role.AUTHOR)
    author.post(f"/deleted/mailing/restore?id={mailing.id}")
    assert "“Soon” is back. 1 was scheduled and is a draft now" in author.get("/mailings/").text


def test_what_is_being_sent_stays(signed_in: SignIn) -> None:
    mailing, browser = make_mailing(state=State.SENDING), signed_in()
    answer = browser.post("/mailings/delete", data={"mailing": mailing.id})
    assert answer.status_code == 422
    assert "It can be deleted when it is finished." in answer.text


def test_mailings_are_moved_to_a_folder_and_back(signed_in: SignIn) -> None:
    folder, other = make_folder("Newsletters"), make_folder("Dealers")
    one, two = make_mailing("Advent, door 1", folder=other), make_mailing("Advent, door 2")
    browser = signed_in()
    chosen = {"mailing": [one.id, two.id]}
    form = browser.post("/mailings/move", data=chosen)
    assert "Move 2 mailings" in form.text
    assert form.text.count('type="hidden" name="mailing"') == 2
    answer = browser.post("/mailings/move", data=chosen | {"folder": folder.id}, headers=LIST)
    assert answer.headers["Location"] == LIST["Referer"]
    assert names(browser, f"folder={folder.id}") == ["Advent, door 2", "Advent, door 1"]
    browser.post("/mailings/move", data={"mailing": one.id, "folder": ""})
    browser.post(undo(browser))
    assert db.session.get_one(Mailing, one.id).folder == folder


def test_the_dialogue_begins_with_the_folder_it_is_in(signed_in: SignIn) -> None:
    folder = make_folder("Newsletters")
    mailing = make_mailing("Advent, door 1", folder=folder)
    answer = signed_in().get(f"/mailings/move?mailing={mailing.id}", headers=FRAGMENT)
    assert answer.text.startswith("<dialog")
    assert "Move “Advent, door 1”" in answer.text
    assert f'selected value="{folder.id}"' in answer.text


def test_a_folder_that_is_gone_is_told(signed_in: SignIn) -> None:
    mailing = make_mailing()
    data = {"mailing": mailing.id, "folder": 404}
    answer = signed_in().post("/mailings/move", data=data, headers=FRAGMENT)
    assert answer.status_code == 422
    assert answer.text.startswith("<dialog")


@pytest.mark.parametrize("address", ["delete", "move"])
def test_nothing_chosen_has_no_answer(signed_in: SignIn, address: str) -> None:
    assert signed_in().post(f"/mailings/{address}").status_code == 404


@pytest.mark.parametrize("place", ["", "x", "1", "1-x", "404-404"])
def test_a_way_back_that_nobody_offered_does_nothing(signed_in: SignIn, place: str) -> None:
    assert signed_in().post(f"/mailings/put-back?place={place}").status_code == 404


def test_moving_and_deleting_are_undone_at_the_toast(signed_in_page: SignInPage) -> None:
    make_folder("Newsletters")
    make_mailing("Advent, door 1")
    make_mailing("Advent, door 2")
    page = signed_in_page()
    page.goto("/mailings/?as=tiles")
    expect(page.locator(".mailing-tile")).to_have_count(2)
    look = page.frame_locator(".mailing-tile iframe").first
    expect(look.get_by_role("heading").first).to_be_visible()

    page.get_by_label("Choose Advent, door 1").check()
    page.locator("#chosen").get_by_role("button", name="Move…").click()
    page.get_by_role("dialog").get_by_label("Folder").select_option("Newsletters")
    page.get_by_role("dialog").get_by_role("button", name="Move").click()
    expect(page.get_by_text("“Advent, door 1” moved to Newsletters")).to_be_visible()
    expect(page.get_by_role("link", name="Newsletters 1")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Newsletters 0")).to_be_visible()

    page.locator(".mailing-tile summary").first.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".mailing-tile")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".mailing-tile")).to_have_count(2)


def test_filters_are_chosen_from_menus_and_folders_made_in_a_dialogue(
    signed_in_page: SignInPage,
) -> None:
    make_mailing("Advent, door 1")
    make_mailing("Advent, door 2", state=State.DRAFT)
    page = signed_in_page()
    page.goto("/mailings/")
    page.get_by_text("State", exact=True).first.click()
    page.get_by_role("link", name="Draft 1").click()
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    expect(page.locator("#filter-state")).to_be_focused()
    page.get_by_role("searchbox").fill("door")
    expect(page).to_have_url(re.compile("q=door.*state=draft|state=draft.*q=door"))
    page.get_by_role("link", name="Remove filter “State”").click()
    expect(page.get_by_text("1–2 of 2")).to_be_visible()

    page.get_by_role("link", name="New folder").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Newsletters")
    page.get_by_role("dialog").get_by_role("button", name="Create").click()
    expect(page.get_by_text("This folder is empty.")).to_be_visible()
    expect(page.get_by_role("link", name="Newsletters 0")).to_have_attribute("aria-current", "true")
