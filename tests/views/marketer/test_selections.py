from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_mailing
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.mailings import sources
from webapp.mailings.models import State
from webapp.platform.database import db
from webapp.targets import projects, selections
from webapp.targets.models import Project, Selection

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]


def _dealers(*names: str) -> Selection:
    selection = selections.create("Dealers", None)
    people = [make_contact(name, f"p{index}@fjordlys.example") for index, name in enumerate(names)]
    selections.add_members(selection.id, [person.id for person in people])
    return selection


def test_the_list_shows_members_and_owner(signed_in: SignIn) -> None:
    browser = signed_in()
    browser.post("/selections/new", data={"name": "Dealers", "description": "They sell lamps"})
    selection = db.session.scalars(select(Selection)).one()
    selections.add_members(selection.id, [make_contact().id])
    page = browser.get("/selections/").text
    for text in ("Dealers", "They sell lamps", "Mette Administrator", 'data-label="Members">1<'):
        assert text in page


def test_an_empty_desk_says_what_selections_are_for(signed_in: SignIn) -> None:
    assert "Gather the people you want to reach" in signed_in().get("/selections/").text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("DEALERS", "There is already a selection called “DEALERS”."),
        (" \n", "Give the selection a name."),
        ("x" * 201, "keep it under 200 characters"),
    ],
)
def test_a_wrong_name_is_told_at_its_field(signed_in: SignIn, name: str, sentence: str) -> None:
    _dealers()
    answer = signed_in().post("/selections/new", data={"name": name})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'id="name-error"' in answer.text


def test_a_selection_is_renamed_and_not_to_a_name_that_is_taken(signed_in: SignIn) -> None:
    selection, browser = _dealers(), signed_in()
    selections.create("Guests", None)
    taken = browser.post(f"/selections/{selection.id}/edit", data={"name": "guests"})
    assert taken.status_code == 422
    assert selection.name == "Dealers"
    browser.post(f"/selections/{selection.id}/edit", data={"name": "All dealers"})
    assert selection.name == "All dealers"


def test_the_card_shows_its_members_and_can_be_searched(signed_in: SignIn) -> None:
    selection = _dealers("Karen Dam", "Ole Voss")
    make_contact("Ib Outside", "ib@dam.example")
    browser = signed_in()
    card = browser.get(f"/selections/{selection.id}").text
    assert 'Members <span class="tab-count">2<' in " ".join(card.split())
    assert "Ib Outside" not in card
    found = browser.get(f"/selections/{selection.id}?q=voss", headers={"HX-Request": "true"}).text
    assert "Ole Voss" in found
    assert "Karen Dam" not in found


def test_a_selection_with_nobody_offers_to_add_people(signed_in: SignIn) -> None:
    card = signed_in().get(f"/selections/{_dealers().id}").text
    assert "Nobody is in it yet" in card
    assert "Create mailing" not in card


def test_everybody_found_can_be_added_at_once(signed_in: SignIn) -> None:
    selection = _dealers("Karen Dam")
    make_contact("Ole Dam", "ole@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    answer = signed_in().post(
        f"/selections/{selection.id}/members",
        data={"everybody": "yes", "q": "dam"},
        follow_redirects=True,
    )
    assert "1 person is added." in answer.text
    assert selections.size(selection.id) == 2


def test_ticked_members_are_removed_and_stay_contacts(signed_in: SignIn) -> None:
    selection = _dealers("Karen Dam", "Ole Voss")
    karen = db.session.scalars(selections.members(selection.id)).first()
    assert karen
    answer = signed_in().post(
        f"/selections/{selection.id}/members/remove",
        data={"contact": karen.id},
        follow_redirects=True,
    )
    assert "1 person is removed." in answer.text
    assert db.session.scalars(selections.members(selection.id)).one().name == "Ole Voss"


def test_deleting_a_selection_is_audited(signed_in: SignIn) -> None:
    signed_in().post(f"/selections/{_dealers().id}/delete")
    assert db.session.scalars(select(Selection)).all() == []
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.detail["name"]) == ("selection deleted", "Dealers")


def test_deleting_says_what_becomes_of_its_mailings(signed_in: SignIn) -> None:
    selection, browser = _dealers("Karen Dam"), signed_in()
    for number in range(2):
        make_mailing(f"Draft {number}", state=State.DRAFT, selection=selection)
    make_mailing("Sent", selection=selection)
    for page in ("/selections/", f"/selections/{selection.id}"):
        words = browser.get(page).text
        assert "2 mailings that are not sent yet lose the recipients who come from it." in words
        assert "1 sent mailing keeps its recipients and figures." in words


def test_its_mailings_have_a_tab(signed_in: SignIn) -> None:
    selection, browser = _dealers("Karen Dam"), signed_in()
    url = f"/selections/{selection.id}/mailings"
    assert "No mailing goes to this selection yet." in browser.get(url).text
    draft = make_mailing("Sent to it", state=State.DRAFT)
    sources.add_selection(draft, selection)
    make_mailing("Linked to it", selection=selection)
    make_mailing("Something else")
    page = browser.get(url).text
    for name in ("Sent to it", "Linked to it"):
        assert name in page
    assert "Something else" not in page
    assert 'Mailings <span class="tab-count">2<' in " ".join(page.split())


def test_its_people_are_added_to_a_project(signed_in: SignIn) -> None:
    selection, browser = _dealers("Karen Dam", "Ole Voss"), signed_in()
    make_contact("Ib Voss", "ib@voss.example")
    url = f"/contacts/update?everybody=1&selection={selection.id}&what=project"
    assert url.replace("&", "&amp;") in browser.get(f"/selections/{selection.id}").text
    assert "Add 2 people" in browser.get(url).text
    data = {"project": "Fair", "role": "Guest", "go": "yes"}
    answer = browser.post(url, data=data, follow_redirects=True)
    assert answer.request.path == f"/selections/{selection.id}"
    assert "2 people are added to “Fair”." in answer.text
    project = db.session.scalars(select(Project)).one()
    karen = db.session.scalars(projects.members(project.id, "karen")).one()
    assert projects.roles_among(project.id, [karen.id]) == {karen.id: "Guest"}
    assert "Nothing to change" in browser.post(url, data=data | {"project": "FAIR"}).text


def test_one_person_is_added_from_the_card(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    page = {"Referer": f"http://localhost/contacts/{contact.id}/selections"}
    for name, answer in (
        (" Dealers\n", "Added to “Dealers”."),
        ("DEALERS", "Is in “Dealers” already."),
        (" ", "Write the name of a selection"),
    ):
        data = {"contact": contact.id, "selection": name}
        came = browser.post("/selections/join", data=data, headers=page, follow_redirects=True)
        assert came.request.path == f"/contacts/{contact.id}/selections"
        assert answer in came.text
    assert [found.name for found in selections.containing(contact.id)] == ["Dealers"]
    assert browser.post("/selections/join", data={"contact": 999_999}).status_code == 404


def test_names_are_suggested_while_one_is_typed(signed_in: SignIn) -> None:
    _dealers()
    selections.create("Guests", None)
    found = signed_in().get("/selections/suggestions?selection=GUE").text
    assert found.strip() == '<option value="Guests"></option>'


def test_an_author_sees_a_selection_and_cannot_change_it(signed_in: SignIn) -> None:
    selection, browser = _dealers("Karen Dam"), signed_in(Role.AUTHOR)
    card = browser.get(f"/selections/{selection.id}").text
    assert "Create mailing" in card
    assert "Add people" not in card
    for path in ("delete", "members", "members/remove"):
        assert browser.post(f"/selections/{selection.id}/{path}").status_code == 403


def test_a_selection_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    browser = signed_in()
    for path in ("", "/edit", "/add", "/mailings"):
        assert browser.get(f"/selections/999999{path}").status_code == 404


def test_people_are_searched_ticked_and_added(signed_in_page: SignInPage) -> None:
    selection = _dealers("Karen Dam")
    make_contact("Ole Dam", "ole@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    page = signed_in_page()
    page.goto(f"/selections/{selection.id}")
    page.get_by_role("link", name="Add people").click()
    # What is typed before the scripts run searches for nothing.
    page.wait_for_url("**/add")
    page.get_by_role("searchbox").press_sequentially("dam")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    expect(page.get_by_label("Choose Karen Dam")).to_have_count(0)
    page.get_by_label("Choose Ole Dam").check()
    page.get_by_role("button", name="Add to “Dealers”").click()
    expect(page.get_by_text("1 person is added.")).to_be_visible()
    expect(page.get_by_role("link", name="Members 2")).to_be_visible()
