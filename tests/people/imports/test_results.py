from io import BytesIO

import openpyxl
import pytest

from tests.people.imports.importing import bring
from webapp.people.imports import results
from webapp.people.imports.models import Import


def sheet_rows(import_: Import) -> list[tuple[object, ...]]:
    file = BytesIO()
    results.write_rejected(import_, file)
    return list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))


def test_the_file_of_rejected_rows_holds_their_cells_and_why() -> None:
    import_ = bring("Name;E-mail\nKaren;karen@lys.example.dk\nOle;ole@@voss.example.dk\nBo;\n")
    assert sheet_rows(import_) == [
        ("Name", "E-mail", "Row", "Why"),
        (
            "Ole",
            "ole@@voss.example.dk",
            3,
            "The e-mail address is not valid: “ole@@voss.example.dk” has two @ in a row.",
        ),
        ("Bo", None, 4, "No e-mail address"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "+45 1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_could_be_a_formula_is_defused(text: str) -> None:
    assert results.defused(text).startswith("'")


def test_formulas_stay_texts_in_the_workbook() -> None:
    [_, row] = sheet_rows(bring('Name;E-mail\n"=HYPERLINK(""http://x"")";nobody\n'))
    assert row[0] == '\'=HYPERLINK("http://x")'


def test_what_a_workbook_cannot_hold_becomes_a_space() -> None:
    [_, row] = sheet_rows(bring("Name;E-mail\nKaren\x1bDam;nobody\n"))
    assert row[0] == "Karen Dam"
