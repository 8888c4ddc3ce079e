"""Texts as they may stand in the database and on a line, wherever they come from."""

import re
import unicodedata

MAX_TEXT = 200
MAX_NOTE = 50_000

NOT_STORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)])
DIRECTION_MARKS = dict.fromkeys(
    [0x200E, 0x200F, 0x061C, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
LINE_ENDS = {"\r", "\n", "\v", "\f", "\x85", "\u2028", "\u2029"}


def storable(text: str) -> str:
    """Without what PostgreSQL refuses in a text: NUL and halves of surrogate pairs."""
    return text if text.isprintable() else text.translate(NOT_STORABLE)


def one_line(text: str) -> str:
    """Printable and on one line. Line breaks, tabs and control characters become a space; marks
    that turn the direction of writing go. Markup and formulas stay the text that they are."""
    if not text.isprintable():
        text = "".join(
            " " if character in LINE_ENDS or unicodedata.category(character) == "Cc" else character
            for character in text.translate(NOT_STORABLE | DIRECTION_MARKS)
        )
    return unicodedata.normalize("NFC", " ".join(text.split()))


def many_lines(text: str) -> str:
    return "\n".join(one_line(line) for line in text.strip().splitlines())


def file_name(text: str) -> str:
    """Without the folders that some browsers send along; of a long one, the end with its type."""
    return one_line(re.split(r"[\\/]", text)[-1])[-MAX_TEXT:].strip()
