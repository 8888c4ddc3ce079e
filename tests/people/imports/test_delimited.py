from pathlib import Path

import pytest

from tests.people.imports import files_made as make
from webapp.people.imports.delimited import OpenQuote, open_delimited

CONTENT = "Navn;E-mail;By\nSøren Ærø;soeren@example.dk;Århus\n"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, written: str, found: str) -> None:
    file = open_delimited(make.text(tmp_path / "a.csv", CONTENT, written))
    assert file.encoding == found
    assert list(file.rows()) == [
        (1, ["Navn", "E-mail", "By"]),
        (2, ["Søren Ærø", "soeren@example.dk", "Århus"]),
    ]


def test_a_letter_cut_by_the_end_of_a_chunk_is_still_utf8(tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", "x" * 999_999 + "ø;b\n")
    assert open_delimited(path).encoding == "utf-8"


def test_one_danish_letter_at_the_end_of_a_long_file_decides(tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", "a;b\n" * 400_000 + "ø;b\n", "cp1252")
    assert open_delimited(path).encoding == "cp1252"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    content = f"Navn{separator}E-mail\nHansen; Ole, | søn{separator}ole@example.dk\n"
    if separator != "\t":
        content = content.replace("Hansen; Ole, | søn", '"Hansen; Ole, | søn"')
    assert open_delimited(make.text(tmp_path / "a.csv", content)).separator == separator


def test_without_known_headings_the_rows_most_alike_decide(tmp_path: Path) -> None:
    content = "Nimi,Maa\n" + "Ole; søn,FI\nBo,SE\nAda; x; y,NO\n" * 5
    assert open_delimited(make.text(tmp_path / "a.csv", content)).separator == ","


def test_a_first_line_of_excel_that_states_the_separator_is_obeyed(tmp_path: Path) -> None:
    file = open_delimited(make.text(tmp_path / "a.csv", "sep=|\r\nNavn|E-mail\r\nOle;x|o@x.dk\r\n"))
    assert list(file.rows()) == [(2, ["Navn", "E-mail"]), (3, ["Ole;x", "o@x.dk"])]


def test_a_line_break_in_quotes_belongs_to_the_cell(tmp_path: Path) -> None:
    content = 'Navn;Note;E-mail\nOle;"to\nlinjer; og ""citat""";ole@example.dk\nBo;;bo@example.dk\n'
    rows = list(open_delimited(make.text(tmp_path / "a.csv", content)).rows())
    assert rows[1] == (2, ["Ole", 'to\nlinjer; og "citat"', "ole@example.dk"])
    assert rows[2] == (3, ["Bo", "", "bo@example.dk"])


def test_a_nul_does_not_stop_the_reading(tmp_path: Path) -> None:
    rows = list(open_delimited(make.text(tmp_path / "a.csv", "Navn;E-mail\nO\0le;o@x.dk\n")).rows())
    assert rows[1] == (2, ["O\0le", "o@x.dk"])


def test_a_quotation_mark_that_swallows_rows_is_told(tmp_path: Path) -> None:
    content = 'Navn;E-mail\n"Ole;ole@example.dk\nBo;bo@example.dk\nEva;eva@example.dk\n'
    file = open_delimited(make.text(tmp_path / "a.csv", content))
    with pytest.raises(OpenQuote, match="Row 2"):
        list(file.rows())


def test_a_quotation_mark_that_swallows_the_whole_file_is_told(tmp_path: Path) -> None:
    content = "Navn;Vej;E-mail\nOle;;o@x.dk\n" + '"Bo;Gade 1;b@x.dk\n' + "Eva;Gade 2\n" * 20_000
    file = open_delimited(make.text(tmp_path / "a.csv", content))
    with pytest.raises(OpenQuote, match="Row 3"):
        list(file.rows())
