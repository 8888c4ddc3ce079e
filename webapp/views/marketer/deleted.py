"""What was deleted lately, and the way back: of mailings, templates, images and tracked links."""

from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.content import shelf
from webapp.content.models import FolderOf
from webapp.mailings import shelving
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.marketer.folders import KEPT, kind_of
from webapp.views.rendering import came_from, go_to, render, toast

bp = Blueprint("deleted", __name__, url_prefix="/deleted/<of>")

TITLES = {
    FolderOf.MAILING: _l("Deleted mailings"),
    FolderOf.TEMPLATE: _l("Deleted templates"),
    FolderOf.LINK: _l("Deleted links"),
    FolderOf.IMAGE: _l("Deleted images"),
}


@bp.get("/")
@requires(Right.WRITE_MAILINGS)
def index(of: str) -> Response:
    kind = kind_of(of)
    return render(
        "marketer/deleted.html",
        page=page_of(shelf.deleted(KEPT[kind].of), request.args.get("page", 1, int)),
        kind=kind,
        title=TITLES[kind],
        kept=shelf.KEPT,
        place=KEPT[kind].place,
        back_url=KEPT[kind].address(None),
    )


@bp.post("/restore")
@requires(Right.WRITE_MAILINGS)
def restore(of: str) -> Response:
    """Those that the query or the form names."""
    kind, ids = kind_of(of), request.values.getlist("id", int)
    words = _restored_mailings(ids) if kind == FolderOf.MAILING else _restored(kind, ids)
    db.session.commit()
    toast(words)
    return go_to(came_from(KEPT[kind].address(None)))


def undo(of: FolderOf, items: Collection[Any]) -> str:
    """The address that brings them back."""
    return url_for("deleted.restore", of=of.value, id=[item.id for item in items])


def _restored(kind: FolderOf, ids: list[int]) -> str:
    return _back(shelf.restore(KEPT[kind].of, ids, by=current_user.id))


def _restored_mailings(ids: list[int]) -> str:
    restored = shelving.restore(ids, current_user)
    if not restored.drafts:
        return _back(restored.back)
    drafts = ngettext(
        "%(num)d was scheduled and is a draft now",
        "%(num)d were scheduled and are drafts now",
        len(restored.drafts),
    )
    return f"{_back(restored.back)}. {drafts}"


def _back(items: Collection[Any]) -> str:
    names = [item.name for item in items]
    if len(names) == 1:
        return _("“%(name)s” is back", name=names[0])
    return ngettext("%(num)d is back", "%(num)d are back", len(names))
