"""What a cell means: a yes, a date, the parts of a name, several names."""

import re
from collections.abc import Container
from datetime import UTC, date, datetime, timedelta

from webapp.people import custom_values
from webapp.people.imports.cells import Cell, cell_text
from webapp.people.models import CustomField, FieldKind
from webapp.people.texts import one_line

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
HOUR = re.compile(r"[T ]+\d\d?[:.]\d\d.*", re.DOTALL)
PARTED = re.compile(r"[;\r\n]+")


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


def written(field: CustomField, cell: Cell) -> str:
    """The cell as somebody would have written it into the field's control."""
    text, number = cell_text(cell).strip(), number_in(cell)
    match field.kind:
        case FieldKind.NUMBER if number is not None:
            return custom_values.typed(field, number)
        case FieldKind.DATE:
            day = date_in(cell) if number is not None or SERIAL.fullmatch(text) else None
            return day.isoformat() if day else HOUR.sub("", text)
        case FieldKind.YES_NO:
            answer = yes_or_no(cell)
            return text if answer is None else custom_values.YES if answer else custom_values.NO
    return text


def number_in(cell: Cell) -> int | float | None:
    """What the file itself holds as a number, of a size that can be kept."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return cell if abs(cell) < 10**custom_values.MAX_DIGITS else None


def several(text: str, known: Container[str]) -> list[str]:
    """What a cell names, with semicolons, line breaks or commas between. A comma may also belong
    to a name that is `known`, in small letters."""
    names: list[str] = []
    for part in map(one_line, PARTED.split(text)):
        names += [part] if part.lower() in known else part.split(",")
    return [name for name in map(str.strip, names) if name]


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
