"""What stands in one cell of a file, whatever kind of file it was."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

Cell = str | int | float | date | time | timedelta | None
Row = tuple[int, list[Cell]]
"""The row's number as Excel shows it, and its cells."""

FORMULA_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


def cell_text(cell: Cell) -> str:
    """The cell as a person reads it: 2750.0 is “2750”, a date is yyyy-mm-dd."""
    match cell:
        case str():
            return "" if cell in FORMULA_ERRORS else cell
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case _:
            return str(cell)


def is_blank(cells: Sequence[Cell]) -> bool:
    return not any(filled(cell) for cell in cells)


def filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None
