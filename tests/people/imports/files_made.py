"""Files as customers send them, made for the tests."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader


def workbook(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Folk") -> Path:
    book = openpyxl.Workbook()
    content = book.active
    assert content is not None
    content.title = sheet
    for row in rows:
        content.append(row)
    book.save(path)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def with_member(source: Path, target: Path, name: str, content: bytes) -> Path:
    """A copy of a workbook in which one member holds something else."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member.filename, old.read(member))
        new.writestr(name, content)
    return target


def read(values: dict[str, Any], country: str = "DK") -> PersonRow | RejectedRow:
    """One row with a cell for each field, read."""
    reader = RowReader(dict(enumerate(values)), country)
    return reader.read(2, list(values.values()))


def person(**values: Any) -> PersonRow:
    row = read({"email": "ole@example.dk"} | values)
    assert isinstance(row, PersonRow)
    return row


def rejected(**values: Any) -> RejectedRow:
    row = read({"email": "ole@example.dk"} | values)
    assert isinstance(row, RejectedRow)
    return row
