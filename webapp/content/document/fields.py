"""The values that a block, a row or the whole e-mail has: what each is, and what fits it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import flask_babel
from flask_babel import LazyString

from webapp.content.addresses import LONGEST as LONGEST_ADDRESS
from webapp.content.addresses import tidy
from webapp.content.html.sanitize import LONGEST as LONGEST_HTML
from webapp.content.html.sanitize import clean_html, clean_rich_text
from webapp.content.texts import without_controls
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l, ngettext

Label: TypeAlias = LazyString | str
Value: TypeAlias = str | int | bool | list[dict[str, Any]]

LONGEST_LINE = 1000
MOST_ITEMS = 12

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


class FieldKind(StrEnum):
    LINE = "line"
    RICH_TEXT = "rich_text"
    HTML = "html"
    ADDRESS = "address"
    PICTURE = "picture"
    """The address of an image."""
    COLOUR = "colour"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    LANGUAGE = "language"
    ITEMS = "items"
    """A list of things that have fields themselves, such as the links of a menu."""


LONGEST = {
    FieldKind.LINE: LONGEST_LINE,
    FieldKind.RICH_TEXT: LONGEST_HTML,
    FieldKind.HTML: LONGEST_HTML,
    FieldKind.ADDRESS: LONGEST_ADDRESS,
    FieldKind.PICTURE: LONGEST_ADDRESS,
    FieldKind.ITEMS: MOST_ITEMS,
}
"""Characters; of items, how many."""


class TooMuch(DomainError):
    message = _l("“%(field)s” takes no more than %(most)s, and this is %(given)s.")


class Section(StrEnum):
    """Where the panel shows a field."""

    CONTENT = "content"
    LOOK = "look"
    SPACE = "space"
    SHOW = "show"


SECTION_NAMES: dict[Section, Label] = {
    Section.CONTENT: _l("Content"),
    Section.LOOK: _l("Look"),
    Section.SPACE: _l("Space around"),
    Section.SHOW: _l("Show on"),
}


@dataclass(frozen=True)
class Field:
    name: str
    kind: FieldKind
    label: Label
    default: Label | int | bool = ""
    low: int = 0
    high: int = 0
    unit: str = ""
    choices: tuple[tuple[str, Label], ...] = ()
    section: Section = Section.LOOK
    of_item: tuple["Field", ...] = ()

    def start(self) -> Value:
        """The default as it is stored: a lazy text in the language spoken now."""
        if self.kind is FieldKind.ITEMS:
            return []
        return self.default if isinstance(self.default, int) else str(self.default)

    def clean(self, value: object) -> Value:
        """What was entered, made fit to store; the default where it makes no sense."""
        match self.kind:
            case FieldKind.NUMBER:
                return self._number(value)
            case FieldKind.FLAG:
                return value in (True, "true", "on", "1", "yes")
            case FieldKind.ITEMS:
                return self._items(value)
            case _:
                return self._text(value) if isinstance(value, str) else self.start()

    def require_room(self, value: object) -> None:
        """Raises TooMuch, since what is cut off without a word is lost."""
        most = LONGEST.get(self.kind)
        if most is None or not isinstance(value, str | list) or len(value) <= most:
            return
        count = _links if self.kind is FieldKind.ITEMS else _characters
        raise TooMuch(field=self.label, most=count(most), given=count(len(value)))

    def fits(self, value: object) -> bool:
        """Whether a stored value has the right type at all."""
        match self.kind:
            case FieldKind.NUMBER:
                return isinstance(value, int | float) and not isinstance(value, bool)
            case FieldKind.FLAG:
                return isinstance(value, bool)
            case FieldKind.ITEMS:
                return isinstance(value, list) and all(isinstance(each, dict) for each in value)
            case _:
                return isinstance(value, str)

    def _number(self, value: object) -> int:
        try:
            number = round(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return int(self.default)
        return min(max(number, self.low), self.high)

    def _items(self, value: object) -> list[dict[str, Any]]:
        """Without those of which nothing was written."""
        entered = value if isinstance(value, list) else []
        items = [values(self.of_item, each) for each in entered if isinstance(each, Mapping)]
        typed = [field.name for field in self.of_item if field.kind is not FieldKind.CHOICE]
        return [each for each in items if any(each[name] for name in typed)][:MOST_ITEMS]

    def _text(self, value: str) -> str:
        match self.kind:
            case FieldKind.RICH_TEXT:
                return clean_rich_text(value)
            case FieldKind.HTML:
                return clean_html(value)
            case FieldKind.ADDRESS | FieldKind.PICTURE:
                return tidy(value)
            case FieldKind.COLOUR:
                return value.lower() if _COLOUR.fullmatch(value) else str(self.start())
            case FieldKind.CHOICE:
                return value if value in dict(self.choices) else str(self.start())
            case FieldKind.LANGUAGE:
                return value if _LANGUAGE.fullmatch(value) else str(self.start())
            case _:
                return without_controls(value)[:LONGEST_LINE]


Fields: TypeAlias = tuple[Field, ...]


def values(fields: Fields, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Every field's value, the default where none is stored."""
    return {
        field.name: _stored(field, stored[field.name]) if field.name in stored else field.start()
        for field in fields
    }


def changed(
    fields: Fields, stored: Mapping[str, Any], changes: Mapping[str, object]
) -> dict[str, Any]:
    """`stored` with the changes cleaned; names that are no field's are not taken over. Raises
    TooMuch."""
    entered = [field for field in fields if field.name in changes]
    for field in entered:
        field.require_room(changes[field.name])
    return {**stored, **{field.name: field.clean(changes[field.name]) for field in entered}}


def all_fit(fields: Fields, stored: Mapping[str, Any]) -> bool:
    return all(field.fits(stored[field.name]) for field in fields if field.name in stored)


def _characters(number: int) -> str:
    formatted = flask_babel.format_number(number)
    return ngettext("%(number)s character", "%(number)s characters", number, number=formatted)


def _links(number: int) -> str:
    return ngettext("%(num)d link", "%(num)d links", number)


def _stored(field: Field, value: object) -> object:
    # HTML is cleaned once more where it is compiled, as the tree that compiling needs.
    return value if field.kind in {FieldKind.RICH_TEXT, FieldKind.HTML} else field.clean(value)
