"""Large workbooks, one row at a time: memory stays flat but for the texts that cells share.

calamine would hold the whole sheet, and openpyxl takes a minute for what takes seconds here.
See ECMA-376 part 1, 18.3.1.4 (cells), 18.4 (shared texts) and 18.8.30 (number formats).
"""

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from webapp.people.imports.archives import column_number
from webapp.people.imports.cells import Cell, Row

DIGITS = "0123456789"


@dataclass(frozen=True)
class Sheet:
    name: str
    visible: bool
    member: str


@dataclass(frozen=True)
class Meaning:
    """What the numbers in cells refer to."""

    texts: Sequence[str]
    date_styles: frozenset[str]
    epoch: datetime


def sheets_of(path: Path) -> list[Sheet]:
    with zipfile.ZipFile(path) as archive:
        parts = related_parts(archive)
        return [
            Sheet(sheet.get("name", ""), sheet.get("state", "visible") == "visible", member)
            for sheet in read_xml(archive, "xl/workbook.xml").iterfind("{*}sheets/{*}sheet")
            for kind, member in [parts[relation_id(sheet)]]
            if kind == "worksheet"
        ]


def rows_of(path: Path, sheet: Sheet) -> Iterator[Row]:
    """The rows that are there, numbered as Excel shows them; blank ones may be missing."""
    with zipfile.ZipFile(path) as archive:
        meaning = meaning_of(archive)
        number = 0
        with archive.open(sheet.member) as content:
            for row in elements(content, "row"):
                number = max(number + 1, int(row.get("r", 0)))
                yield number, cells_of(row, meaning)


def elements(content: IO[bytes], tag: str) -> Iterator[etree._Element]:
    """Each element while it is being read; what came before it is forgotten."""
    for _event, element in etree.iterparse(content, tag=f"{{*}}{tag}", resolve_entities=False):
        yield element
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def cells_of(row: etree._Element, meaning: Meaning) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row:
        reference = cell.get("r")
        if reference:
            cells.extend([None] * (column_index(reference.rstrip(DIGITS)) - len(cells)))
        cells.append(value_of(cell, meaning))
    return cells


@lru_cache(maxsize=1000)
def column_index(letters: str) -> int:
    return column_number(letters.encode()) - 1


def value_of(cell: etree._Element, meaning: Meaning) -> Cell:
    kind = cell.get("t")
    text = ""
    for child in cell:
        if child.tag.endswith("}v"):
            text = child.text or ""
        elif child.tag.endswith("}is"):
            return rich_text(child)
    if not text or kind == "e":
        return None
    match kind:
        case "s":
            return meaning.texts[int(text)]
        case "str":
            return text
        case "b":
            return text == "1"
        case "d":
            return datetime.fromisoformat(text)
    number = float(text)
    return as_date(number, meaning.epoch) if cell.get("s") in meaning.date_styles else number


def as_date(number: float, epoch: datetime) -> Cell:
    try:
        return cast("datetime | time | timedelta", from_excel(number, epoch))
    except (ValueError, OverflowError):
        return number


def rich_text(item: etree._Element) -> str:
    """The runs of a text, without how Japanese names are pronounced."""
    if len(item) == 1 and item[0].tag.endswith("}t"):
        return item[0].text or ""
    runs = (*item.iterfind("{*}t"), *item.iterfind("{*}r/{*}t"))
    return "".join(run.text or "" for run in runs)


def meaning_of(archive: zipfile.ZipFile) -> Meaning:
    members = dict(related_parts(archive).values())
    properties = read_xml(archive, "xl/workbook.xml").find("{*}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    return Meaning(
        texts=shared_texts(archive, members.get("sharedStrings")),
        date_styles=date_styles(archive, members.get("styles")),
        epoch=MAC_EPOCH if since_1904 else WINDOWS_EPOCH,
    )


def shared_texts(archive: zipfile.ZipFile, member: str | None) -> list[str]:
    if member is None:
        return []
    with archive.open(member) as content:
        return [rich_text(item) for item in elements(content, "si")]


def date_styles(archive: zipfile.ZipFile, member: str | None) -> frozenset[str]:
    """The styles that show a number as a date."""
    if member is None:
        return frozenset()
    styles = read_xml(archive, member)
    formats = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    for item in styles.iterfind("{*}numFmts/{*}numFmt"):
        formats[item.get("numFmtId", "")] = item.get("formatCode", "")
    return frozenset(
        str(index)
        for index, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf"))
        if is_date_format(formats.get(style.get("numFmtId", ""), ""))
    )


def related_parts(archive: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """Relation id to its kind, such as worksheet, and where it lies in the archive."""
    relations = read_xml(archive, "xl/_rels/workbook.xml.rels")
    return {
        relation.get("Id", ""): (
            posixpath.basename(relation.get("Type", "")),
            posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/"),
        )
        for relation in relations.iterfind("{*}Relationship")
    }


def relation_id(sheet: etree._Element) -> str:
    return next(str(value) for name, value in sheet.items() if str(name).endswith("}id"))


def read_xml(archive: zipfile.ZipFile, member: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(member), parser)
