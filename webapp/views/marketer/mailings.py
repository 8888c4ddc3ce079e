"""The list of mailings, and beginning one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request, session, url_for
from flask_login import current_user

from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Right
from webapp.content import folders
from webapp.content.models import FolderOf
from webapp.content.shelf import count_by_folder
from webapp.content.templates import templates
from webapp.mailings import (
    beginnings,
    drafts,
    overview,
    preview,
    sources,
)
from webapp.mailings.models import Kind, Mailing, State
from webapp.mailings.overview import Narrowed, Place, Shelf
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.marketer import looks, mailing_rows
from webapp.views.marketer.folders import in_tree
from webapp.views.rendering import go_to, render

Named = TypeVar("Named")

bp = Blueprint("mailings", __name__)


@bp.get("/mailings/")
@requires(Right.VIEW)
def index() -> Response:
    by_folder = count_by_folder(Mailing)
    tree = folders.tree(FolderOf.MAILING, by_folder)
    folder = in_tree(tree)
    shelf = _word(Shelf, request.args.get("shelf")) or (Shelf.ALL if folder else Shelf.RECENT)
    place = Place(shelf, current_user.id, folder.ids if folder else None)
    narrowed = _narrowed()
    sort = request.args.get("sort", "goes" if shelf is Shelf.SCHEDULED else "-changed")
    return render(
        "marketer/mailings/index.html",
        "marketer/mailings/_list.html",
        shelf=shelf,
        counts=overview.count_by_state(replace(place, shelf=Shelf.ALL)),
        total=sum(by_folder.values()),
        tree=tree,
        folder=folder,
        narrowed=narrowed,
        q=narrowed.text,
        sort=sort,
        tiles=_tiles(),
        kinds_there=overview.count_by_kind(place),
        states_there=overview.count_by_state(place),
        owners_there=overview.count_by_owner(place),
        **mailing_rows.rows(overview.find_mailings(place, narrowed, sort=sort)),
    )


@bp.post("/mailings/new")
@requires(Right.WRITE_MAILINGS)
def new() -> Response:
    """A draft at once, so that nothing can be lost; in a folder, about a selection or project, and
    from a template, if they are named."""
    selection, project = _named("selection", selections.get), _named("project", projects.get)
    template = _named("template", templates.get)
    about = selection or project or template
    mailing = drafts.create(
        about.name if about else _("New mailing"),
        owner_id=current_user.id,
        folder=folders.chosen(FolderOf.MAILING, request.values.get("folder", type=int)),
        from_name=organisation().name,
        from_address=current_app.config["MAIL_DEFAULT_SENDER"] or current_user.email,
    )
    sources.link(mailing, selection, project)
    if template:
        beginnings.begin_from_template(mailing, template)
    db.session.commit()
    return go_to(url_for("setup.index", mailing_id=mailing.id))


@bp.get("/mailings/<int:mailing_id>/preview")
@requires(Right.VIEW)
def look(mailing_id: int) -> Response:
    """What a made-up person would read."""
    mailing = drafts.get(mailing_id)
    mark = looks.mark_of(mailing.id, mailing.updated_at)
    return looks.answer(mark, lambda: preview.message(mailing, None).html)


@bp.post("/mailings/<int:mailing_id>/duplicate")
@requires(Right.WRITE_MAILINGS)
def duplicate(mailing_id: int) -> Response:
    copy = drafts.duplicate(drafts.get(mailing_id), owner_id=current_user.id)
    db.session.commit()
    return go_to(url_for("setup.index", mailing_id=copy.id))


def _named(name: str, get: Callable[[int], Named]) -> Named | None:
    chosen = request.values.get(name, type=int)
    return get(chosen) if chosen else None


def _narrowed() -> Narrowed:
    query = request.args
    return Narrowed(
        text=query.get("q", ""),
        kinds=_words(Kind, query.getlist("kind")),
        states=_words(State, query.getlist("state")),
        owners=tuple(query.getlist("owner", type=int)),
    )


def _tiles() -> bool:
    """As a list or as tiles: what the query says, or what was chosen last."""
    if "as" in request.args:
        session["mailings_as"] = request.args["as"]
    return session.get("mailings_as") == "tiles"


def _words(words: Any, values: list[str]) -> tuple[Any, ...]:
    return tuple(words(value) for value in values if value in set(words))


def _word(words: Any, value: str | None) -> Any:
    """The word of an enumeration that a query names, or None."""
    return words(value) if value in set(words) else None
