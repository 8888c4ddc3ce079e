from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.people.imports.files_made import CELLS, person, rejected
from webapp.people.addresses import Address
from webapp.people.imports.cells import Cell
from webapp.people.imports.faults import RejectReason, RowNote, about, note_text, reason_text
from webapp.people.imports.headings import FIELDS
from webapp.people.imports.lookups import NAMED, NOTHING
from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader

MAPPING = {0: "name", 1: "email"}


def test_a_row_becomes_a_person_with_clean_values() -> None:
    row = person(
        first_name=" Ole ",
        last_name="Hansen",
        mobile=88326694.0,
        phone="0045 8832 6695",
        company="Hansen & Søn A/S",
        address="Gade 1",
        postcode=2750.0,
        city="Ballerup",
        country="Danmark",
        language="Dansk",
        note="Line one\nline two",
        consent="Ja",
        consent_at="03-02-2024",
    )
    assert row == PersonRow(
        row_number=2,
        email=Address("ole@example.dk", "ole@example.dk"),
        title="",
        first_name="Ole",
        middle_name="",
        last_name="Hansen",
        mobile="+4588326694",
        phone="+4588326695",
        company="Hansen & Søn A/S",
        position="",
        address="Gade 1",
        postcode="2750",
        city="Ballerup",
        country="DK",
        language="da",
        note="Line one\nline two",
        consent=True,
        consent_at=date(2024, 2, 3),
        found=NOTHING,
        notes=(),
    )


def test_a_full_name_fills_the_parts_that_have_no_column() -> None:
    row = person(name="Ole Bent Hansen", last_name="Skov")
    assert (row.first_name, row.middle_name, row.last_name) == ("Ole", "Bent", "Skov")


def test_a_name_with_a_line_break_is_cleaned() -> None:
    row = person(last_name="Hansen\r\nBcc: victim@example.com")
    assert row.last_name == "Hansen Bcc: victim@example.com"
    assert row.notes == (RowNote.TEXT_CLEANED,)


def test_markup_and_formulas_in_a_name_stay_text() -> None:
    row = person(first_name="<script>alert(1)</script>", last_name='=HYPERLINK("x","y")')
    assert (row.first_name, row.last_name) == ("<script>alert(1)</script>", '=HYPERLINK("x","y")')
    assert row.notes == ()


def test_a_name_of_ten_thousand_characters_is_rejected() -> None:
    row = rejected(first_name="x" * 10_000)
    assert row.reason == RejectReason.TOO_LONG
    assert row.detail == "First name: 10000 characters, at most 200"


def test_a_long_note_is_kept_up_to_a_limit() -> None:
    assert len(person(note="x" * 50_000).note) == 50_000
    assert rejected(note="x" * 50_001).reason == RejectReason.TOO_LONG


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"mobile": "12"}, RowNote.MOBILE_NOT_UNDERSTOOD),
        ({"phone": "ring til mor"}, RowNote.PHONE_NOT_UNDERSTOOD),
        ({"country": "Atlantis"}, RowNote.COUNTRY_NOT_UNDERSTOOD),
        ({"language": "klingonsk"}, RowNote.LANGUAGE_NOT_UNDERSTOOD),
        ({"consent": "måske"}, RowNote.CONSENT_NOT_UNDERSTOOD),
        ({"consent_at": "01-01-2999"}, RowNote.DATE_NOT_UNDERSTOOD),
    ],
)
def test_a_value_that_makes_no_sense_is_left_out_with_a_note(
    values: dict[str, str], note: RowNote
) -> None:
    row = person(**values)
    assert not getattr(row, next(iter(values)))
    assert row.notes == (note,)


def test_an_empty_consent_is_neither_yes_nor_no() -> None:
    assert person(consent="").consent is None
    assert person(consent="").notes == ()
    assert person(consent="Nej").consent is False


def test_a_number_without_country_code_is_of_the_country_in_its_row() -> None:
    assert person(country="SE", mobile="070-123 45 67").mobile == "+46701234567"


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("", RejectReason.NO_ADDRESS),
        ("   ", RejectReason.NO_ADDRESS),
        (None, RejectReason.NO_ADDRESS),
        ("mailto:", RejectReason.NO_ADDRESS),
        ("ole at example.dk", RejectReason.INVALID_ADDRESS),
        (88326694.0, RejectReason.INVALID_ADDRESS),
        ("ole@example.dk; bo@example.dk", RejectReason.TWO_ADDRESSES),
    ],
)
def test_a_row_without_a_usable_address_is_rejected(
    email: str | float | None, reason: RejectReason
) -> None:
    assert rejected(email=email, name="Ole").reason == reason


def test_a_rejected_row_keeps_its_number_and_cells_as_text() -> None:
    row = RowReader(MAPPING, "DK").read(17, ["O\0le", "ole@@example.dk", 2750.0, None])
    assert row == RejectedRow(
        row_number=17,
        reason=RejectReason.INVALID_ADDRESS,
        detail="“ole@@example.dk” has two @ in a row.",
        cells=("Ole", "ole@@example.dk", "2750", ""),
    )


def test_nothing_in_a_rejected_row_is_refused_by_the_database() -> None:
    row = RowReader(MAPPING, "DK").read(2, ["Ole", "o\0le\ud800@@example.dk"])
    assert isinstance(row, RejectedRow)
    assert "\0" not in row.detail + "".join(row.cells)
    (row.detail + "".join(row.cells)).encode()


@pytest.mark.parametrize("word", ["I alt", "Total:", "SUM", "i alt "])
def test_a_row_of_totals_is_not_a_person_without_address(word: str) -> None:
    reader = RowReader(MAPPING, "DK")
    totals = reader.read(9, ["", "", word, 2500.0])
    assert isinstance(totals, RejectedRow)
    assert totals.reason == RejectReason.TOTALS_ROW
    assert isinstance(reader.read(10, [word, "total@example.dk"]), PersonRow)


def test_of_rows_with_the_same_address_the_first_counts() -> None:
    reader = RowReader(MAPPING, "DK")
    first = reader.read(2, ["Ole", "ole@bøgehuset.example.dk"])
    again = reader.read(3, ["Bo", " OLE@xn--bgehuset-54a.example.dk "])
    assert isinstance(first, PersonRow)
    assert isinstance(again, RejectedRow)
    assert again.reason == RejectReason.REPEATED_ADDRESS


def test_a_rejected_row_does_not_take_its_address_from_a_later_one() -> None:
    reader = RowReader(MAPPING, "DK")
    assert isinstance(reader.read(2, ["x" * 300, "ole@example.dk"]), RejectedRow)
    assert isinstance(reader.read(3, ["Ole", "ole@example.dk"]), PersonRow)


def test_a_row_whose_cells_have_slipped_is_rejected() -> None:
    reader = RowReader(MAPPING, "DK", max_columns=2)
    slipped = reader.read(2, ["Hansen", "ole@example.dk", "Ole"])
    assert isinstance(slipped, RejectedRow)
    assert slipped.reason == RejectReason.TOO_MANY_COLUMNS
    assert isinstance(reader.read(3, ["Ole", "ole@example.dk", "", " "]), PersonRow)


def test_a_row_that_is_too_short_has_empty_values() -> None:
    row = RowReader({0: "email", 5: "city"}, "DK").read(2, ["ole@example.dk"])
    assert isinstance(row, PersonRow)
    assert row.city == ""


@given(st.lists(CELLS, min_size=len(FIELDS), max_size=len(FIELDS)), st.booleans())
def test_no_row_stops_an_import_or_holds_what_the_database_refuses(
    cells: list[Cell], addressed: bool
) -> None:
    mapping = {column: field.code for column, field in enumerate(FIELDS)}
    if addressed:
        cells[[field.code for field in FIELDS].index("email")] = "ole@example.dk"
    row = RowReader(mapping, "DK").read(2, cells)
    for text in [value for value in flattened(row) if isinstance(value, str)]:
        assert "\0" not in text
        text.encode()


def flattened(row: PersonRow | RejectedRow) -> list[object]:
    if isinstance(row, RejectedRow):
        return [row.detail, *row.cells]
    return [row.email.text, row.email.key] + [
        getattr(row, field.code) for field in FIELDS if field.code not in {"email", "name", *NAMED}
    ]


def test_every_reason_and_note_has_a_sentence() -> None:
    assert all(reason_text(reason) for reason in RejectReason)
    assert all(note_text(about(note, "Field", "Value")) for note in RowNote)
