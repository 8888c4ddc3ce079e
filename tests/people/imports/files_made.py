"""Files as customers send them, made for the tests."""

import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import strategies as st

from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader

RELATIONS = "xl/_rels/workbook.xml.rels"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHARED_RELATION = (
    '<Relationship Id="rIdShared" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
    '.org/officeDocument/2006/relationships/sharedStrings"/>'
)


CELLS = st.one_of(
    st.text(st.characters(), max_size=30),
    st.sampled_from(["ole@example.dk", "ø@ø.dk", "a@b@c", "0" * 300, "1" * 5000, "31-02-0000"]),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
)
"""Whatever may stand in one."""


def workbook(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Folk") -> Path:
    book = openpyxl.Workbook()
    content = book.active
    assert content is not None
    content.title = sheet
    for row in rows:
        content.append(list(row))
    book.save(path)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def with_member(source: Path, target: Path, name: str, content: bytes) -> Path:
    """A copy of a workbook in which one member holds something else."""
    return with_members(source, target, {name: content})


def with_members(source: Path, target: Path, changed: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        members = {member.filename: old.read(member) for member in old.infolist()}
        for name, content in (members | changed).items():
            new.writestr(name, content)
    return target


def sharing_workbook(path: Path, texts: Sequence[str], rows: Sequence[Sequence[int]]) -> Path:
    """A workbook as Excel itself writes them: cells hold the numbers of texts."""
    plain = workbook(path.with_suffix(".plain.xlsx"), [["x"]])
    with zipfile.ZipFile(plain) as archive:
        relations = archive.read(RELATIONS).decode()
    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{"ABC"[at]}{row}" t="s"><v>{n}</v></c>' for at, n in enumerate(numbers))
        + "</row>"
        for row, numbers in enumerate(rows, 1)
    )
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    changed = {
        RELATIONS: relations.replace("</Relationships>", SHARED_RELATION + "</Relationships>"),
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
    }
    return with_members(plain, path, {name: text.encode() for name, text in changed.items()})


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
