"""What stands beside the canvas: the list of contents, and the properties of what is chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import request

from webapp.content.document.blocks import BLOCK_TYPES, BODY, ROW
from webapp.content.document.fields import (
    SECTION_NAMES,
    Field,
    FieldKind,
    Fields,
    Label,
    Section,
    values,
)
from webapp.content.document.opening import Document
from webapp.content.document.parts import (
    LAYOUTS,
    Part,
    all_blocks,
    find_part,
    is_row,
    layout_of,
    row_of,
)
from webapp.content.tags.problems import Problem
from webapp.mailings import preview
from webapp.platform.locales import _, _l

ICONS = {
    "heading": "heading",
    "text": "typography",
    "image": "photo",
    "button": "click",
    "divider": "separator-horizontal",
    "spacer": "arrows-vertical",
    "menu": "menu-2",
    "social": "share",
    "quote": "quote",
    "html": "code",
}
MOST_SWATCHES = 5
_MORE_COLOURS = ("#1a2120", "#c4801c", "#ffffff", "#f3f1ec")

LAYOUT_NAMES: dict[str, Label] = {
    "1": _l("One column"),
    "1-1": _l("Two columns"),
    "1-1-1": _l("Three columns"),
    "1-2": _l("Narrow and wide"),
    "2-1": _l("Wide and narrow"),
    "1-1-1-1": _l("Four columns"),
    "1-2-1": _l("Narrow, wide, narrow"),
}


@dataclass(frozen=True)
class Group:
    """Properties that are shown together."""

    section: Section
    label: Label
    fields: Fields


@dataclass(frozen=True)
class Panel:
    """The properties of a block or a row, or of the whole e-mail."""

    title: Label
    icon: str
    fields: Fields
    values: dict[str, Any]
    part_id: str = ""
    row_id: str = ""
    """Of a block: the row that it stands in."""
    layout: str | None = None
    """Of a row: the name of its columns' widths."""
    problems: list[Problem] = field(default_factory=list)
    can_widen: bool = False
    """Of a picture: it does not reach from edge to edge yet."""

    @property
    def groups(self) -> Iterator[Group]:
        for section, label in SECTION_NAMES.items():
            fields = tuple(each for each in self.fields if each.section is section)
            if fields:
                yield Group(section, label, fields)


@dataclass(frozen=True)
class OutlineEntry:
    """A part in the list of contents."""

    id: str
    label: Label
    icon: str
    excerpt: str = ""
    within: bool = False
    """It stands in a row that has an entry of its own."""


def panel(document: Document, part_id: str, problems: list[Problem]) -> Panel:
    """Raises BlockNotFound."""
    of_part = [each for each in problems if each.where == (part_id or "document")]
    if not part_id:
        body = values(BODY, document["body"])
        return Panel(_l("E-mail style"), "adjustments", BODY, body, problems=of_part)
    part = find_part(document, part_id)
    if is_row(part):
        return Panel(
            *(_l("Row"), "layout-columns", ROW, values(ROW, part), part_id),
            layout=layout_of(part),
            problems=of_part,
        )
    kind = BLOCK_TYPES.get(part["type"])
    row = row_of(document, part_id)
    if kind is None:
        label = _l("Unknown block")
        return Panel(label, "help-circle", (), {}, part_id, row["id"], problems=of_part)
    return Panel(
        *(kind.label, ICONS[kind.name], kind.fields, values(kind.fields, part), part_id, row["id"]),
        problems=of_part,
        can_widen=kind.name == "image" and not values(ROW, row)["edge"],
    )


def outline(document: Document) -> Iterator[OutlineEntry]:
    """A row of one column goes without saying."""
    for row in document["rows"]:
        several = len(row["columns"]) > 1
        if several:
            label = LAYOUT_NAMES.get(layout_of(row)) or _("Columns")
            yield OutlineEntry(row["id"], label, "layout-columns")
        for block in all_blocks({"rows": [row]}):
            yield _entry(block, within=several)


def swatches(document: Document) -> list[str]:
    """The colours to choose from: those of the e-mail itself, so that it keeps to them."""
    body = values(BODY, document["body"])
    own = [str(body[each.name]) for each in BODY if each.kind is FieldKind.COLOUR]
    return list(dict.fromkeys(filter(None, [*reversed(own), *_MORE_COLOURS])))[:MOST_SWATCHES]


def entered(fields: Fields) -> dict[str, object]:
    """What a form says of the fields. An unticked box is not sent at all; a colour of one's own
    comes from a second control; the fields of items come as lists."""
    form = request.form
    of_flags = {each.name: each.name in form for each in fields if each.kind is FieldKind.FLAG}
    of_items = {each.name: _items(each) for each in fields if each.kind is FieldKind.ITEMS}
    return of_flags | of_items | {each.name: _own(each) for each in fields if each.name in form}


def _own(each: Field) -> object:
    value = request.form[each.name]
    if each.kind is FieldKind.FLAG:
        return True
    if each.kind is FieldKind.COLOUR and value == "own":
        return request.form.get(f"{each.name}.own", "")
    return value


def _items(each: Field) -> list[dict[str, str]]:
    columns = [request.form.getlist(f"{each.name}.{one.name}") for one in each.of_item]
    names = [one.name for one in each.of_item]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]


def _entry(block: Part, *, within: bool) -> OutlineEntry:
    kind = BLOCK_TYPES.get(block["type"])
    label = kind.label if kind else _("Unknown block")
    icon = ICONS.get(block["type"], "help-circle")
    return OutlineEntry(block["id"], label, icon, preview.excerpt(block), within)


assert LAYOUT_NAMES.keys() == LAYOUTS.keys()
