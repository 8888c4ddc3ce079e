import tracemalloc
from pathlib import Path

import openpyxl
import pytest

from tests.people.imports import files_made as make
from webapp.people.imports import reading
from webapp.people.imports.files import EmptyFile, TooManyRows
from webapp.people.imports.headings import guess_mapping
from webapp.people.imports.reading import open_table
from webapp.people.imports.rows import PersonRow, RowReader


def test_title_rows_above_the_heading_and_blank_rows_are_skipped(tmp_path: Path) -> None:
    path = make.workbook(
        tmp_path / "a.xlsx",
        [
            ["Kundeliste 2026"],
            [],
            ["Navn", "E-mail", "Segment"],
            ["Ole", "ole@example.dk", "A"],
            [],
            ["Bo", "bo@example.dk", "B"],
        ],
    )
    table = open_table(path)
    assert (table.heading_row, table.headings) == (3, ("Navn", "E-mail", "Segment"))
    assert [(number, cells[0]) for number, cells in table.rows()] == [(4, "Ole"), (6, "Bo")]


def test_the_heading_is_the_row_that_names_most_known_columns(tmp_path: Path) -> None:
    path = make.text(
        tmp_path / "a.csv",
        "Firma;alle kunder;udtræk;nr. 7\nNavn;E-mail;Mobil;x\nOle;ole@example.dk;;\n",
    )
    assert open_table(path).heading_row == 2


def test_headings_in_an_unknown_language_are_found_above_the_first_address(tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", "Lista\nNimi;Sähköposti;Maa\nOle;ole@example.fi;FI\n")
    table = open_table(path)
    assert table.headings == ("Nimi", "Sähköposti", "Maa")
    assert [number for number, _cells in table.rows()] == [3]


def test_a_bare_list_of_addresses_loses_nobody(tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.txt", "Ole;ole@example.dk\nBo;bo@example.dk\n")
    table = open_table(path)
    assert (table.heading_row, table.headings) == (0, ("Column 1", "E-mail"))
    assert [cells[1] for _number, cells in table.rows()] == ["ole@example.dk", "bo@example.dk"]


def test_the_sheet_that_looks_most_like_people_is_chosen_unless_one_is_named(
    tmp_path: Path,
) -> None:
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "Noter"
    notes.append(["Opdateres", "hver", "måned"])
    notes.append(["af", "Ole", "selv"])
    people = book.create_sheet("Kunder")
    people.append(["Navn", "E-mail"])
    people.append(["Ole", "ole@example.dk"])
    book.create_sheet("Tom")
    hidden = book.create_sheet("Skjult")
    hidden.append(["Navn", "E-mail", "Mobil"])
    hidden.append(["Bo", "bo@example.dk", ""])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")

    table = open_table(tmp_path / "a.xlsx")
    assert table.sheets == ("Noter", "Kunder", "Tom")
    assert table.sheet == "Kunder"
    assert open_table(tmp_path / "a.xlsx", sheet="Noter").sheet == "Noter"
    assert open_table(tmp_path / "a.xlsx", sheet="Slettet").sheet == "Kunder"


@pytest.mark.parametrize("content", ["", "\n \n;;\n", "Navn;E-mail\n", "Navn;E-mail\n;\n"])
def test_a_text_without_people_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(EmptyFile):
        open_table(make.text(tmp_path / "a.csv", content))


@pytest.mark.parametrize("rows", [[], [["Navn", "E-mail"]]])
def test_a_workbook_without_people_is_refused(tmp_path: Path, rows: list[list[str]]) -> None:
    with pytest.raises(EmptyFile):
        open_table(make.workbook(tmp_path / "a.xlsx", rows))


def test_the_sample_shows_cells_as_text(tmp_path: Path) -> None:
    path = make.workbook(
        tmp_path / "a.xlsx",
        [["Navn", "Postnr", "Aktiv"], ["Ole", 2750.0, True], ["Bo", 12.5, None]],
    )
    assert open_table(path).sample(5) == [(2, ["Ole", "2750", "true"]), (3, ["Bo", "12.5", ""])]


def test_a_row_wider_than_the_headings_is_slipped_unless_all_are(tmp_path: Path) -> None:
    narrow = make.text(tmp_path / "a.csv", "Navn,E-mail\nOle,ole@example.dk\nBo,bo@example.dk\n")
    assert open_table(narrow).max_columns == 2
    wide = make.text(tmp_path / "b.csv", "Navn,E-mail\nOle,o@example.dk,x\nBo,b@example.dk,y\n")
    assert open_table(wide).max_columns == 3
    assert open_table(wide).headings == ("Navn", "E-mail", "")


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 10)
    path = make.text(tmp_path / "a.csv", "Navn;E-mail\n" + "Ole;ole@example.dk\n" * 10)
    table = open_table(path)
    with pytest.raises(TooManyRows, match="more than 10 rows"):
        list(table.rows())


def test_a_long_file_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("Navn;E-mail;Firma\n")
        file.writelines(f"Ole {n};ole{n}@example.dk;Firma {n}\n" for n in range(50_000))
    table = open_table(path)
    tracemalloc.start()
    count = sum(1 for _row in table.rows())
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 1_000_000


def plain(text: str) -> str:
    return text.replace("\r", "").removesuffix(".0")


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Navn", "x" * 10_000),
        ("Navn", "<script>alert(1)</script>"),
        ("Navn", "Ole\r\nBcc: victim@example.com"),
        ("Mobil", 88326694.0),
        ("Samtykkedato", 45325.0),
        ("E-mail", "søren@bøgehuset.example.dk"),
    ],
)
def test_a_cell_arrives_alike_from_both_kinds_of_file(
    tmp_path: Path, heading: str, cell: str | float
) -> None:
    rows: list[list[str | float]] = [["Kundenr", heading], [1.0, cell]]
    excel = open_table(make.workbook(tmp_path / "a.xlsx", rows))
    text = open_table(make.text(tmp_path / "a.csv", f'Kundenr;{heading}\n1;"{cell}"\n'))
    (from_excel,), (from_text,) = excel.sample(2), text.sample(2)
    assert plain(from_excel[1][1]) == plain(from_text[1][1])


def test_a_column_that_stands_twice_is_read_once(tmp_path: Path) -> None:
    path = make.text(
        tmp_path / "a.csv", "E-mail;Navn;E-mail\nole@example.dk;Ole;anden@example.dk\n"
    )
    table = open_table(path)
    reader = RowReader(guess_mapping(table.headings), "DK")
    (row,) = [reader.read(number, cells) for number, cells in table.rows()]
    assert isinstance(row, PersonRow)
    assert row.email.key == "ole@example.dk"
