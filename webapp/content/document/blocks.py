"""The kinds of block an e-mail is built of, and the values that they, rows and the whole have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.content.document.fields import Field, FieldKind, Fields, Label, Section, all_fit
from webapp.platform.locales import _l

Block = dict[str, Any]

UNREADABLE = "unreadable"
"""The type of a block made from something that was none; it keeps that in `original`."""

ONLY_DESKTOP, ONLY_MOBILE, NOWHERE = "only-desktop", "only-mobile", "shown-nowhere"
"""The classes of what is not seen everywhere."""

NETWORKS: dict[str, Label] = {
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "x": "X",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "bluesky": "Bluesky",
    "website": _l("Website"),
    "mail": _l("E-mail"),
}
"""Each has pictures under static/img/social."""


def _content(name: str, kind: FieldKind, label: Label, default: Label = "", **more: Any) -> Field:
    return Field(name, kind, label, default, section=Section.CONTENT, **more)


def _align(default: str) -> Field:
    choices = (("left", _l("Left")), ("center", _l("Centre")), ("right", _l("Right")))
    return Field("align", FieldKind.CHOICE, _l("Alignment"), default, choices=choices)


def _colour(name: str, label: Label, default: str = "") -> Field:
    """An empty default means the colour of the whole e-mail."""
    return Field(name, FieldKind.COLOUR, label, default)


def _number(name: str, label: Label, default: int, low: int, high: int, unit: str = "px") -> Field:
    return Field(name, FieldKind.NUMBER, label, default, low, high, unit)


def _flag(name: str, label: Label, default: bool, section: Section = Section.LOOK) -> Field:
    return Field(name, FieldKind.FLAG, label, default, section=section)


def _choice(name: str, label: Label, *choices: tuple[str, Label], default: str = "") -> Field:
    """The first is the default unless another is named."""
    return Field(name, FieldKind.CHOICE, label, default or choices[0][0], choices=choices)


def _space(name: str, label: Label, default: int) -> Field:
    return Field(name, FieldKind.NUMBER, label, default, 0, 120, "px", section=Section.SPACE)


_SHOWN_ON = (
    _flag("on_desktop", _l("Desktop"), True, Section.SHOW),
    _flag("on_mobile", _l("Mobile"), True, Section.SHOW),
)
_OF_EVERY_BLOCK = (
    _colour("background", _l("Background")),
    _space("space_top", _l("Top"), 10),
    _space("space_right", _l("Right"), 0),
    _space("space_bottom", _l("Bottom"), 10),
    _space("space_left", _l("Left"), 0),
    *_SHOWN_ON,
)


@dataclass(frozen=True)
class BlockType:
    name: str
    label: Label
    own: Fields

    @property
    def fields(self) -> Fields:
        return (*self.own, *_OF_EVERY_BLOCK)

    def new(self) -> Block:
        """With what it says and looks like by itself; the rest follows the defaults."""
        return {"type": self.name} | {field.name: field.start() for field in self.own}


def is_whole(block: Mapping[str, Any]) -> bool:
    """Whether the block is of a known type and every value stored has the right type."""
    block_type = BLOCK_TYPES.get(str(block.get("type")))
    return block_type is not None and all_fit(block_type.fields, block)


_TYPES = (
    BlockType(
        "heading",
        _l("Heading"),
        (
            _content("text", FieldKind.LINE, _l("Words"), _l("A heading")),
            _number("level", _l("Level"), 2, 1, 3, ""),
            _align("left"),
            _colour("color", _l("Colour")),
        ),
    ),
    BlockType(
        "text",
        _l("Text"),
        (
            _content("html", FieldKind.RICH_TEXT, _l("Text"), _l("<p>Write your text here.</p>")),
            _align("left"),
            _number("size", _l("Size"), 16, 10, 40),
            _colour("color", _l("Colour")),
        ),
    ),
    BlockType(
        "image",
        _l("Image"),
        (
            _content("src", FieldKind.PICTURE, _l("Image")),
            _content("alt", FieldKind.LINE, _l("What it shows (alt text)")),
            _content("link", FieldKind.ADDRESS, _l("Opens")),
            _number("width", _l("Width"), 100, 5, 100, "%"),
            _align("center"),
            _number("radius", _l("Corners"), 0, 0, 40),
        ),
    ),
    BlockType(
        "button",
        _l("Button"),
        (
            _content("label", FieldKind.LINE, _l("Words on it"), _l("Read more")),
            _content("url", FieldKind.ADDRESS, _l("Opens")),
            _colour("color", _l("Colour")),
            _colour("text_color", _l("Colour of the words"), "#ffffff"),
            _choice("size", _l("Size"), ("s", "S"), ("m", "M"), ("l", "L"), default="m"),
            _number("radius", _l("Corners"), 8, 0, 40),
            _align("left"),
            _flag("full_width", _l("Full width"), False),
        ),
    ),
    BlockType(
        "divider",
        _l("Divider"),
        (
            _colour("color", _l("Colour"), "#d9d5cc"),
            _number("thickness", _l("Thickness"), 1, 1, 20),
            _number("width", _l("Width"), 100, 5, 100, "%"),
            _choice(
                "line",
                _l("Line"),
                ("solid", _l("Solid")),
                ("dashed", _l("Dashed")),
                ("dotted", _l("Dotted")),
            ),
        ),
    ),
    BlockType("spacer", _l("Spacer"), (_number("height", _l("Height"), 32, 4, 200),)),
    BlockType(
        "menu",
        _l("Menu"),
        (
            _content(
                "items",
                FieldKind.ITEMS,
                _l("Links"),
                of_item=(
                    _content("label", FieldKind.LINE, _l("Words")),
                    _content("url", FieldKind.ADDRESS, _l("Opens")),
                ),
            ),
            _align("center"),
            _number("size", _l("Size"), 15, 10, 30),
            _colour("color", _l("Colour")),
        ),
    ),
    BlockType(
        "social",
        _l("Social"),
        (
            _content(
                "items",
                FieldKind.ITEMS,
                _l("Profiles"),
                of_item=(
                    _content(
                        "network",
                        FieldKind.CHOICE,
                        _l("Network"),
                        "facebook",
                        choices=tuple(NETWORKS.items()),
                    ),
                    _content("url", FieldKind.ADDRESS, _l("Opens")),
                ),
            ),
            _choice(
                "look",
                _l("Icons"),
                ("colour", _l("Colour")),
                ("dark", _l("Dark")),
                ("light", _l("Light")),
            ),
            _number("size", _l("Size"), 32, 20, 48),
            _align("center"),
        ),
    ),
    BlockType(
        "quote",
        _l("Quote"),
        (
            _content("html", FieldKind.RICH_TEXT, _l("Quote"), _l("<p>What somebody said.</p>")),
            _content("author", FieldKind.LINE, _l("Who said it")),
            _number("size", _l("Size"), 19, 10, 40),
            _colour("color", _l("Colour")),
            _colour("accent", _l("Colour of the bar")),
        ),
    ),
    BlockType("html", _l("HTML"), (_content("html", FieldKind.HTML, _l("HTML")),)),
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

BODY: Fields = (
    _colour("background", _l("Background"), "#f3f1ec"),
    _colour("surface", _l("Page"), "#ffffff"),
    _choice("font", _l("Font"), *_FONT_NAMES),
    _choice("heading_font", _l("Heading font"), ("", _l("The same")), *_FONT_NAMES),
    _colour("text_color", _l("Text"), "#27272a"),
    _colour("heading_color", _l("Headings")),
    _colour("link_color", _l("Links"), "#0f766e"),
    _colour("button_color", _l("Buttons"), "#0f766e"),
    _number("width", _l("Width"), 600, 320, 800),
    _number("margin", _l("Margin"), 0, 0, 80),
    Field("language", FieldKind.LANGUAGE, _l("Language"), "en"),
)

ROW: Fields = (
    _colour("background", _l("Background")),
    Field("picture", FieldKind.PICTURE, _l("Background image")),
    _choice(
        "picture_size",
        _l("The image"),
        ("cover", _l("Fills the row")),
        ("contain", _l("Fits into it")),
        ("auto", _l("Repeats")),
    ),
    _flag("full_width", _l("Background from edge to edge"), False),
    _flag("edge", _l("Content without margins"), False),
    _choice(
        "vertical",
        _l("Align columns"),
        ("top", _l("Top")),
        ("middle", _l("Middle")),
        ("bottom", _l("Bottom")),
    ),
    _flag("stack", _l("Stack on phones"), True),
    _space("space_top", _l("Top"), 6),
    _space("space_bottom", _l("Bottom"), 6),
    *_SHOWN_ON,
)
