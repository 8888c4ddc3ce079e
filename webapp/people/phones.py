"""Phone numbers as people write them, made E.164."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

MAX_LENGTH = 50
_BEGUN = re.compile(r"[+(]?\d[\d ().-]{4,25}")


class PhoneError(DomainError):
    message = _l("“%(text)s” is not a phone number.")


def parse_phone(raw: object, country: str) -> str:
    """The number in E.164, such as +4588326694; one without a country code is of `country`.

    `raw` may be the float that Excel makes of digits. A number counts when it has the right
    length for its country: which ranges are in use changes more often than any table of them.
    Raises PhoneError.
    """
    text = phone_text(raw)
    number = e164(text, country.upper()) if len(text) <= MAX_LENGTH else None
    if number is None:
        raise PhoneError(text=text[:MAX_LENGTH])
    return number


def phone_text(raw: object) -> str:
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw).strip().removesuffix(".0")


@lru_cache(maxsize=10_000)
def e164(text: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def phones_begun(text: str, country: str) -> list[str]:
    """What numbers begin with, without the plus of E.164, when `text` is how one is written or the
    beginning of it: “45 88 3”, “(88) 32 66” of `country`. Empty for anything else."""
    if not _BEGUN.fullmatch(text.strip()):
        return []
    digits = re.sub(r"\D", "", text)
    if text.strip().startswith("+") or digits.startswith("00"):
        return [digits.removeprefix("00")]
    trunk = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    national = digits.removeprefix(trunk)
    return [digits, f"{phonenumbers.country_code_for_region(country)}{national}"]


def readable(number: str) -> str:
    """+4588326694 as +45 88 32 66 94; anything else as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
