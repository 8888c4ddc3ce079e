"""The files of a mailing: added and removed at Setup, downloaded at any time."""

from flask import Blueprint, Response, flash, request
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.accounts.rights import Right
from webapp.mailings import attachments, drafts
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _
from webapp.views.access import requires
from webapp.views.marketer import wizard
from webapp.views.rendering import file_to_keep, go_to, render, wants_fragment

bp = Blueprint("attachments", __name__, url_prefix="/mailings/<int:mailing_id>")


@bp.post("/draft/attachments")
@requires(Right.WRITE_MAILINGS)
def add(mailing_id: int) -> Response:
    """Several at once; those that cannot be taken do not hold up the others."""
    mailing = wizard.draft(mailing_id)
    chosen = [file for file in request.files.getlist("file") if file.filename]
    faults = [] if chosen else [_("Choose the files to attach.")]
    for file in chosen:
        try:
            attachments.add(mailing, file.filename or "", file.read())
        except DomainError as error:
            faults.append(str(error))
    db.session.commit()
    return _shown(mailing, faults)


@bp.errorhandler(RequestEntityTooLarge)
@requires(Right.WRITE_MAILINGS)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """The body was not read: its length alone says that it cannot be taken."""
    mailing = wizard.draft((request.view_args or {})["mailing_id"])
    return _shown(mailing, [str(attachments.too_large_together(mailing))])


@bp.post("/draft/attachments/<int:attachment_id>/remove")
@requires(Right.WRITE_MAILINGS)
def remove(mailing_id: int, attachment_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    attachments.remove(mailing, attachment_id)
    db.session.commit()
    return _shown(mailing, [])


@bp.get("/attachments/<int:attachment_id>")
@requires(Right.VIEW)
def download(mailing_id: int, attachment_id: int) -> Response:
    attachment = attachments.get(drafts.get(mailing_id), attachment_id)
    return file_to_keep(attachment.name, attachment.content)


def _shown(mailing: Mailing, faults: list[str]) -> Response:
    if not wants_fragment():
        for fault in faults:
            flash(fault, "error")
        return go_to(wizard.address(mailing, Step.SETUP))
    return render(
        "marketer/mailings/_attachments.html",
        status=422 if faults else 200,
        mailing=mailing,
        files=attachments.of(mailing),
        most=attachments.MOST,
        faults=faults,
    )
