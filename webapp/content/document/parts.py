"""What a document of blocks is made of: rows, their columns, and the blocks in them.

A document is the JSON that the database keeps. A *part* of it is a row or a block; both have an
id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from webapp.content.document.blocks import BLOCK_TYPES, ROW, Block
from webapp.content.document.opening import Column, Document, Row, open_document
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

Part = dict[str, Any]
"""A row or a block; only a row has columns."""

LAYOUTS: dict[str, tuple[int, ...]] = {
    "1": (100,),
    "1-1": (50, 50),
    "1-1-1": (33, 34, 33),
    "1-2": (33, 67),
    "2-1": (67, 33),
    "1-1-1-1": (25, 25, 25, 25),
    "1-2-1": (25, 50, 25),
}


class BlockNotFound(NotFound):
    message = _l("This part of the e-mail is not there any more. Load the page again.")


class NotBlocks(DomainError):
    message = _l("This e-mail is HTML of your own, so it has no blocks to change.")


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


def open_blocks(document: Document) -> Document:
    """Raises NotBlocks."""
    new = open_document(document)
    if new["kind"] == "html":
        raise NotBlocks
    return new


def all_blocks(document: Document) -> Iterator[Block]:
    """Of an opened document, in reading order."""
    for column in columns_of(document):
        yield from column["blocks"]


def columns_of(document: Document) -> list[Column]:
    return [column for row in document["rows"] for column in row["columns"]]


def is_row(part: Part) -> bool:
    return "columns" in part


def find_part(document: Document, part_id: str) -> Part:
    """In a document as it is kept. Raises BlockNotFound and NotBlocks."""
    return find(open_blocks(document), part_id)


def find(document: Document, part_id: str) -> Part:
    """In an opened document. Raises BlockNotFound."""
    for row in document["rows"]:
        if row["id"] == part_id:
            found: Part = row
            return found
    return place_of(document, part_id).block


def row_of(document: Document, part_id: str) -> Row:
    """In an opened document: the row itself, or the one in which the block stands. Raises
    BlockNotFound."""
    part = find(document, part_id)
    return part if is_row(part) else place_of(document, part_id).row


def place_of(document: Document, block_id: str) -> Place:
    """In an opened document. Raises BlockNotFound."""
    for row in document["rows"]:
        for column in row["columns"]:
            for index, block in enumerate(column["blocks"]):
                if block["id"] == block_id:
                    return Place(row, column, index)
    raise BlockNotFound


def layout_of(row: Row) -> str:
    """The name of its layout, or an empty text when its columns have widths of their own."""
    widths = tuple(column["width"] for column in row["columns"])
    return next((name for name, layout in LAYOUTS.items() if layout == widths), "")


def fields_of(part: Part) -> Any:
    """What the part can be changed in. Raises NoSuchBlock when it is of no known kind."""
    if is_row(part):
        return ROW
    block_type = BLOCK_TYPES.get(str(part["type"]))
    if block_type is None:
        raise NoSuchBlock
    return block_type.fields
