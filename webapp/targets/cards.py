"""What this floor leaves on the timeline of a person's card, and what goes along when two cards
become one."""

from typing import Any

from sqlalchemy import Select, and_, case, func, select

from webapp.people.imports.models import Import
from webapp.people.merging import follows
from webapp.people.models import Contact
from webapp.people.timeline import Data, Group, Trace, Words, happening, register
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.targets.models import Project, ProjectMember, Selection, SelectionMember


def selections(contact: Contact) -> Select[Any]:
    """By ix_selection_member_contact_id. Who was put into an import's selection while it ran came
    with that file."""
    by_import = and_(
        Import.selection_id == SelectionMember.selection_id,
        SelectionMember.added_at.between(
            Import.created_at, func.coalesce(Import.finished_at, func.now())
        ),
    )
    return (
        happening(
            SelectionMember.added_at,
            case((Import.id.is_not(None), "imported"), else_="joined_selection"),
            SelectionMember.selection_id,
            selection=Selection.name,
            selection_id=Selection.id,
            file=Import.filename,
        )
        .join(Selection, Selection.id == SelectionMember.selection_id)
        .outerjoin(Import, by_import)
        .where(SelectionMember.contact_id == contact.id)
    )


def projects(contact: Contact) -> Select[Any]:
    """By ix_project_member_contact_id."""
    return (
        happening(
            ProjectMember.added_at,
            "joined_project",
            ProjectMember.project_id,
            project=Project.name,
            project_id=Project.id,
            role=ProjectMember.role,
        )
        .join(Project, Project.id == ProjectMember.project_id)
        .where(ProjectMember.contact_id == contact.id)
    )


def join_projects(kept: Contact, other: Contact) -> None:
    """In a project that both are in, a role that only one of them has is kept."""
    theirs = db.session.scalars(select(ProjectMember).where(ProjectMember.contact_id == other.id))
    for member in theirs.all():
        mine = db.session.get(ProjectMember, (member.project_id, kept.id))
        if mine is None:
            member.contact_id = kept.id
        else:
            mine.role = mine.role or member.role


def import_words(data: Data) -> Words:
    into = _("Into the selection “%(name)s”", name=data["selection"])
    return Words(_("Imported from %(name)s"), data["file"], (into,))


def selection_words(data: Data) -> Words:
    return Words(_("Added to the selection %(name)s"), data["selection"])


def project_words(data: Data) -> Words:
    notes = (data["role"],) if data["role"] else ()
    return Words(_("Added to the project %(name)s"), data["project"], notes)


register(
    Trace(Group.LISTS, selections, {"imported": import_words, "joined_selection": selection_words})
)
register(Trace(Group.LISTS, projects, {"joined_project": project_words}))

follows(SelectionMember.contact_id, once_per=SelectionMember.selection_id)
follows(ProjectMember.contact_id, follow=join_projects)
