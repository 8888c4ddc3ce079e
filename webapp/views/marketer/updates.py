"""Changing many people at once: what, what it will do to how many, and what it did.

Adding them to a selection or a project is a change too, done without being forecast.
"""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.people.privacy import BASIS_MEANINGS
from webapp.people.updates import Update, forecast
from webapp.platform.database import db
from webapp.platform.locales import ngettext
from webapp.targets import updates
from webapp.targets.joining import JoinProject, JoinSelection
from webapp.targets.models import UpdateState
from webapp.views.access import requires
from webapp.views.live import pulse
from webapp.views.marketer import chosen_people
from webapp.views.marketer.chosen_people import List
from webapp.views.marketer.update_forms import JOINING, things
from webapp.views.rendering import go_to, render, toast, wants_fragment

bp = Blueprint("updates", __name__, url_prefix="/contacts/update")

ABOUT_THE_FORM = {"csrf_token", "go", "edit"}


@bp.post("/ticked")
@requires(Right.EDIT_PEOPLE)
def ticked() -> Response:
    """From the bar under a list; the page that follows can be reloaded and gone back to."""
    address: dict[str, Any] = chosen_people.list_() | {"what": request.args.get("what")}
    return go_to(url_for(".index", contact=chosen_people.ticked(), **address))


@bp.route("", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def index() -> Response:
    """First what to change, then the form of it, then what it would do; all at one address."""
    people, list_ = chosen_people.whom(), chosen_people.came_from()
    context: dict[str, Any] = {"people": updates.size(people), "came_from": list_}
    offered = things()
    thing = offered.get(request.args.get("what", ""))
    if thing is None:
        return render("marketer/updates/choose.html", things=offered, **context)
    context |= {"thing": thing, "form": (form := thing.form())}
    if not form.validate_on_submit() or "edit" in request.form:
        status = 422 if form.errors and "edit" not in request.form else 200
        return _form_page(status, **context)
    change = form.update()
    expected = forecast(change, people)
    if "go" not in request.form or not expected.changed:
        typed = [each for each in request.form.items(multi=True) if each[0] not in ABOUT_THE_FORM]
        context |= {"typed": typed, "change": change, "expected": expected}
        return render("marketer/updates/forecast.html", **context)
    asked = updates.ask(change, people, by=current_user.id)
    db.session.commit()
    updates.begin(asked)
    if thing.joins and asked.state == UpdateState.DONE:
        return _back_to(list_, change, asked.changed)
    return go_to(url_for(".outcome", update_id=asked.id))


@bp.get("/<int:update_id>")
@requires(Right.EDIT_PEOPLE)
def outcome(update_id: int) -> Response:
    """It asks for its fragment while it works."""
    came = updates.get(update_id)
    if wants_fragment() and not came.state.working:
        return go_to(request.path)
    change = updates.loaded(came.change)
    return render(
        "marketer/updates/outcome.html",
        "marketer/updates/_progress.html",
        outcome=came,
        change=change,
        joined=_joined(change),
        pulse=pulse(request.path, (came.state, came.through)) if came.state.working else None,
    )


@bp.post("/<int:update_id>/retry")
@requires(Right.EDIT_PEOPLE)
def retry(update_id: int) -> Response:
    failed = updates.get(update_id)
    if updates.retry(failed, by=current_user.id):
        db.session.commit()
        updates.begin(failed)
    return go_to(url_for(".outcome", update_id=update_id))


def _form_page(status: int, **context: Any) -> Response:
    return render(
        "marketer/updates/form.html",
        status=status,
        joining=JOINING,
        basis_meanings=BASIS_MEANINGS,
        **context,
    )


def _back_to(list_: List, change: JoinSelection | JoinProject, added: int) -> Response:
    toast(
        ngettext(
            "%(num)d person is added to “%(name)s”.",
            "%(num)d people are added to “%(name)s”.",
            added,
            name=change.name,
        )
    )
    return go_to(list_.url)


def _joined(change: Update) -> str | None:
    """The address of what they were added to."""
    match change:
        case JoinSelection():
            return url_for("selections.show", selection_id=change.selection_id)
        case JoinProject():
            return url_for("projects.show", project_id=change.project_id)
    return None
