"""The values of custom fields: from what somebody wrote to what is kept, and to words again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import flask_babel
from babel.numbers import get_decimal_symbol, get_group_symbol

from webapp.people import custom_fields
from webapp.people.models import Company, Contact, CustomField, FieldKind, FieldOf
from webapp.people.texts import one_line
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l

Value = str | int | float | bool | list[str]
"""As JSON keeps it; nothing is kept where nothing is known."""

MAX_LENGTH = 1_000
MAX_DIGITS = 15
"""What a floating-point number holds exactly."""
MAX_DECIMALS = 9
FIRST_YEAR, LAST_YEAR = 1900, 2200
YES, NO = "yes", "no"

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_SPACES = re.compile(r"[\s'’]")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[-./ ]+(?P<month>\d{1,2})[-./ ]+(?P<year>\d{4})")


class BadValue(DomainError):
    """What was written cannot be the field's value."""


class TooLong(BadValue):
    message = _l("This is too long: keep it under %(limit)d characters.")


class NotANumber(BadValue):
    message = _l("“%(text)s” is not a number. Write it like %(example)s.")


class TooManyDigits(BadValue):
    message = _l("A number has at most %(limit)d digits.")


class TooManyDecimals(BadValue):
    message = _l("A number has at most %(limit)d decimals.")


class NotADate(BadValue):
    message = _l("“%(text)s” is not a date.")


class YearOutOfReach(BadValue):
    message = _l("The year must lie between %(first)d and %(last)d.")


class NotAChoice(BadValue):
    message = _l("“%(text)s” is not one of the choices.")


@dataclass(frozen=True)
class Fact:
    """A value for people to read."""

    label: str
    text: str
    not_offered: tuple[str, ...] = ()
    """The choices among it that the field does not offer any more."""


def parse(field: CustomField, written: Sequence[str], known: Value | None = None) -> Value | None:
    """None when nothing is written. A choice that is not offered any more passes for those who
    have it. Raises a BadValue."""
    texts = [text for text in map(one_line, written) if text]
    if field.kind is FieldKind.MANY_OF:
        return [_choice(field, text, known) for text in dict.fromkeys(texts)] or None
    return _parsed(field, texts[0], known) if texts else None


def _parsed(field: CustomField, text: str, known: Value | None) -> Value:
    match field.kind:
        case FieldKind.NUMBER:
            return _number(text)
        case FieldKind.DATE:
            return _date(text).isoformat()
        case FieldKind.YES_NO if text in {YES, NO}:
            return text == YES
        case FieldKind.YES_NO | FieldKind.ONE_OF:
            return _choice(field, text, known)
    if len(text) > MAX_LENGTH:
        raise TooLong(limit=MAX_LENGTH)
    return text


def choices(field: CustomField, known: Value | None) -> list[str]:
    """What the field offers, and what somebody has of earlier."""
    return [*field.options, *_not_offered(field, known)]


def merged(known: Mapping[str, Value], new: Mapping[str, Value | None]) -> dict[str, Value]:
    """`known` with the new values in place; None takes one away, and what is not named stays."""
    together = {**known, **new}
    return {key: value for key, value in together.items() if value is not None}


def typed(field: CustomField, value: Value) -> str:
    """As it stands in its control, and `parse` reads it."""
    if field.kind is FieldKind.NUMBER:
        return str(flask_babel.format_decimal(Decimal(str(value)), "0.#########"))
    if field.kind is FieldKind.YES_NO:
        return YES if value else NO
    return str(value)


def in_words(kind: FieldKind, value: Any) -> str:
    """In the language that is spoken now."""
    match kind:
        case FieldKind.NUMBER:
            return str(flask_babel.format_decimal(Decimal(str(value)), "#,##0.#########"))
        case FieldKind.DATE:
            return str(flask_babel.format_date(date.fromisoformat(value), "long"))
        case FieldKind.YES_NO:
            return _("Yes") if value else _("No")
        case FieldKind.MANY_OF:
            return ", ".join(value)
    return str(value)


def facts(owner: Contact | Company) -> list[Fact]:
    """What is known of somebody, in the order of the fields."""
    of = FieldOf.CONTACT if isinstance(owner, Contact) else FieldOf.COMPANY
    return [
        Fact(
            field.label,
            in_words(field.kind, owner.fields[field.key]),
            tuple(_not_offered(field, owner.fields[field.key])),
        )
        for field in custom_fields.defined(of)
        if field.key in owner.fields
    ]


def _not_offered(field: CustomField, known: Value | None) -> list[str]:
    if field.kind not in custom_fields.WITH_OPTIONS or known is None:
        return []
    chosen = known if isinstance(known, list) else [str(known)]
    return [choice for choice in chosen if choice not in field.options]


def _choice(field: CustomField, text: str, known: Value | None) -> str:
    offered = {choice.casefold(): choice for choice in choices(field, known)}
    found = offered.get(text.casefold())
    if found is None:
        raise NotAChoice(text=text[:60])
    return found


def _number(text: str) -> int | float:
    """“1.234,5” and “1,234.5” are the same, and so are “2,5” and “2.5”; “1.234” is what it is in
    the language that is spoken now."""
    locale = flask_babel.get_locale()
    group, point = get_group_symbol(locale), get_decimal_symbol(locale)
    plain = _SPACES.sub("", text).replace("−", "-")
    if plain.count(point) > 1 or plain.rfind(group) > plain.rfind(point) >= 0:
        group, point = point, group
    if re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(group)}\d{{3}})+({re.escape(point)}\d+)?", plain):
        plain = plain.replace(group, "")
    plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        example = flask_babel.format_decimal(Decimal("1234.5"))
        raise NotANumber(text=text[:60], example=example)
    number = Decimal(plain).normalize()
    decimals = -int(number.as_tuple().exponent)
    if len(number.as_tuple().digits) > MAX_DIGITS or abs(number) >= 10**MAX_DIGITS:
        raise TooManyDigits(limit=MAX_DIGITS)
    if decimals > MAX_DECIMALS:
        raise TooManyDecimals(limit=MAX_DECIMALS)
    return int(number) if number == number.to_integral_value() else float(number)


def _date(text: str) -> date:
    match = _YEAR_FIRST.fullmatch(text) or _DAY_FIRST.fullmatch(text)
    if match is None:
        raise NotADate(text=text[:60])
    year = int(match["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise YearOutOfReach(first=FIRST_YEAR, last=LAST_YEAR)
    try:
        return date(year, int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise NotADate(text=text[:60]) from error
