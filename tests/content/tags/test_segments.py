import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.content.tags.segments import Escape, Slot, escape_value, joined, render


def test_an_empty_or_missing_value_gives_way_to_the_fallback() -> None:
    segments = ("Hi ", Slot("customer.firstname", "there", Escape.TEXT))
    assert render(segments, {"customer.firstname": "Karen"}) == "Hi Karen"
    assert render(segments, {"customer.firstname": ""}) == "Hi there"
    assert render(segments, {}) == "Hi there"


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (Escape.HTML, "&lt;K&amp;&quot;&#x27;/ æ"),
        (Escape.ATTRIBUTE, "&lt;K&amp;&quot;&#x27;/ æ"),
        (Escape.URL, "%3CK%26%22%27%2F%20%C3%A6"),
        (Escape.TEXT, "<K&\"'/ æ"),
        (Escape.HEADER, "<K&\"'/ æ"),
    ],
)
def test_a_value_is_written_for_where_it_stands(where: Escape, written: str) -> None:
    assert escape_value("<K&\"'/ æ", where) == written


@given(st.text(max_size=60), st.sampled_from(Escape))
def test_no_value_brings_a_line_break_or_control_character(value: str, where: Escape) -> None:
    written = escape_value(value, where)
    assert len(written.splitlines()) <= 1
    assert all(character >= " " for character in written)


def test_a_value_is_never_read_for_tags() -> None:
    segments = (Slot("customer.name", "", Escape.HTML), Slot("customer.email", "", Escape.HTML))
    values = {"customer.name": "[[customer.email]]", "customer.email": "k@example.com"}
    assert render(segments, values) == "[[customer.email]]k@example.com"


def test_neighbouring_literals_are_put_together() -> None:
    slot = Slot("customer.name", "", Escape.TEXT)
    assert joined(["a", "", "b", slot, "", "c"]) == ("ab", slot, "c")
