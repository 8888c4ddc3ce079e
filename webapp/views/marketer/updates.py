"""Changing many people at once: what, what it will do to how many, and what it did."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.people.privacy import BASIS_MEANINGS
from webapp.people.updates import Update
from webapp.platform.database import db
from webapp.targets import selections, updates
from webapp.targets.updates import Whom
from webapp.views.access import requires
from webapp.views.forms import fields_of
from webapp.views.live import pulse
from webapp.views.marketer.update_forms import THINGS
from webapp.views.rendering import go_to, render, wants_fragment

bp = Blueprint("updates", __name__, url_prefix="/contacts/update")


@bp.post("/ticked")
@requires(Right.EDIT_PEOPLE)
def ticked() -> Response:
    """From the bar under a list; the page that follows can be reloaded and gone back to."""
    whom = Whom(request.form.getlist("contact", int))
    whom.people()
    return go_to(url_for(".index", contact=whom.contacts))


@bp.route("", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def index() -> Response:
    """First what to change, then the form of it, then what it would do; all at one address."""
    whom = _whom()
    thing = THINGS.get(request.args.get("what", ""))
    if thing is None:
        return _page(whom, "choose.html")
    form = thing.form()
    if not form.validate_on_submit() or "edit" in request.form:
        status = 422 if form.errors and "edit" not in request.form else 200
        return _page(whom, "form.html", status=status, form=form, thing=thing)
    change: Update = form.update()
    expected = updates.forecast(change, whom)
    if "go" not in request.form or not expected.changed:
        typed = {name: value for name, value in fields_of(form).items() if value is not None}
        return _page(whom, "forecast.html", typed=typed, change=change, expected=expected)
    asked = updates.ask(change, whom, people=expected.people, by=current_user.id)
    db.session.commit()
    updates.begin(asked)
    return go_to(url_for(".outcome", request_id=asked))


@bp.get("/<int:request_id>")
@requires(Right.EDIT_PEOPLE)
def outcome(request_id: int) -> Response:
    """It asks for its fragment while it works."""
    came = updates.outcome(request_id)
    working = came.changed is None and not came.failed
    if wants_fragment() and not working:
        return go_to(request.path)
    return render(
        "marketer/updates/outcome.html",
        "marketer/updates/_progress.html",
        outcome=came,
        pulse=pulse(url_for(".outcome", request_id=request_id), came.through) if working else None,
    )


def _whom() -> Whom:
    return Whom(
        request.args.getlist("contact", int),
        everybody="everybody" in request.args,
        selection=request.args.get("selection", type=int),
        q=request.args.get("q", ""),
        only=request.args.get("only", ""),
    )


def _page(whom: Whom, template: str, *, status: int = 200, **context: Any) -> Response:
    selection = selections.get(whom.selection) if whom.selection is not None else None
    came_from = (
        url_for("selections.show", selection_id=selection.id, q=whom.q or None)
        if selection
        else url_for("contacts.index", q=whom.q or None, only=whom.only or None)
    )
    return render(
        f"marketer/updates/{template}",
        status=status,
        people=updates.size(whom),
        selection=selection,
        came_from=came_from,
        things=THINGS,
        basis_meanings=BASIS_MEANINGS,
        place="selections" if selection else "contacts",
        **context,
    )
