"""Cells that name what the organisation has defined."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import make_user
from tests.factories import make_field, make_item
from tests.people.imports.files_made import CELLS
from webapp.accounts.rights import Role
from webapp.people import custom_fields
from webapp.people.custom_values import Value
from webapp.people.imports.cells import Cell
from webapp.people.imports.faults import note_text
from webapp.people.imports.lookups import MAX_NAMED, Found, Lookups, looked_up
from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader
from webapp.people.models import FieldKind, ListName
from webapp.platform.database import db, utcnow

LONG = "x" * 50_000


def found(**cells: Cell) -> tuple[Found, list[str]]:
    """What the cells of one row stand for, and what is said of them."""
    row = {name.replace("__", "."): cell for name, cell in cells.items()}
    notes: list[str] = []
    return Lookups(row).find(row, notes), list(map(note_text, notes))


def value(kind: FieldKind, cell: Cell, *options: str) -> tuple[Value | None, list[str]]:
    field = make_field("Field", kind, *options)
    read, notes = found(field__field=cell)
    return read.fields.get(field.key), notes


@pytest.mark.parametrize(
    ("kind", "cell", "kept"),
    [
        (FieldKind.TEXT, "  Lumo\t3 ", "Lumo 3"),
        (FieldKind.TEXT, '=HYPERLINK("x")', '=HYPERLINK("x")'),
        (FieldKind.TEXT, "💡 \u202eשלום", "💡 שלום"),
        (FieldKind.TEXT, 2750.0, "2750"),
        (FieldKind.NUMBER, "1.234,5", 1234.5),
        (FieldKind.NUMBER, "2,5", 2.5),
        (FieldKind.NUMBER, "2.5", 2.5),
        (FieldKind.NUMBER, 1.234, 1.234),
        (FieldKind.NUMBER, 0.1 + 0.2, 0.3),
        (FieldKind.NUMBER, 0.0, 0),
        (FieldKind.DATE, "2024-02-03", "2024-02-03"),
        (FieldKind.DATE, "3/2/2024", "2024-02-03"),
        (FieldKind.DATE, "3. 2. 2024", "2024-02-03"),
        (FieldKind.DATE, "03-02-2024 kl. 10", None),
        (FieldKind.DATE, "03-02-2024 10:00", "2024-02-03"),
        (FieldKind.DATE, "2024-02-03T10:00:00Z", "2024-02-03"),
        (FieldKind.DATE, "2099/02/03", "2099-02-03"),
        (FieldKind.DATE, 45325.0, "2024-02-03"),
        (FieldKind.DATE, "45325", "2024-02-03"),
        (FieldKind.DATE, date(2024, 2, 3), "2024-02-03"),
        (FieldKind.DATE, datetime(2024, 2, 3, 14, 30, tzinfo=UTC), "2024-02-03"),
        (FieldKind.YES_NO, "Ja", True),
        (FieldKind.YES_NO, "x", True),
        (FieldKind.YES_NO, 1.0, True),
        (FieldKind.YES_NO, False, False),
        (FieldKind.YES_NO, "NEJ", False),
        (FieldKind.ONE_OF, "gold", "Gold"),
        (FieldKind.MANY_OF, "silver, Gold", ["Gold", "Silver"]),
        (FieldKind.MANY_OF, "Oil, gas;gold\nGOLD", ["Gold", "Oil, gas"]),
    ],
)
def test_a_cell_is_read_as_its_field_is(kind: FieldKind, cell: Cell, kept: Value | None) -> None:
    assert value(kind, cell, "Gold", "Silver", "Oil, gas")[0] == kept


@pytest.mark.parametrize("kind", FieldKind)
@pytest.mark.parametrize("cell", ["", "  ", None, "#N/A"])
def test_an_empty_cell_says_nothing(kind: FieldKind, cell: Cell) -> None:
    assert value(kind, cell, "Gold") == (None, [])


@pytest.mark.parametrize(
    ("kind", "cell", "note"),
    [
        (FieldKind.NUMBER, "many", "Field: not a number, left out"),
        (FieldKind.NUMBER, LONG, "Field: not a number, left out"),
        (FieldKind.NUMBER, True, "Field: not a number, left out"),
        (FieldKind.NUMBER, float("nan"), "Field: not a number, left out"),
        (FieldKind.NUMBER, 1e300, "Field: not a number, left out"),
        (FieldKind.NUMBER, 10**400, "Field: not a number, left out"),
        (FieldKind.DATE, "soon", "Field: not a date, left out"),
        (FieldKind.DATE, "31-02-2024", "Field: not a date, left out"),
        (FieldKind.DATE, "3.2.64", "Field: not a date, left out"),
        (FieldKind.DATE, "0001-01-01", "Field: not a date, left out"),
        (FieldKind.DATE, date(9999, 12, 31), "Field: not a date, left out"),
        (FieldKind.DATE, 1e12, "Field: not a date, left out"),
        (FieldKind.YES_NO, "maybe", "Field: neither yes nor no, left out"),
        (FieldKind.ONE_OF, "Platinum", "Field: “Platinum” is unknown, left out"),
        (FieldKind.ONE_OF, "Plat\tinum %s", "Field: “Plat inum %s” is unknown, left out"),
        (FieldKind.ONE_OF, LONG, f"Field: “{'x' * 100}…” is unknown, left out"),
    ],
)
def test_what_cannot_be_a_value_is_left_out_and_told(
    kind: FieldKind, cell: Cell, note: str
) -> None:
    assert value(kind, cell, "Gold") == (None, [note])


def test_of_several_options_those_that_there_are_stay() -> None:
    kept, notes = value(FieldKind.MANY_OF, "Gold;Bronze;Silver", "Silver", "Gold")
    assert kept == ["Silver", "Gold"]
    assert notes == ["Field: “Bronze” is unknown, left out"]


def test_a_text_that_is_too_long_rejects_its_row_as_other_texts_do() -> None:
    make_field("Remark", FieldKind.TEXT)
    reader = RowReader({0: "email", 1: "field.remark"}, "DK", lookups=Lookups(["field.remark"]))
    row = reader.read(2, ["ole@example.dk", LONG])
    assert isinstance(row, RejectedRow)
    assert row.detail == "Remark: 50000 characters, at most 1000"


def test_categories_and_interests_are_known_in_whatever_case() -> None:
    dealer = make_item("Forhandler", ListName.CATEGORY)
    lamps, care, both = make_item("Lamps"), make_item("Care"), make_item("Lamps, indoor")
    read, notes = found(category=" FORHANDLER ", interests="care; lamps, Care;lamps, INDOOR")
    assert read.category_id == dealer.id
    assert read.interest_ids == tuple(sorted([lamps.id, care.id, both.id]))
    assert notes == []


def test_unknown_categories_and_interests_are_told_by_name() -> None:
    make_item("Press", ListName.CATEGORY)
    lamps = make_item("Lamps")
    read, notes = found(category="Lamps", interests="Lamps, Press")
    assert (read.category_id, read.interest_ids) == (None, (lamps.id,))
    assert notes == [
        "Category: “Lamps” is unknown, left out",
        "Interests: “Press” is unknown, left out",
    ]


def test_only_so_many_unknown_names_of_a_column_are_told_one_by_one() -> None:
    cells = [{"category": f"Number {number}"} for number in range(MAX_NAMED + 5)]
    lookups, notes = Lookups(["category"]), list[str]()
    for row in [*cells, *cells]:
        lookups.find(row, notes)
    assert len(set(notes)) == MAX_NAMED + 1
    assert note_text(notes[-1]) == "Category: others that are unknown, left out"


@pytest.mark.parametrize(
    "cell", ["Mette Marketer", "mette  marketer", " MARKETER@fjordlys.example "]
)
def test_our_contact_is_a_user_by_name_or_address(cell: str) -> None:
    mette = make_user(Role.MARKETER)
    assert found(our_contact=cell)[0].our_contact_id == mette.id


def test_somebody_who_may_not_sign_in_any_more_is_not_our_contact() -> None:
    make_user(Role.MARKETER).disabled_at = utcnow()
    assert found(our_contact="Mette Marketer") == (
        Found(),
        ["Our contact: “Mette Marketer” is unknown, left out"],
    )


def test_of_two_users_with_one_name_neither_is_taken() -> None:
    first = make_user(Role.MARKETER)
    make_user(Role.MARKETER, "mette@fjordlys.example")
    assert found(our_contact="Mette Marketer") == (
        Found(),
        ["Our contact: several are called “Mette Marketer”, left out"],
    )
    assert found(our_contact=first.email)[0].our_contact_id == first.id


def test_a_retired_field_is_not_filled() -> None:
    field = make_field("Shoe size", FieldKind.NUMBER)
    custom_fields.retire(field, by=None)
    db.session.flush()
    assert found(field__shoe_size=44.0) == (Found(), [])


def test_a_file_fills_what_its_columns_are() -> None:
    assert looked_up(["email", "name"]) == ()
    assert looked_up(["email", "interests", "field.size"]) == ("interest_ids", "fields")


def test_only_what_has_columns_is_read_of_a_file() -> None:
    make_field("Shoe size", FieldKind.NUMBER)
    assert Lookups(["email", "city"]).find({"email": "x"}, []) == Found()


@given(st.lists(CELLS, min_size=10, max_size=10))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_stops_an_import_or_holds_what_the_database_refuses(
    every_column: dict[int, str], cells: list[Cell]
) -> None:
    reader = RowReader(every_column, "DK", lookups=Lookups(every_column.values()))
    row = reader.read(2, ["ole@example.dk", *cells])
    texts: list[Any] = [row.detail] if isinstance(row, RejectedRow) else values_and_notes(row)
    for text in texts:
        assert "\0" not in str(text)
        str(text).encode()


@pytest.fixture
def every_column() -> dict[int, str]:
    for kind in FieldKind:
        make_field(kind.name, kind, "Gold", "Silver")
    codes = [f"field.{kind.name.lower()}" for kind in FieldKind]
    return dict(enumerate(["email", *codes, "category", "interests", "our_contact", "note"]))


def values_and_notes(row: PersonRow) -> list[Any]:
    return [*row.found.fields.values(), *map(note_text, row.notes)]
