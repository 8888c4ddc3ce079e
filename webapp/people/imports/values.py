"""What a cell means: a yes, a date, the parts of a name."""

import re
from datetime import UTC, date, datetime, timedelta

from webapp.people.imports.cells import Cell, cell_text

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
EXCEL_EPOCH = date(1899, 12, 30)
EARLIEST = date(1900, 1, 1)
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
DAY_FIRST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4}|\d{2})(?: .*)?")
SERIAL = re.compile(r"\d{5}")


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
