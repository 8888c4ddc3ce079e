"""Text files with separators: which encoding, which separator, and their rows as a stream."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from webapp.people.imports.cells import Row
from webapp.people.imports.files import UTF16_MARKS, UnreadableFile
from webapp.people.imports.headings import guess_mapping
from webapp.platform.locales import _l

SEPARATORS = (";", ",", "\t", "|")
CHUNK = 1_000_000
SAMPLE_SIZE = 64_000
SAMPLE_ROWS = 200


class OpenQuote(UnreadableFile):
    message = _l(
        "Row %(row)d begins a quotation mark that is not closed, so the rows after it cannot be "
        "told apart. Remove the mark and upload the file again."
    )


@dataclass(frozen=True)
class Delimited:
    path: Path
    encoding: str
    separator: str

    def rows(self) -> Iterator[Row]:
        """Every row from the first on, blank ones too. A line break in quotes ends no row.

        Raises OpenQuote.
        """
        number = line = width = 0
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=self.separator)
            try:
                for number, cells in enumerate(reader, 1):
                    width = max(width, len(cells))
                    if reader.line_num > line + 1 and holds_rows(cells, self.separator, width):
                        raise OpenQuote(row=number)
                    line = reader.line_num
                    if number > 1 or not states_separator(cells):
                        yield number, list(cells)
            except csv.Error as error:
                raise OpenQuote(row=number + 1) from error


def open_delimited(path: Path) -> Delimited:
    encoding = encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(SAMPLE_SIZE)
    if len(sample) == SAMPLE_SIZE:
        sample = sample[: sample.rfind("\n") + 1] or sample
    return Delimited(path, encoding, separator_of(sample))


def encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(3)
        if start.startswith(UTF16_MARKS):
            return "utf-16"
        if start == codecs.BOM_UTF8:
            return "utf-8-sig"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def separator_of(sample: str) -> str:
    """The one that finds most known headings, else the one that makes the rows most alike."""
    first_line = sample.partition("\n")[0].rstrip("\r")
    if states_separator([first_line]) and first_line[4:] in SEPARATORS:
        return first_line[4:]
    return max(SEPARATORS, key=lambda separator: likeness(sample, separator))


def states_separator(cells: Sequence[str]) -> bool:
    """Excel's own first line, “sep=;”, which it never shows."""
    return bool(cells) and cells[0].lower().startswith("sep=")


def likeness(sample: str, separator: str) -> tuple[int, float]:
    rows = sample_rows(sample, separator)
    if not rows:
        return 0, 0
    headings = max(len(guess_mapping(row)) for row in rows)
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return headings, count / len(rows) if width > 1 else 0


def sample_rows(sample: str, separator: str) -> list[Sequence[str]]:
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=separator)
    try:
        rows = [row for row, _count in zip(reader, range(SAMPLE_ROWS), strict=False)]
    except csv.Error:
        return []
    return [row for row in rows if any(row)]


def holds_rows(cells: Sequence[str], separator: str, width: int) -> bool:
    """Whether a cell holds what were rows of their own, for want of a closing quotation mark."""
    return width > 1 and any(
        "@" in line and line.count(separator) == width - 1
        for cell in cells
        for line in cell.splitlines()[1:]
    )
