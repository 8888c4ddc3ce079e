"""Selections: the list, the card with its members and mailings, and adding people to it."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import selectinload
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.mailings import uses
from webapp.people.models import Contact
from webapp.people.search import find_contacts, parts
from webapp.people.standing import standings
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets import projects, selections
from webapp.targets.models import Selection
from webapp.targets.selections import NameTaken
from webapp.views.access import requires
from webapp.views.forms import LineField
from webapp.views.marketer import mailing_rows
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("selections", __name__, url_prefix="/selections")


class SelectionForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Give the selection a name.")))
    description = LineField(_l("What is it for? (optional)"), max_length=500)


class ToProjectForm(FlaskForm):
    project = LineField(
        _l("Project"), DataRequired(_l("Write the name of a project, a new one or one of yours."))
    )
    role = LineField(_l("Role (optional)"), max_length=100)


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = selections.find_selections(q, sort=sort).options(selectinload(Selection.owner))
    page = page_of(found, request.args.get("page", 1, int))
    return render(
        "marketer/selections/index.html",
        "marketer/selections/_list.html",
        page=page,
        sizes=selections.sizes([selection.id for selection in page.rows]),
        uses=uses.count(page.rows),
        q=q,
        sort=sort,
    )


@bp.get("/suggestions")
@requires(Right.VIEW)
def suggestions() -> Response:
    """Names to choose from, by what stands in the field of a form."""
    names = selections.names(request.args.get("selection", ""))
    return render("marketer/_suggestions.html", names=names)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def new() -> Response:
    form = SelectionForm()
    if form.validate_on_submit() and (selection := _created(form)):
        db.session.commit()
        return go_to(url_for(".show", selection_id=selection.id))
    return _form_page(form)


@bp.get("/<int:selection_id>")
@requires(Right.VIEW)
def show(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = selections.members(selection.id, q, sort=sort)
    found = found.options(selectinload(Contact.company))
    page = page_of(parts(found, sort), request.args.get("page", 1, int))
    return _card(
        selection,
        "show.html",
        "_members.html",
        page=page,
        standings=standings(page.rows),
        q=q,
        sort=sort,
    )


@bp.get("/<int:selection_id>/mailings")
@requires(Right.VIEW)
def mailings(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    return _card(selection, "mailings.html", "_mailings.html", **mailing_rows.rows_of(selection))


@bp.route("/<int:selection_id>/edit", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def edit(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    form = SelectionForm(obj=selection)
    if form.validate_on_submit() and _renamed(selection, form):
        db.session.commit()
        toast(_("Saved."))
        return go_to(url_for(".show", selection_id=selection.id))
    return _form_page(form, selection)


@bp.post("/<int:selection_id>/delete")
@requires(Right.EDIT_PEOPLE)
def delete(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    name = selection.name
    uses.remove(selection, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is deleted.", name=name))
    return go_to(url_for(".index"))


@bp.get("/<int:selection_id>/add")
@requires(Right.EDIT_PEOPLE)
def add(selection_id: int) -> Response:
    """Everybody there is, to search and tick."""
    selection = selections.get(selection_id)
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = find_contacts(q, sort=sort).options(selectinload(Contact.company))
    page = page_of(parts(found, sort), request.args.get("page", 1, int))
    return render(
        "marketer/selections/add.html",
        "marketer/selections/_candidates.html",
        selection=selection,
        page=page,
        standings=standings(page.rows),
        members=selections.members_among(selection.id, [person.id for person in page.rows]),
        q=q,
        sort=sort,
    )


@bp.post("/<int:selection_id>/members")
@requires(Right.EDIT_PEOPLE)
def add_members(selection_id: int) -> Response:
    """The ticked ones, or everybody whom the search found."""
    selection = selections.get(selection_id)
    if "everybody" in request.form:
        found = find_contacts(request.form.get("q", "")).with_only_columns(Contact.id)
        added = selections.add_members(selection.id, found)
    else:
        added = selections.add_members(selection.id, request.form.getlist("contact", int))
    db.session.commit()
    toast(ngettext("%(num)d person is added.", "%(num)d people are added.", added))
    return go_to(url_for(".show", selection_id=selection.id))


@bp.post("/<int:selection_id>/members/remove")
@requires(Right.EDIT_PEOPLE)
def remove_members(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    removed = selections.remove_members(selection.id, request.form.getlist("contact", int))
    db.session.commit()
    toast(ngettext("%(num)d person is removed.", "%(num)d people are removed.", removed))
    return go_to(url_for(".show", selection_id=selection.id))


@bp.route("/<int:selection_id>/to-project", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def to_project(selection_id: int) -> Response:
    """All its people, to a project that is there or begins with them."""
    selection = selections.get(selection_id)
    form = ToProjectForm()
    if form.validate_on_submit():
        project = projects.named(form.project.data, current_user.id)
        people = selections.member_ids(selection.id)
        added = projects.add_members(project.id, people, role=form.role.data)
        db.session.commit()
        toast(
            ngettext(
                "%(num)d person is added to “%(name)s”.",
                "%(num)d people are added to “%(name)s”.",
                added,
                name=project.name,
            )
        )
        return go_to(url_for("projects.show", project_id=project.id))
    return render(
        "marketer/selections/to_project.html",
        status=422 if form.errors else 200,
        form=form,
        selection=selection,
        size=selections.size(selection.id),
        project_names=projects.names(),
    )


def _created(form: SelectionForm) -> Selection | None:
    try:
        return selections.create(form.name.data, current_user.id, description=form.description.data)
    except NameTaken as error:
        form.name.errors = [str(error)]
        return None


def _renamed(selection: Selection, form: SelectionForm) -> bool:
    try:
        selections.rename(selection, form.name.data, description=form.description.data)
    except NameTaken as error:
        form.name.errors = [str(error)]
        return False
    return True


def _form_page(form: SelectionForm, selection: Selection | None = None) -> Response:
    return render(
        "marketer/selections/form.html",
        status=422 if form.errors else 200,
        form=form,
        selection=selection,
    )


def _card(selection: Selection, page: str, fragment: str, /, **context: Any) -> Response:
    """One of its tabs; templates are named within marketer/selections/."""
    return render(
        f"marketer/selections/{page}",
        f"marketer/selections/{fragment}",
        selection=selection,
        size=selections.size(selection.id),
        uses=uses.count([selection])[selection.id],
        **context,
    )
