from datetime import UTC, date, datetime, timedelta

import pytest

from webapp.people.imports.values import parse_date, split_name, yes_or_no


@pytest.mark.parametrize("cell", ["Ja", " YES ", "x", "1", 1.0, True, "true", "j"])
def test_a_yes_is_understood(cell: str | float) -> None:
    assert yes_or_no(cell) is True


@pytest.mark.parametrize("cell", ["Nej", "no", "0", 0.0, False, "FALSE", "nein"])
def test_a_no_is_understood(cell: str | float) -> None:
    assert yes_or_no(cell) is False


@pytest.mark.parametrize("cell", ["", None, "måske", 7.0])
def test_neither_yes_nor_no_is_none(cell: str | float | None) -> None:
    assert yes_or_no(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 2, 3),
        datetime(2024, 2, 3, 14, 30),  # noqa: DTZ001 Excel knows no time zones.
        45325.0,
        "45325",
        "03-02-2024",
        "3/2/2024",
        "3.2.24",
        "2024-02-03",
        "2024-02-03T10:00:00Z",
        "03-02-2024 10:00",
    ],
)
def test_a_date_is_understood_with_the_day_first(cell: date | float | str) -> None:
    assert parse_date(cell) == date(2024, 2, 3)


@pytest.mark.parametrize(
    "cell",
    ["31-02-2024", "12/31/2024", "snart", "1899-12-31", 1e12, -5.0, float("nan"), "9999-12-31", ""],
)
def test_a_date_without_sense_is_none(cell: float | str) -> None:
    assert parse_date(cell) is None


def test_a_date_in_the_future_is_none() -> None:
    today = datetime.now(UTC).date()
    assert parse_date(today) == today
    assert parse_date(today + timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ole Hansen", ("Ole", "", "Hansen")),
        ("Ole Bent Kaj Hansen", ("Ole", "Bent Kaj", "Hansen")),
        ("Mette van der Plas", ("Mette", "", "van der Plas")),
        ("Anna Maria von Stein", ("Anna", "Maria", "von Stein")),
        ("Hansen, Ole Bent", ("Ole", "Bent", "Hansen")),
        ("Skov Hansen, Ole", ("Ole", "", "Skov Hansen")),
        ("Ole", ("Ole", "", "")),
        ("van Hansen", ("van", "", "Hansen")),
        ("Hansen,", ("Hansen", "", "")),
        (",", ("", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_full_name_is_divided(name: str, parts: tuple[str, str, str]) -> None:
    assert split_name(name) == parts
