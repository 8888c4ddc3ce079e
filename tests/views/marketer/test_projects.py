import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_contact, make_mailing, make_recipient
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.mailings.models import Mailing, State
from webapp.people.models import ListItem, ListName
from webapp.platform.database import db, utcnow
from webapp.targets import projects, selections
from webapp.targets.models import Project, ProjectStatus, Selection
from webapp.targets.projects import ProjectDetails

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}
FORM = {"name": "Showroom evening", "status": "running"}


def _evening(*names: str, role: str = "") -> Project:
    project = projects.create(ProjectDetails(name="Showroom evening"))
    people = [make_contact(name, f"p{index}@fjordlys.example") for index, name in enumerate(names)]
    projects.add_members(project.id, [person.id for person in people], role=role)
    return project


def _one(project: Project, text: str) -> int:
    found = db.session.scalars(projects.members(project.id, text)).one()
    return found.id


def _roles(project: Project) -> dict[str, str]:
    people = db.session.scalars(projects.members(project.id)).all()
    roles = projects.roles_among(project.id, [person.id for person in people])
    return {person.name: roles[person.id] for person in people}


def test_an_empty_desk_says_what_projects_are_for(signed_in: SignIn) -> None:
    page = signed_in().get("/projects/").text
    assert "Keep what belongs together in one place" in page
    assert "Begin a project" in page
    assert "Begin a project" not in signed_in(Role.VIEWER).get("/projects/").text


def test_a_project_is_made_and_stands_in_the_list(signed_in: SignIn) -> None:
    event = ListItem(list=ListName.PROJECT_TYPE, name="Event")
    db.session.add(event)
    db.session.flush()
    browser = signed_in()
    answer = browser.post(
        "/projects/new",
        data=FORM
        | {
            "type_id": event.id,
            "starts_on": "2024-11-20",
            "ends_on": "2024-11-21",
            "description": "Soup\nand lamps",
            "owner_id": make_user(Role.MARKETER).id,
        },
    )
    project = db.session.scalars(select(Project)).one()
    assert answer.location == f"/projects/{project.id}"
    assert (project.status, project.owner.name) == (ProjectStatus.RUNNING, "Mette Marketer")
    page = browser.get("/projects/").text
    for text in (
        "Showroom evening",
        "<bdi>Event</bdi> · <bdi>Soup",
        "Running",
        "20 Nov 2024 – 21 Nov 2024",
        "Mette Marketer",
    ):
        assert text in page
    assert "Soup\nand lamps" in browser.get(f"/projects/{project.id}").text


def test_whoever_makes_a_project_is_offered_as_its_owner(signed_in: SignIn) -> None:
    gone = make_user(Role.AUTHOR)
    gone.disabled_at = utcnow()
    form = signed_in().get("/projects/new").text
    assert re.search(r'<option selected value="\d+">Mette Administrator</option>', form)
    assert "Mette Author" not in form


def test_an_owner_who_signs_in_no_more_stays_the_owner(signed_in: SignIn) -> None:
    gone = make_user(Role.AUTHOR)
    project = projects.create(ProjectDetails(name="Fair", owner_id=gone.id))
    gone.disabled_at = utcnow()
    browser = signed_in()
    assert "Mette Author" in browser.get(f"/projects/{project.id}/edit").text
    browser.post(f"/projects/{project.id}/edit", data=FORM | {"owner_id": gone.id})
    assert (project.name, project.owner_id) == ("Showroom evening", gone.id)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "SHOWROOM EVENING", "There is already a project called “SHOWROOM EVENING”."),
        ("name", " \n", "Give the project a name."),
        ("name", "x" * 201, "keep it under 200 characters"),
        ("description", "x" * 50_000, "keep it under 2000 characters"),
        ("starts_on", "1066-10-14", "Choose a day between 1990 and 2100."),
        ("ends_on", "9999-12-31", "Choose a day between 1990 and 2100."),
        ("ends_on", "2026-11-19", "A project cannot end before it starts."),
        ("ends_on", "tomorrow", "Not a valid date value."),
        ("type_id", "999999", "Not a valid choice."),
        ("owner_id", "999999", "Not a valid choice."),
        ("owner_id", "me", "Invalid Choice: could not coerce."),
        ("status", "lost", "Invalid Choice: could not coerce."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(
    signed_in: SignIn, field: str, value: str, sentence: str
) -> None:
    _evening()
    db.session.add(ListItem(list=ListName.PROJECT_TYPE, name="Event"))
    typed = {"name": "Fête 🎪", "status": "running", "starts_on": "2026-11-20"} | {field: value}
    answer = signed_in().post("/projects/new", data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    if field != "name":
        assert "Fête 🎪" in answer.text
    if field in {"name", "description", "ends_on"} and value.strip():
        assert value in answer.text
    assert db.session.scalars(select(Project)).one().name == "Showroom evening"


def test_control_characters_and_directions_leave_a_plain_name(signed_in: SignIn) -> None:
    signed_in().post("/projects/new", data=FORM | {"name": "\u202eFair\x00 \t2026\n"})
    assert db.session.scalars(select(Project)).one().name == "Fair 2026"


def test_a_form_that_lost_a_field_asks_again(signed_in: SignIn) -> None:
    answer = signed_in().post("/projects/new", data={"name": "Fair"})
    assert answer.status_code == 422
    assert 'id="status-error"' in answer.text


def test_a_project_is_changed_and_not_to_a_name_that_is_taken(signed_in: SignIn) -> None:
    project, browser = _evening(), signed_in()
    projects.create(ProjectDetails(name="Fair"))
    taken = browser.post(f"/projects/{project.id}/edit", data=FORM | {"name": "fair"})
    assert taken.status_code == 422
    browser.post(f"/projects/{project.id}/edit", data=FORM | {"name": "Evening"})
    assert (project.name, project.status) == ("Evening", ProjectStatus.RUNNING)


def test_the_list_is_narrowed_by_words_and_status(signed_in: SignIn) -> None:
    _evening()
    projects.create(ProjectDetails(name="Fair", status=ProjectStatus.FINISHED))
    browser = signed_in()
    found = {
        query: [
            name
            for name in ("Fair", "Showroom")
            if name in browser.get(f"/projects/?{query}", headers=FRAGMENT).text
        ]
        for query in ("q=FAI", "status=finished", "status=nonsense", "q=x", "sort=-starts&page=9")
    }
    assert found == {
        "q=FAI": ["Fair"],
        "status=finished": ["Fair"],
        "status=nonsense": ["Fair", "Showroom"],
        "q=x": [],
        "sort=-starts&page=9": ["Fair", "Showroom"],
    }
    assert "No project fits this search." in browser.get("/projects/?q=x").text


def test_the_members_show_their_roles_and_standing(signed_in: SignIn) -> None:
    project = _evening("Karen Dam", role="Speaker")
    make_contact("Ib Outside", "ib@dam.example")
    card = signed_in().get(f"/projects/{project.id}").text
    for text in ("Karen Dam", "Speaker", "Can get e-mail"):
        assert text in card
    assert "Ib Outside" not in card


def test_members_are_searched_and_sorted(signed_in: SignIn) -> None:
    project, browser = _evening("Karen Dam", "Ole Voss"), signed_in()
    found = browser.get(f"/projects/{project.id}?q=voss", headers=FRAGMENT).text
    assert "Ole Voss" in found
    assert "Karen Dam" not in found
    projects.change_role(project.id, [_one(project, "voss")], "Guest")
    page = browser.get(f"/projects/{project.id}?sort=role", headers=FRAGMENT).text
    assert page.index("Ole Voss") < page.index("Karen Dam")
    nobody = browser.get(f"/projects/{project.id}?q=zzz").text
    assert "Nobody in this project fits the search." in nobody


def test_a_project_with_nobody_offers_to_add_people(signed_in: SignIn) -> None:
    project = _evening()
    assert "Nobody takes part yet" in signed_in().get(f"/projects/{project.id}").text
    assert (
        "Search your contacts, tick"
        not in signed_in(Role.VIEWER).get(f"/projects/{project.id}").text
    )


def test_everybody_found_can_be_added_at_once_in_a_role(signed_in: SignIn) -> None:
    project = _evening("Karen Dam", role="Speaker")
    make_contact("Ole Dam", "ole@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    answer = signed_in().post(
        f"/projects/{project.id}/members",
        data={"everybody": "yes", "q": "dam", "role": "Guest\n"},
        follow_redirects=True,
    )
    assert "1 person is added." in answer.text
    assert _roles(project) == {"Karen Dam": "Speaker", "Ole Dam": "Guest"}


def test_ids_of_nobody_and_double_clicks_add_nobody(signed_in: SignIn) -> None:
    project, karen, browser = _evening(), make_contact(), signed_in()
    chosen = {"contact": [karen.id, 999_999, "x"], "role": "Guest"}
    for number in (1, 0):
        answer = browser.post(f"/projects/{project.id}/members", data=chosen, follow_redirects=True)
        words = "1 person is added." if number else "0 people are added."
        assert words in answer.text
    assert _roles(project) == {"Karen Blichfeldt": "Guest"}
    beyond = browser.post(f"/projects/{project.id}/members", data={"contact": 10**30})
    assert beyond.status_code == 400


def test_the_role_of_the_ticked_is_changed(signed_in: SignIn) -> None:
    project, browser = _evening("Karen Dam", "Ole Voss", role="Guest"), signed_in()
    karen = _one(project, "karen")
    url = f"/projects/{project.id}/members/role"
    answer = browser.post(url, data={"contact": karen, "role": "Speaker"}, follow_redirects=True)
    assert "The role of 1 person is changed." in answer.text
    assert _roles(project) == {"Karen Dam": "Speaker", "Ole Voss": "Guest"}
    browser.post(url, data={"contact": karen, "role": "x" * 5000})
    assert _roles(project)["Karen Dam"] == "x" * 100
    browser.post(url, data={"contact": karen})
    assert _roles(project)["Karen Dam"] == ""


def test_ticked_members_are_removed_and_stay_contacts(signed_in: SignIn) -> None:
    project = _evening("Karen Dam", "Ole Voss")
    answer = signed_in().post(
        f"/projects/{project.id}/members/remove",
        data={"contact": _one(project, "karen")},
        follow_redirects=True,
    )
    assert "1 person is removed." in answer.text
    assert list(_roles(project)) == ["Ole Voss"]


def test_its_people_are_added_to_a_selection(signed_in: SignIn) -> None:
    project, browser = _evening("Karen Dam", "Ole Voss"), signed_in()
    url = f"/contacts/update?everybody=1&project={project.id}&what=selection"
    assert url.replace("&", "&amp;") in browser.get(f"/projects/{project.id}").text
    data = {"selection": "Guests", "go": "yes"}
    answer = browser.post(url, data=data, follow_redirects=True)
    assert answer.request.path == f"/projects/{project.id}"
    assert "2 people are added to “Guests”." in answer.text
    guests = db.session.scalars(select(Selection)).one()
    assert selections.size(guests.id) == 2
    assert browser.get(url.replace(f"={project.id}", "=999999")).status_code == 404


def test_the_activities_show_mailings_with_state_and_figures(signed_in: SignIn) -> None:
    project, browser = _evening(), signed_in()
    url = f"/projects/{project.id}/activities"
    assert "No mailing is about this project yet." in browser.get(url).text
    invitation = make_mailing("Invitation", project=project)
    make_recipient(invitation, opened_at=utcnow())
    make_mailing("Thanks", state=State.DRAFT, project=project)
    make_mailing("Something else")
    page = browser.get(url).text
    assert page.index("Thanks") < page.index("Invitation")
    assert "100.0%" in page
    assert "Something else" not in page
    by_name = browser.get(f"{url}?sort=name", headers=FRAGMENT).text
    assert by_name.index("Invitation") < by_name.index("Thanks")
    assert "<html" not in by_name


def test_a_mailing_is_begun_for_a_project(signed_in: SignIn) -> None:
    project = _evening()
    answer = signed_in().post(f"/mailings/new?project={project.id}", follow_redirects=True)
    mailing = db.session.scalars(select(Mailing)).one()
    assert (mailing.name, mailing.project) == ("Showroom evening", project)
    assert 'value="Showroom evening"' in answer.text.split('id="project"')[1]


def test_deleting_says_what_becomes_of_its_mailings_and_is_audited(signed_in: SignIn) -> None:
    project, browser = _evening("Karen Dam"), signed_in()
    make_mailing("Invitation", project=project)
    draft = make_mailing("Thanks", state=State.DRAFT, project=project)
    for page in ("/projects/", f"/projects/{project.id}"):
        words = browser.get(page).text
        assert "1 mailing that is not sent yet loses the recipients who come from it." in words
        assert "1 sent mailing keeps its recipients and figures." in words
    answer = browser.post(f"/projects/{project.id}/delete", follow_redirects=True)
    assert "“Showroom evening” is deleted." in answer.text
    assert draft.project is None
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.detail["name"]) == ("project deleted", "Showroom evening")


def test_an_author_sees_a_project_and_cannot_change_it(signed_in: SignIn) -> None:
    project, browser = _evening("Karen Dam"), signed_in(Role.AUTHOR)
    card = browser.get(f"/projects/{project.id}").text
    assert "Create mailing" in card
    assert "Add people" not in card
    for path in ("delete", "members", "members/role", "members/remove"):
        assert browser.post(f"/projects/{project.id}/{path}").status_code == 403


def test_a_project_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    browser = signed_in()
    for path in ("", "/edit", "/add", "/activities"):
        assert browser.get(f"/projects/999999{path}").status_code == 404
    for path in ("/members", "/members/role", "/members/remove", "/members/1/leave", "/delete"):
        assert browser.post(f"/projects/999999{path}").status_code == 404
    assert browser.post("/mailings/new?project=999999").status_code == 404


def test_names_are_suggested_while_one_is_typed(signed_in: SignIn) -> None:
    _evening()
    projects.create(ProjectDetails(name="Fair <2027>"))
    browser = signed_in()
    assert browser.get("/projects/suggestions?project=fAI").text.strip() == (
        '<option value="Fair &lt;2027&gt;"></option>'
    )
    assert browser.get("/projects/suggestions").text.count("<option") == 2


def test_a_person_joins_a_project_from_their_card_and_leaves_it(signed_in: SignIn) -> None:
    karen, browser = make_contact(), signed_in()
    card = f"/contacts/{karen.id}/projects"
    assert "In no project yet." in browser.get(card).text

    def join(**form: str) -> str:
        data = {"contact": str(karen.id)} | form
        return browser.post("/projects/join", data=data, follow_redirects=True).text

    assert "Added to “Fair”." in join(project="Fair", role="Guest")
    assert "The role in “Fair” is changed." in join(project="FAIR", role="Speaker")
    assert "Is in “Fair” already." in join(project="fair")
    assert "Write the name of a project, a new one or one of yours." in join(project=" ")
    [membership] = projects.memberships(karen.id)
    assert (membership.project.name, membership.role) == ("Fair", "Speaker")
    page = browser.get(card).text
    assert f'href="/projects/{membership.project.id}"' in page
    assert "Speaker" in page
    left = browser.post(
        f"/projects/{membership.project.id}/members/{karen.id}/leave", follow_redirects=True
    )
    assert "Removed from “Fair”." in left.text
    assert projects.memberships(karen.id) == []


def test_nobody_joins_who_does_not_exist(signed_in: SignIn) -> None:
    browser = signed_in()
    for contact in ("999999", "", "x"):
        answer = browser.post("/projects/join", data={"contact": contact, "project": "Fair"})
        assert answer.status_code == 404
    assert db.session.scalars(select(Project)).all() == []


def test_members_are_given_a_role_and_removed_at_the_desk(signed_in_page: SignInPage) -> None:
    project = _evening("Karen Dam", "Ole Voss")
    page = signed_in_page()
    page.goto(f"/projects/{project.id}?sort=-name")
    page.get_by_label("Choose Karen Dam").check()
    page.get_by_label("Role, such as guest or speaker").fill("Speaker")
    page.get_by_role("button", name="Change the role").click()
    expect(page.get_by_text("The role of 1 person is changed.")).to_be_visible()
    expect(page).to_have_url(f"/projects/{project.id}?sort=-name")
    expect(page.get_by_role("cell", name="Speaker", exact=True)).to_be_visible()
    page.get_by_label("Choose Ole Voss").check()
    page.get_by_role("button", name="Remove from the project").click()
    expect(page.get_by_role("link", name="Members 1")).to_be_visible()


def test_people_are_searched_ticked_and_added(signed_in_page: SignInPage) -> None:
    project = _evening("Karen Dam")
    make_contact("Ole Dam", "ole@dam.example")
    make_contact("Ib Voss", "ib@voss.example")
    page = signed_in_page()
    page.goto(f"/projects/{project.id}")
    page.get_by_role("link", name="Add people").click()
    # What is typed before the scripts run searches for nothing.
    page.wait_for_url("**/add")
    page.get_by_role("searchbox").press_sequentially("dam")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    expect(page.get_by_label("Choose Karen Dam")).to_have_count(0)
    page.get_by_label("Choose Ole Dam").check()
    page.locator(".bulk-bar").get_by_label("Role").fill("Guest")
    page.get_by_role("button", name="Add to “Showroom evening”").click()
    expect(page.get_by_text("1 person is added.")).to_be_visible()
    expect(page.get_by_role("cell", name="Guest", exact=True)).to_be_visible()
