from io import BytesIO

import pytest
from sqlalchemy import func, select

from tests.factories import make_contact
from tests.people.imports.importing import begin, breaking, checked, figures, into_nothing, upload
from webapp.people.imports import dry_run, run, uploads
from webapp.people.imports.files import UnreadableFile
from webapp.people.imports.models import Import, ImportState, RejectedImportRow
from webapp.people.models import Company, Consent, ConsentEntry, Contact
from webapp.platform.database import db
from webapp.platform.queueing import QueueName, queue

PEOPLE = """First name;E-mail;Company;City
Karen;karen@lys.example.dk;Lys ApS;Aarhus
Ole;ole@voss.example.dk;Voss A/S;Odense
Eva;eva@voss.example.dk;;Odense
Bo;bo@;;
"""


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_it_says_what_would_happen_and_changes_nothing() -> None:
    make_contact("Ole ", "ole@voss.example.dk", city="Aarhus")
    before = count(ConsentEntry)
    import_ = checked(PEOPLE)
    assert import_.state == ImportState.CHECKED
    assert figures(import_) == (2, 1, 0, 1)
    assert (count(Contact), count(Company), count(ConsentEntry)) == (1, 0, before)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_import_does_just_what_the_dry_run_said(overwrite: bool) -> None:
    make_contact("Karen ", "karen@lys.example.dk")
    make_contact("Eva ", "eva@voss.example.dk", city="Aarhus")
    import_ = checked(PEOPLE)
    assert (import_.changed, import_.changed_if_overwritten) == (1, 2)
    forecast = import_.changed_if_overwritten if overwrite else import_.changed
    begin(import_, overwrite=overwrite)
    run.run(import_.id, into_nothing)
    assert figures(import_) == (1, forecast, 2 - forecast, 1)


def test_it_counts_for_whom_a_yes_and_a_no_would_be_recorded() -> None:
    make_contact("Ole ", "ole@voss.example.dk", e_marketing=Consent.WITHDRAWN)
    import_ = checked(
        "E-mail;Consent\nole@voss.example.dk;yes\nbo@x.example.dk;yes\n"
        "eva@x.example.dk;no\nib@x.example.dk;\n"
    )
    assert (import_.granted, import_.withdrawn, import_.refused) == (1, 1, 1)
    begin(import_, overwrite=False)
    run.run(import_.id, into_nothing)
    assert (import_.granted, import_.withdrawn) == (1, 1)
    said = select(ConsentEntry.state).order_by(ConsentEntry.id)
    assert sorted(db.session.scalars(said).all()[-2:]) == [Consent.GRANTED, Consent.WITHDRAWN]


def test_a_second_dry_run_replaces_what_the_first_rejected() -> None:
    import_ = checked(PEOPLE)
    dry_run.ask(import_, {1: "email"})
    db.session.commit()
    dry_run.begin(import_)
    assert count(RejectedImportRow) == 1


def test_the_address_column_has_to_be_chosen() -> None:
    with pytest.raises(uploads.NoAddressColumn):
        dry_run.ask(upload(PEOPLE), {0: "first_name"})


def test_a_field_can_be_chosen_for_one_column_only() -> None:
    with pytest.raises(uploads.FieldTwice, match="City"):
        dry_run.ask(upload(PEOPLE), {1: "email", 2: "city", 3: "city"})


def test_a_large_file_is_left_to_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_run, "MAX_SIZE_AT_ONCE", 10)
    import_ = checked(PEOPLE)
    assert import_.state == ImportState.CHECKING
    assert queue(QueueName.DEFAULT).count == 1


def test_a_file_that_breaks_half_way_leads_back_to_its_columns() -> None:
    import_ = checked(breaking(PEOPLE))
    assert import_.state == ImportState.UPLOADED
    assert "quotation mark" in import_.error


def test_columns_cannot_change_while_the_import_is_worked_on() -> None:
    import_ = checked(PEOPLE)
    begin(import_)
    db.session.refresh(import_)
    with pytest.raises(uploads.BeingWorkedOn):
        dry_run.ask(import_, {1: "email"})


def test_a_chosen_mapping_is_remembered_for_the_same_headings() -> None:
    import_ = checked(PEOPLE)
    dry_run.ask(import_, {1: "email", 3: "position"})
    db.session.commit()
    dry_run.begin(import_)
    begin(import_)
    run.run(import_.id, into_nothing)
    assert uploads.columns(upload(PEOPLE)) == {1: "email", 3: "position"}
    assert uploads.columns(upload("E-mail;City\na@lys.example.dk;X\n")) == {0: "email", 1: "city"}


def test_nothing_is_kept_of_a_file_that_cannot_be_read() -> None:
    folder = uploads.path_of(upload(PEOPLE)).parent
    before = set(folder.iterdir())
    with pytest.raises(UnreadableFile):
        uploads.receive(BytesIO(b"%PDF-1.7 hello"), "list.xlsx", user_id=None)
    assert set(folder.iterdir()) == before


def test_a_file_keeps_its_name_without_folders_and_lies_under_a_random_one() -> None:
    import_ = upload(PEOPLE, "C:\\lists\\..\\people\r\n.csv")
    assert import_.filename == "people .csv"
    assert uploads.path_of(import_).name == import_.stored_as
    assert "people" not in import_.stored_as


def test_removing_an_import_removes_its_file() -> None:
    import_ = checked(PEOPLE)
    path = uploads.path_of(import_)
    uploads.remove(import_)
    db.session.commit()
    assert not path.exists()
    assert (count(Import), count(RejectedImportRow)) == (0, 0)
