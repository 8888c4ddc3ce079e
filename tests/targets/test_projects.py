from datetime import UTC, date, datetime

import pytest

from tests.conftest import make_user
from tests.factories import make_contact
from webapp.people.models import Contact, ListItem, ListName
from webapp.people.search import find_contacts
from webapp.platform.database import db
from webapp.targets import projects
from webapp.targets.models import Project, ProjectStatus
from webapp.targets.projects import (
    EndsBeforeItStarts,
    Membership,
    NameTaken,
    NoSuchProject,
    ProjectDetails,
)


def _project(name: str = "Showroom evening", **details: object) -> Project:
    return projects.create(ProjectDetails(name=name, **details))  # type: ignore[arg-type]


def _people(*names: str) -> list[int]:
    return [make_contact(name, f"p{index}@fjordlys.example").id for index, name in enumerate(names)]


def _names(project: Project, text: str = "", **sort: str) -> list[str]:
    return [
        person.name for person in db.session.scalars(projects.members(project.id, text, **sort))
    ]


def test_a_project_has_what_was_written() -> None:
    user = make_user()
    event = ListItem(list=ListName.PROJECT_TYPE, name="Event")
    db.session.add(event)
    db.session.flush()
    details = ProjectDetails(
        name="Showroom evening",
        description="Soup and lamps",
        type_id=event.id,
        status=ProjectStatus.RUNNING,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 11, 20),
        owner_id=user.id,
    )
    project = projects.create(details)
    assert (project.type, project.owner, project.status) == (event, user, ProjectStatus.RUNNING)
    projects.change(project, ProjectDetails(name="Evening"))
    assert (project.name, project.type_id, project.owner_id) == ("Evening", None, None)


def test_a_name_is_taken_in_whatever_case() -> None:
    _project("Årets fest")
    with pytest.raises(NameTaken, match="ÅRETS FEST"):
        _project("ÅRETS FEST")


def test_renaming_to_a_name_that_is_taken_is_refused() -> None:
    _project("Fair")
    other = _project("Evening")
    with pytest.raises(NameTaken):
        projects.change(other, ProjectDetails(name="fair"))
    projects.change(other, ProjectDetails(name="EVENING"))
    assert other.name == "EVENING"


def test_a_project_cannot_end_before_it_starts() -> None:
    dates = {"starts_on": date(2026, 11, 20), "ends_on": date(2026, 11, 19)}
    with pytest.raises(EndsBeforeItStarts):
        _project(**dates)
    project = _project()
    with pytest.raises(EndsBeforeItStarts):
        projects.change(project, ProjectDetails(name="Evening", **dates))
    assert project.name == "Showroom evening"


def test_naming_a_project_finds_it_or_makes_it() -> None:
    user = make_user()
    made = projects.named("Fair", user.id)
    assert (made.name, made.owner, made.status) == ("Fair", user, ProjectStatus.PLANNED)
    assert projects.named("FAIR", None) == made
    assert projects.find_named("fair") == made
    assert projects.find_named("Evening") is None


def test_projects_are_searched_filtered_and_sorted() -> None:
    _project("Åben dag", starts_on=date(2026, 3, 1))
    _project("Fair 2026", starts_on=date(2026, 9, 1), status=ProjectStatus.FINISHED)
    _project("Fair 2027")

    def found(*text: str, **options: object) -> list[str]:
        statement = projects.find_projects(*text, **options)  # type: ignore[arg-type]
        return [project.name for project in db.session.scalars(statement)]

    assert found() == ["Fair 2026", "Fair 2027", "Åben dag"]
    assert found("fair", sort="-name") == ["Fair 2027", "Fair 2026"]
    assert found(status=ProjectStatus.FINISHED) == ["Fair 2026"]
    assert found(sort="starts") == ["Åben dag", "Fair 2026", "Fair 2027"]
    assert found(sort="-starts") == ["Fair 2026", "Åben dag", "Fair 2027"]
    assert found("100%") == []
    assert projects.names("FAIR") == ["Fair 2026", "Fair 2027"]
    assert projects.count_by_status() == {ProjectStatus.PLANNED: 2, ProjectStatus.FINISHED: 1}


def test_people_are_added_once_and_keep_the_role_that_they_have() -> None:
    project = _project()
    first, second, third = _people("Karen Dam", "Ole Dam", "Ib Dam")
    assert projects.add_members(project.id, [first, second], role="Speaker") == 2
    assert projects.add_members(project.id, [second, third, third, 999_999], role="Guest") == 1
    assert projects.size(project.id) == 3
    assert projects.roles_among(project.id, [first, second, third, 999_999]) == {
        first: "Speaker",
        second: "Speaker",
        third: "Guest",
    }
    assert projects.roles(project.id) == ["Guest", "Speaker"]


def test_whoever_a_statement_selects_is_added() -> None:
    project = _project()
    _people("Karen Dam", "Ole Dam", "Ib Voss")
    found = find_contacts("dam").with_only_columns(Contact.id)
    assert projects.add_members(project.id, found, role="Guest") == 2


def test_more_people_than_a_statement_takes_values_are_added_and_removed() -> None:
    project = _project()
    [one] = _people("Karen Dam")
    many = [one, *range(10**6, 10**6 + 70_000)]
    assert projects.add_members(project.id, many) == 1
    assert projects.change_role(project.id, many, "Guest") == 1
    assert projects.remove_members(project.id, many) == 1


def test_the_role_of_members_is_changed_and_taken_away() -> None:
    project, other = _project(), _project("Fair")
    karen, ole, ib = _people("Karen Dam", "Ole Dam", "Ib Dam")
    for each in (project, other):
        projects.add_members(each.id, [karen, ole], role="Guest")
    assert projects.change_role(project.id, [karen, ib], "Speaker") == 1
    assert projects.change_role(project.id, [karen], "Speaker") == 0
    assert projects.change_role(project.id, [ole], "") == 1
    assert projects.roles_among(project.id, [karen, ole]) == {karen: "Speaker", ole: ""}
    assert projects.roles_among(other.id, [karen, ole]) == {karen: "Guest", ole: "Guest"}


def test_a_change_of_members_is_a_change_of_the_project() -> None:
    project = _project()
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    people = _people("Karen Dam")
    for change in (
        lambda: projects.add_members(project.id, people),
        lambda: projects.change_role(project.id, people, "Guest"),
        lambda: projects.remove_members(project.id, people),
    ):
        project.updated_at = long_ago
        db.session.flush()
        assert change() == 1
        db.session.refresh(project)
        assert project.updated_at > long_ago


def test_members_can_be_searched_and_sorted_by_role() -> None:
    project = _project()
    karen, ole, ib = _people("Karen Dam", "Ole Dam", "Ib Voss")
    make_contact("Ole Outside", "outside@fjordlys.example")
    projects.add_members(project.id, [karen, ole])
    projects.add_members(project.id, [ib], role="guest")
    projects.change_role(project.id, [ole], "Speaker")
    assert _names(project) == ["Karen Dam", "Ole Dam", "Ib Voss"]
    assert _names(project, "ole") == ["Ole Dam"]
    assert _names(project, sort="role") == ["Ib Voss", "Ole Dam", "Karen Dam"]
    assert _names(project, sort="-role") == ["Ole Dam", "Ib Voss", "Karen Dam"]


def test_members_are_a_subquery_for_others() -> None:
    project = _project()
    karen, _ole = _people("Karen Dam", "Ole Dam")
    projects.add_members(project.id, [karen])
    found = find_contacts().where(Contact.id.in_(projects.member_ids(project.id)))
    assert [person.id for person in db.session.scalars(found)] == [karen]


def test_deleting_a_project_leaves_its_people() -> None:
    project = _project()
    [karen] = _people("Karen Dam")
    projects.add_members(project.id, [karen], role="Guest")
    assert projects.memberships(karen) == [Membership(project, "Guest")]
    projects.remove(project, by=None)
    db.session.expire_all()
    assert projects.memberships(karen) == []
    assert db.session.get(Contact, karen) is not None
    with pytest.raises(NoSuchProject):
        projects.get(project.id)


def test_who_is_deleted_takes_part_no_more() -> None:
    project = _project()
    [karen] = _people("Karen Dam")
    projects.add_members(project.id, [karen])
    db.session.delete(db.session.get_one(Contact, karen))
    db.session.flush()
    assert projects.size(project.id) == 0
