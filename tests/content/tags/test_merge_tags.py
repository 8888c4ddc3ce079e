from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from tests.factories import make_field
from webapp.content import shelf
from webapp.content.links import tracked_links
from webapp.content.models import TrackedLink
from webapp.content.tags.merge_tags import (
    KNOWN_TAGS,
    KnownTag,
    known_tag,
    known_tags,
    register,
    sample_values,
    suggestion,
)
from webapp.content.tags.problems import ProblemKind
from webapp.content.tags.tag_parsing import Tag, named, parse
from webapp.platform.database import db


def only_tag(text: str) -> Tag:
    [tag] = [piece for piece in parse(text, "subject") if isinstance(piece, Tag)]
    return tag


def test_a_text_is_split_into_words_and_tags() -> None:
    assert parse("Hi [[customer.firstname]], bye", "subject") == [
        "Hi ",
        Tag("[[customer.firstname]]", "customer.firstname", ""),
        ", bye",
    ]


@pytest.mark.parametrize(
    "source",
    [
        '[[customer.firstname|"there"]]',
        '[[ Customer.FirstName | "there" ]]',
        "[[customer.firstname|“there”]]",
        "[[customer.firstname|&quot;there&quot;]]",
    ],
)
def test_a_fallback_stands_in_any_kind_of_quotes(source: str) -> None:
    tag = only_tag(source)
    assert (tag.name, tag.fallback, tag.problem) == ("customer.firstname", "there", None)


def test_a_fallback_may_hold_brackets() -> None:
    assert only_tag('[[customer.name|"a]]b[[c"]]').fallback == "a]]b[[c"


def test_an_unknown_tag_is_reported_with_its_place_and_what_was_meant() -> None:
    problem = only_tag("Hi [[customer.fristname]]!").problem
    assert problem is not None
    assert (problem.kind, problem.position, problem.text, problem.where) == (
        ProblemKind.UNKNOWN_TAG,
        3,
        "[[customer.fristname]]",
        "subject",
    )
    assert str(problem.hint) == "Did you mean customer.firstname?"
    assert problem.blocking


def test_a_name_without_its_group_is_recognised() -> None:
    assert suggestion("unsubscribe") == "link.unsubscribe"
    assert suggestion("something else entirely") == ""


def test_a_tag_that_is_never_closed_is_reported_and_stays_text() -> None:
    pieces = parse("Hi [[customer.firstname and [[customer.name]]", "subject")
    tags = [piece for piece in pieces if isinstance(piece, Tag)]
    assert [tag.problem.kind if tag.problem else None for tag in tags] == [
        ProblemKind.UNCLOSED_TAG,
        None,
    ]
    assert tags[0].problem is not None
    assert tags[0].problem.position == 3


def test_a_fallback_without_quotes_is_explained() -> None:
    problem = only_tag("[[customer.firstname|there]]").problem
    assert problem is not None
    assert '[[customer.firstname|"…"]]' in str(problem.hint)


def test_upper_floors_can_register_tags() -> None:
    register(KnownTag("weather.today", "Weather", "Snow"))
    try:
        assert only_tag("[[weather.today]]").problem is None
        assert sample_values()["weather.today"] == "Snow"
    finally:
        del KNOWN_TAGS["weather.today"]


def test_a_text_names_its_tags_for_people_to_read() -> None:
    shown = named('Hi [[customer.FirstName|"there"]], [[customer.frstname]] of [[company.name]]')
    assert shown == "Hi ‹First name›, [[customer.frstname]] of ‹The recipient's company›"


@given(st.text(alphabet=st.sampled_from('[]|"“ab.customer\n&;'), max_size=80))
def test_nothing_is_lost_when_a_text_is_parsed(text: str) -> None:
    pieces = parse(text, "subject")
    assert "".join(piece if isinstance(piece, str) else piece.source for piece in pieces) == text


@pytest.fixture
def link() -> TrackedLink:
    return tracked_links.make("Lumo", "https://www.lys.dk/lumo", None, by=None)


def test_a_tag_that_is_named_again_is_not_looked_up_again(link: TrackedLink) -> None:
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    event.listen(db.engine, "before_cursor_execute", note)
    for _time in range(30):
        known_tag(f"{tracked_links.PREFIX}{link.id}")
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) <= 1


def test_what_a_tag_has_become_is_seen_at_once(link: TrackedLink) -> None:
    name = f"{tracked_links.PREFIX}{link.id}"
    tag = known_tag(name)
    assert tag is not None
    assert not tag.retired
    shelf.remove(TrackedLink, [link.id], by=None)
    tag = known_tag(name)
    assert tag is not None
    assert tag.retired


def test_new_fields_are_offered_at_once() -> None:
    assert "customer.field.shop_size" not in {tag.name for tag in known_tags()}
    make_field("Shop size")
    assert "customer.field.shop_size" in {tag.name for tag in known_tags()}
