"""The library of images, each image's own page, and choosing one for somewhere else."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import IntegerField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from webapp.accounts.rights import Right
from webapp.content import folders, shelf
from webapp.content.addresses import absolute
from webapp.content.images import library, uses
from webapp.content.images.kinds import LARGEST
from webapp.content.images.library import OF
from webapp.content.images.models import Image
from webapp.content.images.pictures import WIDEST
from webapp.content.models import Folder
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, file_size, ngettext
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.forms import LineField
from webapp.views.marketer.deleted import undo
from webapp.views.marketer.folders import FolderField, in_tree, places
from webapp.views.rendering import dialog, go_to, render, toast
from webapp.views.security import UPLOADS

bp = Blueprint("images", __name__, url_prefix="/images")


@bp.app_template_filter("absolute")
def _absolute(address: str) -> str:
    return absolute(address, current_app.config["PUBLIC_URL"])


TILES = 48
OFFERED = 18
FAULTS_TOLD = 8
"""More would not fit into the cookie that carries them to the next page."""

USED_ON = {"draft": "editor.index", "mailing": "mailing.summary"}
"""The page of each kind of use; all are found by a mailing's id."""


class ImageForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("An image needs a name.")))
    alt = LineField(_l("What it shows (alt text)"))
    folder_id = FolderField(OF)


class CropForm(FlaskForm):
    left = IntegerField(_l("From the left"), validators=[InputRequired(), NumberRange(min=0)])
    top = IntegerField(_l("From the top"), validators=[InputRequired(), NumberRange(min=0)])
    width = IntegerField(_l("Width"), validators=[InputRequired(), NumberRange(min=1)])
    height = IntegerField(_l("Height"), validators=[InputRequired(), NumberRange(min=1)])
    new_width = IntegerField(
        _l("Width of the new image"), validators=[InputRequired(), NumberRange(min=1)]
    )


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    counts = shelf.count_by_folder(Image)
    tree = folders.tree(OF, counts)
    folder = in_tree(tree)
    q, sort = request.args.get("q", ""), request.args.get("sort", "-added")
    found = library.find(q, folder.ids if folder else None, sort=sort)
    return render(
        "marketer/images/index.html",
        "marketer/images/_list.html",
        page=page_of(found, request.args.get("page", 1, int), size=TILES),
        tree=tree,
        folder=folder,
        total=sum(counts.values()),
        places=places(OF),
        q=q,
        sort=sort,
    )


@bp.post("/upload")
@requires(Right.WRITE_MAILINGS)
def upload() -> Response:
    """Several at once; those that cannot be taken do not hold up the others."""
    folder = _chosen_folder()
    chosen = [file for file in request.files.getlist("file") if file.filename]
    faults = [] if chosen else [_("Choose the images to upload.")]
    added = []
    for file in chosen:
        try:
            added.append(_add(file, folder))
        except DomainError as error:
            faults.append(str(error))
    db.session.commit()
    return _uploaded(folder, added, faults)


@bp.errorhandler(RequestEntityTooLarge)
@requires(Right.WRITE_MAILINGS)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """The body was not read: its length alone says that it cannot be taken."""
    most = file_size(UPLOADS["images.upload"])
    fault = _("These are more than %(most)s together. Upload them in smaller groups.", most=most)
    flash(fault, "error")
    return go_to(url_for(".index"))


@bp.get("/pick")
@requires(Right.WRITE_MAILINGS)
def pick() -> Response:
    """To be put into the field that the query names; `alt` names the one for its alt text."""
    return _picker([])


@bp.get("/<int:image_id>")
@requires(Right.VIEW)
def show(image_id: int) -> Response:
    return _page(library.get(image_id))


@bp.post("/<int:image_id>/edit")
@requires(Right.WRITE_MAILINGS)
def edit(image_id: int) -> Response:
    image = library.get(image_id)
    form = ImageForm(obj=image)
    if not form.validate_on_submit():
        return _page(image, form, status=422)
    library.change(
        image,
        name=form.name.data,
        alt=form.alt.data,
        folder=form.folder_id.folder(),
        by=current_user.id,
    )
    db.session.commit()
    toast(_("Saved."))
    return go_to(url_for(".show", image_id=image.id))


@bp.route("/<int:image_id>/crop", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def crop(image_id: int) -> Response:
    image = library.get(image_id)
    form = CropForm(left=0, top=0, width=image.width, height=image.height, new_width=image.width)
    if form.validate_on_submit() and (new := _cropped(image, form)):
        db.session.commit()
        toast(_("The part is an image of its own now."))
        return go_to(url_for(".show", image_id=new.id))
    return render(
        "marketer/images/crop.html",
        status=422 if form.is_submitted() else 200,
        form=form,
        image=image,
        widest=WIDEST,
    )


@bp.post("/move")
@requires(Right.WRITE_MAILINGS)
def move() -> Response:
    folder = _chosen_folder()
    moved = len(shelf.move(Image, request.form.getlist("image", int), folder, by=current_user.id))
    db.session.commit()
    toast(ngettext("%(num)d image is moved.", "%(num)d images are moved.", moved))
    return go_to(url_for(".index", folder=folder.id if folder else None))


@bp.post("/delete")
@requires(Right.WRITE_MAILINGS)
def delete() -> Response:
    removed = shelf.remove(Image, request.form.getlist("image", int), by=current_user.id)
    db.session.commit()
    if removed:
        words = ngettext(
            "%(num)d image is deleted. Mails that show it go on showing it.",
            "%(num)d images are deleted. Mails that show them go on showing them.",
            len(removed),
        )
        toast(words, undo=undo(OF, removed))
    return go_to(url_for(".index", folder=request.form.get("shown", type=int)))


def _chosen_folder() -> Folder | None:
    return folders.chosen(OF, request.form.get("folder", type=int))


def _add(file: FileStorage, folder: Folder | None) -> Image:
    """To be used at once, one that is there already does as well."""
    add = library.add_or_find if "field" in request.form else library.add
    return add(file.read(LARGEST + 1), file.filename or "", folder, by=current_user.id)


def _uploaded(folder: Folder | None, added: list[Image], faults: list[str]) -> Response:
    if "field" in request.form:
        return _picker(faults, added[0] if len(added) == 1 and not faults else None)
    if added:
        toast(ngettext("%(num)d image is added.", "%(num)d images are added.", len(added)))
    for fault in faults[:FAULTS_TOLD]:
        flash(fault, "error")
    if (more := len(faults) - FAULTS_TOLD) > 0:
        flash(ngettext("And %(num)d more file.", "And %(num)d more files.", more), "error")
    return go_to(url_for(".index", folder=folder.id if folder else None))


def _picker(faults: list[str], uploaded: Image | None = None) -> Response:
    field, alt = (request.values.get(name, "") for name in ("field", "alt"))

    def picking(image: Image) -> dict[str, object]:
        """What the scripts read: the image, and the fields to put it into."""
        return {
            "data-picks": image.address,
            "data-shows": image.alt,
            "data-width": image.width,
            "data-into": field,
            "data-alt-into": alt,
        }

    tree = folders.tree(OF, shelf.count_by_folder(Image))
    chosen = request.values.get("folder", type=int)
    within = next((branch.ids for branch in tree if branch.folder.id == chosen), None)
    q = request.args.get("q", "")
    found = library.find(q, within)
    return dialog(
        _("Choose an image"),
        "marketer/images/_pick.html",
        status=422 if faults else 200,
        page=page_of(found, request.args.get("page", 1, int), size=OFFERED),
        places=places(OF),
        chosen=chosen,
        faults=faults,
        uploaded=uploaded,
        field=field,
        alt=alt,
        picking=picking,
        q=q,
        place="images",
        back_url=url_for(".index"),
    )


def _cropped(image: Image, form: CropForm) -> Image | None:
    box = (form.left.data, form.top.data, form.width.data, form.height.data)
    try:
        return library.cropped(image, box, form.new_width.data, by=current_user.id)
    except DomainError as error:
        form.form_errors.append(str(error))
        return None


def _page(image: Image, form: ImageForm | None = None, *, status: int = 200) -> Response:
    used: list[dict[str, Any]] = [
        {
            "name": use.name,
            "note": use.note,
            "at": use.at,
            "url": url_for(USED_ON[use.kind], mailing_id=use.id) if use.kind in USED_ON else None,
        }
        for use in uses.of(image)
    ]
    return render(
        "marketer/images/show.html",
        status=status,
        image=image,
        form=form or ImageForm(obj=image),
        used=used,
        most_used=uses.SHOWN,
    )
