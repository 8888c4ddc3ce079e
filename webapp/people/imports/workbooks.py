"""Excel workbooks: by calamine when they fit in memory, else as a stream."""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from webapp.people.imports import archives, streamed
from webapp.people.imports.cells import Row
from webapp.people.imports.files import DamagedWorkbook

MAX_SIZE_IN_MEMORY = 100 * archives.MEGABYTE
MAX_AREA_IN_MEMORY = 5_000_000

T = TypeVar("T")

FAULTS = (
    CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # XML that does not parse
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    EOFError,
    OSError,
)
"""What the libraries raise about files that are broken or forged."""


class Workbook:
    """A workbook and its visible sheets (all of them when none is visible).

    A cell's value is what Excel last calculated; a formula that never was is empty. Of merged
    cells the first one holds the value. Raises DamagedWorkbook, ZipBomb and TooMuchContent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loaded: dict[str, CalamineSheet] = {}
        self._in_memory = guarded(lambda: fits_in_memory(path))
        self.sheets = guarded(self._calamine_sheets if self._in_memory else self._streamed_sheets)

    def rows(self, sheet: str) -> Iterator[Row]:
        """Every row that holds something, in order."""
        rows = self._calamine_rows(sheet) if self._in_memory else self._streamed_rows(sheet)
        try:
            yield from rows
        except FAULTS as error:
            raise DamagedWorkbook from error

    @cached_property
    def _calamine(self) -> CalamineWorkbook:
        return CalamineWorkbook.from_path(str(self._path))

    def _calamine_sheets(self) -> tuple[str, ...]:
        return visible(
            {
                sheet.name: sheet.visible == SheetVisibleEnum.Visible
                for sheet in self._calamine.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet
            }
        )

    def _calamine_rows(self, name: str) -> Iterator[Row]:
        if name not in self._loaded:
            self._loaded[name] = self._calamine.get_sheet_by_name(name)
        for number, cells in enumerate(self._loaded[name].iter_rows(), 1):
            yield number, list(cells)

    def _streamed_rows(self, name: str) -> Iterator[Row]:
        return streamed.rows_of(self._path, self._streamed[name])

    def _streamed_sheets(self) -> tuple[str, ...]:
        return visible({name: sheet.visible for name, sheet in self._streamed.items()})

    @cached_property
    def _streamed(self) -> dict[str, streamed.Sheet]:
        return {sheet.name: sheet for sheet in streamed.sheets_of(self._path)}


def guarded(read: Callable[[], T]) -> T:
    try:
        return read()
    except FAULTS as error:
        raise DamagedWorkbook from error


def fits_in_memory(path: Path) -> bool:
    archives.check_archive(path)
    if archives.unpacked_size(path) > MAX_SIZE_IN_MEMORY:
        return False
    area = archives.cell_area(path)
    return area is not None and area <= MAX_AREA_IN_MEMORY


def visible(sheets: dict[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, shown in sheets.items() if shown) or tuple(sheets)
