from typing import Any

import pytest

from webapp.content.document.differences import what_changed
from webapp.content.document.opening import open_document


def row(name: str, *columns: str, **values: Any) -> dict[str, Any]:
    """`row("R", "ab", "")` has two columns: one of two blocks, and an empty one."""
    blocks = [[{"id": each, "type": "divider"} for each in column] for column in columns]
    return {"id": name, "columns": [{"blocks": each} for each in blocks], **values}


A, B, C = row("A", "a"), row("B", "b"), row("C", "c")
TWO = row("T", "xy", "z")
OTHER_B = row("B", "")
OTHER_B["columns"][0]["blocks"] = [{"id": "b", "type": "divider", "width": 50}]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ([A, B, C], [A, B, C], ""),
        ([A, B, C], [A, OTHER_B, C], "b"),
        ([A, C], [A, B, C], "b"),
        ([A, B, C], [A, C], "a"),
        ([A, B, C], [B, C], "b"),
        ([A], [], ""),
        ([A, B, C], [B, C, A], "a"),
        ([B, C, A], [A, B, C], "a"),
        ([A, B, C], [B, row("new", "a"), C], "a"),
        ([A, B], [A, B | {"background": "#ffffff"}], "B"),
        ([A, TWO], [A, row("T", "yx", "z")], "y"),
        ([A, TWO], [A, row("T", "x", "zy")], "y"),
        ([A, B, TWO], [TWO, A, B], "T"),
        ([A, row("T", "", "")], [A], "a"),
        ([A], [A, row("T", "", "")], "T"),
    ],
)
def test_it_shows_the_part_that_is_different(
    before: list[dict[str, Any]], after: list[dict[str, Any]], shown: str
) -> None:
    assert what_changed(*(open_document({"rows": rows}) for rows in (before, after))) == shown


@pytest.mark.parametrize(
    ("before", "after", "choices"),
    [
        ([A, B, C], [B, A, C], "ab"),
        ([TWO], [row("T", "yx", "z")], "xy"),
        ([TWO, A], [A, TWO], "Ta"),
    ],
)
def test_of_two_that_changed_places_it_is_the_chosen_one(
    before: list[dict[str, Any]], after: list[dict[str, Any]], choices: str
) -> None:
    opened = [open_document({"rows": rows}) for rows in (before, after)]
    for chosen in choices:
        assert what_changed(*opened, chosen) == chosen


def test_a_choice_that_did_not_move_or_is_gone_counts_for_nothing() -> None:
    for after, chosen in (([B, A, C], "c"), ([A, C], "b")):
        opened = [open_document({"rows": rows}) for rows in ([A, B, C], after)]
        assert what_changed(*opened, chosen) == what_changed(*opened)
