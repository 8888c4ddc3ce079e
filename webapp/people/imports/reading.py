"""A file of people as a table: its headings found, its rows a stream."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path

from webapp.people.addresses import AddressError, parse_address
from webapp.people.imports.cells import Cell, Row, cell_text, is_blank
from webapp.people.imports.delimited import open_delimited
from webapp.people.imports.files import MAX_ROWS, EmptyFile, Kind, TooManyRows, kind_of
from webapp.people.imports.headings import guess_mapping
from webapp.people.imports.workbooks import Workbook
from webapp.platform.locales import _

ROWS_LOOKED_AT = 50


@dataclass(frozen=True)
class Table:
    sheets: tuple[str, ...]
    """Of a workbook; a text file has none."""
    sheet: str
    encoding: str
    """Of a text file, as is the separator."""
    separator: str
    heading_row: int
    """As Excel counts; 0 when the file begins with people right away."""
    headings: tuple[str, ...]
    max_columns: int | None
    """A row with more filled cells than this has slipped. In a workbook cells cannot slip."""
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows below the headings, without blank ones. Raises an UnreadableFile."""
        for number, cells in self.read():
            if number > MAX_ROWS:
                raise TooManyRows(limit=MAX_ROWS)
            if number > self.heading_row and not is_blank(cells):
                yield number, cells

    def sample(self, count: int) -> list[tuple[int, list[str]]]:
        """The first rows as text."""
        return [
            (number, [cell_text(cell) for cell in cells])
            for number, cells in islice(self.rows(), count)
        ]


@dataclass(frozen=True)
class Heading:
    row: int
    texts: tuple[str, ...]

    @property
    def known(self) -> int:
        return len(guess_mapping(self.texts))


def open_table(path: Path, *, sheet: str = "") -> Table:
    """The table in an Excel or text file, told by its content, whatever its name.

    Of several sheets it is the named one, else the one that looks most like people.
    Raises an UnreadableFile.
    """
    table = open_workbook(path, sheet) if kind_of(path) == Kind.WORKBOOK else open_text(path)
    if next(table.rows(), None) is None:
        raise EmptyFile
    return table


def open_workbook(path: Path, sheet: str) -> Table:
    book = Workbook(path)
    names = (sheet,) if sheet in book.sheets else book.sheets
    found = {name: heading_of(first_rows(book.rows(name))) for name in names}
    headings = {name: heading for name, heading in found.items() if heading}
    if not headings:
        raise EmptyFile
    chosen = max(headings, key=lambda name: headings[name].known)
    return Table(
        sheets=book.sheets,
        sheet=chosen,
        encoding="",
        separator="",
        heading_row=headings[chosen].row,
        headings=headings[chosen].texts,
        max_columns=None,
        read=lambda: book.rows(chosen),
    )


def open_text(path: Path) -> Table:
    text = open_delimited(path)
    rows = first_rows(text.rows())
    heading = heading_of(rows)
    if heading is None:
        raise EmptyFile
    width = Counter(len(cells) for _number, cells in rows).most_common(1)[0][0]
    texts = heading.texts + ("",) * (width - len(heading.texts))
    return Table(
        sheets=(),
        sheet="",
        encoding=text.encoding,
        separator=text.separator,
        heading_row=heading.row,
        headings=texts,
        max_columns=len(texts),
        read=text.rows,
    )


def first_rows(rows: Iterator[Row]) -> list[Row]:
    return [row for row in islice(rows, ROWS_LOOKED_AT) if not is_blank(row[1])]


def heading_of(rows: Sequence[Row]) -> Heading | None:
    """The row above the first person that names most known columns, else has most texts."""
    if not rows:
        return None
    above = list(takewhile(lambda row: address_column(row[1]) is None, rows))
    if not above:
        return Heading(0, invented_headings(rows[0][1]))
    headings = [Heading(number, heading_texts(cells)) for number, cells in above]
    return max(headings, key=lambda heading: (heading.known, sum(map(bool, heading.texts))))


def heading_texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    texts = [" ".join(cell_text(cell).split()) if isinstance(cell, str) else "" for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def invented_headings(cells: Sequence[Cell]) -> tuple[str, ...]:
    """For a bare list of addresses, say."""
    email = address_column(cells)
    return tuple(
        "E-mail" if column == email else _("Column %(number)d", number=column + 1)
        for column in range(len(cells))
    )


def address_column(cells: Sequence[Cell]) -> int | None:
    for column, cell in enumerate(cells):
        if isinstance(cell, str) and "@" in cell:
            try:
                parse_address(cell)
            except AddressError:
                continue
            return column
    return None
