"""What can be done to a document of blocks. Every operation opens the document (so that any stored
value will do), returns a new one and leaves the old one alone."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from secrets import token_hex
from typing import Literal

from webapp.content.document.blocks import BLOCK_TYPES, BODY, Block
from webapp.content.document.fields import changed, values
from webapp.content.document.opening import VERSION, Column, Document, Row
from webapp.content.document.parts import (
    LAYOUTS,
    BlockNotFound,
    NoSuchBlock,
    Part,
    Place,
    fields_of,
    find,
    find_part,
    is_row,
    open_blocks,
    place_of,
)
from webapp.content.document.unwritten import FIRST_HEADING, FIRST_WORDS
from webapp.platform.locales import _

Direction = Literal["up", "down"]

_EDGE_TO_EDGE = {f"space_{side}": 0 for side in ("top", "right", "bottom", "left")} | {
    "width": 100,
    "radius": 0,
}


@dataclass(frozen=True)
class Beside:
    """Before or after a part. A block beside a row stands in a row of its own."""

    part_id: str
    after: bool = True


@dataclass(frozen=True)
class InColumn:
    """Last in a column; `number` counts from 0."""

    row_id: str
    number: int


Target = Beside | InColumn | None
"""Where a part is to go; None is the end of the content, before the footer."""


def new_document(*, language: str = "en") -> Document:
    """A pleasant beginning, in the language spoken now; `language` is what it declares itself."""
    somebody = _("there")
    greeting = _("Hi %(name)s,", name=f'[[customer.firstname|"{somebody}"]]')
    unsubscribe, online = _("Unsubscribe"), _("View online")
    footer = (
        "<p>[[config.companyName]]<br>[[config.companyAddress]]</p>"
        f'<p><a href="[[link.unsubscribe]]">{unsubscribe}</a> · '
        f'<a href="[[link.viewShipmentMessage]]">{online}</a></p>'
    )
    body = values(BODY, {"language": language})
    rows = [
        _row((100,), [_block("heading", text=str(FIRST_HEADING), level=1)]),
        _row((100,), [_block("text", html=f"<p>{greeting}</p><p>{FIRST_WORDS}</p>")]),
        _row((100,), [_block("text", html=footer, align="center", size=13, color="#6b6b70")]),
    ]
    rows[-1] |= {"footer": True, "background": body["background"]}
    return {"kind": "blocks", "version": VERSION, "body": body, "rows": rows}


def below(document: Document, part_id: str) -> Target:
    """Where something goes that is added below a part: behind it, but an empty column of a row is
    filled first. Raises BlockNotFound."""
    part = find_part(document, part_id)
    for number, column in enumerate(part.get("columns", [])):
        if not column["blocks"]:
            return InColumn(part_id, number)
    return Beside(part_id)


def add_block(document: Document, block_type: str, at: Target = None) -> tuple[Document, str]:
    """The document with a new block, and the block's id. Raises NoSuchBlock."""
    if block_type not in BLOCK_TYPES:
        raise NoSuchBlock
    return insert(document, _block(block_type), at)


def add_row(document: Document, layout: str, at: Target = None) -> tuple[Document, str]:
    """The document with an empty row, and the row's id. Raises NoSuchBlock."""
    if layout not in LAYOUTS:
        raise NoSuchBlock
    return insert(document, _row(LAYOUTS[layout], []), at)


def insert(document: Document, part: Part, at: Target = None) -> tuple[Document, str]:
    """The document with a copy of the part, and the id that the copy got."""
    new = open_blocks(document)
    copy = _with_new_ids(part)
    _put(new, copy, at)
    return new, copy["id"]


def move(document: Document, part_id: str, at: Target) -> Document:
    """Beside itself is where it is."""
    new = open_blocks(document)
    part = find(new, part_id)
    if not _is_within(part, at):
        left = _lift(new, part)
        _put(new, part, at)
        _sweep(new, left)
    return new


def step(document: Document, part_id: str, direction: Direction) -> Document:
    """One place up or down, as far as there is one. A block goes through its column, then through
    the other columns of its row; from a row of one column past the next block or into the next
    column, from a row of several into a row of its own. Alone in its row it goes past rows of one
    column."""
    new = open_blocks(document)
    part, by = find(new, part_id), -1 if direction == "up" else 1
    if is_row(part):
        _shift(new["rows"], new["rows"].index(part), by)
        return new
    place = place_of(new, part_id)
    if _shift(place.column["blocks"], place.index, by):
        return new
    column, passed = _entered(new["rows"], place, by)
    if column is not None:
        _lift(new, part)
        blocks = column["blocks"]
        blocks.insert(passed if by > 0 else len(blocks) - passed, part)
        _sweep(new, place.row)
    elif _is_alone(place):
        _shift(new["rows"], new["rows"].index(place.row), by)
    else:
        _lift(new, part)
        _put(new, part, Beside(place.row["id"], after=by > 0))
    return new


def to_the_edges(document: Document, block_id: str) -> Document:
    """A picture as wide as the e-mail, in a row of its own without any margin. What stood above and
    below it in a row of one column stands in rows above and below. Raises NoSuchBlock for anything
    else."""
    new = open_blocks(document)
    place = place_of(new, block_id)
    if place.block["type"] != "image":
        raise NoSuchBlock
    block = place.column["blocks"].pop(place.index)
    below: list[Row] = []
    if len(place.row["columns"]) == 1:
        blocks = place.column["blocks"]
        place.column["blocks"] = blocks[: place.index]
        below = [_like(place.row, blocks[place.index :])] if blocks[place.index :] else []
    alone = _row((100,), [block | _EDGE_TO_EDGE])
    at = new["rows"].index(place.row) + 1
    new["rows"][at:at] = [alone | {"edge": True, "space_top": 0, "space_bottom": 0}, *below]
    _sweep(new, place.row)
    return new


def update_part(document: Document, part_id: str, changes: Mapping[str, object]) -> Document:
    """Values are cleaned by what they are; what makes no sense becomes the default."""
    new = open_blocks(document)
    part = find(new, part_id)
    part |= changed(fields_of(part), part, changes)
    return new


def duplicate(document: Document, part_id: str) -> tuple[Document, str]:
    return insert(document, find_part(document, part_id), Beside(part_id))


def delete(document: Document, part_id: str) -> Document:
    new = open_blocks(document)
    _sweep(new, _lift(new, find(new, part_id)))
    return new


def set_layout(document: Document, row_id: str, layout: str) -> Document:
    """What stood in columns that are gone stands in the last one. Raises NoSuchBlock."""
    new = open_blocks(document)
    row = find(new, row_id)
    if layout not in LAYOUTS or not is_row(row):
        raise NoSuchBlock
    old = [column["blocks"] for column in row["columns"]]
    columns = _new_columns(LAYOUTS[layout])
    for number, blocks in enumerate(old):
        columns[min(number, len(columns) - 1)]["blocks"] += blocks
    row["columns"] = columns
    return new


def update_body(document: Document, changes: Mapping[str, object]) -> Document:
    new = open_blocks(document)
    return new | {"body": changed(BODY, new["body"], changes)}


def _new_id() -> str:
    return token_hex(5)


def _with_new_ids(part: Part) -> Part:
    copy = deepcopy(part) | {"id": _new_id()}
    copy.pop("footer", None)
    for column in copy.get("columns", []):
        column["blocks"] = [_with_new_ids(block) for block in column["blocks"]]
    return copy


def _block(block_type: str, **chosen: object) -> Block:
    return {"id": _new_id()} | BLOCK_TYPES[block_type].new() | chosen


def _row(widths: tuple[int, ...], blocks: list[Block]) -> Row:
    """A row with the blocks in its first column."""
    columns = _new_columns(widths)
    columns[0]["blocks"] = blocks
    return {"id": _new_id(), "columns": columns}


def _like(row: Row, blocks: list[Block]) -> Row:
    """A row of one column that looks like another."""
    return row | {"id": _new_id(), "columns": [row["columns"][0] | {"blocks": blocks}]}


def _new_columns(widths: tuple[int, ...]) -> list[Column]:
    return [{"width": width, "blocks": []} for width in widths]


def _put(document: Document, part: Part, at: Target) -> None:
    match at:
        case None:
            document["rows"].insert(_end(document), _as_row(part))
        case InColumn(row_id, number):
            _column(document, row_id, number)["blocks"] += _as_blocks(part)
        case Beside(part_id, after):
            _put_beside(document, part, find(document, part_id), after)


def _put_beside(document: Document, part: Part, neighbour: Part, after: bool) -> None:
    """A row cannot stand within a column: beside a block, it stands beside the block's row."""
    if not is_row(neighbour) and not is_row(part):
        place = place_of(document, neighbour["id"])
        place.column["blocks"].insert(place.index + after, part)
        return
    row = neighbour if is_row(neighbour) else place_of(document, neighbour["id"]).row
    document["rows"].insert(document["rows"].index(row) + after, _as_row(part))


def _as_row(part: Part) -> Row:
    return part if is_row(part) else _row((100,), [part])


def _as_blocks(part: Part) -> list[Block]:
    if not is_row(part):
        return [part]
    return [block for column in part["columns"] for block in column["blocks"]]


def _column(document: Document, row_id: str, number: int) -> Column:
    row = next((row for row in document["rows"] if row["id"] == row_id), None)
    if row is None or not 0 <= number < len(row["columns"]):
        raise BlockNotFound
    column: Column = row["columns"][number]
    return column


def _is_within(part: Part, at: Target) -> bool:
    """Whether the target is the part itself, or stands in it."""
    target = at.part_id if isinstance(at, Beside) else at.row_id if at else ""
    inside = {block["id"] for block in _as_blocks(part)} if is_row(part) else set()
    return target == part["id"] or target in inside


def _end(document: Document) -> int:
    """The row index where content ends: before a footer that stands last."""
    rows = document["rows"]
    return len(rows) - 1 if rows and rows[-1].get("footer") is True else len(rows)


def _shift(parts: list[Part], index: int, by: int) -> bool:
    if not 0 <= index + by < len(parts):
        return False
    parts.insert(index + by, parts.pop(index))
    return True


def _next(parts: list[Part], part: Part, by: int) -> Part | None:
    index = next(i for i, each in enumerate(parts) if each is part) + by
    return parts[index] if 0 <= index < len(parts) else None


def _entered(rows: list[Row], place: Place, by: int) -> tuple[Column | None, int]:
    """The column into which a block at the end of its own goes, and how many blocks it passes
    there, so that every step is seen."""
    beside, row = _next(place.row["columns"], place.column, by), _next(rows, place.row, by)
    if beside is not None or row is None or len(place.row["columns"]) > 1:
        return beside, 0
    if len(row["columns"]) > 1:
        return row["columns"][0 if by > 0 else -1], 0
    return (None, 0) if _is_alone(place) else (row["columns"][0], 1)


def _is_alone(place: Place) -> bool:
    return len(place.row["columns"]) == 1 and len(place.column["blocks"]) == 1


def _lift(document: Document, part: Part) -> Row | None:
    """Takes the part out. Answers the row that a block leaves."""
    if is_row(part):
        document["rows"] = [row for row in document["rows"] if row is not part]
        return None
    place = place_of(document, part["id"])
    place.column["blocks"].pop(place.index)
    return place.row


def _sweep(document: Document, left: Row | None) -> None:
    """A row of one column goes with its last block."""
    if left is not None and len(left["columns"]) == 1 and not left["columns"][0]["blocks"]:
        document["rows"] = [row for row in document["rows"] if row is not left]
