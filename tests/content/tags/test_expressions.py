"""What merge tags work out: values, conditions and dates."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.content.tags.logic.expressions import (
    LANGUAGE,
    Call,
    Expression,
    Name,
    Worded,
    dumped,
    evaluate,
    find_date,
    holds,
    loaded,
    names,
)
from webapp.content.tags.logic.grammar import Mistake, UnknownName, parse_step

KNOWN = {
    "customer.firstname": "Karen",
    "customer.language": "da",
    "customer.email": "karen@example.com",
    "size": Worded("1.234,5", "1234.5"),
    "level": "9",
    "joined": Worded("12. maj 2026", "2026-05-12"),
    "date.today": Worded("1. juni 2026", "2026-06-01"),
    "vip": Worded("Nej", "0"),
    "likes": "Gold, Silver",
    LANGUAGE: "da",
}
EMPTY = {"customer.mobile", "company.name"}


def find(name: str) -> str | None:
    return next((known for known in {*KNOWN, *EMPTY} if known == name.lower()), None)


def value_of(body: str) -> str:
    return evaluate(parse_step(body, find).value, KNOWN)


def is_so(condition: str) -> bool:
    return holds(parse_step(f"IF:{condition}", find).value, KNOWN)


@pytest.mark.parametrize(
    "condition",
    [
        'customer.language="da"',
        "customer.language = “DA”",
        "customer.language='da'",
        "customer.language=&quot;da&quot;",
        '[[customer.language]]="da"',
        'customer.language!="en"',
        'customer.language<>"en"',
        "customer.firstname",
        "NOT customer.mobile",
        "EMPTY customer.mobile",
        "EMPTY(customer.mobile)",
        "customer.mobile IS EMPTY",
        "NOT EMPTY customer.firstname",
        "customer.firstname NOT EMPTY",
        'customer.email CONTAINS "@EXAMPLE"',
        'customer.email begins with "karen@"',
        'customer.email not contains "gmail"',
        "size>1000",
        "size=1234.5",
        'size="1.234,5"',
        'size="1234,50"',
        "level<10",
        'joined<"2026-06-01"',
        'joined>="12-05-2026"',
        "joined<date.today",
        'joined="12. maj 2026"',
        "NOT vip",
        'vip="nej"',
        'likes CONTAINS "silver"',
        'customer.language="en" OR customer.language="da" AND level=9',
        '(customer.language="en" OR level=9) AND NOT (size<1 OR vip)',
        'customer.mobile|customer.firstname = "karen"',
        '("x"|"y")="x"',
        'DECODE(customer.language,"da","1","0")=1',
    ],
)
def test_a_condition_that_holds(condition: str) -> None:
    assert is_so(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "customer.mobile",
        "customer.mobile<18",
        'customer.mobile>""',
        'customer.mobile CONTAINS ""',
        "customer.firstname CONTAINS customer.mobile",
        "vip",
        '"0"',
        'customer.firstname="karen" AND customer.mobile',
        'joined>"2026-12-01"',
        'NOT customer.language="DA"',
    ],
)
def test_a_condition_that_does_not_hold(condition: str) -> None:
    assert not is_so(condition)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('DECODE:customer.language,"da","Kære","en","Dear","Hello"', "Kære"),
        ('DECODE:customer.language,"en","Dear","Hello"', "Hello"),
        ('DECODE:customer.language,"en","Dear"', ""),
        ('DECODE:customer.language,"en","Dear"|"Hi"', "Hi"),
        ('DECODE(customer.language,"da","Kære [[customer.firstname|"ven"]]")', "Kære Karen"),
        ('decode:level,9.0,"nine"', "nine"),
        ('customer.mobile|company.name|"nobody"', "nobody"),
        ('customer.mobile|"[[customer.firstname]]!"', "Karen!"),
        ("FORMAT-DATE:joined", "12. maj 2026"),
        ('FORMAT-DATE:joined,"short"', "12.05.2026"),
        ('FORMAT-DATE:joined,"EEEE d. MMMM"', "tirsdag 12. maj"),
        ('FORMAT-DATE:joined,"DD-MM-YYYY"', "12-05-2026"),
        ('FORMAT-DATE:"[[joined]]","YY4 MM2 DD2"', "2026 05 12"),
        ('FORMAT-DATE:customer.mobile,"long"|"soon"', "soon"),
        ('FORMAT-DATE:customer.firstname,"long"|"soon"', "Karen"),
    ],
)
def test_a_value_is_worked_out(body: str, words: str) -> None:
    assert value_of(body) == words


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("IF:", "missing at the end"),
        ("IF:customer.firstname=", "missing at the end"),
        ('IF:(customer.language="da"', "A “)” is missing"),
        ('IF:customer.language "da"', "“da” is not understood"),
        ("IF:customer.language=€", "“€” in a merge tag makes no sense"),
        ('IF:customer.language="da', "makes no sense"),
        ("IF:" + "(" * 21 + "vip" + ")" * 21, "Too much stands inside each other"),
        ("IF:" + "(" * 900, "Too much stands inside each other"),
        ("DECODE:customer.language", "DECODE needs more"),
        ('FORMAT-DATE:joined,"HH:mm"', "does not say how a date is written"),
        ("SET:greeting", "SET lacks"),
        ('SET:customer.firstname="x"', "is a merge tag already"),
        ('SET:my.own="x"', "cannot be the name"),
        ('SET:not="x"', "cannot be the name"),
        ('SET:x="[[IF:vip]]a[[ENDIF]]"', "cannot stand inside another"),
    ],
)
def test_a_mistake_is_explained(body: str, said: str) -> None:
    with pytest.raises(Mistake) as caught:
        parse_step(body, find)
    assert said in str(caught.value.message)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match=r"customer\.langauge"):
        parse_step('IF:customer.langauge="da"', find)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-05-12", "2026-05-12"),
        ("2026-05-12T10:30:00Z", "2026-05-12"),
        ("12.5.2026", "2026-05-12"),
        ("12. 5. 2026", "2026-05-12"),
        ("31-02-2026", None),
        ("12/13/2026", None),
        ("May", None),
    ],
)
def test_dates_are_recognised(text: str, iso: str | None) -> None:
    day = find_date(text)
    assert (day.isoformat() if day else None) == iso


WORDS = st.text(max_size=12) | st.sampled_from(["0", "1", "-2.5", "2026-05-12", "da", "æ"])
NAMES = st.sampled_from([*KNOWN, *EMPTY]).map(Name)


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several, one, two = (
        st.lists(inner, min_size=a, max_size=b) for a, b in ((1, 4), (1, 1), (2, 2))
    )
    odd = st.lists(st.tuples(inner, inner), max_size=2).flatmap(
        lambda pairs: inner.map(lambda last: [part for pair in pairs for part in pair] + [last])
    )
    decode = st.tuples(inner, odd).map(lambda both: [both[0], *both[1]])
    date = inner.map(lambda value: [value, "d. MMMM yyyy", Name(LANGUAGE)])
    shapes: dict[str, Any] = {
        **dict.fromkeys(("join", "otherwise", "and", "or"), several),
        **dict.fromkeys(("not", "empty"), one),
        **dict.fromkeys(("=", "<", "<=", ">", ">=", "contains", "begins"), two),
        **{"case": odd, "decode": decode, "date": date},
    }
    return st.one_of(
        *(
            arguments.map(lambda given, name=name: Call(name, tuple(given)))
            for name, arguments in shapes.items()
        )
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(WORDS | NAMES, _calls, max_leaves=12)


@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_any_expression_has_a_value_and_survives_being_stored(expression: Expression) -> None:
    stored = loaded(json.loads(json.dumps(dumped(expression))))
    assert stored == expression
    assert evaluate(stored, KNOWN) == evaluate(expression, KNOWN)
    assert set(names(expression)) <= {*KNOWN, *EMPTY}


@given(st.text(alphabet=st.sampled_from("IFSETDCOR:=<>()|,\"' “x.[]1-&;é\n"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_is_understood_or_explained(body: str) -> None:
    try:
        step = parse_step(body, find)
    except (Mistake, UnknownName):
        return
    evaluate(step.value, KNOWN)
