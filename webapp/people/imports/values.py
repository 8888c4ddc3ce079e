"""What a cell means: a yes, a date, a country, the parts of a name."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache

from babel import Locale

from webapp.people.imports.cells import Cell, cell_text

SPOKEN = ("en", "da", "de", "sv", "nb")
"""The languages in which countries and languages may be named."""

YES = frozenset({"ja", "yes", "y", "j", "x", "1", "true", "sand", "wahr", "ok", "on", "✓", "✔"})
NO = frozenset({"nej", "no", "n", "nein", "0", "false", "falsk", "falsch", "off", "-", "nei"})
TOTALS = frozenset(
    {"i alt", "ialt", "total", "totalt", "totals", "grand total", "subtotal", "sum", "summe"}
    | {"summa", "gesamt", "antal", "count", "hovedtotal"}
)
PARTICLES = frozenset(
    {"van", "von", "de", "den", "der", "des", "del", "della", "di", "da", "dos", "du"}
    | {"la", "le", "af", "av", "zu", "zur", "ten", "ter"}
)
COUNTRY_NICKNAMES = {
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "great britain": "GB",
    "storbritannien": "GB",
    "usa": "US",
    "holland": "NL",
    "tjekkiet": "CZ",
    "czech republic": "CZ",
}
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ"})

EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST = date(1900, 1, 1)
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
DAY_FIRST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4}|\d{2})(?: .*)?")
SERIAL = re.compile(r"\d{5}")

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


def yes_or_no(cell: Cell) -> bool | None:
    """None when it is neither."""
    word = cell_text(cell).strip().lower().rstrip(".!")
    if word in YES:
        return True
    return False if word in NO else None


def parse_date(cell: Cell) -> date | None:
    """The day, with the day before the month in texts; None when there is no sense in it or it
    lies before 1900 or in the future."""
    found = date_in(cell)
    # Where the list was made it may be tomorrow already.
    latest = datetime.now(UTC).date() + timedelta(days=1)
    return found if found and EARLIEST <= found <= latest else None


def date_in(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = cell_text(cell).strip()
    try:
        if isinstance(cell, int | float) or SERIAL.fullmatch(text):
            return EXCEL_EPOCH + timedelta(days=int(float(text)))
        if match := YEAR_FIRST.fullmatch(text):
            year, month, day = map(int, match.groups())
        elif match := DAY_FIRST.fullmatch(text):
            day, month, year = map(int, match.groups())
        else:
            return None
        return date(year if year > 99 else 2000 + year, month, day)
    except (ValueError, OverflowError):
        return None


def country_code(text: str) -> str | None:
    """ISO 3166 from a code or a name, None for what is neither."""
    return countries().get(text.strip().lower().rstrip("."))


def language_code(text: str) -> str | None:
    """ISO 639-1 from a code, a locale such as da-DK, or a name."""
    word = text.strip().lower()
    return languages().get(word) or languages().get(re.split(r"[-_]", word)[0])


@cache
def countries() -> dict[str, str]:
    codes = {code for code in two_letter(Locale("en").territories) if code not in NO_COUNTRIES}
    by_name = named({language: Locale(language).territories for language in SPOKEN}, codes)
    return by_name | COUNTRY_NICKNAMES


@cache
def languages() -> dict[str, str]:
    codes = two_letter(Locale("en").languages)
    return named({language: Locale(language).languages for language in SPOKEN}, codes)


def two_letter(names: Mapping[str, str]) -> set[str]:
    return {code for code in names if len(code) == 2 and code.isalpha()}


def named(names: Mapping[str, Mapping[str, str]], codes: Iterable[str]) -> dict[str, str]:
    """Lower-case codes, and names in each language, to the code."""
    by_name = {
        known[code].lower(): code for known in names.values() for code in codes if code in known
    }
    return by_name | {code.lower(): code for code in codes}


def split_name(name: str) -> tuple[str, str, str]:
    """First, middle and last name. “Hansen, Ole” is turned; “van der Plas” stays together."""
    last, comma, rest = name.partition(",")
    words = f"{rest} {last}".split() if comma and rest.strip() else name.replace(",", " ").split()
    if len(words) < 2:
        return " ".join(words), "", ""
    start = len(words) - 1
    if comma and rest.strip():
        start = len(rest.split())
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return words[0], " ".join(words[1:start]), " ".join(words[start:])
