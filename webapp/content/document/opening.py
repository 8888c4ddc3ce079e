"""Opening a stored document: whatever the database holds can be shown and edited afterwards."""

import re
from collections.abc import Callable
from typing import Any

from webapp.content.document.blocks import UNREADABLE, Block

Document = dict[str, Any]
Row = dict[str, Any]
Column = dict[str, Any]

VERSION = 1

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


def open_document(stored: object) -> Document:
    """A well-formed copy: every row, column and block is a JSON object, every id is there once.

    What could not be read stays inside as `original` and is shown as a fault by the compiler.
    """
    if isinstance(stored, dict) and stored.get("kind") == "html":
        return {**stored, "html": str(stored.get("html") or "")}
    readable = isinstance(stored, dict) and isinstance(stored.get("rows"), list)
    document: Document = dict(stored) if readable else {}  # type: ignore[call-overload]
    if not readable and stored is not None:
        document["original"] = stored
    body = document.get("body")
    ids = _Ids()
    return document | {
        "kind": "blocks",
        "version": VERSION,
        "body": body if isinstance(body, dict) else {},
        "rows": [_open_row(row, ids) for row in document.get("rows", [])],
    }


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of a document, or a part of one, in which every text is changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [with_texts(item, change) for item in value]
    if isinstance(value, dict):
        return {key: with_texts(item, change) for key, item in value.items()}
    return value


class _Ids:
    """Keeps ids that are sound and unused, and gives others by counting."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def of(self, stored: object) -> str:
        known = isinstance(stored, str) and _ID.fullmatch(stored) and stored not in self._used
        chosen = str(stored) if known else self._next()
        self._used.add(chosen)
        return chosen

    def _next(self) -> str:
        number = len(self._used)
        while f"n{number}" in self._used:
            number += 1
        return f"n{number}"


def _open_row(stored: object, ids: _Ids) -> Row:
    columns = stored.get("columns") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(columns, list):
        stored, columns = {}, [stored]
    row_id = ids.of(stored.get("id"))
    columns = columns or [{"blocks": []}]
    opened = [_open_column(column, len(columns), ids) for column in columns]
    return {**stored, "id": row_id, "columns": opened}


def _open_column(stored: object, siblings: int, ids: _Ids) -> Column:
    blocks = stored.get("blocks") if isinstance(stored, dict) else None
    if not isinstance(stored, dict) or not isinstance(blocks, list):
        stored, blocks = {}, [stored]
    width = stored.get("width")
    return {
        **stored,
        "width": width if _is_width(width) else 100 // siblings,
        "blocks": [_open_block(block, ids) for block in blocks],
    }


def _is_width(stored: object) -> bool:
    return isinstance(stored, int | float) and stored is not True and 5 <= stored <= 100


def _open_block(stored: object, ids: _Ids) -> Block:
    if not isinstance(stored, dict) or not isinstance(stored.get("type"), str):
        return {"id": ids.of(None), "type": UNREADABLE, "original": stored}
    return {**stored, "id": ids.of(stored.get("id"))}
