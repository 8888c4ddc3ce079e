"""One row of a file: a person, or the reason why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from webapp.people.addresses import Address, AddressError, parse_address
from webapp.people.imports import values
from webapp.people.imports.cells import Cell, cell_text, filled
from webapp.people.imports.faults import Rejected, RejectReason, RowNote, limited
from webapp.people.imports.headings import LABELS
from webapp.people.imports.lookups import NOTHING, Found, Lookups
from webapp.people.phones import PhoneError, parse_phone
from webapp.people.places import country_code, language_code
from webapp.people.texts import MAX_NOTE, MAX_TEXT, many_lines, one_line, storable
from webapp.platform.locales import _

ADDRESS_FAULTS = {
    "empty": RejectReason.NO_ADDRESS,
    "two_addresses": RejectReason.TWO_ADDRESSES,
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Clean values, named as the fields of headings.FIELDS; empty when not given."""

    row_number: int
    email: Address
    title: str
    first_name: str
    middle_name: str
    last_name: str
    mobile: str
    phone: str
    company: str
    position: str
    address: str
    """Street and number."""
    postcode: str
    city: str
    country: str
    """ISO 3166, as DK."""
    language: str
    """ISO 639-1, as da."""
    note: str
    consent: bool | None
    consent_at: date | None
    found: Found
    """What its other cells stand for."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    row_number: int
    reason: RejectReason
    detail: str
    """In the user's language: what exactly is wrong."""
    cells: tuple[str, ...]


class RowReader:
    """Reads the rows of one file, in their order: of rows with the same address the first counts,
    save that a later one that says no to mail is heard.

    `mapping` is column index to field code; what has to be looked up needs `lookups`. Remembers
    16 bytes for each address.
    """

    def __init__(
        self,
        mapping: Mapping[int, str],
        default_country: str,
        *,
        max_columns: int | None = None,
        lookups: Lookups | None = None,
    ) -> None:
        self._lookups = lookups
        self._columns = {code: column for column, code in mapping.items()}
        self._default_country = default_country
        self._max_columns = max_columns
        self._seen: set[bytes] = set()
        self.refused: dict[str, date | None] = {}
        """The addresses of which a later row says no, and when it was said."""

    def read(self, row_number: int, cells: Sequence[Cell]) -> PersonRow | RejectedRow:
        try:
            return self._person(row_number, cells)
        except Rejected as rejected:
            kept = tuple(storable(cell_text(cell)) for cell in cells)
            detail = storable(rejected.detail)
            return RejectedRow(row_number, rejected.reason, detail, kept)

    def _person(self, row_number: int, cells: Sequence[Cell]) -> PersonRow:
        row = {code: cells[column] for code, column in self._columns.items() if column < len(cells)}
        if not filled(row.get("email")):
            raise Rejected(RejectReason.TOTALS_ROW if is_total(cells) else RejectReason.NO_ADDRESS)
        self._refuse_slipped(cells)
        email = read_address(cell_text(row["email"]))
        person = Reading(row, self._default_country, self._lookups).person(row_number, email)
        self._claim(person)
        return person

    def _refuse_slipped(self, cells: Sequence[Cell]) -> None:
        limit = self._max_columns
        if limit is not None and any(map(filled, cells[limit:])):
            raise Rejected(
                RejectReason.TOO_MANY_COLUMNS,
                _("%(cells)d cells, %(headings)d headings", cells=len(cells), headings=limit),
            )

    def _claim(self, person: PersonRow) -> None:
        email = person.email
        digest = blake2b(email.key.encode(), digest_size=16).digest()
        if digest not in self._seen:
            self._seen.add(digest)
            return
        detail = email.text
        if person.consent is False:
            self.refused[email.key] = person.consent_at
            detail = _("%(email)s: its “no” counts all the same", email=email.text)
        raise Rejected(RejectReason.REPEATED_ADDRESS, detail)


def is_total(cells: Sequence[Cell]) -> bool:
    first = next((cell_text(cell) for cell in cells if filled(cell)), "")
    return first.strip().rstrip(":").lower() in values.TOTALS


def read_address(text: str) -> Address:
    try:
        return parse_address(text)
    except AddressError as error:
        reason = ADDRESS_FAULTS.get(error.reason, RejectReason.INVALID_ADDRESS)
        raise Rejected(reason, str(error)) from error


class Reading:
    """The values of one row, and notes of what had to be cleaned."""

    def __init__(
        self, row: Mapping[str, Cell], default_country: str, lookups: Lookups | None
    ) -> None:
        self._row = row
        self._default_country = default_country
        self._lookups = lookups
        self._notes: list[str] = []

    def person(self, row_number: int, email: Address) -> PersonRow:
        country = self._code("country", country_code, RowNote.COUNTRY_NOT_UNDERSTOOD)
        first_name, middle_name, last_name = self._names()
        return PersonRow(
            row_number=row_number,
            email=email,
            title=self._text("title"),
            first_name=first_name,
            middle_name=middle_name,
            last_name=last_name,
            mobile=self._number("mobile", country, RowNote.MOBILE_NOT_UNDERSTOOD),
            phone=self._number("phone", country, RowNote.PHONE_NOT_UNDERSTOOD),
            company=self._text("company"),
            position=self._text("position"),
            address=self._text("address"),
            postcode=self._text("postcode"),
            city=self._text("city"),
            country=country,
            language=self._code("language", language_code, RowNote.LANGUAGE_NOT_UNDERSTOOD),
            note=self._note(),
            consent=self._consent(),
            consent_at=self._date("consent_at"),
            found=self._lookups.find(self._row, self._notes) if self._lookups else NOTHING,
            notes=tuple(dict.fromkeys(self._notes)),
        )

    def _text(self, code: str) -> str:
        raw = cell_text(self._row.get(code))
        if not raw:
            return ""
        if not raw.strip().isprintable():
            self._notes.append(RowNote.TEXT_CLEANED)
        return limited(LABELS[code], one_line(raw), MAX_TEXT)

    def _note(self) -> str:
        text = cell_text(self._row.get("note"))
        return limited(LABELS["note"], many_lines(text), MAX_NOTE) if text else ""

    def _names(self) -> tuple[str, str, str]:
        """Parts in columns of their own win over those of the full name."""
        given = (self._text("first_name"), self._text("middle_name"), self._text("last_name"))
        full = self._text("name")
        if not full:
            return given
        first, middle, last = values.split_name(full)
        return (given[0] or first, given[1] or middle, given[2] or last)

    def _number(self, code: str, country: str, note: RowNote) -> str:
        cell = self._row.get(code)
        if not filled(cell):
            return ""
        try:
            return parse_phone(cell, country or self._default_country)
        except PhoneError:
            self._notes.append(note)
            return ""

    def _code(self, code: str, find: Callable[[str], str | None], note: RowNote) -> str:
        text = cell_text(self._row.get(code)).strip()
        found = find(text) if text else ""
        if found is None:
            self._notes.append(note)
        return found or ""

    def _consent(self) -> bool | None:
        cell = self._row.get("consent")
        consent = values.yes_or_no(cell)
        if consent is None and filled(cell):
            self._notes.append(RowNote.CONSENT_NOT_UNDERSTOOD)
        return consent

    def _date(self, code: str) -> date | None:
        cell = self._row.get(code)
        found = values.parse_date(cell) if filled(cell) else None
        if found is None and filled(cell):
            self._notes.append(RowNote.DATE_NOT_UNDERSTOOD)
        return found
