"""The Content step: the canvas, its blocks and their properties. The canvas is the very e-mail that
will be sent, in a frame from its own address."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from webapp.accounts.rights import Right
from webapp.content.blocks import BLOCK_TYPES, BODY, Block, Field, FieldKind, Label, values
from webapp.content.document import (
    BlockNotFound,
    Direction,
    add_block,
    all_blocks,
    delete_block,
    duplicate_block,
    find_block,
    move_block,
    update_block,
    update_body,
)
from webapp.content.merge_tags import known_tags
from webapp.content.opening import Document, open_document
from webapp.content.problems import Problem
from webapp.mailings import contents, preview
from webapp.mailings.audience_list import people_to_preview_as
from webapp.mailings.compiling import compiled
from webapp.mailings.contents import ChangedMeanwhile
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.views.access import requires
from webapp.views.marketer import wizard
from webapp.views.rendering import go_to, message_page, toast, wants_fragment

bp = Blueprint("editor", __name__, url_prefix="/mailings/<int:mailing_id>/draft")

ICONS = {
    "heading": "heading",
    "text": "typography",
    "image": "photo",
    "button": "click",
    "divider": "separator-horizontal",
}


@dataclass(frozen=True)
class Panel:
    """What stands at the right: the properties of the chosen block, or of the whole e-mail."""

    title: Label
    icon: str
    fields: tuple[Field, ...]
    values: dict[str, Any]
    action: str
    problems: list[Problem]


@dataclass(frozen=True)
class OutlineEntry:
    """A block in the list of contents."""

    id: str
    label: Label
    icon: str
    excerpt: str


@bp.errorhandler(ChangedMeanwhile)
@bp.errorhandler(BlockNotFound)
def refused(error: DomainError) -> Response:
    """Says so above the canvas; what was typed stays where it is."""
    db.session.rollback()
    if not wants_fragment():
        toast(str(error))
        return go_to(url_for("editor.index", mailing_id=(request.view_args or {})["mailing_id"]))
    words = render_template("marketer/mailings/_refused.html", message=str(error))
    return Response(words, 422, {"HX-Retarget": "#refused", "HX-Reswap": "innerHTML"})


@bp.get("/content")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if mailing.content is None:
        return go_to(wizard.address(mailing, Step.TEMPLATE))
    if mailing.content.get("kind") == "html":
        return go_to(url_for("finished_html.source", mailing_id=mailing_id))
    return _show(mailing, request.args.get("block", ""))


@bp.get("/canvas")
@requires(Right.WRITE_MAILINGS)
def canvas(mailing_id: int) -> Response:
    return message_page(preview.message(wizard.draft(mailing_id), _reader(), marked=True).html)


@bp.post("/blocks")
@requires(Right.WRITE_MAILINGS)
def add(mailing_id: int) -> Response:
    """Below the block `after`; at the end of the content when there is none."""
    mailing = wizard.draft(mailing_id)
    document, block_id = add_block(
        open_document(mailing.content),
        request.form.get("type", ""),
        after=request.form.get("after") or None,
    )
    return _saved(mailing, document, block_id)


@bp.post("/blocks/<block_id>")
@requires(Right.WRITE_MAILINGS)
def update(mailing_id: int, block_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    document = open_document(mailing.content)
    block_type = BLOCK_TYPES.get(find_block(document, block_id)["type"])
    entered = _entered(block_type.fields if block_type else ())
    return _kept(mailing, update_block(document, block_id, entered), block_id)


@bp.post("/blocks/<block_id>/move")
@requires(Right.WRITE_MAILINGS)
def move(mailing_id: int, block_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    direction: Direction = "up" if request.form.get("direction") == "up" else "down"
    document = move_block(open_document(mailing.content), block_id, direction)
    return _saved(mailing, document, block_id)


@bp.post("/blocks/<block_id>/duplicate")
@requires(Right.WRITE_MAILINGS)
def duplicate(mailing_id: int, block_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    document, copy_id = duplicate_block(open_document(mailing.content), block_id)
    return _saved(mailing, document, copy_id)


@bp.post("/blocks/<block_id>/delete")
@requires(Right.WRITE_MAILINGS)
def delete(mailing_id: int, block_id: str) -> Response:
    mailing = wizard.draft(mailing_id)
    document = delete_block(open_document(mailing.content), block_id)
    return _saved(mailing, document, "")


@bp.post("/style")
@requires(Right.WRITE_MAILINGS)
def style(mailing_id: int) -> Response:
    """Fonts, colours and width of the whole e-mail."""
    mailing = wizard.draft(mailing_id)
    return _kept(mailing, update_body(open_document(mailing.content), _entered(BODY)), "")


@bp.get("/people")
@requires(Right.WRITE_MAILINGS)
def people(mailing_id: int) -> Response:
    """To preview as."""
    mailing = wizard.draft(mailing_id)
    found = people_to_preview_as(mailing, request.args.get("q", ""))
    return wizard.show(mailing, Step.CONTENT, "people.html", "_people.html", people=found)


def _saved(mailing: Mailing, document: Document, block_id: str) -> Response:
    """The blocks are others now: the list of contents and the panel are shown anew."""
    contents.save(mailing, document, version=_version())
    db.session.commit()
    address = _address(mailing, block_id)
    if not wants_fragment():
        return go_to(address)
    response = _show(mailing, block_id)
    response.headers["HX-Push-Url"] = address
    return _telling(response, mailing)


def _kept(mailing: Mailing, document: Document, block_id: str) -> Response:
    """Only values changed: the panel stays as it is, so that nobody is disturbed while typing."""
    contents.save(mailing, document, version=_version())
    db.session.commit()
    if not wants_fragment():
        return go_to(_address(mailing, block_id))
    words = render_template(
        "marketer/mailings/_kept.html", mailing=mailing, **_context(mailing, block_id)
    )
    return _telling(Response(words), mailing)


def _telling(response: Response, mailing: Mailing) -> Response:
    """editor.js hears that the canvas is to be drawn again, and which version comes next."""
    response.headers["HX-Trigger"] = json.dumps(
        {"content-saved": {"version": mailing.content_version}}
    )
    return response


def _show(mailing: Mailing, block_id: str) -> Response:
    context = _context(mailing, block_id)
    return wizard.show(mailing, Step.CONTENT, "content.html", "_chosen.html", **context)


def _context(mailing: Mailing, block_id: str) -> dict[str, Any]:
    document = open_document(mailing.content)
    reader = _reader()
    return {
        "block_id": block_id,
        "panel": _panel(mailing, document, block_id),
        "outline": [_outlined(block) for block in all_blocks(document)],
        "palette": [(kind, ICONS[kind.name]) for kind in BLOCK_TYPES.values()],
        "message": preview.message(mailing, reader),
        "reader": reader,
        "viewing": _viewing(),
        "width": request.args.get("width"),
        "tags": known_tags(),
    }


def _panel(mailing: Mailing, document: Document, block_id: str) -> Panel:
    if not block_id:
        action = url_for("editor.style", mailing_id=mailing.id, **_viewing())
        return Panel(_l("E-mail"), "adjustments", BODY, values(BODY, document["body"]), action, [])
    block = find_block(document, block_id)
    action = url_for("editor.update", mailing_id=mailing.id, block_id=block_id, **_viewing())
    problems = [each for each in compiled(mailing).problems if each.where == block_id]
    kind = BLOCK_TYPES.get(block["type"])
    if kind is None:
        return Panel(_l("Unknown block"), "help-circle", (), {}, action, problems)
    known = values(kind.fields, block)
    return Panel(kind.label, ICONS[kind.name], kind.fields, known, action, problems)


def _outlined(block: Block) -> OutlineEntry:
    kind = BLOCK_TYPES.get(block["type"])
    return OutlineEntry(
        block["id"],
        kind.label if kind else _("Unknown block"),
        ICONS.get(block["type"], "help-circle"),
        preview.excerpt(block),
    )


def _entered(fields: tuple[Field, ...]) -> dict[str, object]:
    """An unticked box is not sent at all, and a colour of one's own comes from a second control."""
    form = request.form
    entered: dict[str, object] = {
        field.name: field.name in form for field in fields if field.kind is FieldKind.FLAG
    }
    for field in fields:
        if field.kind is not FieldKind.FLAG and field.name in form:
            own = form[field.name] == "own"
            entered[field.name] = form.get(f"{field.name}.own", "") if own else form[field.name]
    return entered


def _version() -> int:
    return request.form.get("version", -1, type=int)


def _reader() -> Contact | None:
    """Whom the e-mail is shown to; nobody in particular when the address does not say."""
    chosen = request.args.get("as", type=int)
    return db.session.get(Contact, chosen) if chosen else None


def _viewing() -> dict[str, Any]:
    """How the canvas is looked at: what every address of the editor carries on."""
    return {name: request.args[name] for name in ("as", "width") if request.args.get(name)}


def _address(mailing: Mailing, block_id: str) -> str:
    return url_for("editor.index", mailing_id=mailing.id, block=block_id or None, **_viewing())
