"""The kinds of block an e-mail is built of, and the values each one has."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from flask_babel import LazyString

from webapp.content.addresses import tidy
from webapp.content.sanitize import clean_rich_text
from webapp.content.segments import without_controls
from webapp.platform.locales import _l

Label: TypeAlias = LazyString | str
Block = dict[str, Any]

LONGEST_LINE = 1000
UNREADABLE = "unreadable"
"""The type of a block made from something that was none; it keeps that in `original`."""

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


class FieldKind(StrEnum):
    LINE = "line"
    RICH_TEXT = "rich_text"
    ADDRESS = "address"
    COLOUR = "colour"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    LANGUAGE = "language"


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

    def start(self) -> str | int | bool:
        """The default as it is stored: a lazy text in the language spoken now."""
        return self.default if isinstance(self.default, int) else str(self.default)

    def clean(self, value: object) -> str | int | bool:
        """What was entered, made fit to store; the default where it makes no sense."""
        match self.kind:
            case FieldKind.NUMBER:
                return self._number(value)
            case FieldKind.FLAG:
                return value in (True, "true", "on", "1", "yes")
            case _:
                return self._text(value) if isinstance(value, str) else self.start()

    def fits(self, value: object) -> bool:
        """Whether a stored value has the right type at all."""
        match self.kind:
            case FieldKind.NUMBER:
                return isinstance(value, int | float) and not isinstance(value, bool)
            case FieldKind.FLAG:
                return isinstance(value, bool)
            case _:
                return isinstance(value, str)

    def _number(self, value: object) -> int:
        try:
            number = round(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            return int(self.start())
        return min(max(number, self.low), self.high)

    def _text(self, value: str) -> str:
        match self.kind:
            case FieldKind.RICH_TEXT:
                return clean_rich_text(value)
            case FieldKind.ADDRESS:
                return tidy(value)
            case FieldKind.COLOUR:
                return value.lower() if _COLOUR.fullmatch(value) else str(self.start())
            case FieldKind.CHOICE:
                return value if value in dict(self.choices) else str(self.start())
            case FieldKind.LANGUAGE:
                return value if _LANGUAGE.fullmatch(value) else str(self.start())
            case _:
                return without_controls(value)[:LONGEST_LINE]


@dataclass(frozen=True)
class BlockType:
    name: str
    label: Label
    fields: tuple[Field, ...]

    def new(self) -> Block:
        return {"type": self.name} | {field.name: field.start() for field in self.fields}


def values(fields: tuple[Field, ...], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Every field's value, the default where none is stored."""
    return {
        field.name: _stored(field, stored[field.name]) if field.name in stored else field.start()
        for field in fields
    }


def changed(
    fields: tuple[Field, ...], stored: Mapping[str, Any], changes: Mapping[str, object]
) -> dict[str, Any]:
    """`stored` with the changes cleaned; names that are no field's are not taken over."""
    cleaned = {
        field.name: field.clean(changes[field.name]) for field in fields if field.name in changes
    }
    return {**stored, **cleaned}


def is_whole(block: Mapping[str, Any]) -> bool:
    """Whether the block is of a known type and every value stored has the right type."""
    block_type = BLOCK_TYPES.get(str(block.get("type")))
    return block_type is not None and all(
        field.fits(block[field.name]) for field in block_type.fields if field.name in block
    )


def _stored(field: Field, value: object) -> object:
    # Rich text is cleaned once more where it is compiled, as the tree that compiling needs.
    return value if field.kind is FieldKind.RICH_TEXT else field.clean(value)


def _align(default: str) -> Field:
    choices = (("left", _l("Left")), ("center", _l("Centre")), ("right", _l("Right")))
    return Field("align", FieldKind.CHOICE, _l("Alignment"), default, choices=choices)


def _colour(name: str, label: Label, default: str = "") -> Field:
    """An empty default means the colour of the whole e-mail."""
    return Field(name, FieldKind.COLOUR, label, default)


def _number(name: str, label: Label, default: int, low: int, high: int, unit: str = "px") -> Field:
    return Field(name, FieldKind.NUMBER, label, default, low, high, unit)


_TYPES = (
    BlockType(
        "heading",
        _l("Heading"),
        (
            Field("text", FieldKind.LINE, _l("Words"), _l("A heading")),
            _number("level", _l("Level"), 2, 1, 3, ""),
            _align("left"),
            _colour("color", _l("Colour")),
        ),
    ),
    BlockType(
        "text",
        _l("Text"),
        (
            Field("html", FieldKind.RICH_TEXT, _l("Text"), _l("<p>Write your text here.</p>")),
            _align("left"),
            _number("size", _l("Size"), 16, 10, 40),
            _colour("color", _l("Colour")),
        ),
    ),
    BlockType(
        "image",
        _l("Image"),
        (
            Field("src", FieldKind.ADDRESS, _l("Address of the image")),
            Field("alt", FieldKind.LINE, _l("What it shows (alt text)")),
            _number("width", _l("Width"), 100, 5, 100, "%"),
            _align("center"),
            Field("link", FieldKind.ADDRESS, _l("Opens")),
        ),
    ),
    BlockType(
        "button",
        _l("Button"),
        (
            Field("label", FieldKind.LINE, _l("Words on it"), _l("Read more")),
            Field("url", FieldKind.ADDRESS, _l("Opens")),
            _colour("color", _l("Colour"), "#0f766e"),
            _colour("text_color", _l("Colour of the words"), "#ffffff"),
            _align("left"),
            _number("radius", _l("Corners"), 8, 0, 40),
            Field("full_width", FieldKind.FLAG, _l("Full width"), False),
        ),
    ),
    BlockType(
        "divider",
        _l("Divider"),
        (
            _colour("color", _l("Colour"), "#d9d5cc"),
            _number("thickness", _l("Thickness"), 1, 1, 20),
        ),
    ),
)

BLOCK_TYPES = {block_type.name: block_type for block_type in _TYPES}

FONTS = {
    "system": "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif",
    "arial": "Arial, Helvetica, sans-serif",
    "verdana": "Verdana, Geneva, sans-serif",
    "trebuchet": "'Trebuchet MS', Tahoma, sans-serif",
    "georgia": "Georgia, 'Times New Roman', serif",
    "times": "'Times New Roman', Times, serif",
    "courier": "'Courier New', Courier, monospace",
}
_FONT_NAMES: tuple[tuple[str, Label], ...] = (
    ("system", _l("The reader's own")),
    ("arial", "Arial"),
    ("verdana", "Verdana"),
    ("trebuchet", "Trebuchet"),
    ("georgia", "Georgia"),
    ("times", "Times"),
    ("courier", "Courier"),
)

BODY = (
    _colour("background", _l("Background"), "#f3f1ec"),
    _colour("surface", _l("Page"), "#ffffff"),
    _number("width", _l("Width"), 600, 320, 800),
    Field("font", FieldKind.CHOICE, _l("Font"), "system", choices=_FONT_NAMES),
    _colour("text_color", _l("Text"), "#27272a"),
    _colour("link_color", _l("Links"), "#0f766e"),
    Field("language", FieldKind.LANGUAGE, _l("Language"), "en"),
)

ROW = (_colour("background", _l("Background")),)
