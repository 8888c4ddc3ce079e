import pytest

from webapp.people.places import country_code, language_code


@pytest.mark.parametrize(
    "text", ["DK", "dk", "Danmark", "denmark", " DENMARK ", "Dänemark", "Danmark."]
)
def test_a_country_is_known_by_code_and_by_name(text: str) -> None:
    assert country_code(text) == "DK"


def test_other_countries_are_known_too() -> None:
    assert [country_code(name) for name in ("Tyskland", "UK", "USA", "Holland", "Norge")] == [
        "DE",
        "GB",
        "US",
        "NL",
        "NO",
    ]
    assert country_code("Atlantis") is None
    assert country_code("ZZ") is None


@pytest.mark.parametrize("text", ["da", "DA", "da-DK", "da_DK", "Dansk", "danish", "Dänisch"])
def test_a_language_is_known_by_code_and_by_name(text: str) -> None:
    assert language_code(text) == "da"


def test_an_unknown_language_is_none() -> None:
    assert language_code("klingonsk") is None
