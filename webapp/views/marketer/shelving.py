"""Moving mailings to folders and deleting them, one or several, with a way back from both."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.content.models import Folder, FolderOf
from webapp.mailings import shelving
from webapp.mailings.drafts import NoSuchMailing
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.locales import _, ngettext
from webapp.views.access import requires
from webapp.views.marketer.deleted import undo
from webapp.views.marketer.folders import PlaceForm
from webapp.views.rendering import came_from, dialog, go_to, toast

bp = Blueprint("shelving", __name__, url_prefix="/mailings")


@bp.app_template_global("may_delete")
def _may_delete(mailing: Mailing) -> bool:
    return shelving.may_remove(mailing, current_user)


@bp.route("/move", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def move() -> Response:
    """Asks where to, until the form says it."""
    mailings = _chosen()
    folders = {mailing.folder_id for mailing in mailings}
    form = PlaceForm(FolderOf.MAILING, mailings[0].folder if len(folders) == 1 else None)
    if "folder" in request.form and form.validate_on_submit():
        folder = form.folder.folder()
        places = shelving.move(mailings, folder, by=current_user.id)
        db.session.commit()
        back = [f"{mailing_id}-{folder_id}" for mailing_id, folder_id in places.items()]
        toast(_moved(mailings, folder), undo=url_for(".put_back", place=back))
        return _back()
    return dialog(
        _titled(mailings),
        "marketer/mailings/_move.html",
        status=422 if form.errors else 200,
        form=form,
        mailings=mailings,
        place="mailings",
        back_url=_list(),
    )


@bp.post("/put-back")
@requires(Right.WRITE_MAILINGS)
def put_back() -> Response:
    """Undoes a move."""
    pairs = [place.split("-") for place in request.args.getlist("place")]
    places = {int(pair[0]): int(pair[1]) for pair in pairs if _two_numbers(pair)}
    mailings = shelving.put_back(places, by=current_user.id)
    if not mailings:
        raise NoSuchMailing
    db.session.commit()
    toast(
        _("“%(name)s” is where it was", name=mailings[0].name)
        if len(mailings) == 1
        else ngettext(
            "%(num)d mailing is where it was", "%(num)d mailings are where they were", len(mailings)
        )
    )
    return _back()


@bp.post("/delete")
@requires(Right.WRITE_MAILINGS)
def delete() -> Response:
    removed = shelving.remove(_chosen(), current_user)
    db.session.commit()
    gone = removed.gone
    words = (
        _("“%(name)s” is deleted", name=gone[0].name)
        if len(gone) == 1
        else ngettext("%(num)d mailing is deleted", "%(num)d mailings are deleted", len(gone))
    )
    if stay := len(removed.running):
        words += ". " + ngettext(
            "%(num)d is being sent and stays", "%(num)d are being sent and stay", stay
        )
    if stay := len(removed.others):
        words += ". " + ngettext(
            "%(num)d is scheduled or sent by somebody else and stays",
            "%(num)d are scheduled or sent by somebody else and stay",
            stay,
        )
    toast(words, undo=undo(FolderOf.MAILING, gone))
    return _back()


def _ids() -> list[int]:
    return request.values.getlist("mailing", type=int)


def _chosen() -> list[Mailing]:
    """Raises NoSuchMailing."""
    mailings = shelving.several(_ids())
    if not mailings:
        raise NoSuchMailing
    return mailings


def _two_numbers(pair: list[str]) -> bool:
    return len(pair) == 2 and all(part.isdecimal() for part in pair)


def _titled(mailings: list[Mailing]) -> str:
    if len(mailings) == 1:
        return _("Move “%(name)s”", name=mailings[0].name)
    return ngettext("Move %(num)d mailing", "Move %(num)d mailings", len(mailings))


def _moved(mailings: list[Mailing], folder: Folder | None) -> str:
    name, number = mailings[0].name, len(mailings)
    if folder is None:
        return (
            _("“%(name)s” is in no folder now", name=name)
            if number == 1
            else ngettext(
                "%(num)d mailing is in no folder now",
                "%(num)d mailings are in no folder now",
                number,
            )
        )
    return (
        _("“%(name)s” moved to %(folder)s", name=name, folder=folder.name)
        if number == 1
        else ngettext(
            "%(num)d mailing moved to %(folder)s",
            "%(num)d mailings moved to %(folder)s",
            number,
            folder=folder.name,
        )
    )


def _list() -> str:
    return came_from(url_for("mailings.index"))


def _back() -> Response:
    return go_to(_list())
