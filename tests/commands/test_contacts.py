import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from webapp.people.models import Basis, ConsentEntry, Contact
from webapp.platform.database import db
from webapp.targets.models import Selection

DATA = Path(__file__).parents[1] / "data"

STATED = ["--selection", "Fair", "--basis", "customer", "--source", "Autumn fair"]

PEOPLE = "Name;E-mail\nKaren Dam;karen@lys.example.dk\nOle Voss;ole@@voss.example.dk\nBo;\n"


def import_file(app: Flask, file: Path, *more: str) -> Result:
    result = app.test_cli_runner().invoke(args=["contacts", "import", str(file), *STATED, *more])
    db.session.expire_all()
    return result


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    return path


def test_it_says_what_became_of_every_row(app: Flask, file: Path) -> None:
    result = import_file(app, file, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "rows": 3,
        "created": 1,
        "changed": 0,
        "unchanged": 0,
        "rejected": {"invalid_address": 1, "no_address": 1},
        "cleaned": {},
    }


def test_it_says_so_in_words_too(app: Flask, file: Path) -> None:
    import_file(app, file)
    result = import_file(app, file)
    assert "3 rows: 0 created, 0 changed, 1 unchanged, 2 rejected" in result.stdout
    assert "1 No e-mail address" in result.stdout


def test_it_says_what_it_left_out(app: Flask, file: Path) -> None:
    file.write_text("E-mail;Kategori\nkaren@lys.example.dk;Forhandler\n")
    left_out = "Category: “Forhandler” is unknown, left out"
    assert f"1 {left_out}" in import_file(app, file).stdout
    assert json.loads(import_file(app, file, "--json").stdout)["cleaned"] == {left_out: 1}


def test_basis_and_source_are_kept_and_the_people_are_a_selection(app: Flask, file: Path) -> None:
    import_file(app, file)
    entry = db.session.scalars(select(ConsentEntry)).one()
    assert (entry.basis, entry.source) == (Basis.CUSTOMER, "Autumn fair (file people.csv)")
    assert db.session.scalars(select(Selection.name)).all() == ["Fair"]


def test_a_real_list_is_imported(app: Flask) -> None:
    figures = json.loads(import_file(app, DATA / "kunder.xlsx", "--json").stdout)
    assert figures["created"] == db.session.scalar(select(func.count()).select_from(Contact))
    assert figures["created"] + sum(figures["rejected"].values()) == figures["rows"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.7", "This is a PDF, not a spreadsheet."),
        (b"Name;City\nKaren;Aarhus\n", "Choose the column that holds the e-mail addresses."),
    ],
)
def test_a_file_that_cannot_be_imported_is_one_clear_sentence(
    app: Flask, tmp_path: Path, content: bytes, why: str
) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    result = import_file(app, path)
    assert result.exit_code == 1
    assert why in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_one_clear_sentence(app: Flask, tmp_path: Path) -> None:
    result = import_file(app, tmp_path / "nowhere.csv")
    assert result.exit_code == 1
    assert "nowhere.csv” cannot be read" in result.stderr


def test_a_blank_source_is_refused(app: Flask, file: Path) -> None:
    result = import_file(app, file, "--source", " ")
    assert result.exit_code == 1
    assert "Say where these people come from." in result.stderr
