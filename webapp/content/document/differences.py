"""What is different between two states of a document of blocks, so that it can be shown."""

from collections.abc import Iterator

from webapp.content.document.opening import Document
from webapp.content.document.parts import all_blocks, row_of


def what_changed(before: Document, after: Document, chosen: str = "") -> str:
    """The part of `after` that was changed, added or moved, or that stands where one is gone.

    Both are opened. Of two that changed places it is the `chosen` one, if it is one of them. Empty
    where only the look of the whole e-mail is different, or nothing is.
    """
    was, now = dict(_looks(before)), dict(_looks(after))
    for part, look in now.items():
        if part in was and was[part] != look:
            return part
    added = next((part for part in now if part not in was), "")
    row = row_of(after, chosen)["id"] if chosen in now else ""
    moved = (
        added or _moved(list(was), list(now), chosen) or _moved(_rows(before), _rows(after), row)
    )
    return _block_of(after, moved or _beside_what_is_gone(list(was), list(now)))


def parts_of(document: Document) -> dict[str, object]:
    """What can be changed by itself: blocks and rows by their id, and what the whole document has
    by its key. Where a part stands is not of it; what stands in a row is, as it goes with it. The
    document is opened."""
    of_whole = {key: value for key, value in document.items() if key != "rows"}
    rows = document.get("rows", [])
    parts = [*rows, *all_blocks({"rows": rows})]
    return of_whole | {part["id"]: part for part in parts}


def changed_parts(before: Document, after: Document) -> list[str]:
    """The parts of `after` that are new or not as they were. Both are opened."""
    was = parts_of(before)
    return [name for name, part in parts_of(after).items() if was.get(name) != part]


def _looks(document: Document) -> Iterator[tuple[str, object]]:
    """What each part is by itself, and in which column, by its id; a row stands behind its
    blocks."""
    for row in document["rows"]:
        several = len(row["columns"]) > 1
        for number, column in enumerate(row["columns"]):
            for block in column["blocks"]:
                yield block["id"], (block, several and (row["id"], number))
        yield row["id"], row | {"columns": [column["width"] for column in row["columns"]]}


def _rows(document: Document) -> list[str]:
    return [row["id"] for row in document["rows"]]


def _moved(was: list[str], now: list[str], chosen: str) -> str:
    """The first without which the order is the same; before all others the chosen one."""
    if was == now:
        return ""
    chosen_first = sorted(now, key=lambda each: each != chosen)
    return next((each for each in chosen_first if _without(was, each) == _without(now, each)), "")


def _without(parts: list[str], part: str) -> list[str]:
    return [each for each in parts if each != part]


def _beside_what_is_gone(was: list[str], now: list[str]) -> str:
    """The one before it, or the first of all."""
    there = set(now)
    gone = next((number for number, each in enumerate(was) if each not in there), None)
    if gone is None:
        return ""
    return next((each for each in reversed(was[:gone]) if each in there), now[0] if now else "")


def _block_of(document: Document, part_id: str) -> str:
    """Of a row of one column the block in it, which is all that can be seen of it."""
    for row in document["rows"]:
        if row["id"] == part_id and len(row["columns"]) == 1:
            return next((str(block["id"]) for block in all_blocks({"rows": [row]})), part_id)
    return part_id
