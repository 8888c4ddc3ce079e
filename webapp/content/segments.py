"""What a compiled text is made of: literal words, and slots that each recipient's values fill."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape as escape_html
from typing import Any
from urllib.parse import quote

# C0 and C1 controls, the Unicode line separators, non-characters and lone surrogates: none of
# them may stand in XML, a header or a database text.
CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff\ud800-\udfff"
_CONTROLS = re.compile(f"[{CONTROLS}]+")


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


Segments = tuple[str | Slot, ...]


def render(segments: Segments, values: Mapping[str, str]) -> str:
    """The finished text; an empty or missing value gives way to the fallback."""
    return "".join(
        part if isinstance(part, str) else fill(part, values.get(part.name)) for part in segments
    )


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


def without_controls(value: str) -> str:
    return _CONTROLS.sub(" ", value)


def joined(parts: Iterable[str | Slot]) -> Segments:
    """The parts with neighbouring literals put together and empty ones left out."""
    result: list[str | Slot] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(last := result[-1], str):
            result[-1] = last + part
        elif part:
            result.append(part)
    return tuple(result)


def slots(segments: Segments) -> Iterable[Slot]:
    return (part for part in segments if isinstance(part, Slot))


def dumped(segments: Segments) -> list[Any]:
    """As JSON: a literal is a text, a slot a list of its name, fallback and escape."""
    return [
        part if isinstance(part, str) else [part.name, part.fallback, part.escape.value]
        for part in segments
    ]


def loaded(stored: Iterable[Any]) -> Segments:
    return tuple(
        part if isinstance(part, str) else Slot(part[0], part[1], Escape(part[2]))
        for part in stored
    )


def typed(segments: Segments) -> str:
    """With the tags as they are typed, to be changed by people."""
    return "".join(part if isinstance(part, str) else _written(part) for part in segments)


def _written(slot: Slot) -> str:
    return f'[[{slot.name}|"{slot.fallback}"]]' if slot.fallback else f"[[{slot.name}]]"


def readable(segments: Segments) -> str:
    """With the tags as they are typed, for people to read."""
    return "".join(part if isinstance(part, str) else f"[[{part.name}]]" for part in segments)
