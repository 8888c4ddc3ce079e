"""Selections: the list, the card with its members and mailings, and adding people to it."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import selectinload
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.mailings import uses
from webapp.people import contacts
from webapp.people.texts import MAX_TEXT, one_line
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets import selections
from webapp.targets.models import Selection
from webapp.views.access import requires
from webapp.views.forms import LineField, refusals_at
from webapp.views.marketer import mailing_rows, members
from webapp.views.rendering import came_from, go_to, render, toast

bp = Blueprint("selections", __name__, url_prefix="/selections")


class SelectionForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Give the selection a name.")))
    description = LineField(_l("What is it for? (optional)"), max_length=500)


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
    if form.validate_on_submit():
        with refusals_at(form.name):
            selection = selections.create(
                form.name.data, current_user.id, description=form.description.data
            )
            db.session.commit()
            return go_to(url_for(".show", selection_id=selection.id))
    return _form_page(form)


@bp.get("/<int:selection_id>")
@requires(Right.VIEW)
def show(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    people = members.found_by(partial(selections.members, selection.id))
    return _card(selection, "show.html", "_members.html", **people)


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
    if form.validate_on_submit():
        with refusals_at(form.name):
            selections.rename(selection, form.name.data, description=form.description.data)
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
    return members.adding_page(selections.get(selection_id), selections.members_among)


@bp.post("/<int:selection_id>/members")
@requires(Right.EDIT_PEOPLE)
def add_members(selection_id: int) -> Response:
    selection = selections.get(selection_id)
    added = selections.add_members(selection.id, members.chosen())
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


@bp.post("/join")
@requires(Right.EDIT_PEOPLE)
def join() -> Response:
    """One person, from their card, to a selection that is there or begins with them."""
    contact = contacts.get(request.form.get("contact", 0, int))
    name = one_line(request.form.get("selection", ""))[:MAX_TEXT]
    back = came_from(url_for("contacts.show", contact_id=contact.id))
    if not name:
        flash(_("Write the name of a selection, a new one or one of yours."), "error")
        return go_to(back)
    selection = selections.named(name, current_user.id)
    if selections.add_members(selection.id, [contact.id]):
        toast(_("Added to “%(name)s”.", name=selection.name))
    else:
        toast(_("Is in “%(name)s” already.", name=selection.name))
    db.session.commit()
    return go_to(back)


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
