"""What changes the content of a draft: parts added, changed, moved and deleted, undo and redo, the
text part, and blocks put aside. Every answer shows the Content step as it is then."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from webapp.accounts.audit import audit
from webapp.accounts.rights import Right
from webapp.content.document import operations as documents
from webapp.content.document import saved
from webapp.content.document.blocks import BODY
from webapp.content.document.differences import what_changed
from webapp.content.document.opening import Document, open_document
from webapp.content.document.operations import Beside, Direction, InColumn, Target
from webapp.content.document.parts import BlockNotFound, fields_of, find_part, is_row
from webapp.content.email.compile import TEXT
from webapp.content.html.sanitize import LONGEST
from webapp.mailings import contents, preview
from webapp.mailings.compiling import as_typed
from webapp.mailings.contents import ChangedMeanwhile
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.platform.database import db, id_from
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.views.access import requires
from webapp.views.forms import LineField, at_most
from webapp.views.marketer import editor, wizard
from webapp.views.marketer.editor_panel import entered
from webapp.views.rendering import go_to, toast, wants_fragment

bp = Blueprint("editing", __name__, url_prefix="/mailings/<int:mailing_id>/draft")
bp.register_error_handler(DomainError, editor.refused)


class TextForm(FlaskForm):
    text = TextAreaField(_l("Plain text"), validators=[at_most(LONGEST)])


class NameForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Give it a name.")), max_length=saved.LONGEST_NAME)


@bp.post("/parts")
@requires(Right.WRITE_MAILINGS)
def add(mailing_id: int) -> Response:
    """A kind of block, “row:” and a layout, or “saved:” and the number of something put aside."""
    mailing = wizard.draft(mailing_id)
    kind, _colon, name = request.form.get("type", "").partition(":")
    document = open_document(mailing.content)
    match kind:
        case "row":
            document, part_id = documents.add_row(document, name, _target(document))
        case "saved":
            part = saved.get(id_from(name) or 0).part
            document, part_id = documents.insert(document, part, _target(document))
        case _:
            document, part_id = documents.add_block(document, kind, _target(document))
    return _saved(mailing, document, part_id)


@bp.post("/parts/<part_id>")
@requires(Right.WRITE_MAILINGS)
def update(mailing_id: int, part_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    document = open_document(mailing.content)
    changes = entered(fields_of(find_part(document, part_id)))
    return _kept(mailing, documents.update_part(document, part_id, changes), part_id)


@bp.post("/parts/<part_id>/move")
@requires(Right.WRITE_MAILINGS)
def move(mailing_id: int, part_id: str) -> Response:
    """One place up or down, or to where it was dropped."""
    mailing = wizard.draft(mailing_id)
    document = open_document(mailing.content)
    if "direction" in request.form:
        direction: Direction = "up" if request.form["direction"] == "up" else "down"
        return _saved(mailing, documents.step(document, part_id, direction), part_id)
    return _saved(mailing, documents.move(document, part_id, _target(document)), part_id)


@bp.post("/parts/<part_id>/layout")
@requires(Right.WRITE_MAILINGS)
def layout(mailing_id: int, part_id: str) -> Response:
    """How many columns a row has, and how wide they are."""
    mailing = wizard.draft(mailing_id)
    name = request.form.get("layout", "")
    document = documents.set_layout(open_document(mailing.content), part_id, name)
    return _saved(mailing, document, part_id)


@bp.post("/parts/<part_id>/edges")
@requires(Right.WRITE_MAILINGS)
def to_the_edges(mailing_id: int, part_id: str) -> Response:
    """A picture as wide as the e-mail."""
    mailing = wizard.draft(mailing_id)
    document = documents.to_the_edges(open_document(mailing.content), part_id)
    return _saved(mailing, document, part_id)


@bp.post("/parts/<part_id>/duplicate")
@requires(Right.WRITE_MAILINGS)
def duplicate(mailing_id: int, part_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    return _saved(mailing, *documents.duplicate(open_document(mailing.content), part_id))


@bp.post("/parts/<part_id>/delete")
@requires(Right.WRITE_MAILINGS)
def delete(mailing_id: int, part_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    document = documents.delete(open_document(mailing.content), part_id)
    return _saved(mailing, document, part_id, then="")


@bp.route("/parts/<part_id>/put-aside", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def put_aside(mailing_id: int, part_id: str) -> Response:
    """For everybody to use again."""
    mailing = wizard.draft(mailing_id)
    part = find_part(open_document(mailing.content), part_id)
    form = NameForm(name="" if is_row(part) else preview.excerpt(part))
    if not form.validate_on_submit():
        return _dialog(mailing, _("Save for later"), "_put_aside.html", form=form, part_id=part_id)
    kept = saved.save(part, form.name.data, by=current_user.id)
    audit("block saved", by=current_user.id, block=kept.id, name=kept.name)
    db.session.commit()
    toast(_("“%(name)s” is among the saved blocks", name=kept.name))
    return go_to(editor.address(mailing, part_id))


@bp.post("/saved/<int:saved_id>/delete")
@requires(Right.WRITE_MAILINGS)
def throw_away(mailing_id: int, saved_id: int) -> Response:
    """What was put aside; mailings that use it keep their copies."""
    mailing, kept = wizard.draft(mailing_id), saved.get(saved_id)
    audit("saved block deleted", by=current_user.id, block=kept.id, name=kept.name)
    db.session.delete(kept)
    db.session.commit()
    toast(_("“%(name)s” is deleted", name=kept.name))
    return go_to(editor.address(mailing, ""))


@bp.post("/style")
@requires(Right.WRITE_MAILINGS)
def style(mailing_id: int) -> Response:
    """Fonts, colours and width of the whole e-mail."""
    mailing = wizard.draft(mailing_id)
    return _kept(mailing, documents.update_body(open_document(mailing.content), entered(BODY)), "")


@bp.post("/undo")
@requires(Right.WRITE_MAILINGS)
def undo(mailing_id: int) -> Response:
    return _gone(mailing_id, contents.undo)


@bp.post("/redo")
@requires(Right.WRITE_MAILINGS)
def redo(mailing_id: int) -> Response:
    return _gone(mailing_id, contents.redo)


@bp.route("/text", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def text(mailing_id: int) -> Response:
    """The text part: generated, or written by hand."""
    mailing = wizard.draft(mailing_id)
    document = open_document(mailing.content)
    form = TextForm(text=as_typed(mailing)[1])
    # What is generated anew takes the place of any text, whatever is wrong with it.
    generated = "generate" in request.form
    if not generated and not form.validate_on_submit():
        own = TEXT in document
        return _dialog(mailing, _("Plain text"), "_plain_text.html", form=form, own=own)
    document.pop(TEXT, None)
    if not generated:
        document[TEXT] = form.text.data
    contents.save(mailing, document, version=editor.seen_version(), of=TEXT)
    db.session.commit()
    toast(_("Saved"))
    return go_to(wizard.address(mailing, Step.CONTENT))


@bp.get("/code")
@requires(Right.WRITE_MAILINGS)
def code(mailing_id: int) -> Response:
    """The HTML that is sent, to be looked at."""
    mailing = wizard.draft(mailing_id)
    html = as_typed(mailing)[0]
    return _dialog(mailing, _("Source"), "_code.html", html=html)


def _gone(mailing_id: int, go: Callable[..., None]) -> Response:
    """Shows what is different now. HTML of one's own, before or after, has a page of its own."""
    mailing = wizard.draft(mailing_id)
    before = open_document(mailing.content)
    go(mailing, version=editor.seen_version())
    db.session.commit()
    after = open_document(mailing.content)
    if "html" in (before["kind"], after["kind"]):
        return go_to(wizard.address(mailing, Step.CONTENT))
    chosen = request.form.get("part", "")
    changed = what_changed(before, after, chosen)
    return _shown(mailing, changed or _still_there(after, chosen))


def _saved(mailing: Mailing, document: Document, of: str, *, then: str | None = None) -> Response:
    """The parts are others now: the list of contents and the panel are shown anew, for what was
    changed or for what is chosen `then`."""
    contents.save(mailing, document, version=editor.seen_version(), of=of)
    db.session.commit()
    return _shown(mailing, of if then is None else then)


def _shown(mailing: Mailing, part_id: str) -> Response:
    address = editor.address(mailing, part_id)
    if not wants_fragment():
        return go_to(address)
    response = editor.show(mailing, part_id)
    response.headers["HX-Push-Url"] = address
    return editor.telling(response, mailing)


def _kept(mailing: Mailing, document: Document, part_id: str) -> Response:
    """Somebody may be typing on: everything but the panel is renewed."""
    of = part_id or "body"
    try:
        contents.save(mailing, document, version=editor.seen_version(), of=of, in_one_go=True)
    except ChangedMeanwhile as error:
        theirs = mailing.content_version
        return editor.refused(error, mailing=mailing, part_id=part_id, theirs=theirs)
    db.session.commit()
    if not wants_fragment():
        return go_to(editor.address(mailing, part_id))
    return editor.telling(editor.show_kept(mailing, part_id), mailing)


def _dialog(mailing: Mailing, title: str, body: str, **context: Any) -> Response:
    return wizard.show_dialog(mailing, Step.CONTENT, title, body, **context)


def _target(document: Document) -> Target:
    """Where something is to go: below what is chosen, or to where it was dropped."""
    form = request.form
    if form.get("below"):
        return documents.below(document, form["below"])
    if form.get("before"):
        return Beside(form["before"], after=False)
    if form.get("after"):
        return Beside(form["after"])
    if form.get("row"):
        return InColumn(form["row"], form.get("column", 0, type=int))
    return None


def _still_there(document: Document, part_id: str) -> str:
    try:
        find_part(document, part_id)
    except BlockNotFound:
        return ""
    return part_id
