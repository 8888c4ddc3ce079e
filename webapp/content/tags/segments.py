"""What a compiled text is made of: literal words, slots that each recipient's values fill, and
choices between such texts."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape as escape_html
from typing import Any
from urllib.parse import quote

from webapp.content.tags.logic import expressions
from webapp.content.tags.logic.expressions import (
    TRUE,
    Call,
    Expression,
    Name,
    Values,
    evaluate,
    holds,
)
from webapp.content.texts import without_controls


class Escape(StrEnum):
    """Where a value stands, and so how it must be written."""

    HTML = "html"
    ATTRIBUTE = "attribute"
    URL = "url"
    TEXT = "text"
    HEADER = "header"


@dataclass(frozen=True)
class Slot:
    name: str
    fallback: str
    escape: Escape


@dataclass(frozen=True)
class Formula:
    """A value that is worked out."""

    value: Expression
    escape: Escape


@dataclass(frozen=True)
class Choice:
    """The first branch whose condition holds, or nothing."""

    branches: tuple[tuple[Expression, "Segments"], ...]


Part = str | Slot | Formula | Choice
Segments = tuple[Part, ...]


def render(segments: Segments, values: Values) -> str:
    """The finished text; an empty or missing value gives way to the fallback."""
    return "".join(_rendered(part, values) for part in segments)


def _rendered(part: Part, values: Values) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Slot):
        return fill(part, values.get(part.name))
    if isinstance(part, Formula):
        return escape_value(evaluate(part.value, values), part.escape)
    return render(chosen(part, values), values)


def chosen(choice: Choice, values: Values) -> Segments:
    holding = (segments for condition, segments in choice.branches if holds(condition, values))
    return next(holding, ())


def placed(value: Expression, escape: Escape) -> Part:
    """The simplest part that writes the value."""
    if isinstance(value, str):
        return escape_value(value, escape)
    if isinstance(value, Name):
        return Slot(value.name, "", escape)
    match value:
        case Call("otherwise", (Name(name), str(fallback))):
            return Slot(name, fallback, escape)
    return Formula(value, escape)


def fill(slot: Slot, value: str | None) -> str:
    return escape_value(value or slot.fallback, slot.escape)


def escape_value(value: str, where: Escape) -> str:
    """The value, safe where it stands. Control characters, line breaks included, become a space.

    Quotes are escaped in HTML text as well, so that a value stays harmless even where a mail
    client takes text for an attribute.
    """
    clean = without_controls(value)
    match where:
        case Escape.HTML | Escape.ATTRIBUTE:
            return escape_html(clean, quote=True)
        case Escape.URL:
            return quote(clean, safe="")
        case Escape.TEXT | Escape.HEADER:
            return clean


def joined(parts: Iterable[Part]) -> Segments:
    """The parts with neighbouring literals put together and empty ones left out."""
    result: list[Part] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(last := result[-1], str):
            result[-1] = last + part
        elif part:
            result.append(part)
    return tuple(result)


def bound(segments: Segments, shared: Values) -> Segments:
    """With the values put in that are the same for everybody."""
    return joined(_bound(part, shared) for part in segments)


def _bound(part: Part, shared: Values) -> Part:
    if isinstance(part, Slot):
        return fill(part, shared[part.name]) if part.name in shared else part
    if isinstance(part, Formula):
        return placed(expressions.bind(part.value, shared), part.escape)
    if isinstance(part, Choice):
        return Choice(
            tuple(
                (expressions.bind(condition, shared), bound(segments, shared))
                for condition, segments in part.branches
            )
        )
    return part


def names(segments: Segments) -> Iterator[str]:
    """Of all values that are needed, also to choose by; some come several times."""
    for part in segments:
        if isinstance(part, Slot):
            yield part.name
        elif isinstance(part, Formula):
            yield from expressions.names(part.value)
        elif isinstance(part, Choice):
            for condition, inner in part.branches:
                yield from expressions.names(condition)
                yield from names(inner)


def slots(segments: Segments) -> Iterator[Slot]:
    """The values that are read, in every branch; without those that the branches around them ask
    about, and which somebody who reads them has."""
    for part in segments:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Formula):
            yield from _dated(part)
        elif isinstance(part, Choice):
            asked = {
                name for condition, _ in part.branches for name in expressions.names(condition)
            }
            for _condition, inner in part.branches:
                yield from (slot for slot in slots(inner) if slot.name not in asked)


def _dated(formula: Formula) -> Iterator[Slot]:
    """Whoever lacks the date reads the fallback; other formulas say something to everybody."""
    match formula.value:
        case Call("date", (Name(name), *_)):
            yield Slot(name, "", formula.escape)
        case Call("otherwise", (Call("date", (Name(name), *_)), str(fallback))):
            yield Slot(name, fallback, formula.escape)


def in_all(segments: Segments, wanted: Collection[str]) -> bool:
    """Whether a slot of these names stands there for everybody, whatever they are chosen by."""
    return any(
        part.name in wanted
        if isinstance(part, Slot)
        else isinstance(part, Choice)
        and part.branches[-1][0] == TRUE
        and all(in_all(inner, wanted) for _condition, inner in part.branches)
        for part in segments
    )


def dumped(segments: Segments) -> list[Any]:
    """As JSON: a literal is a text, a slot a list of its name, fallback and escape, and an object
    holds what is worked out."""
    return [_dumped(part) for part in segments]


def _dumped(part: Part) -> Any:
    if isinstance(part, str):
        return part
    if isinstance(part, Slot):
        return [part.name, part.fallback, part.escape.value]
    if isinstance(part, Formula):
        return {"value": expressions.dumped(part.value), "escape": part.escape.value}
    return {"choice": [[expressions.dumped(test), dumped(inner)] for test, inner in part.branches]}


def loaded(stored: Iterable[Any]) -> Segments:
    return tuple(map(_loaded, stored))


def _loaded(part: Any) -> Part:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return Slot(part[0], part[1], Escape(part[2]))
    if "value" in part:
        return Formula(expressions.loaded(part["value"]), Escape(part["escape"]))
    branches = ((expressions.loaded(test), loaded(inner)) for test, inner in part["choice"])
    return Choice(tuple(branches))


def readable(segments: Segments) -> str:
    """With the tags as they are typed, for people to read, and branches beside each other."""
    return "".join(map(_readable, segments))


def _readable(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Slot):
        return f"[[{part.name}]]"
    if isinstance(part, Formula):
        return "[[…]]"
    return "({})".format(" / ".join(readable(inner) for _condition, inner in part.branches))
