"""HTML of one's own as the content of a draft: pasted or uploaded, and changed as source."""

from typing import Any

from flask import Blueprint, Response, flash, get_flashed_messages, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.content.document.opening import open_document
from webapp.content.email.compile import size
from webapp.content.own_html import files as html_files
from webapp.content.own_html.files import Given
from webapp.content.own_html.message import Note, from_html
from webapp.content.tags.merge_tags import known_tags
from webapp.mailings import contents, history, own_html
from webapp.mailings.checks.content import GMAIL_CUTS_AT
from webapp.mailings.compiling import compiled
from webapp.mailings.contents import ChangedMeanwhile
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, file_size
from webapp.views.access import requires
from webapp.views.marketer import editor, wizard
from webapp.views.rendering import go_to, toast, wants_fragment
from webapp.views.security import UPLOADS

bp = Blueprint("own_html", __name__, url_prefix="/mailings/<int:mailing_id>/draft")


class GivenForm(FlaskForm):
    file = FileField(_l("An HTML file, or a ZIP of one with its images"))
    html = TextAreaField(_l("Or paste the HTML here"))

    def given(self) -> Given | None:
        """Raises EmptyHtml, or an UnreadableArchive."""
        if self.file.data:
            return html_files.read(self.file.data.read())
        return Given(self.html.data) if (self.html.data or "").strip() else None


class SourceForm(FlaskForm):
    html = TextAreaField(_l("HTML"), validators=[DataRequired(_l("There is no HTML here."))])
    theirs: int | None = None
    """The version of somebody else, when there is one that this does not know."""


@bp.route("/html", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def new(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = GivenForm()
    if form.validate_on_submit() and _taken(mailing, form):
        db.session.commit()
        return go_to(url_for(".source", mailing_id=mailing_id))
    return _new_page(mailing, form)


@bp.errorhandler(RequestEntityTooLarge)
@requires(Right.WRITE_MAILINGS)
def too_large(_error: RequestEntityTooLarge) -> Response:
    """The body was not read: its length alone says that it cannot be taken."""
    mailing_id = (request.view_args or {})["mailing_id"]
    most = file_size(UPLOADS["own_html.new"])
    flash(_("This file is too large for an e-mail: at most %(most)s.", most=most), "error")
    return go_to(url_for(".new", mailing_id=mailing_id))


@bp.route("/source", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def source(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    document = open_document(mailing.content)
    if document["kind"] != "html":
        return go_to(wizard.address(mailing, Step.CONTENT))
    form = SourceForm(html=document["html"])
    if form.validate_on_submit() and (notes := _changed(mailing, form)) is not None:
        db.session.commit()
        return _saved(mailing, notes)
    return _source_page(mailing, form)


def _taken(mailing: Mailing, form: GivenForm) -> bool:
    try:
        given = form.given()
        if given is None:
            form.html.errors = [_("Choose a file, or paste the HTML.")]
            return False
        notes = own_html.take(mailing, given, by=current_user.id)
    except DomainError as error:
        db.session.rollback()
        (form.file if form.file.data else form.html).errors = [str(error)]
        return False
    _tell(notes)
    return True


def _changed(mailing: Mailing, form: SourceForm) -> list[Note] | None:
    """What was changed in it; None when it is refused."""
    try:
        changed, notes = from_html(form.html.data)
        document = open_document(mailing.content) | changed
        contents.save(mailing, document, version=editor.seen_version(), of="html", in_one_go=True)
    except ChangedMeanwhile:
        db.session.rollback()
        form.html.errors = [_("Somebody else changed this e-mail meanwhile. Whose is to stay?")]
        form.theirs = mailing.content_version
        return None
    except DomainError as error:
        db.session.rollback()
        form.html.errors = [str(error)]
        return None
    return notes


def _saved(mailing: Mailing, notes: list[Note]) -> Response:
    """Somebody may be typing on: everything but the field is renewed."""
    if not wants_fragment():
        toast(_("Saved."))
        _tell(notes)
        return go_to(url_for(".source", mailing_id=mailing.id))
    answer = wizard.show(
        mailing,
        Step.CONTENT,
        "_source_saved.html",
        notes=notes,
        ways=history.ways(mailing),
        **_weight(mailing),
    )
    return editor.telling(answer, mailing)


def _source_page(mailing: Mailing, form: SourceForm) -> Response:
    return wizard.show(
        mailing,
        Step.CONTENT,
        "source.html",
        "_source_refused.html",
        status=422 if form.errors else 200,
        form=form,
        tags=known_tags(),
        ways=history.ways(mailing),
        version=request.form.get("version", mailing.content_version),
        notes=get_flashed_messages(category_filter=["note"]),
        **_weight(mailing),
        **editor.how_shown(),
    )


def _weight(mailing: Mailing) -> dict[str, Any]:
    return {"size": size(compiled(mailing)), "cut_at": GMAIL_CUTS_AT}


def _tell(notes: list[Note]) -> None:
    """On the next page, beside the source."""
    for note in notes:
        flash(str(note), "note")


def _new_page(mailing: Mailing, form: GivenForm) -> Response:
    return wizard.show(
        mailing,
        Step.TEMPLATE,
        "own_html.html",
        status=422 if form.errors else 200,
        form=form,
    )
