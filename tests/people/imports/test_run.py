from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import make_company, make_contact
from tests.people.imports.importing import (
    begin,
    breaking,
    bring,
    contact,
    figures,
    into_nothing,
    upload,
)
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import fingerprint
from webapp.people.imports import run, staging, uploads
from webapp.people.imports.models import ImportState, RejectedImportRow
from webapp.people.models import Company, Contact
from webapp.platform.database import db

DATA = Path(__file__).parents[2] / "data"

PEOPLE = """First name;Last name;E-mail;Company;City
Karen;Blichfeldt;karen@lys.example.dk;Lys ApS;Aarhus
Ole;Voss;OLE@voss.example.dk;lys aps;
;;no address here;;
Bo;;;;
"""


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_new_people_are_created_with_their_company_and_address() -> None:
    import_ = bring(PEOPLE)
    assert import_.state == ImportState.DONE
    assert figures(import_) == (2, 0, 0, 2)
    karen, ole = contact("karen@lys.example.dk"), contact("ole@voss.example.dk")
    assert (karen.name, karen.city, karen.email) == (
        "Karen Blichfeldt",
        "Aarhus",
        "karen@lys.example.dk",
    )
    assert ole.email == "OLE@voss.example.dk"
    assert ole.email_hash == fingerprint("ole@voss.example.dk")
    assert karen.company is not None
    assert karen.company.name == "Lys ApS"
    assert ole.company_id == karen.company_id


def test_every_row_is_accounted_for() -> None:
    import_ = bring(PEOPLE)
    assert sum(figures(import_)) == import_.total_rows == 4
    assert import_.rejected == {"invalid_address": 1, "no_address": 1}
    rows = db.session.scalars(select(RejectedImportRow).order_by(RejectedImportRow.row_number))
    assert [(row.row_number, row.cells[2]) for row in rows] == [(4, "no address here"), (5, "")]


def test_the_same_file_again_changes_nothing() -> None:
    bring(PEOPLE)
    before = contact("karen@lys.example.dk").updated_at
    again = bring(PEOPLE)
    assert figures(again) == (0, 0, 2, 2)
    assert contact("karen@lys.example.dk").updated_at == before
    assert count(Contact) == 2
    assert count(Company) == 1


@pytest.mark.parametrize(
    ("name", "rows", "people"), [("kunder.xlsx", 2501, 2252), ("leads.csv", 6001, 5387)]
)
def test_a_real_list_is_wholly_accounted_for_and_the_second_time_unchanged(
    name: str, rows: int, people: int
) -> None:
    for expected in ((people, 0, 0), (0, 0, people)):
        with (DATA / name).open("rb") as file:
            import_ = uploads.receive(file, name, user_id=None)
        begin(import_)
        run.run(import_.id, into_nothing)
        assert figures(import_) == (*expected, rows - people)
    assert count(Contact) == people


def test_only_what_is_empty_is_filled() -> None:
    make_contact("Karen Blichfeldt", "karen@lys.example.dk", city="Odense")
    import_ = bring("First name;E-mail;City;Mobile\nCarina;karen@lys.example.dk;Aarhus;20304050\n")
    karen = contact("karen@lys.example.dk")
    assert (karen.first_name, karen.city, karen.mobile) == ("Karen", "Odense", "+4520304050")
    assert figures(import_) == (0, 1, 0, 0)


def test_overwriting_replaces_what_differs_but_an_empty_cell_erases_nothing() -> None:
    make_contact("Karen Blichfeldt", "karen@lys.example.dk", city="Odense", mobile="+4520304050")
    import_ = bring(
        "First name;E-mail;City;Mobile\nCarina;karen@lys.example.dk;Aarhus;\n", overwrite=True
    )
    karen = contact("karen@lys.example.dk")
    assert (karen.name, karen.city, karen.mobile) == ("Carina Blichfeldt", "Aarhus", "+4520304050")
    assert figures(import_) == (0, 1, 0, 0)


def test_a_street_is_not_put_beside_another_town() -> None:
    make_contact("", "karen@lys.example.dk", city="Odense")
    bring("Address;Postcode;City;E-mail\nVestergade 1;8000;Aarhus;karen@lys.example.dk\n")
    karen = contact("karen@lys.example.dk")
    assert (karen.address, karen.postcode, karen.city) == ("", "", "Odense")


def test_a_last_name_is_put_behind_the_same_first_name_only() -> None:
    make_contact("Karen ", "karen@lys.example.dk")
    make_contact("Bo ", "bo@lys.example.dk")
    bring("Name;E-mail\nkaren Dam;karen@lys.example.dk\nPer Dam;bo@lys.example.dk\n")
    assert contact("karen@lys.example.dk").name == "Karen Dam"
    assert contact("bo@lys.example.dk").name == "Bo"


def test_of_two_contacts_with_an_address_the_oldest_is_meant() -> None:
    first = make_contact("", "karen@lys.example.dk")
    second = make_contact("", "karen@lys.example.dk")
    import_ = bring("E-mail;City\nKAREN@lys.example.dk;Aarhus\n")
    db.session.expire_all()
    assert (first.city, second.city) == ("Aarhus", "")
    assert figures(import_) == (0, 1, 0, 0)


def test_a_company_that_somebody_has_stays_and_an_unneeded_one_is_not_made() -> None:
    lys = make_company("Lys ApS")
    make_contact("Karen", "karen@lys.example.dk", company_id=lys.id)
    import_ = bring("E-mail;Company\nkaren@lys.example.dk;Voss A/S\n")
    assert figures(import_) == (0, 0, 1, 0)
    assert count(Company) == 1


def test_overwriting_moves_somebody_to_the_company_of_the_file() -> None:
    lys = make_company("Lys ApS")
    make_contact("Karen", "karen@lys.example.dk", company_id=lys.id)
    import_ = bring("E-mail;Company\nkaren@lys.example.dk;Voss A/S\n", overwrite=True)
    karen = contact("karen@lys.example.dk")
    assert karen.company is not None
    assert karen.company.name == "Voss A/S"
    assert figures(import_) == (0, 1, 0, 0)


def test_an_import_needs_to_be_told_where_its_people_come_from() -> None:
    with pytest.raises(run.SourceMissing):
        begin(upload(PEOPLE), source="  ")


def test_starting_twice_starts_once() -> None:
    import_ = upload(PEOPLE)
    assert begin(import_, source="Autumn fair")
    assert not begin(import_, source="Somewhere else")
    run.run(import_.id, into_nothing)
    run.run(import_.id, into_nothing)
    assert import_.source == "Autumn fair"
    assert count(Contact) == 2
    assert count(AuditEntry) == 1


def test_it_is_audited_with_its_figures() -> None:
    import_ = bring(PEOPLE, name="people.csv")
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.action == "people imported"
    assert entry.detail == {
        "import_id": import_.id,
        "file": "people.csv",
        "rows": 4,
        "created": 2,
        "changed": 0,
        "unchanged": 0,
        "rejected": 2,
    }


def test_the_file_is_kept_until_its_people_are_written() -> None:
    import_ = upload(PEOPLE)
    assert uploads.path_of(import_).exists()
    begin(import_)
    run.run(import_.id, into_nothing)
    assert not uploads.path_of(import_).exists()


def test_a_file_that_breaks_half_way_changes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK", 10)
    import_ = bring(breaking(PEOPLE))
    assert import_.rows_read > 0
    assert import_.state == ImportState.FAILED
    assert "quotation mark" in import_.error
    assert count(Contact) == 0
    assert count(RejectedImportRow) == 0


def test_a_failed_import_can_be_tried_again() -> None:
    import_ = upload(PEOPLE)
    begin(import_)
    path = uploads.path_of(import_)
    away = path.rename(path.with_suffix(".away"))
    run.run(import_.id, into_nothing)
    assert import_.state == ImportState.FAILED
    assert "not there any more" in import_.error
    away.rename(path)
    assert run.retry(import_)
    assert not run.retry(import_)
    run.run(import_.id, into_nothing)
    assert figures(import_) == (2, 0, 0, 2)


def test_what_nobody_foresaw_fails_the_import_and_reaches_the_log() -> None:
    import_ = upload(PEOPLE)
    begin(import_)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run.run(import_.id, broken)
    assert import_.state == ImportState.FAILED
    assert "on our side" in import_.error
    assert count(Contact) == 0
