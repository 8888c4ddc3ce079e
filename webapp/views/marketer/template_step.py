"""The second step of a draft: what it begins from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Select
from werkzeug.datastructures import MultiDict

from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Right
from webapp.content.models import Template
from webapp.content.templates import templates
from webapp.content.templates.designs import DESIGNS, Design
from webapp.mailings import beginnings, drafts, overview, preview
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.platform.database import db
from webapp.platform.errors import NotFound
from webapp.platform.locales import _
from webapp.views.access import requires
from webapp.views.formats import day
from webapp.views.marketer import looks, wizard
from webapp.views.marketer.templates import mark_of
from webapp.views.rendering import go_to, message_page, toast

Found = TypeVar("Found", Template, Mailing)

bp = Blueprint("template_step", __name__)

SHOWN = 24
"""Of templates and mailings here; a search finds the others."""


class Shelf(StrEnum):
    SUPPLIED = "supplied"
    OURS = "ours"
    EARLIER = "earlier"
    HTML = "html"
    """Of one's own, which is no card but has a page of its own."""


@dataclass(frozen=True)
class Card:
    """Something to begin from."""

    field: str
    value: str | int
    """What choosing it sends: "template" and its id, say."""
    name: str
    note: str
    look: str
    """The address of the e-mail itself."""
    begin: Callable[[Mailing], None]
    picture: str = ""
    """That of a thumbnail, where one was drawn."""


@bp.route("/mailings/<int:mailing_id>/draft/template", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    if request.method == "POST":
        return _begin(mailing)
    text = " ".join(request.args.get("q", "").split())
    shelf = request.args.get("shelf", "")
    return wizard.show(
        mailing,
        Step.TEMPLATE,
        "template.html",
        "_beginnings.html",
        shelf=Shelf(shelf) if shelf in set(Shelf) else Shelf.SUPPLIED,
        cards={each: _cards(each, mailing, text) for each in Shelf},
        origin=beginnings.origin(mailing),
        q=text,
    )


@bp.get("/mailings/<int:mailing_id>/draft/template/preview")
@requires(Right.WRITE_MAILINGS)
def look(mailing_id: int) -> Response:
    """One of them, larger; the query names it as choosing it would."""
    mailing = wizard.draft(mailing_id)
    card = _chosen(request.args)
    return wizard.show_dialog(mailing, Step.TEMPLATE, card.name, "_larger.html", card=card)


@bp.get("/templates/supplied/<name>")
@requires(Right.WRITE_MAILINGS)
def supplied(name: str) -> Response:
    return message_page(preview.of_document(beginnings.supplied(beginnings.design(name))))


@bp.get("/templates/blank")
@requires(Right.WRITE_MAILINGS)
def blank() -> Response:
    return message_page(preview.of_document(beginnings.nothing()))


def _begin(mailing: Mailing) -> Response:
    anew = mailing.content is not None
    _chosen(request.form).begin(mailing)
    db.session.commit()
    if anew:
        toast(_("Begun anew. Undo brings back what was written."))
    return go_to(wizard.next_address(mailing, Step.TEMPLATE))


def _chosen(source: MultiDict[str, str]) -> Card:
    """Raises NotFound."""
    if name := source.get("design"):
        return _of_design(beginnings.design(name))
    if template_id := source.get("template", type=int):
        return _of_template(templates.get(template_id))
    if mailing_id := source.get("mailing", type=int):
        return _of_mailing(drafts.get(mailing_id))
    if "blank" in source:
        return _of_nothing()
    raise NotFound


def _cards(shelf: Shelf, mailing: Mailing, text: str) -> list[Card]:
    """Those in whose name, and whatever else of them is searched, every word of the text stands."""
    match shelf:
        case Shelf.SUPPLIED:
            cards = [_of_nothing(), *map(_of_design, DESIGNS.values())]
            return [card for card in cards if _says(card, text)]
        case Shelf.OURS:
            return list(map(_of_template, _first(templates.find(text))))
        case Shelf.EARLIER:
            return list(map(_of_mailing, _first(overview.find_earlier(mailing, text))))
        case Shelf.HTML:
            return []


def _first(found: Select[Found]) -> Sequence[Found]:
    return db.session.scalars(found.limit(SHOWN)).all()


def _says(card: Card, text: str) -> bool:
    words = f"{card.name} {card.note}".casefold()
    return all(word in words for word in text.casefold().split())


def _of_design(design: Design) -> Card:
    picture = f"{design.thumbnail}.{organisation().language}.webp"
    return Card(
        "design",
        design.name,
        str(design.label),
        str(design.note),
        url_for("template_step.supplied", name=design.name),
        lambda mailing: beginnings.begin_from_design(mailing, design),
        picture=url_for("static", filename=picture),
    )


def _of_template(template: Template) -> Card:
    return Card(
        "template",
        template.id,
        template.name,
        template.folder.name
        if template.folder
        else _("changed %(when)s", when=day(template.changed_at)),
        url_for("templates.look", template_id=template.id, mark=mark_of(template)),
        lambda mailing: beginnings.begin_from_template(mailing, template),
    )


def _of_mailing(earlier: Mailing) -> Card:
    mark = looks.mark_of(earlier.id, earlier.updated_at)
    return Card(
        "mailing",
        earlier.id,
        earlier.name,
        day(earlier.updated_at),
        url_for("mailings.look", mailing_id=earlier.id, mark=mark),
        lambda mailing: beginnings.begin_from_mailing(mailing, earlier),
    )


def _of_nothing() -> Card:
    return Card(
        "blank",
        1,
        _("Blank"),
        _("A heading, a greeting and the footer"),
        url_for("template_step.blank"),
        beginnings.begin_from_nothing,
    )
