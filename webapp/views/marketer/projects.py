"""Projects: the list, the card with its members and activities, and adding people to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import selectinload
from wtforms import DateField, SelectField, ValidationError
from wtforms.validators import DataRequired, Optional

from webapp.accounts import users
from webapp.accounts.rights import Right
from webapp.mailings import uses
from webapp.people import contacts
from webapp.people.texts import MAX_TEXT, one_line
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets import projects
from webapp.targets.models import Project, ProjectStatus
from webapp.targets.projects import EndsBeforeItStarts, NameTaken, ProjectDetails
from webapp.views.access import requires
from webapp.views.forms import LineField, LinesField, choices_of, fields_of, refusals_at
from webapp.views.marketer import mailing_rows, members
from webapp.views.rendering import came_from, go_to, render, toast

bp = Blueprint("projects", __name__, url_prefix="/projects")

STATUS_NAMES = {
    ProjectStatus.PLANNED: _l("Planned"),
    ProjectStatus.RUNNING: _l("Running"),
    ProjectStatus.FINISHED: _l("Finished"),
    ProjectStatus.CANCELLED: _l("Cancelled"),
}
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
MAX_ROLE = 100


def _id_or_none(value: Any) -> int | None:
    return int(value) if value else None


class ProjectForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Give the project a name.")))
    type_id = SelectField(_l("Type"), coerce=_id_or_none)
    status = SelectField(_l("Status"), choices=choices_of(STATUS_NAMES), coerce=ProjectStatus)
    starts_on = DateField(_l("Starts"), validators=[Optional()])
    ends_on = DateField(_l("Ends"), validators=[Optional()])
    description = LinesField(_l("What is it about? (optional)"), max_length=2000)
    owner_id = SelectField(_l("Owner"), coerce=_id_or_none)

    def __init__(self, project: Project | None = None) -> None:
        super().__init__(obj=project, owner_id=project.owner_id if project else current_user.id)
        owner = project.owner if project else None
        people = [user for user in users.everybody() if user.disabled_at is None or user == owner]
        nothing = {"": _("None")}
        self.type_id.choices = choices_of(
            nothing | {each.id: each.name for each in projects.types()}
        )
        self.owner_id.choices = choices_of(nothing | {user.id: user.name for user in people})

    def validate_starts_on(self, field: Any) -> None:
        if field.data and not FIRST_DAY <= field.data <= LAST_DAY:
            raise ValidationError(_("Choose a day between 1990 and 2100."))

    validate_ends_on = validate_starts_on

    def details(self) -> ProjectDetails:
        return ProjectDetails(**fields_of(self))

    @contextmanager
    def refusals(self) -> Iterator[None]:
        with refusals_at(self.name, NameTaken), refusals_at(self.ends_on, EndsBeforeItStarts):
            yield


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    status = request.args.get("status")
    only = ProjectStatus(status) if status in set(ProjectStatus) else None
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = projects.find_projects(q, status=only, sort=sort)
    found = found.options(selectinload(Project.owner), selectinload(Project.type))
    page = page_of(found, request.args.get("page", 1, int))
    return render(
        "marketer/projects/index.html",
        "marketer/projects/_list.html",
        page=page,
        sizes=projects.sizes([project.id for project in page.rows]),
        uses=uses.count(page.rows),
        statuses=projects.count_by_status(),
        status_names=STATUS_NAMES,
        only=only,
        q=q,
        sort=sort,
    )


@bp.get("/suggestions")
@requires(Right.VIEW)
def suggestions() -> Response:
    """Names to choose from, by what stands in the field of a form."""
    names = projects.names(request.args.get("project", ""))
    return render("marketer/_suggestions.html", names=names)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def new() -> Response:
    form = ProjectForm()
    if form.validate_on_submit():
        with form.refusals():
            project = projects.create(form.details())
            db.session.commit()
            return go_to(url_for(".show", project_id=project.id))
    return _form_page(form)


@bp.get("/<int:project_id>")
@requires(Right.VIEW)
def show(project_id: int) -> Response:
    project = projects.get(project_id)
    people = members.found_by(partial(projects.members, project.id))
    return _card(
        project,
        "show.html",
        "_members.html",
        roles=projects.roles_among(project.id, people["ids"]),
        role_names=projects.roles(project.id),
        **people,
    )


@bp.get("/<int:project_id>/activities")
@requires(Right.VIEW)
def activities(project_id: int) -> Response:
    project = projects.get(project_id)
    return _card(project, "activities.html", "_activities.html", **mailing_rows.rows_of(project))


@bp.route("/<int:project_id>/edit", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def edit(project_id: int) -> Response:
    project = projects.get(project_id)
    form = ProjectForm(project)
    if form.validate_on_submit():
        with form.refusals():
            projects.change(project, form.details())
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".show", project_id=project.id))
    return _form_page(form, project)


@bp.post("/<int:project_id>/delete")
@requires(Right.EDIT_PEOPLE)
def delete(project_id: int) -> Response:
    project = projects.get(project_id)
    name = project.name
    uses.remove(project, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is deleted.", name=name))
    return go_to(url_for(".index"))


@bp.get("/<int:project_id>/add")
@requires(Right.EDIT_PEOPLE)
def add(project_id: int) -> Response:
    project = projects.get(project_id)
    role_names = projects.roles(project.id)
    return members.adding_page(project, projects.roles_among, role_names=role_names)


@bp.post("/<int:project_id>/members")
@requires(Right.EDIT_PEOPLE)
def add_members(project_id: int) -> Response:
    project = projects.get(project_id)
    added = projects.add_members(project.id, members.chosen(), role=_role())
    db.session.commit()
    toast(ngettext("%(num)d person is added.", "%(num)d people are added.", added))
    return go_to(url_for(".show", project_id=project.id))


@bp.post("/<int:project_id>/members/role")
@requires(Right.EDIT_PEOPLE)
def change_role(project_id: int) -> Response:
    """Of the ticked ones; an empty one takes their role away."""
    project = projects.get(project_id)
    changed = projects.change_role(project.id, request.form.getlist("contact", int), _role())
    db.session.commit()
    toast(
        ngettext(
            "The role of %(num)d person is changed.",
            "The role of %(num)d people is changed.",
            changed,
        )
    )
    return go_to(came_from(url_for(".show", project_id=project.id)))


@bp.post("/<int:project_id>/members/remove")
@requires(Right.EDIT_PEOPLE)
def remove_members(project_id: int) -> Response:
    project = projects.get(project_id)
    removed = projects.remove_members(project.id, request.form.getlist("contact", int))
    db.session.commit()
    toast(ngettext("%(num)d person is removed.", "%(num)d people are removed.", removed))
    return go_to(url_for(".show", project_id=project.id))


@bp.post("/join")
@requires(Right.EDIT_PEOPLE)
def join() -> Response:
    """One person, from their card, to a project that is there or begins with them."""
    contact = contacts.get(request.form.get("contact", 0, int))
    name = one_line(request.form.get("project", ""))[:MAX_TEXT]
    back = came_from(url_for("contacts.show", contact_id=contact.id))
    if not name:
        flash(_("Write the name of a project, a new one or one of yours."), "error")
        return go_to(back)
    project = projects.named(name, current_user.id)
    if projects.add_members(project.id, [contact.id], role=_role()):
        toast(_("Added to “%(name)s”.", name=project.name))
    elif _role() and projects.change_role(project.id, [contact.id], _role()):
        toast(_("The role in “%(name)s” is changed.", name=project.name))
    else:
        toast(_("Is in “%(name)s” already.", name=project.name))
    db.session.commit()
    return go_to(back)


@bp.post("/<int:project_id>/members/<int:contact_id>/leave")
@requires(Right.EDIT_PEOPLE)
def leave(project_id: int, contact_id: int) -> Response:
    project, contact = projects.get(project_id), contacts.get(contact_id)
    projects.remove_members(project.id, [contact.id])
    db.session.commit()
    toast(_("Removed from “%(name)s”.", name=project.name))
    return go_to(came_from(url_for("contacts.show", contact_id=contact.id)))


def _form_page(form: ProjectForm, project: Project | None = None) -> Response:
    return render(
        "marketer/projects/form.html",
        status=422 if form.errors else 200,
        form=form,
        project=project,
    )


def _card(project: Project, page: str, fragment: str, /, **context: Any) -> Response:
    """One of its tabs; templates are named within marketer/projects/."""
    used = uses.count([project])[project.id]
    return render(
        f"marketer/projects/{page}",
        f"marketer/projects/{fragment}",
        project=project,
        size=projects.size(project.id),
        uses=used,
        status_names=STATUS_NAMES,
        **context,
    )


def _role() -> str:
    return one_line(request.form.get("role", ""))[:MAX_ROLE]
