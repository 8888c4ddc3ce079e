"""The rows that did not become people, as a workbook to mend and to upload again."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from sqlalchemy import select

from webapp.people.imports.faults import reason_text
from webapp.people.imports.models import Import, RejectedImportRow
from webapp.platform.database import db
from webapp.platform.locales import _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FETCHED = 2_000


def counted(numbers: Mapping[str, int], words: Callable[[str], str]) -> list[tuple[str, int]]:
    """The numbers with what they count in words, the largest first."""
    return [(words(what), number) for what, number in Counter(numbers).most_common()]


def rejected_rows(import_: Import, limit: int | None = None) -> Iterator[RejectedImportRow]:
    """In the order of the file."""
    query = (
        select(RejectedImportRow)
        .where(RejectedImportRow.import_id == import_.id)
        .order_by(RejectedImportRow.row_number)
        .limit(limit)
        .execution_options(yield_per=FETCHED)
    )
    yield from db.session.scalars(query)


def write_rejected(import_: Import, file: BinaryIO) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rejected rows"))
    sheet.append(list(map(defused, [*import_.headings, _("Row"), _("Why")])))
    width = len(import_.headings)
    for row in rejected_rows(import_):
        cells = [*row.cells, *[""] * (width - len(row.cells))]
        why = f"{reason_text(row.reason)}: {row.detail}" if row.detail else reason_text(row.reason)
        sheet.append([*map(defused, cells), row.row_number, defused(why)])
    book.save(file)


def defused(text: str) -> str:
    """The text in a form that no spreadsheet program takes for a formula."""
    printable: str = ILLEGAL_CHARACTERS_RE.sub(" ", text)
    return f"'{printable}" if text.startswith(FORMULA_STARTS) else printable
