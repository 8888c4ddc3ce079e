"""The lists that customers really sent, every row accounted for.

The expected numbers were counted by other means: a few lines over the bare cells that look for
“;”, “@@”, “ at ” and a dot at the end, and compare what is left.
"""

from collections import Counter
from pathlib import Path

from webapp.people.imports.headings import guess_mapping
from webapp.people.imports.reading import Table, open_table
from webapp.people.imports.rows import PersonRow, RejectedRow, RowReader

DATA = Path(__file__).parents[2] / "data"


def read_all(table: Table) -> tuple[list[PersonRow], list[RejectedRow]]:
    reader = RowReader(guess_mapping(table.headings), "DK", max_columns=table.max_columns)
    rows = [reader.read(number, cells) for number, cells in table.rows()]
    return (
        [row for row in rows if isinstance(row, PersonRow)],
        [row for row in rows if isinstance(row, RejectedRow)],
    )


def test_the_customer_list_of_excel() -> None:
    table = open_table(DATA / "kunder.xlsx")
    assert (table.sheet, table.sheets, table.heading_row) == (
        "Kunder 2026",
        ("Kunder 2026", "Noter"),
        3,
    )
    people, rejected = read_all(table)
    assert len(people) == 2252
    assert Counter(row.reason for row in rejected) == {
        "repeated_address": 94,
        "invalid_address": 91,
        "no_address": 48,
        "two_addresses": 15,
        "totals_row": 1,
    }
    assert Counter(note for row in people for note in row.notes) == {
        "mobile_not_understood": 41,
        "text_cleaned": 19,
    }
    assert Counter(row.consent for row in people) == {True: 1613, False: 334, None: 305}
    assert people[0].row_number == 4
    assert (people[0].first_name, people[0].mobile, people[0].postcode, people[0].country) == (
        "Oskar",
        "+4588326694",
        "1750",
        "DK",
    )


def test_the_leads_of_the_old_text_file() -> None:
    table = open_table(DATA / "leads.csv")
    assert (table.encoding, table.separator, table.heading_row) == ("cp1252", ";", 1)
    people, rejected = read_all(table)
    assert len(people) == 5387
    assert Counter(row.reason for row in rejected) == {
        "invalid_address": 239,
        "repeated_address": 228,
        "no_address": 110,
        "two_addresses": 37,
    }
    assert Counter(note for row in people for note in row.notes) == {
        "mobile_not_understood": 38,
        "text_cleaned": 24,
    }
    assert all(row.consent_at for row in people)
    assert rejected[-1].cells == ("Petersen", "for få kolonner@example.dk")


def test_nothing_that_reaches_the_database_can_break_a_line_or_a_header() -> None:
    for name in ("kunder.xlsx", "leads.csv"):
        for row in read_all(open_table(DATA / name))[0]:
            shown = (row.first_name, row.middle_name, row.last_name, row.company, row.email.text)
            assert all(text.isprintable() for text in shown)
