from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.content.document.fields import TooMuch
from webapp.content.document.opening import open_document
from webapp.content.document.operations import (
    Beside,
    Document,
    InColumn,
    add_block,
    add_row,
    below,
    delete,
    duplicate,
    move,
    new_document,
    set_layout,
    step,
    to_the_edges,
    update_body,
    update_part,
)
from webapp.content.document.parts import (
    LAYOUTS,
    BlockNotFound,
    NoSuchBlock,
    NotBlocks,
    all_blocks,
    find_part,
)


def document(*rows: list[list[str]]) -> Document:
    """Rows of columns of ids, every block a divider."""
    return {
        "kind": "blocks",
        "version": 1,
        "body": {},
        "rows": [
            {
                "id": f"row{number}",
                "columns": [
                    {
                        "width": 100 // len(columns),
                        "blocks": [{"id": each, "type": "divider"} for each in column],
                    }
                    for column in columns
                ],
            }
            for number, columns in enumerate(rows)
        ],
    }


def layout(of: Document) -> list[list[list[str]]]:
    return [
        [[block["id"] for block in column["blocks"]] for column in row["columns"]]
        for row in of["rows"]
    ]


def test_a_new_document_greets_by_name_and_ends_with_a_way_out() -> None:
    blocks = list(all_blocks(new_document(language="da")))
    assert '[[customer.firstname|"there"]]' in blocks[1]["html"]
    assert "[[link.unsubscribe]]" in blocks[-1]["html"]
    assert new_document(language="da")["body"]["language"] == "da"


def test_a_block_is_added_after_another() -> None:
    new, added = add_block(document([["a", "b"]]), "text", Beside("a"))
    assert layout(new) == [[["a", added, "b"]]]


def test_a_block_is_added_to_a_column() -> None:
    new, added = add_block(document([["a"], []]), "image", InColumn("row0", 1))
    assert layout(new) == [[["a"], [added]]]


def test_a_block_without_a_place_goes_before_the_footer() -> None:
    beginning = new_document()
    new, added = add_block(beginning, "button")
    assert [block["id"] for block in all_blocks(new)][-2] == added
    assert new["rows"][-1] == beginning["rows"][-1]


def test_a_kind_of_block_that_does_not_exist_is_refused() -> None:
    with pytest.raises(NoSuchBlock):
        add_block(document(), "marquee")


def test_a_row_is_added_with_the_columns_of_its_layout() -> None:
    new, added = add_row(document([["a"]], [["b"]]), "1-2", Beside("row0"))
    assert [row["id"] for row in new["rows"]] == ["row0", added, "row1"]
    assert [column["width"] for column in new["rows"][1]["columns"]] == [33, 67]
    assert {sum(widths) for widths in LAYOUTS.values()} == {100}


def test_changes_are_cleaned_by_the_type_of_the_block() -> None:
    beginning, button = add_block(document(), "button")
    changes = {
        "label": "Read\nmore",
        "url": "javascript:alert(1)",
        "color": "red; background:url(x)",
        "radius": "900",
        "full_width": "on",
        "onclick": "alert(1)",
    }
    block = find_part(update_part(beginning, button, changes), button)
    assert block == {
        **find_part(beginning, button),
        "label": "Read more",
        "url": "",
        "radius": 40,
        "full_width": True,
    }


def test_an_address_is_completed_as_browsers_do() -> None:
    beginning, button = add_block(document(), "button")
    typed = {
        "www.example.dk/a b": "https://www.example.dk/a b",
        "k@example.dk": "mailto:k@example.dk",
    }
    for address, stored in typed.items():
        assert find_part(update_part(beginning, button, {"url": address}), button)["url"] == stored


def test_rich_text_is_limited_and_keeps_its_tags() -> None:
    beginning, text = add_block(document(), "text")
    typed = '<div>Hi [[customer.name|"you"]]<script>x</script> <b onclick="x">now</b></div>'
    new = update_part(beginning, text, {"html": typed})
    assert find_part(new, text)["html"] == (
        "<p>Hi [[customer.name|&quot;you&quot;]] <strong>now</strong></p>"
    )


def test_up_and_down_go_through_the_columns_and_then_out_of_the_row() -> None:
    beginning = document([["a"]], [["b", "c"], ["d"]])
    down = step(beginning, "c", "down")
    assert layout(down) == [[["a"]], [["b"], ["c", "d"]]]
    assert layout(step(down, "c", "up")) == [[["a"]], [["b", "c"], ["d"]]]
    assert layout(step(beginning, "b", "down")) == [[["a"]], [["c", "b"], ["d"]]]
    assert layout(step(beginning, "b", "up")) == [[["a"]], [["b"]], [["c"], ["d"]]]
    assert layout(step(beginning, "d", "down")) == [[["a"]], [["b", "c"], []], [["d"]]]


def test_a_block_alone_in_its_row_goes_past_others_and_into_columns() -> None:
    beginning = document([["a"]], [["b"]], [["c"], ["d"]])
    assert layout(step(beginning, "b", "up")) == [[["b"]], [["a"]], [["c"], ["d"]]]
    assert layout(step(beginning, "b", "down")) == [[["a"]], [["b", "c"], ["d"]]]
    assert layout(step(beginning, "a", "up")) == layout(beginning)


def test_every_step_between_rows_of_one_column_is_seen() -> None:
    beginning = document([["a", "b"]], [["c", "d"]], [["e"], ["f"]])
    assert layout(step(beginning, "c", "up")) == [[["a", "c", "b"]], [["d"]], [["e"], ["f"]]]
    assert layout(step(beginning, "b", "down")) == [[["a"]], [["c", "b", "d"]], [["e"], ["f"]]]
    assert layout(step(beginning, "d", "down")) == [[["a", "b"]], [["c"]], [["d", "e"], ["f"]]]
    assert layout(step(beginning, "a", "up")) == [[["a"]], [["b"]], [["c", "d"]], [["e"], ["f"]]]


def pictures(*rows: list[list[str]]) -> Document:
    made = document(*rows)
    for block in all_blocks(made):
        block["type"] = "image"
    return made


def test_a_picture_goes_to_the_edges_in_a_row_of_its_own() -> None:
    beginning = pictures([["a", "b", "c"]], [["d"], ["e"]])
    wide = to_the_edges(beginning, "b")
    assert layout(wide) == [[["a"]], [["b"]], [["c"]], [["d"], ["e"]]]
    assert wide["rows"][1]["edge"]
    assert wide["rows"][1]["space_top"] == find_part(wide, "b")["space_left"] == 0
    assert "edge" not in wide["rows"][2]
    assert layout(to_the_edges(beginning, "a")) == [[["a"]], [["b", "c"]], [["d"], ["e"]]]
    assert layout(to_the_edges(beginning, "d")) == [[["a", "b", "c"]], [[], ["e"]], [["d"]]]
    assert layout(to_the_edges(pictures([["a"]]), "a")) == [[["a"]]]


def test_only_a_picture_goes_to_the_edges() -> None:
    for part in ("row0", "nobody"):
        with pytest.raises(BlockNotFound):
            to_the_edges(pictures([["a"]]), part)
    with pytest.raises(NoSuchBlock):
        to_the_edges(document([["a"]]), "a")


def test_a_row_goes_up_and_down_as_a_whole() -> None:
    beginning = document([["a"]], [["b"], ["c"]])
    assert layout(step(beginning, "row1", "up")) == [[["b"], ["c"]], [["a"]]]
    assert layout(step(beginning, "row1", "down")) == layout(beginning)


@pytest.mark.parametrize(
    ("part", "at", "rows"),
    [
        ("a", Beside("c"), [[["b"]], [["c", "a"], ["d"]]]),
        ("a", Beside("c", after=False), [[["b"]], [["a", "c"], ["d"]]]),
        ("d", Beside("row0"), [[["a", "b"]], [["d"]], [["c"], []]]),
        ("a", InColumn("row1", 1), [[["b"]], [["c"], ["d", "a"]]]),
        ("row1", Beside("a", after=False), [[["c"], ["d"]], [["a", "b"]]]),
        ("a", None, [[["b"]], [["c"], ["d"]], [["a"]]]),
        ("a", Beside("a"), [[["a", "b"]], [["c"], ["d"]]]),
        ("row0", Beside("b"), [[["a", "b"]], [["c"], ["d"]]]),
    ],
)
def test_a_part_is_moved_to_where_it_is_dropped(part: str, at: Any, rows: Any) -> None:
    assert layout(move(document([["a", "b"]], [["c"], ["d"]]), part, at)) == rows


def test_the_only_block_of_a_row_can_be_dropped_beside_its_own_row() -> None:
    assert layout(move(document([["a"]], [["b"]]), "a", Beside("row0"))) == [[["a"]], [["b"]]]


def test_blocks_of_columns_that_are_gone_stand_in_the_last_one() -> None:
    new = set_layout(document([["a"], ["b"], ["c"]]), "row0", "1-1")
    assert layout(new) == [[["a"], ["b", "c"]]]
    assert layout(set_layout(new, "row0", "1")) == [[["a", "b", "c"]]]


def test_what_is_added_below_a_row_fills_its_empty_columns_first() -> None:
    beginning = document([["a"], []], [["b"]])
    assert below(beginning, "row0") == InColumn("row0", 1)
    assert below(beginning, "row1") == Beside("row1")
    assert below(beginning, "a") == Beside("a")


def test_a_copy_of_a_row_has_new_ids_throughout() -> None:
    new, copy = duplicate(document([["a"], ["b"]]), "row0")
    ids = [block["id"] for block in all_blocks(new)]
    assert len(ids) == len(set(ids)) == 4
    assert new["rows"][1]["id"] == copy


def test_a_row_of_one_column_goes_with_its_last_block() -> None:
    beginning = document([["a"]], [["b"], []])
    assert layout(move(beginning, "a", InColumn("row1", 1))) == [[["b"], ["a"]]]
    assert layout(delete(beginning, "a")) == [[["b"], []]]
    assert layout(delete(beginning, "b")) == [[["a"]], [[], []]]


def test_a_copy_stands_after_its_original() -> None:
    new, copy = duplicate(document([["a", "b"]]), "a")
    assert layout(new) == [[["a", copy, "b"]]]
    assert find_part(new, copy)["type"] == "divider"


def test_the_body_keeps_within_its_bounds() -> None:
    body = update_body(document(), {"width": "5000", "font": "Comic Sans", "background": "#abc"})
    assert body["body"] == {"width": 800, "font": "system", "background": "#abc"}


def test_what_is_gone_is_said_to_be_gone() -> None:
    with pytest.raises(BlockNotFound):
        update_part(document([["a"]]), "b", {})
    with pytest.raises(NotBlocks):
        delete({"kind": "html", "html": "x"}, "a")


def test_an_unreadable_document_is_opened_with_nothing_lost() -> None:
    stored = {"kind": "blocks", "rows": [7, {"columns": [{"blocks": ["x", {"id": "a"}]}, None]}]}
    opened = open_document(stored)
    kept = [block["original"] for block in all_blocks(opened)]
    assert kept == [7, "x", {"id": "a"}, None]
    assert open_document(opened) == opened


def test_an_id_that_is_there_twice_becomes_two() -> None:
    opened = open_document(document([["a", "a", '"><script>']]))
    ids = [block["id"] for block in all_blocks(opened)]
    assert len(set(ids)) == 3
    assert ids[0] == "a"
    assert all(each.isalnum() for each in ids)


def test_unknown_blocks_and_values_are_kept_through_changes() -> None:
    stored = document([["a", "b"]])
    stored["rows"][0]["columns"][0]["blocks"][0] |= {"type": "video", "clip": "x"}
    stored["theme"] = "later"
    new = update_part(stored, "b", {"thickness": 3})
    assert find_part(new, "a") == {"id": "a", "type": "video", "clip": "x"}
    assert new["theme"] == "later"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kind", "rows", "columns", "blocks", "id", "type", "html", "width", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(json)
def test_any_stored_value_opens(stored: Any) -> None:
    opened = open_document(stored)
    assert opened["kind"] in {"blocks", "html"}
    if opened["kind"] == "blocks":
        new, added = add_block(opened, "text")
        assert find_part(new, added)["type"] == "text"


operations = st.lists(
    st.tuples(
        st.sampled_from(["add", "row", "up", "down", "update", "delete", "copy"]),
        st.integers(0, 30),
    ),
    max_size=12,
)


def changed_block(name: str, now: Document, target: str) -> tuple[Document, set[str], set[str]]:
    """The document after the operation, and the ids it added and removed."""
    match name:
        case "add":
            new, added = add_block(now, "heading", Beside(target))
            return new, {added}, set()
        case "copy":
            new, added = duplicate(now, target)
            return new, {added}, set()
        case "row":
            return add_row(now, "1-1")[0], set(), set()
        case "update":
            return update_part(now, target, {"color": "#123456"}), set(), set()
        case "delete":
            return delete(now, target), set(), {target}
        case _:
            return step(now, target, "up" if name == "up" else "down"), set(), set()


@settings(max_examples=60)
@given(operations)
def test_operations_keep_every_other_block_and_the_document_they_began_with(
    steps: list[tuple[str, int]],
) -> None:
    now = document([["a", "b"]], [["c"], ["d"]])
    for name, number in steps:
        before = {block["id"]: block for block in all_blocks(now)}
        if not before:
            break
        target = list(before)[number % len(before)]
        original = deepcopy(now)
        new, added, removed = changed_block(name, now, target)
        assert now == original
        after = {block["id"]: block for block in all_blocks(new)}
        assert after.keys() == before.keys() - removed | added
        assert all(after[each] == before[each] for each in before.keys() - removed - {target})
        now = new


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("heading", {"text": "x" * 1001}, "1,000 characters, and this is 1,001 characters"),
        ("text", {"html": "x" * 100_001}, "“Text” takes no more than 100,000 characters"),
        ("html", {"html": "x" * 100_001}, "“HTML” takes no more than 100,000 characters"),
        ("button", {"url": "https://x.dk/" + "x" * 2000}, "“Opens” takes no more than 2,000"),
        ("menu", {"items": [{"label": "a", "url": ""}] * 13}, "12 links, and this is 13 links"),
    ],
)
def test_what_is_too_much_is_refused_rather_than_cut(
    kind: str, values: dict[str, object], words: str
) -> None:
    document, block_id = add_block(new_document(), kind)
    with pytest.raises(TooMuch, match=words):
        update_part(document, block_id, values)
