import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from tests.people.imports import files_made as make
from webapp.people.imports import archives, workbooks
from webapp.people.imports.cells import Cell, cell_text
from webapp.people.imports.files import DamagedWorkbook, TooMuchContent, ZipBomb
from webapp.people.imports.workbooks import Workbook

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(params=["in memory", "streamed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of reading; every workbook of these tests would fit in memory."""
    if request.param == "streamed":
        monkeypatch.setattr(workbooks, "MAX_AREA_IN_MEMORY", 0)
    return str(request.param)


def texts(path: Path) -> list[list[str]]:
    book = Workbook(path)
    rows = [cells for _number, cells in book.rows(book.sheets[0])]
    return [[cell_text(cell) for cell in cells] for cells in rows]


def bomb(path: Path, size: int = 120_000_000) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(SHEET, "w") as member:
            for _piece in range(size // 1_000_000):
                member.write(bytes(1_000_000))
    return path


def test_every_kind_of_cell_is_read(tmp_path: Path, way: str) -> None:
    rows: list[list[Cell]] = [
        ["Søren", 2750, 12.5, True, date(2024, 2, 3)],
        ["  x ", "a\nb", "0817", False, "y"],
    ]
    assert texts(make.workbook(tmp_path / "a.xlsx", rows)) == [
        ["Søren", "2750", "12.5", "true", "2024-02-03"],
        ["  x ", "a\nb", "0817", "false", "y"],
    ]


def test_texts_that_cells_share_are_read(tmp_path: Path, way: str) -> None:
    path = make.sharing_workbook(tmp_path / "a.xlsx", ["Navn", "Søren", "Ærø"], [[0, 0], [1, 2]])
    assert texts(path) == [["Navn", "Navn"], ["Søren", "Ærø"]]


def test_dates_since_1904_are_read(tmp_path: Path, way: str) -> None:
    book = openpyxl.Workbook()
    book.epoch = MAC_EPOCH
    sheet = book.active
    assert sheet is not None
    sheet.append([date(2024, 2, 3), "x"])
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == [["2024-02-03", "x"]]


def test_a_date_with_a_time_and_a_bare_time_are_read(tmp_path: Path, way: str) -> None:
    moment = datetime(2024, 2, 3, 14, 30)  # noqa: DTZ001 Excel knows no time zones.
    path = make.workbook(tmp_path / "a.xlsx", [[moment, time(8, 15)]])
    assert texts(path) == [["2024-02-03 14:30:00", "08:15:00"]]


def test_a_formula_gives_what_was_last_calculated(tmp_path: Path, way: str) -> None:
    source = make.workbook(tmp_path / "a.xlsx", [["Navn", "=1+1", "=2+2", "x"]])
    with zipfile.ZipFile(source) as archive:
        sheet = archive.read(SHEET).decode()
    calculated = sheet.replace("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>")
    calculated = calculated.replace("<f>1+1</f><v />", "<f>1+1</f><v>2</v>")
    assert calculated != sheet
    path = make.with_member(source, tmp_path / "b.xlsx", SHEET, calculated.encode())
    assert texts(path) == [["Navn", "2", "", "x"]]


def test_a_formula_that_failed_is_empty(tmp_path: Path, way: str) -> None:
    path = make.workbook(tmp_path / "a.xlsx", [["#N/A", "#REF!", "x"]])
    assert texts(path) == [["", "", "x"]]


def test_of_merged_cells_the_first_holds_the_value(tmp_path: Path, way: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Firma A/S", "Ole"])
    sheet.append([None, "Bo"])
    sheet.merge_cells("A1:A2")
    book.save(tmp_path / "a.xlsx")
    assert texts(tmp_path / "a.xlsx") == [["Firma A/S", "Ole"], ["", "Bo"]]


def test_rows_are_numbered_as_excel_shows_them(tmp_path: Path, way: str) -> None:
    path = make.workbook(tmp_path / "a.xlsx", [["Navn"], [], [], ["Ole"]])
    rows = [(number, cells[0]) for number, cells in Workbook(path).rows("Folk") if any(cells)]
    assert rows == [(1, "Navn"), (4, "Ole")]


def test_a_stray_cell_in_the_last_corner_costs_no_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "Navn"
    sheet["XFD1048576"] = "x"
    book.save(tmp_path / "a.xlsx")
    rows = list(Workbook(tmp_path / "a.xlsx").rows("Sheet"))
    assert [number for number, _cells in rows] == [1, 1048576]


def test_cells_that_do_not_say_where_they_are_follow_each_other(tmp_path: Path) -> None:
    source = make.workbook(tmp_path / "a.xlsx", [["x"]])
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row><c t="inlineStr"><is><r><t>Na</t></r><r><t>vn</t></r></is></c><c><v>7</v></c></row>'
        "</sheetData></worksheet>"
    )
    path = make.with_member(source, tmp_path / "b.xlsx", SHEET, sheet.encode())
    assert texts(path) == [["Navn", "7"]]


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    with pytest.raises(ZipBomb):
        Workbook(bomb(tmp_path / "a.xlsx"))


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.xlsx", 2_000_000)
    true, forged = (size.to_bytes(4, "little") for size in (2_000_000, 9))
    path.write_bytes(path.read_bytes().replace(true, forged))
    with pytest.raises(ZipBomb):
        Workbook(path)


def test_more_shared_texts_than_fit_in_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_SHARED_TEXTS", 10)
    with pytest.raises(TooMuchContent):
        Workbook(make.sharing_workbook(tmp_path / "a.xlsx", ["Navn"], [[0]]))


@pytest.mark.parametrize("member", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_a_damaged_workbook_is_told(tmp_path: Path, way: str, member: str) -> None:
    source = make.sharing_workbook(tmp_path / "a.xlsx", ["Navn"], [[0]])
    path = make.with_member(source, tmp_path / "b.xlsx", member, b"<not<xml")
    with pytest.raises(DamagedWorkbook):
        texts(path)


def test_a_truncated_member_is_told(tmp_path: Path) -> None:
    path = make.workbook(tmp_path / "a.xlsx", [["Navn", "E-mail"]] * 50)
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo(SHEET).header_offset + 60
    content = bytearray(path.read_bytes())
    content[start : start + 40] = bytes(40)
    path.write_bytes(content)
    with pytest.raises((DamagedWorkbook, ZipBomb)):
        texts(path)


def test_entities_in_a_forged_workbook_are_not_expanded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make.workbook(tmp_path / "a.xlsx", [["x"]])
    sheet = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Navn&b;</t></is></c></row>'
        "</sheetData></worksheet>"
    )
    path = make.with_member(source, tmp_path / "b.xlsx", SHEET, sheet.encode())
    with pytest.raises(DamagedWorkbook):
        texts(path)
    monkeypatch.setattr(workbooks, "MAX_AREA_IN_MEMORY", 0)
    assert texts(path) == [["Navn"]]
