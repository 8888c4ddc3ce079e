"""The Content step: the canvas, what it is made of, and how it is looked at. The canvas is the very
e-mail that will be sent, in a frame from its own address. What changes it is in `editing`."""

import json
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from webapp.accounts.rights import Right
from webapp.content.document import saved
from webapp.content.document.blocks import BLOCK_TYPES
from webapp.content.document.opening import open_document
from webapp.content.tags.merge_tags import known_tags
from webapp.mailings import history, preview
from webapp.mailings.audience_list import next_to_preview_as, people_to_preview_as
from webapp.mailings.compiling import compiled
from webapp.mailings.drafts import NoSuchMailing
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.views.access import requires
from webapp.views.errors import domain_error
from webapp.views.marketer import wizard
from webapp.views.marketer.editor_panel import ICONS, LAYOUT_NAMES, outline, panel, swatches
from webapp.views.marketer.link_choice import known_links
from webapp.views.rendering import go_to, message_page, render, toast, wants_fragment

bp = Blueprint("editor", __name__, url_prefix="/mailings/<int:mailing_id>/draft")


@bp.errorhandler(DomainError)
def refused(error: DomainError, **context: Any) -> Response:
    """Says so above the canvas; what was typed stays where it is, and may go over `theirs`."""
    if isinstance(error, NoSuchMailing):  # There is no canvas to lead to.
        return domain_error(error)
    db.session.rollback()
    if not wants_fragment():
        toast(str(error))
        return go_to(url_for("editor.index", mailing_id=(request.view_args or {})["mailing_id"]))
    words = render_template("marketer/mailings/_refused.html", message=str(error), **context)
    return Response(words, 422, {"HX-Retarget": "#refused", "HX-Reswap": "morph:innerHTML"})


@bp.get("/content")
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if mailing.content is None:
        return go_to(wizard.address(mailing, Step.TEMPLATE))
    if open_document(mailing.content)["kind"] == "html":
        return go_to(url_for("own_html.source", mailing_id=mailing_id, **viewing()))
    return show(mailing, request.args.get("part", ""))


@bp.get("/canvas")
@requires(Right.WRITE_MAILINGS)
def canvas(mailing_id: int) -> Response:
    dark = "dark" in request.args
    message = preview.message(wizard.draft(mailing_id), reader(), marked=True, dark=dark)
    return message_page(message.html)


@bp.get("/people")
@requires(Right.WRITE_MAILINGS)
def people(mailing_id: int) -> Response:
    """To preview as."""
    mailing = wizard.draft(mailing_id)
    found = people_to_preview_as(mailing, request.args.get("q", ""))
    return wizard.show(mailing, Step.CONTENT, "people.html", "_people.html", people=found)


@bp.get("/reader")
@requires(Right.WRITE_MAILINGS)
def next_reader(mailing_id: int) -> Response:
    """The next or the previous one to preview as."""
    mailing = wizard.draft(mailing_id)
    now = request.args.get("as", 0, type=int)
    found = next_to_preview_as(mailing, now, back="back" in request.args)
    how = viewing() | ({"as": found.id} if found else {})
    part = request.args.get("part")
    return go_to(url_for("editor.index", mailing_id=mailing_id, part=part, **how))


@bp.get("/others")
@requires(Right.WRITE_MAILINGS)
def others(mailing_id: int) -> Response:
    """Who else is here, and whether they changed something; asked for every few seconds."""
    mailing = wizard.draft(mailing_id)
    seen = request.args.get("version", type=int)
    return render(
        "marketer/mailings/_others.html",
        mailing=mailing,
        seen=seen,
        stale=seen not in (None, mailing.content_version),
        **wizard.present(mailing, request.args.get("step", Step.CONTENT)),
    )


def show(mailing: Mailing, part_id: str) -> Response:
    """The page, or what changes on it when something else is chosen."""
    return wizard.show(
        mailing,
        Step.CONTENT,
        "content.html",
        "_chosen.html",
        palette=[(kind, ICONS[kind.name]) for kind in BLOCK_TYPES.values()],
        layouts=LAYOUT_NAMES,
        saved_blocks=saved.everything(),
        seen=mailing.content_version,
        **_context(mailing, part_id),
    )


def show_kept(mailing: Mailing, part_id: str) -> Response:
    """Only values changed: the panel stays as it is, so that nobody is disturbed while typing."""
    context = _context(mailing, part_id)
    return Response(render_template("marketer/mailings/_kept.html", mailing=mailing, **context))


def telling(response: Response, mailing: Mailing) -> Response:
    """The scripts hear that the canvas is to be drawn again, and which version comes next."""
    told = {"content-saved": {"version": mailing.content_version}}
    response.headers["HX-Trigger"] = json.dumps(told)
    return response


def seen_version() -> int:
    """That which a change was made of; or that which it knowingly goes over."""
    return request.form.get("over", request.form.get("version", -1, type=int), type=int)


def address(mailing: Mailing, part_id: str) -> str:
    return url_for("editor.index", mailing_id=mailing.id, part=part_id or None, **viewing())


def reader() -> Contact | None:
    """Whom the e-mail is shown to; nobody in particular when the address does not say."""
    chosen = request.args.get("as", type=int)
    return db.session.get(Contact, chosen) if chosen else None


def viewing() -> dict[str, Any]:
    """How the canvas is looked at: what every address of the editor carries on."""
    return {name: request.args[name] for name in ("as", "width", "dark") if request.args.get(name)}


def how_shown() -> dict[str, Any]:
    """To whom, how wide and in which light: for the tools over the e-mail."""
    return {
        "reader": reader(),
        "viewing": viewing(),
        "width": request.args.get("width"),
        "dark": request.args.get("dark"),
    }


def _context(mailing: Mailing, part_id: str) -> dict[str, Any]:
    document = open_document(mailing.content)
    problems = list(compiled(mailing).problems)
    shown = panel(document, part_id, problems)
    return {
        "part_id": part_id,
        "panel": shown,
        "known_links": known_links(shown.values),
        "outline": list(outline(document)),
        "swatches": swatches(document),
        "line": preview.inbox_line(mailing, reader()),
        "ways": history.ways(mailing),
        "tags": known_tags(),
        **how_shown(),
    }
