"""The folders of whatever has folders: making, renaming, moving and deleting them, in dialogues."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content import folders
from webapp.content.folders import MAX_NAME, Branch, NoSuchFolder
from webapp.content.images.models import Image
from webapp.content.models import Folder, FolderOf, Shelved, Template, TrackedLink
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.views.access import requires
from webapp.views.forms import IdField, LineField, choices_of, refusals_at
from webapp.views.rendering import dialog, go_to, toast

bp = Blueprint("folders", __name__, url_prefix="/folders/<of>")


@dataclass(frozen=True)
class Kept:
    """What lies in folders of a kind, and the page that lists it, which shows the folder that its
    query names."""

    of: type[Shelved]
    endpoint: str

    @property
    def place(self) -> str:
        """Its part of the navigation."""
        return "mailings" if self.of is Template else self.endpoint.partition(".")[0]

    def address(self, folder: Folder | None) -> str:
        return url_for(self.endpoint, folder=folder.id if folder else None)


KEPT = {
    FolderOf.MAILING: Kept(Mailing, "mailings.index"),
    FolderOf.TEMPLATE: Kept(Template, "templates.index"),
    FolderOf.LINK: Kept(TrackedLink, "links.index"),
    FolderOf.IMAGE: Kept(Image, "images.index"),
}


class FolderField(IdField):
    """The folder in which a thing lies, or none."""

    def __init__(self, of: FolderOf | None = None, **kwargs: Any) -> None:
        super().__init__(_l("Folder"), **kwargs)
        if of:
            self.of, self.choices = of, places(of)

    def folder(self) -> Folder | None:
        """Raises NoSuchFolder."""
        return folders.chosen(self.of, self.data)


class NameForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("A folder needs a name.")), max_length=MAX_NAME)


class PlaceForm(FlaskForm):
    """Where a thing or a folder is to lie; a folder does not lie within itself."""

    folder = FolderField()

    def __init__(self, of: FolderOf, folder: Folder | None, *, moved: Folder | None = None):
        super().__init__(folder=folder.id if folder else None)
        self.folder.of, self.folder.choices = of, places(of, moved)


def places(of: FolderOf, moved: Folder | None = None) -> list[SelectChoice]:
    """The folders to choose from: for a thing, or for a folder that is moved."""
    hidden = folders.within(moved) if moved else frozenset()
    offered = [branch for branch in folders.tree(of) if branch.folder.id not in hidden]
    nowhere = _("At the top") if moved else _("No folder")
    return choices_of({"": nowhere, **{each.folder.id: each.label for each in offered}})


def in_tree(tree: list[Branch]) -> Branch | None:
    """The folder that the query names."""
    folder_id = request.args.get("folder", type=int)
    return next((branch for branch in tree if branch.folder.id == folder_id), None)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def new(of: str) -> Response:
    """Within the folder that the query names, or at the top."""
    kind = kind_of(of)
    above = request.args.get("within", type=int)
    parent = folders.get(kind, above) if above else None
    form = NameForm()
    if form.validate_on_submit():
        with refusals_at(form.name):
            folder = folders.create(kind, form.name.data, parent, by=current_user.id)
            return _done(_("The folder “%(name)s” is there.", name=folder.name), kind, folder)
    title = _("New folder in “%(name)s”", name=parent.name) if parent else _("New folder")
    return _ask(title, form, _("Create"), kind, parent)


@bp.route("/<int:folder_id>/rename", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def rename(of: str, folder_id: int) -> Response:
    kind = kind_of(of)
    folder = folders.get(kind, folder_id)
    name, form = folder.name, NameForm(obj=folder)
    if form.validate_on_submit():
        with refusals_at(form.name):
            folders.rename(folder, form.name.data, by=current_user.id)
            return _done(_("Saved."), kind, folder)
    return _ask(_("Rename “%(name)s”", name=name), form, _("Save"), kind, folder)


@bp.route("/<int:folder_id>/move", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def move(of: str, folder_id: int) -> Response:
    kind = kind_of(of)
    folder = folders.get(kind, folder_id)
    form = PlaceForm(kind, folder.parent, moved=folder)
    if form.validate_on_submit():
        with refusals_at(form.folder):
            folders.move(folder, form.folder.folder(), by=current_user.id)
            return _done(_("“%(name)s” is moved.", name=folder.name), kind, folder)
    return _ask(_("Move “%(name)s”", name=folder.name), form, _("Move"), kind, folder)


@bp.post("/<int:folder_id>/delete")
@requires(Right.WRITE_MAILINGS)
def delete(of: str, folder_id: int) -> Response:
    kind = kind_of(of)
    folder = folders.get(kind, folder_id)
    name, parent = folder.name, folder.parent
    folders.remove(folder, KEPT[kind].of.folder_id, by=current_user.id)
    return _done(_("“%(name)s” is deleted.", name=name), kind, parent)


def kind_of(of: str) -> FolderOf:
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
        place=KEPT[of].place,
        back_url=KEPT[of].address(folder),
    )
