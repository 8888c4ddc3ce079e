"""Adding many people to a selection or a project, as a change of them like any other."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from webapp.people.models import Contact
from webapp.platform.locales import _
from webapp.targets import projects, selections
from webapp.targets.models import ProjectMember, SelectionMember


@dataclass(frozen=True)
class JoinSelection:
    selection_id: int
    name: str

    def differs(self) -> ColumnElement[bool]:
        return ~self.holds()

    def holds(self) -> ColumnElement[bool]:
        theirs = SelectionMember.contact_id == Contact.id
        return exists().where(theirs, SelectionMember.selection_id == self.selection_id)

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        """Raises NoSuchSelection."""
        selection_id = selections.get(self.selection_id).id
        return selections.add_members(selection_id, select(Contact.id).where(people))

    def words(self) -> list[tuple[str, str]]:
        return [(_("Added to the selection"), self.name)]


@dataclass(frozen=True)
class JoinProject:
    """Who takes part already keeps their role."""

    project_id: int
    name: str
    role: str = ""

    def differs(self) -> ColumnElement[bool]:
        return ~self.holds()

    def holds(self) -> ColumnElement[bool]:
        theirs = ProjectMember.contact_id == Contact.id
        return exists().where(theirs, ProjectMember.project_id == self.project_id)

    def apply(self, people: ColumnElement[bool], *, by: int | None) -> int:  # noqa: ARG002 (as the others)
        """Raises NoSuchProject."""
        project_id = projects.get(self.project_id).id
        those = select(Contact.id).where(people)
        return projects.add_members(project_id, those, role=self.role)

    def words(self) -> list[tuple[str, str]]:
        return [(_("Added to the project"), self.name), (_("Role"), self.role)]
