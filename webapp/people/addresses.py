"""E-mail addresses as people write them: in cells, in pasted lists, with a name around them."""

import re
import unicodedata
from dataclasses import dataclass

from email_validator import SPECIAL_USE_DOMAIN_NAMES as RESERVED_DOMAINS
from email_validator import EmailNotValidError, validate_email

from webapp.accounts.organisation import fingerprint
from webapp.people.models import Company, Contact
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
MAX_SHOWN = 100

# Nearly every address in a list is of this plain kind. email-validator agrees about all of them
# (a property test says so) and takes fifty times as long.
PLAIN = re.compile(
    r"[A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*"
    r"@(?:(?!..--)[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+"
    r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61})?(?<!-)(?<![0-9])"
)
MAX_LOCAL_LENGTH = 64  # RFC 5321 4.5.3.1.1
RESERVED = re.compile(r"[@.](?:" + "|".join(map(re.escape, RESERVED_DOMAINS)) + r")$")

IN_BRACKETS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
AT_WORD = re.compile(r"\s+at\s+|\s*[(\[{]\s*(?:at|snabela)\s*[)\]}]\s*", re.IGNORECASE)
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\0"))
PASTED_ENTRY = re.compile(r'(?:"[^"\n]*"|[^,;\r\n])+')

MESSAGES = {
    "empty": _l("There is no e-mail address."),
    "no_at": _l("“%(text)s” has no @."),
    "at_word": _l("“%(text)s” says “at” where the @ should be."),
    "double_at": _l("“%(text)s” has two @ in a row."),
    "two_addresses": _l("“%(text)s” is more than one address. Keep one of them."),
    "no_local_part": _l("“%(text)s” has nothing before the @."),
    "no_domain": _l("“%(text)s” has nothing after the @."),
    "trailing_dot": _l("“%(text)s” ends with a dot. The last part, such as .com, is missing."),
    "space": _l("“%(text)s” has a space in it."),
    "double_dot": _l("“%(text)s” has two dots in a row."),
    "no_dot": _l("“%(text)s” has no dot after the @. The last part, such as .com, is missing."),
    "too_long": _l("“%(text)s” is longer than an e-mail address can be."),
    "reserved_domain": _l("“%(text)s” ends with a name that is reserved and receives no e-mail."),
    "syntax": _l("“%(text)s” is not a valid e-mail address."),
}


class AddressError(DomainError):
    """`reason` is a key of MESSAGES."""

    def __init__(self, reason: str, text: str = "") -> None:
        self.reason = reason
        self.message = MESSAGES[reason]
        shown = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"
        super().__init__(text=shown)


@dataclass(frozen=True, slots=True)
class Address:
    """`key` tells whether two addresses are the same: domain in IDNA ASCII, all lower case."""

    text: str
    key: str


def parse_address(raw: str) -> Address:
    """The address in `raw`, which may be wrapped in spaces, `mailto:` or `Name <…>`.

    Raises AddressError.
    """
    if plain := plain_address(raw):
        return plain
    text = unwrap(raw)
    return plain_address(text) or checked_address(text)


def set_address(owner: Contact | Company, text: str) -> None:
    """The one way to write an address: as typed, as compared, and as suppression knows it.

    Empty takes it away. Raises AddressError.
    """
    address = parse_address(text) if text.strip() else None
    owner.email = address.text if address else ""
    owner.email_key = address.key if address else None
    owner.email_hash = fingerprint(address.key) if address else None


def plain_address(text: str) -> Address | None:
    """The address when it is so plain that it needs no further check."""
    if not PLAIN.fullmatch(text) or len(text) > MAX_LENGTH or text.index("@") > MAX_LOCAL_LENGTH:
        return None
    key = text.lower()
    return None if RESERVED.search(key) else Address(text, key)


def checked_address(text: str) -> Address:
    if len(text) > MAX_LENGTH:
        raise AddressError("two_addresses" if several_in(text) else "too_long", text)
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        raise AddressError(fault_of(text), text) from error
    assert found.ascii_domain is not None
    local = unicodedata.normalize("NFC", found.local_part.lower())
    return Address(
        text=text if text.isascii() else found.normalized,
        key=f"{local}@{found.ascii_domain.lower()}",
    )


def unwrap(raw: str) -> str:
    text = raw if raw.isascii() and "\0" not in raw else raw.translate(INVISIBLE)
    text = text.strip()
    if (wrapped := IN_BRACKETS.fullmatch(text)) and "@" not in wrapped["name"]:
        text = wrapped["address"].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0].strip()
    return text.strip("\"'").rstrip(",;").strip()


def fault_of(text: str) -> str:
    """Which of MESSAGES explains best what is wrong with `text`."""
    before, _at, domain = text.rpartition("@")
    faults = {
        "empty": not text,
        "at_word": "@" not in text and bool(AT_WORD.search(text)),
        "no_at": "@" not in text,
        "double_at": "@@" in text,
        "two_addresses": several_in(text),
        "no_local_part": not before,
        "no_domain": not domain,
        "trailing_dot": text.endswith("."),
        "space": any(character.isspace() for character in text),
        "double_dot": ".." in text,
        "no_dot": "." not in domain,
        "reserved_domain": bool(RESERVED.search(text.lower())),
    }
    return next((fault for fault, present in faults.items() if present), "syntax")


def several_in(text: str) -> bool:
    return text.count("@") > 1 and "@@" not in text


def parse_address_list(
    text: str,
) -> tuple[list[tuple[str, Address]], list[tuple[str, str]]]:
    """The people in a pasted list, one per line or divided by comma or semicolon.

    Answers (name, address) in the order pasted, each address once, and what could not be
    understood as (entry, why). The name is empty when none was given.
    """
    found: dict[str, tuple[str, Address]] = {}
    rejected: list[tuple[str, str]] = []
    for entry in filter(None, map(str.strip, PASTED_ENTRY.findall(text))):
        try:
            address = parse_address(entry)
        except AddressError as error:
            rejected.append((entry, str(error)))
        else:
            found.setdefault(address.key, (name_before(entry), address))
    return list(found.values()), rejected


def name_before(entry: str) -> str:
    wrapped = IN_BRACKETS.fullmatch(entry)
    return " ".join(wrapped["name"].strip().strip("\"'").split()) if wrapped else ""
