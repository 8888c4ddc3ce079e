"""Projects: what people take part in, each in a role, and what mailings can be about."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.accounts.audit import audit
from webapp.people.models import Contact, ListItem, ListName
from webapp.people.search import Orders, find_contacts, ordered
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l
from webapp.targets import membership
from webapp.targets.membership import People, one_of
from webapp.targets.models import Project, ProjectMember, ProjectStatus

SUGGESTED = 200
LOOKED_AT = 5000
"""How many members are looked at for the roles that they have."""

ORDERS: Orders = {
    "name": (Project.sort_key,),
    "starts": (Project.starts_on, Project.sort_key),
    # Projects without dates come last this way round too.
    "-starts": (Project.starts_on.desc().nulls_last(), Project.sort_key),
    "changed": (Project.updated_at, Project.id),
}
_ROLE = func.nullif(func.lower(ProjectMember.role), "")
ROLE_ORDERS: Orders = {
    "role": (_ROLE, Contact.sort_key, Contact.id),
    "-role": (_ROLE.desc().nulls_last(), Contact.sort_key, Contact.id),
}


class NoSuchProject(NotFound):
    message = _l("This project does not exist any more.")


class NameTaken(DomainError):
    message = _l("There is already a project called “%(name)s”.")


class EndsBeforeItStarts(DomainError):
    message = _l("A project cannot end before it starts.")


@dataclass(frozen=True, kw_only=True)
class ProjectDetails:
    """What a user writes about a project."""

    name: str
    description: str = ""
    type_id: int | None = None
    status: ProjectStatus = ProjectStatus.PLANNED
    starts_on: date | None = None
    ends_on: date | None = None
    owner_id: int | None = None


@dataclass(frozen=True)
class Membership:
    """One person's place in a project."""

    project: Project
    role: str


def get(project_id: int) -> Project:
    """Raises NoSuchProject."""
    project = db.session.get(Project, project_id)
    if project is None:
        raise NoSuchProject
    return project


def create(details: ProjectDetails) -> Project:
    """Raises NameTaken and EndsBeforeItStarts."""
    _require_order(details)
    created = _create(**asdict(details))
    if created is None:
        raise NameTaken(name=details.name)
    return created


def named(name: str, owner_id: int | None) -> Project:
    """The project of that name, in whatever case; a new one when there is none."""
    created = _create(name=name, owner_id=owner_id)
    return created or db.session.scalars(select(Project).where(called(name))).one()


def change(project: Project, details: ProjectDetails) -> None:
    """Raises NameTaken and EndsBeforeItStarts."""
    _require_order(details)
    taken = select(Project.id).where(called(details.name), Project.id != project.id)
    if db.session.scalar(taken) is not None:
        raise NameTaken(name=details.name)
    for name, value in asdict(details).items():
        setattr(project, name, value)


def remove(project: Project, *, by: int | None) -> None:
    """Its people stay."""
    db.session.execute(delete(Project).where(Project.id == project.id))
    audit("project deleted", by=by, project=project.id, name=project.name)


def find_projects(
    text: str = "", *, status: ProjectStatus | None = None, sort: str = "name"
) -> Select[Project]:
    """`sort` is a key of ORDERS, after a hyphen for the other way round."""
    found = select(Project).where(Project.name.icontains(text.strip(), autoescape=True))
    if status:
        found = found.where(Project.status == status)
    return ordered(found, ORDERS, sort)


def find_named(name: str) -> Project | None:
    """In whatever case."""
    return db.session.scalar(select(Project).where(called(name)))


def names(text: str = "") -> list[str]:
    """To choose from while one is being typed."""
    found = find_projects(text).with_only_columns(Project.name).limit(SUGGESTED)
    return list(db.session.scalars(found))


def count_by_status() -> dict[ProjectStatus, int]:
    """Only those that occur, in the order of the life of a project."""
    rows = db.session.execute(select(Project.status, func.count()).group_by(Project.status))
    counted: dict[ProjectStatus, int] = dict(rows.all())
    return {status: counted[status] for status in ProjectStatus if status in counted}


def types() -> list[ListItem]:
    """As the administrator defined them."""
    defined = select(ListItem).where(ListItem.list == ListName.PROJECT_TYPE)
    return list(db.session.scalars(defined.order_by(ListItem.sort_key)))


def add_members(project_id: int, people: People, *, role: str = "") -> int:
    """Answers how many were not in it already; who was keeps the role that they have."""
    added = membership.add(ProjectMember, people, project_id=project_id, role=role)
    return _changed(project_id, added)


def change_role(project_id: int, contact_ids: Collection[int], role: str) -> int:
    """Of those who are in it; empty takes the role away. Answers how many had another."""
    changed = db.session.execute(
        update(ProjectMember)
        .where(*_among(project_id, contact_ids), ProjectMember.role != role)
        .values(role=role)
    )
    return _changed(project_id, membership.rows_of(changed))


def remove_members(project_id: int, contact_ids: Collection[int]) -> int:
    """Answers how many were in it."""
    removed = db.session.execute(delete(ProjectMember).where(*_among(project_id, contact_ids)))
    return _changed(project_id, membership.rows_of(removed))


def members(project_id: int, text: str = "", *, sort: str = "name") -> Select[Contact]:
    """`sort` may be a key of ROLE_ORDERS too."""
    belongs = (ProjectMember.contact_id == Contact.id) & (ProjectMember.project_id == project_id)
    found = find_contacts(text, sort=sort).join(ProjectMember, belongs)
    return ordered(found.order_by(None), ROLE_ORDERS, sort) if sort in ROLE_ORDERS else found


def member_ids(project_id: int) -> Select[int]:
    return select(ProjectMember.contact_id).where(ProjectMember.project_id == project_id)


def size(project_id: int) -> int:
    return sizes([project_id])[project_id]


def sizes(project_ids: Collection[int]) -> dict[int, int]:
    return membership.sizes(ProjectMember.project_id, project_ids)


def roles_among(project_id: int, contact_ids: Collection[int]) -> dict[int, str]:
    """Which of these are in the project, and as what."""
    roles = select(ProjectMember.contact_id, ProjectMember.role)
    return dict(db.session.execute(roles.where(*_among(project_id, contact_ids))).all())


def roles(project_id: int) -> list[str]:
    """Words in use, to choose from."""
    some = (
        select(ProjectMember.role)
        .where(ProjectMember.project_id == project_id)
        .limit(LOOKED_AT)
        .subquery()
    )
    used = select(some.c.role).where(some.c.role != "").distinct().order_by(some.c.role)
    return list(db.session.scalars(used.limit(SUGGESTED)))


def memberships(contact_id: int) -> list[Membership]:
    found = (
        select(Project, ProjectMember.role)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .where(ProjectMember.contact_id == contact_id)
        .order_by(Project.sort_key)
    )
    return [Membership(project, role) for project, role in db.session.execute(found)]


def called(name: str) -> ColumnElement[bool]:
    return func.lower(Project.name) == func.lower(name)


def _create(**values: Any) -> Project | None:
    """None when the name is taken. Two at once create one."""
    return db.session.scalar(
        insert(Project).values(**values).on_conflict_do_nothing().returning(Project)
    )


def _require_order(details: ProjectDetails) -> None:
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        raise EndsBeforeItStarts


def _among(project_id: int, contact_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        ProjectMember.project_id == project_id,
        ProjectMember.contact_id == one_of(contact_ids),
    )


def _changed(project_id: int, number: int) -> int:
    if number:
        db.session.execute(
            update(Project).where(Project.id == project_id).values(updated_at=utcnow())
        )
    return number
