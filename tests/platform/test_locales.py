import pytest

from webapp.platform.locales import file_size, speaking


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1, "1 KB"),
        (812_000, "812 KB"),
        (812_001, "813 KB"),
        (999_000, "999 KB"),
        (999_001, "1 MB"),
        (3_140_000, "3.1 MB"),
        (25_000_000, "25 MB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_people_use(size: int, words: str) -> None:
    with speaking("en"):
        assert file_size(size) == words


def test_a_size_has_the_decimal_comma_of_danish() -> None:
    with speaking("da"):
        assert file_size(3_140_000) == "3,1 MB"
