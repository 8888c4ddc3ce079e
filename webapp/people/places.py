"""Countries and languages, by their codes and by what people call them."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from babel import Locale

SPOKEN = ("en", "da", "de", "sv", "nb")
"""The languages in which countries and languages may be named."""

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
