import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import (
    make_content,
    make_folder,
    make_link,
    make_mailing,
    make_template,
    make_tracked_link,
)
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.content.links.tracked_links import tag_of
from webapp.content.models import FolderOf, TrackedLink
from webapp.mailings.models import State
from webapp.platform.database import db, utcnow
from webapp.response.models import Hit, HitKind

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}


def names() -> list[str]:
    found = select(TrackedLink.name).where(TrackedLink.deleted_at.is_(None))
    return list(db.session.scalars(found.order_by(TrackedLink.id)))


def test_an_empty_list_says_what_it_is_for(signed_in: SignIn) -> None:
    assert "Addresses that you use again and again" in signed_in().get("/links/").text
    assert "New link" not in signed_in(Role.VIEWER).get("/links/").text


def test_a_link_is_made_in_the_folder_that_is_shown(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.LINK)
    browser = signed_in(Role.AUTHOR)
    asked = browser.get(f"/links/new?folder={folder.id}", headers=FRAGMENT).text
    assert f'<option selected value="{folder.id}">' in asked
    page = browser.post(
        "/links/new",
        data={"name": "Lumo", "url": "fjordlys.example/lumo", "folder_id": folder.id},
        follow_redirects=True,
    ).text
    assert "“Lumo” is there." in page
    link = db.session.scalars(select(TrackedLink)).one()
    assert (link.url, link.folder) == ("https://fjordlys.example/lumo", folder)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Write where it leads."),
        ("nowhere", "It cannot lead there."),
        ("https://x.dk/[[customer.nme]]", "There is no merge tag called “customer.nme”."),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_at_its_field(
    signed_in: SignIn, url: str, words: str
) -> None:
    answer = signed_in().post("/links/new", data={"name": "Lumo", "url": url})
    assert answer.status_code == 422
    assert words in answer.text
    assert names() == []


def test_the_list_shows_clicks_and_mailings_of_each_link(signed_in: SignIn) -> None:
    link = make_tracked_link("Lumo", "https://www.fjordlys.example/lumo")
    mailing = make_mailing()
    make_link(mailing).tracked_link_id = link.id
    for number in range(1234):
        hit = Hit(
            mailing_id=mailing.id,
            recipient_id=1 + number % 56,
            kind=HitKind.CLICK,
            link_number=1,
            at=utcnow(),
            method="GET",
            user_agent="",
        )
        db.session.add(hit)
    page = signed_in(Role.VIEWER).get("/links/").text
    assert 'data-label="People">56<' in page
    assert 'data-label="Clicks">1,234<' in page
    assert '<td class="numbers wide">1</td>' in page
    assert "fjordlys.example/lumo" in page


def test_the_list_is_searched_and_shows_the_links_of_a_folder(signed_in: SignIn) -> None:
    make_tracked_link("Lumo", folder=make_folder("Lamps", of=FolderOf.LINK))
    make_tracked_link("Chairs", "https://fjordlys.example/chairs")
    browser = signed_in()
    found = browser.get("/links/?q=chair", headers=FRAGMENT).text
    assert "Chairs" in found
    assert "Lumo" not in found
    folder = db.session.scalars(select(TrackedLink.folder_id).where(TrackedLink.name == "Lumo"))
    found = browser.get(f"/links/?folder={folder.one()}", headers=FRAGMENT).text
    assert "Chairs" not in found
    assert "Lumo" in found
    assert "No link fits this search." in browser.get("/links/?q=x9").text


def test_a_link_has_a_page_that_says_where_it_is_used(signed_in: SignIn) -> None:
    link = make_tracked_link("Lumo")
    draft = make_mailing("Draft of May", state=State.DRAFT, content=make_content(tag_of(link)))
    page = signed_in().get(f"/links/{link.id}").text
    assert "Draft of May" in page
    assert f"/mailings/{draft.id}/draft/content" in page
    viewer = signed_in(Role.VIEWER).get(f"/links/{link.id}").text
    assert "Draft of May" in viewer
    assert "/draft/content" not in viewer


def test_a_link_is_renamed_and_led_elsewhere(signed_in: SignIn) -> None:
    link = make_tracked_link("Lumo")
    data = {"name": "Lumo 2", "url": "https://x.dk/2", "folder_id": ""}
    page = signed_in().post(f"/links/{link.id}/edit", data=data, follow_redirects=True).text
    assert "Saved." in page
    assert (link.name, link.url) == ("Lumo 2", "https://x.dk/2")
    answer = signed_in().post(f"/links/{link.id}/edit", data=data | {"url": "nowhere"})
    assert answer.status_code == 422
    assert "It cannot lead there." in answer.text
    assert link.url == "https://x.dk/2"


def test_links_are_moved_deleted_and_brought_back(signed_in: SignIn) -> None:
    links = [make_tracked_link("Lumo"), make_tracked_link("Chairs")]
    folder = make_folder("Lamps", of=FolderOf.LINK)
    browser, ids = signed_in(), [link.id for link in links]
    browser.post("/links/move", data={"link": ids, "folder": folder.id})
    assert {link.folder_id for link in links} == {folder.id}
    page = browser.post("/links/delete", data={"link": ids}, follow_redirects=True).text
    assert "2 links are deleted. What was sent goes on leading there." in page
    undo = "/deleted/link/restore?" + "&amp;".join(f"id={each}" for each in ids)
    assert f'action="{undo}"' in page
    assert names() == []
    assert browser.get(f"/links/{ids[0]}").status_code == 404
    browser.post(undo.replace("&amp;", "&"))
    assert names() == ["Lumo", "Chairs"]


def test_clicks_are_counted_from_now_on(signed_in: SignIn) -> None:
    link = make_tracked_link()
    page = signed_in().post(f"/links/{link.id}/reset", follow_redirects=True).text
    assert "Counted from" in page
    assert link.counted_from is not None


def test_a_link_that_is_made_in_the_dialogue_is_told_to_the_page(signed_in: SignIn) -> None:
    answer = signed_in().post(
        "/links/choose/tracked", data={"name": "Ål", "url": "x.dk/å"}, headers=FRAGMENT
    )
    link = db.session.scalars(select(TrackedLink)).one()
    assert answer.status_code == 204
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "link-chosen": {"value": tag_of(link), "name": "Ål", "address": "x.dk/å"}
    }


@pytest.mark.parametrize(
    ("value", "tab"),
    [
        ("", "Tracked"),
        ("https://x.dk", "Plain"),
        ("[[link.unsubscribe]]", "Special"),
        ("[[link.tracked.1]]", "Plain"),
    ],
)
def test_the_dialogue_opens_where_the_value_is_found(
    signed_in: SignIn, value: str, tab: str
) -> None:
    page = signed_in().get("/links/choose/", query_string={"value": value}, headers=FRAGMENT).text
    assert f">{tab}</a>" in page.split('aria-current="true"')[1]


def test_the_dialogue_shows_which_link_is_chosen_now(signed_in: SignIn) -> None:
    link = make_tracked_link("Lumo")
    make_tracked_link("Chairs")
    page = signed_in().get("/links/choose/", query_string={"value": tag_of(link)}).text
    assert page.count("Chosen now") == 1


def test_a_link_names_the_templates_that_use_it(signed_in: SignIn) -> None:
    link = make_tracked_link()
    make_template("Frame of the winter", document=make_content(tag_of(link)))
    make_template("Another", document=make_content())
    page = signed_in().get(f"/links/{link.id}").text
    assert "Frame of the winter" in page
    assert "Another" not in page


def test_making_renaming_and_moving_a_link_is_audited(signed_in: SignIn) -> None:
    folder, browser = make_folder("Lamps", of=FolderOf.LINK), signed_in()
    browser.post("/links/new", data={"name": "Lumo", "url": "fjordlys.example/lumo"})
    link = db.session.scalars(select(TrackedLink)).one()
    data = {"name": "Lumo lamps", "url": link.url, "folder_id": folder.id}
    browser.post(f"/links/{link.id}/edit", data=data)
    browser.post("/links/move", data={"link": link.id, "folder": ""})
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("tracked link")] == [
        "tracked link made",
        "tracked link renamed",
        "tracked link put into folder",
        "tracked link put into folder",
    ]
