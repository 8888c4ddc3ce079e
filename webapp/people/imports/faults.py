"""What can be wrong with a row: why it is rejected, and what is cleaned in one that is kept."""

from enum import StrEnum

from webapp.platform.locales import _, _l


class RejectReason(StrEnum):
    NO_ADDRESS = "no_address"
    INVALID_ADDRESS = "invalid_address"
    TWO_ADDRESSES = "two_addresses"
    REPEATED_ADDRESS = "repeated_address"
    TOO_LONG = "too_long"
    TOTALS_ROW = "totals_row"
    TOO_MANY_COLUMNS = "too_many_columns"


REASON_TEXTS = {
    RejectReason.NO_ADDRESS: _l("No e-mail address"),
    RejectReason.INVALID_ADDRESS: _l("The e-mail address is not valid"),
    RejectReason.TWO_ADDRESSES: _l("More than one e-mail address in the cell"),
    RejectReason.REPEATED_ADDRESS: _l("The address stands in an earlier row"),
    RejectReason.TOO_LONG: _l("A text is too long"),
    RejectReason.TOTALS_ROW: _l("A row of totals, not a person"),
    RejectReason.TOO_MANY_COLUMNS: _l("More cells than there are headings"),
}


class RowNote(StrEnum):
    """What was cleaned in a row that was kept, or left out of it."""

    TEXT_CLEANED = "text_cleaned"
    MOBILE_NOT_UNDERSTOOD = "mobile_not_understood"
    PHONE_NOT_UNDERSTOOD = "phone_not_understood"
    COUNTRY_NOT_UNDERSTOOD = "country_not_understood"
    LANGUAGE_NOT_UNDERSTOOD = "language_not_understood"
    CONSENT_NOT_UNDERSTOOD = "consent_not_understood"
    DATE_NOT_UNDERSTOOD = "date_not_understood"
    NOT_A_NUMBER = "not_a_number"
    """From here on they are `about` a field, and some about what its cell says."""
    NOT_A_DATE = "not_a_date"
    NOT_YES_OR_NO = "not_yes_or_no"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    OTHERS_UNKNOWN = "others_unknown"


NOTE_TEXTS = {
    RowNote.TEXT_CLEANED: _l("Line breaks or invisible characters were removed"),
    RowNote.MOBILE_NOT_UNDERSTOOD: _l("The mobile is not a phone number and was left out"),
    RowNote.PHONE_NOT_UNDERSTOOD: _l("The phone is not a phone number and was left out"),
    RowNote.COUNTRY_NOT_UNDERSTOOD: _l("The country is not known and was left out"),
    RowNote.LANGUAGE_NOT_UNDERSTOOD: _l("The language is not known and was left out"),
    RowNote.CONSENT_NOT_UNDERSTOOD: _l("The consent is neither yes nor no and was left out"),
    RowNote.DATE_NOT_UNDERSTOOD: _l("The date is not one in the past and was left out"),
    RowNote.NOT_A_NUMBER: _l("%(field)s: not a number, left out"),
    RowNote.NOT_A_DATE: _l("%(field)s: not a date, left out"),
    RowNote.NOT_YES_OR_NO: _l("%(field)s: neither yes nor no, left out"),
    RowNote.UNKNOWN: _l("%(field)s: “%(value)s” is unknown, left out"),
    RowNote.AMBIGUOUS: _l("%(field)s: several are called “%(value)s”, left out"),
    RowNote.OTHERS_UNKNOWN: _l("%(field)s: others that are unknown, left out"),
}


def reason_text(reason: str) -> str:
    return str(REASON_TEXTS[RejectReason(reason)])


def about(note: RowNote, field: str, value: str = "", code: str = "") -> str:
    """The note with what its sentence names, each on one line, and the code of the field."""
    return "\t".join((note, field, value, code))


def note_text(note: str) -> str:
    kind, *words = note.split("\t")
    return str(NOTE_TEXTS[RowNote(kind)]) % dict(zip(("field", "value"), words, strict=False))


def unknown_name(note: str) -> tuple[str, str] | None:
    """The code of the field, and the name in its cells that stands for nothing."""
    kind, *words = note.split("\t")
    return (words[2], words[1]) if kind == RowNote.UNKNOWN else None


class Rejected(Exception):
    """The row does not become a person. The detail is in the user's language."""

    def __init__(self, reason: RejectReason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def limited(label: str, text: str, limit: int) -> str:
    """The text, when it is not too long; else the row is rejected."""
    if len(text) > limit:
        raise Rejected(
            RejectReason.TOO_LONG,
            _(
                "%(field)s: %(length)d characters, at most %(limit)d",
                field=label,
                length=len(text),
                limit=limit,
            ),
        )
    return text
