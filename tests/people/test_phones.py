import pytest

from webapp.people.phones import PhoneError, parse_phone, phones_begun, readable


@pytest.mark.parametrize(
    "raw",
    [
        88326694.0,
        88326694,
        "88326694",
        "88 32 66 94",
        "88326694.0",
        "+45 88 32 66 94",
        "0045 8832 6694",
        "(+45) 88-32-66-94",
        4588326694.0,
    ],
)
def test_a_danish_number_is_understood_in_every_spelling(raw: object) -> None:
    assert parse_phone(raw, "DK") == "+4588326694"


def test_a_number_without_country_code_is_of_the_given_country() -> None:
    assert parse_phone("0151 23456789", "DE") == "+4915123456789"
    assert parse_phone("070-123 45 67", "se") == "+46701234567"


def test_a_country_code_counts_more_than_the_given_country() -> None:
    assert parse_phone("+46 70 123 45 67", "DK") == "+46701234567"


@pytest.mark.parametrize(
    "raw", ["12", 12.0, "ukendt", "", "88326694 / 22334455", "8" * 10_000, None, True, float("nan")]
)
def test_what_is_no_number_is_refused(raw: object) -> None:
    with pytest.raises(PhoneError):
        parse_phone(raw, "DK")


def test_a_number_is_shown_in_groups() -> None:
    assert readable("+4588326694") == "+45 88 32 66 94"
    assert readable("ask Karen") == "ask Karen"


@pytest.mark.parametrize(
    ("typed", "country", "begun"),
    [
        ("45 88 3", "DK", ["45883", "4545883"]),
        ("(88) 32 66", "DK", ["883266", "45883266"]),
        ("+45 88", "DK", ["4588"]),
        ("0045 88", "DE", ["4588"]),
        ("030 12 34", "DE", ["0301234", "49301234"]),
        ("06 69 12", "IT", ["066912", "39066912"]),
        ("Hansen 12", "DK", []),
    ],
)
def test_what_was_typed_is_the_beginning_of_a_number(
    typed: str, country: str, begun: list[str]
) -> None:
    assert phones_begun(typed, country) == begun
