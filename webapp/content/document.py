"""Block documents: rows of columns of blocks, and what can be done to them.

A document is the JSON that the database keeps. Every operation opens it (so that any stored value
will do), returns a new document and leaves the old one alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Literal

from webapp.content.blocks import (
    BLOCK_TYPES,
    BODY,
    Block,
    changed,
    values,
)
from webapp.content.opening import VERSION, Column, Document, Row, open_document
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _, _l

Direction = Literal["up", "down"]

LAYOUTS: dict[str, tuple[int, ...]] = {
    "1": (100,),
    "1-1": (50, 50),
    "1-2": (33, 67),
    "2-1": (67, 33),
    "1-1-1": (33, 34, 33),
    "1-2-1": (25, 50, 25),
    "1-1-1-1": (25, 25, 25, 25),
}


class BlockNotFound(NotFound):
    message = _l("This part of the e-mail is not there any more. Load the page again.")


class NotBlocks(DomainError):
    message = _l("This e-mail is finished HTML, so it has no blocks to change.")


class NoSuchBlock(DomainError):
    message = _l("There is no such kind of block or row.")


@dataclass(frozen=True)
class Place:
    """Where a block stands in an opened document."""

    row: Row
    column: Column
    index: int

    @property
    def block(self) -> Block:
        found: Block = self.column["blocks"][self.index]
        return found


def new_document(*, language: str = "en") -> Document:
    """A pleasant beginning, in the language spoken now; `language` is what it declares itself."""
    somebody = _("there")
    greeting = _("Hi %(name)s,", name=f'[[customer.firstname|"{somebody}"]]')
    first = _("Write here what you want to tell.")
    unsubscribe, online = _("Unsubscribe"), _("View online")
    footer = (
        "<p>[[config.companyName]]<br>[[config.companyAddress]]</p>"
        f'<p><a href="[[link.unsubscribe]]">{unsubscribe}</a> · '
        f'<a href="[[link.viewShipmentMessage]]">{online}</a></p>'
    )
    body = values(BODY, {"language": language})
    rows = [
        _row((100,), [_block("heading", text=_("Your heading"), level=1)]),
        _row((100,), [_block("text", html=f"<p>{greeting}</p><p>{first}</p>")]),
        _row((100,), [_block("text", html=footer, align="center", size=13, color="#6b6b70")]),
    ]
    rows[-1] |= {"footer": True, "background": body["background"]}
    return {"kind": "blocks", "version": VERSION, "body": body, "rows": rows}


def all_blocks(document: Document) -> Iterator[Block]:
    """Of an opened document, in reading order."""
    for column in _columns(document):
        yield from column["blocks"]


def find_block(document: Document, block_id: str) -> Block:
    """Raises `BlockNotFound`."""
    return _place(_open_blocks(document), block_id).block


def add_block(
    document: Document,
    block_type: str,
    *,
    after: str | None = None,
    column: tuple[str, int] | None = None,
) -> tuple[Document, str]:
    """The document with a new block, and the block's id.

    It goes after the block `after`, or last in `column` (a row's id and the column's number from
    0), or else at the end of the content, before the footer.
    """
    if block_type not in BLOCK_TYPES:
        raise NoSuchBlock
    new = _open_blocks(document)
    block = _block(block_type)
    if after is not None:
        place = _place(new, after)
        place.column["blocks"].insert(place.index + 1, block)
    elif column is not None:
        _column(new, *column)["blocks"].append(block)
    else:
        new["rows"].insert(_end(new), _row((100,), [block]))
    return new, block["id"]


def update_block(document: Document, block_id: str, changes: Mapping[str, object]) -> Document:
    """Values are cleaned by the block's type; what makes no sense becomes the default."""
    new = _open_blocks(document)
    place = _place(new, block_id)
    block_type = BLOCK_TYPES.get(str(place.block["type"]))
    if block_type is None:
        raise NoSuchBlock
    place.column["blocks"][place.index] = changed(block_type.fields, place.block, changes)
    return new


def duplicate_block(document: Document, block_id: str) -> tuple[Document, str]:
    new = _open_blocks(document)
    place = _place(new, block_id)
    copy = {**place.block, "id": _new_id()}
    place.column["blocks"].insert(place.index + 1, copy)
    return new, copy["id"]


def delete_block(document: Document, block_id: str) -> Document:
    new = _open_blocks(document)
    _take(new, _place(new, block_id))
    return new


def move_block(document: Document, block_id: str, direction: Direction) -> Document:
    """One place up or down in reading order: within its column, else into the next column."""
    new = _open_blocks(document)
    place = _place(new, block_id)
    step = -1 if direction == "up" else 1
    blocks = place.column["blocks"]
    if 0 <= place.index + step < len(blocks):
        blocks.insert(place.index + step, blocks.pop(place.index))
    elif (target := _neighbour(new, place.column, step)) is not None:
        block = _take(new, place)
        target["blocks"].insert(0 if direction == "down" else len(target["blocks"]), block)
    return new


def add_row(document: Document, layout: str, after: str | None = None) -> tuple[Document, str]:
    """The document with an empty row, and its id; after the row `after`, else before the footer."""
    if layout not in LAYOUTS:
        raise NoSuchBlock
    new = _open_blocks(document)
    row = _row(LAYOUTS[layout], [])
    index = _end(new) if after is None else _row_index(new, after) + 1
    new["rows"].insert(index, row)
    return new, row["id"]


def update_body(document: Document, changes: Mapping[str, object]) -> Document:
    new = _open_blocks(document)
    return new | {"body": changed(BODY, new["body"], changes)}


def _open_blocks(document: Document) -> Document:
    new = open_document(document)
    if new["kind"] == "html":
        raise NotBlocks
    return new


def _new_id() -> str:
    return token_hex(5)


def _block(block_type: str, **chosen: object) -> Block:
    return {"id": _new_id()} | BLOCK_TYPES[block_type].new() | chosen


def _row(widths: tuple[int, ...], blocks: list[Block]) -> Row:
    """A row with the blocks in its first column."""
    columns: list[Column] = [{"width": width, "blocks": []} for width in widths]
    columns[0]["blocks"] = blocks
    return {"id": _new_id(), "columns": columns}


def _columns(document: Document) -> list[Column]:
    return [column for row in document["rows"] for column in row["columns"]]


def _place(document: Document, block_id: str) -> Place:
    for row in document["rows"]:
        for column in row["columns"]:
            for index, block in enumerate(column["blocks"]):
                if block["id"] == block_id:
                    return Place(row, column, index)
    raise BlockNotFound


def _row_index(document: Document, row_id: str) -> int:
    for index, row in enumerate(document["rows"]):
        if row["id"] == row_id:
            return index
    raise BlockNotFound


def _column(document: Document, row_id: str, number: int) -> Column:
    columns: list[Column] = document["rows"][_row_index(document, row_id)]["columns"]
    if not 0 <= number < len(columns):
        raise BlockNotFound
    return columns[number]


def _end(document: Document) -> int:
    """The row index where content ends: before a footer that stands last."""
    rows = document["rows"]
    return len(rows) - 1 if rows and rows[-1].get("footer") is True else len(rows)


def _neighbour(document: Document, column: Column, step: int) -> Column | None:
    columns = _columns(document)
    index = next(i for i, each in enumerate(columns) if each is column) + step
    return columns[index] if 0 <= index < len(columns) else None


def _take(document: Document, place: Place) -> Block:
    """Takes the block out, and with it a row of one column that is left empty."""
    block: Block = place.column["blocks"].pop(place.index)
    if len(place.row["columns"]) == 1 and not place.column["blocks"]:
        document["rows"] = [row for row in document["rows"] if row is not place.row]
    return block
