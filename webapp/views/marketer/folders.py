"""The folders of whatever has folders: making, renaming, moving and deleting them, in dialogues."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content import folders
from webapp.content.folders import MAX_NAME, Branch, Items, NoSuchFolder
from webapp.content.images.models import Image
from webapp.content.models import Folder, FolderOf, Template, TrackedLink
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.views.access import requires
from webapp.views.forms import IdField, LineField, choices_of
from webapp.views.rendering import dialog, go_to, toast

bp = Blueprint("folders", __name__, url_prefix="/folders/<of>")


@dataclass(frozen=True)
class Kept:
    """What lies in folders of a kind: the column that names its folder, and the page that lists
    it, which shows the folder that its query names."""

    items: Items
    endpoint: str

    def address(self, folder: Folder | None) -> str:
        return url_for(self.endpoint, folder=folder.id if folder else None)


KEPT = {
    FolderOf.MAILING: Kept(Mailing.folder_id, "mailings.index"),
    FolderOf.TEMPLATE: Kept(Template.folder_id, "templates.index"),
    FolderOf.LINK: Kept(TrackedLink.folder_id, "links.index"),
    FolderOf.IMAGE: Kept(Image.folder_id, "images.index"),
}


class NameForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("A folder needs a name.")), max_length=MAX_NAME)


class PlaceForm(FlaskForm):
    """Where a thing or a folder is to lie."""

    folder = IdField(_l("Folder"))

    def __init__(self, of: FolderOf, folder: Folder | None, *, without: Folder | None = None):
        super().__init__(folder=folder.id if folder else None)
        branches = folders.tree(of)
        hidden = folders.within(without) if without else frozenset()
        names = {each.folder.id: each.label for each in branches if each.folder.id not in hidden}
        nowhere = _("At the top") if without else _("No folder")
        self.folder.choices = choices_of({"": nowhere, **names})

    def chosen(self, of: FolderOf) -> Folder | None:
        return folders.chosen(of, self.folder.data)


def places(of: FolderOf) -> list[SelectChoice]:
    """The folders to choose from."""
    names = {branch.folder.id: branch.label for branch in folders.tree(of)}
    return choices_of({"": _("No folder"), **names})


def in_tree(tree: list[Branch]) -> Branch | None:
    """The folder that the query names."""
    folder_id = request.args.get("folder", type=int)
    return next((branch for branch in tree if branch.folder.id == folder_id), None)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def new(of: str) -> Response:
    """Within the folder that the query names, or at the top."""
    kind = _kind(of)
    above = request.args.get("within", type=int)
    parent = folders.get(kind, above) if above else None
    form = NameForm()
    if form.validate_on_submit():
        with told_at(form.name):
            folder = folders.create(kind, form.name.data, parent, by=current_user.id)
            return _done(_("The folder “%(name)s” is there.", name=folder.name), kind, folder)
    title = _("New folder in “%(name)s”", name=parent.name) if parent else _("New folder")
    return _ask(title, form, _("Create"), kind, parent)


@bp.route("/<int:folder_id>/rename", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def rename(of: str, folder_id: int) -> Response:
    kind = _kind(of)
    folder = folders.get(kind, folder_id)
    name, form = folder.name, NameForm(obj=folder)
    if form.validate_on_submit():
        with told_at(form.name):
            folders.rename(folder, form.name.data, by=current_user.id)
            return _done(_("Saved."), kind, folder)
    return _ask(_("Rename “%(name)s”", name=name), form, _("Save"), kind, folder)


@bp.route("/<int:folder_id>/move", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def move(of: str, folder_id: int) -> Response:
    kind = _kind(of)
    folder = folders.get(kind, folder_id)
    form = PlaceForm(kind, folder.parent, without=folder)
    if form.validate_on_submit():
        with told_at(form.folder):
            folders.move(folder, form.chosen(kind), by=current_user.id)
            return _done(_("“%(name)s” is moved.", name=folder.name), kind, folder)
    return _ask(_("Move “%(name)s”", name=folder.name), form, _("Move"), kind, folder)


@bp.post("/<int:folder_id>/delete")
@requires(Right.WRITE_MAILINGS)
def delete(of: str, folder_id: int) -> Response:
    kind = _kind(of)
    folder = folders.get(kind, folder_id)
    name, parent = folder.name, folder.parent
    folders.remove(folder, KEPT[kind].items, by=current_user.id)
    return _done(_("“%(name)s” is deleted.", name=name), kind, parent)


@contextmanager
def told_at(field: Field) -> Iterator[None]:
    """What cannot be done is said at the field."""
    try:
        yield
    except DomainError as error:
        field.errors = [str(error)]


def _kind(of: str) -> FolderOf:
    """Raises NoSuchFolder."""
    kind = next((each for each in KEPT if each == of), None)
    if kind is None:
        raise NoSuchFolder
    return kind


def _done(words: str, of: FolderOf, folder: Folder | None) -> Response:
    db.session.commit()
    toast(words)
    return go_to(KEPT[of].address(folder))


def _ask(title: str, form: FlaskForm, action: str, of: FolderOf, folder: Folder | None) -> Response:
    return dialog(
        title,
        "marketer/folders/_form.html",
        status=422 if form.errors else 200,
        form=form,
        action=action,
        place=KEPT[of].endpoint.partition(".")[0],
        back_url=KEPT[of].address(folder),
    )
