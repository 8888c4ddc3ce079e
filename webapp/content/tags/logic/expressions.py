"""What merge tags work out: values and conditions, as small trees that reach nothing but the values
they are given."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

Values = Mapping[str, str]

TRUE = "1"
LANGUAGE = "content.language"
"""The name under which dates find the language that the content is written in."""


class Worded(str):
    """A value in words for people, with what it is for comparing: “12 May 2026” is 2026-05-12."""

    data: str

    def __new__(cls, words: str, data: str) -> "Worded":
        value = super().__new__(cls, words)
        value.data = data
        return value


@dataclass(frozen=True)
class Name:
    """A merge tag, or a value that was SET before."""

    name: str


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple["Expression", ...]
    size: int = field(init=False, compare=False, repr=False)
    depth: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        calls = [each for each in self.arguments if isinstance(each, Call)]
        size = len(self.arguments) + 1 - len(calls) + sum(each.size for each in calls)
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "depth", 1 + max((each.depth for each in calls), default=0))


Expression: TypeAlias = str | Name | Call


def evaluate(expression: Expression, known: Values) -> str:
    """The value; of a condition, a text that is empty when it does not hold."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, Name):
        return known.get(expression.name) or ""
    return _FUNCTIONS[expression.function](expression.arguments, known)


def holds(condition: Expression, known: Values) -> bool:
    """A value by itself holds when there is one, unless it is a zero or a “no”."""
    return _data(evaluate(condition, known)).strip() not in {"", "0"}


def names(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Name):
        yield expression.name
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from names(argument)


def bind(expression: Expression, known: Mapping[str, Expression]) -> Expression:
    """With what is known by now in place of its names."""
    if isinstance(expression, Name):
        return known.get(expression.name, expression)
    if isinstance(expression, Call):
        bound = tuple(bind(argument, known) for argument in expression.arguments)
        if any(new is not old for new, old in zip(bound, expression.arguments, strict=True)):
            return Call(expression.function, bound)
    return expression


def dumped(expression: Expression) -> Any:
    """As JSON: a text, an object that names a tag, or a list of a function and its arguments."""
    if isinstance(expression, str):
        return expression
    if isinstance(expression, Name):
        return {"tag": expression.name}
    return [expression.function, *map(dumped, expression.arguments)]


def loaded(stored: Any) -> Expression:
    if isinstance(stored, str):
        return stored
    if isinstance(stored, dict):
        return Name(stored["tag"])
    return Call(stored[0], tuple(map(loaded, stored[1:])))


def find_date(text: str) -> date | None:
    """The date that a text is: 2026-05-12, or the day first as in 12-05-2026 and 12.5.2026."""
    match = _YEAR_FIRST.fullmatch(text.strip()) or _DAY_FIRST.fullmatch(text.strip())
    try:
        return date(*(int(match[part]) for part in ("y", "m", "d"))) if match else None
    except ValueError:
        return None


@lru_cache(maxsize=2_000)
def in_words(day: date, pattern: str, language: str) -> str:
    """`pattern` as CLDR writes it, or the name of a usual one. Raises ValueError when it is
    neither."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    try:
        return format_date(day, pattern, locale)
    except (AttributeError, KeyError, IndexError) as error:  # An hour, or no letter of a pattern.
        raise ValueError(pattern) from error


_YEAR_FIRST = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ][\d:.+Z-]{1,30})?")
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})[-./ ] ?(?P<m>\d{1,2})[-./ ] ?(?P<y>\d{4})")
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,12})?")

_Arguments = tuple[Expression, ...]


def _data(value: str) -> str:
    return value.data if isinstance(value, Worded) else value


def _truth(value: bool) -> str:
    return TRUE if value else ""


def _joined(parts: _Arguments, known: Values) -> str:
    return "".join(evaluate(part, known) for part in parts)


def _otherwise(choices: _Arguments, known: Values) -> str:
    return next(filter(None, (evaluate(choice, known) for choice in choices)), "")


def _decode(arguments: _Arguments, known: Values) -> str:
    """A value, what it may be and what is said then, in pairs, and what is said otherwise."""
    value, *pairs, default = arguments
    looked_up = evaluate(value, known)
    for wanted, result in zip(pairs[::2], pairs[1::2], strict=True):
        if _equal(looked_up, evaluate(wanted, known)):
            return evaluate(result, known)
    return evaluate(default, known)


def _case(arguments: _Arguments, known: Values) -> str:
    """Conditions, each with its value, and the value for when none holds."""
    *pairs, default = arguments
    for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
        if holds(condition, known):
            return evaluate(value, known)
    return evaluate(default, known)


def _date(arguments: _Arguments, known: Values) -> str:
    """What is no date stays as it is."""
    value, pattern, language = (evaluate(argument, known) for argument in arguments)
    day = find_date(_data(value))
    return in_words(day, pattern, language) if day else value


def _number(text: str) -> Decimal | None:
    plain = text.strip()
    return Decimal(plain.replace(",", ".")) if _NUMBER.fullmatch(plain) else None


def _comparable(left: str, right: str) -> tuple[Any, Any]:
    """As numbers or as dates where both are; as texts without regard to case otherwise."""
    for read in (_number, find_date):
        both = read(_data(left)), read(_data(right))
        if None not in both:
            return both
    return left.strip().casefold(), right.strip().casefold()


def _equal(left: str, right: str) -> bool:
    one, other = _comparable(left, right)
    return bool(one == other) or _data(left).casefold() == _data(right).casefold()


def _ordered(in_order: Callable[[Any, Any], bool]) -> Callable[[_Arguments, Values], str]:
    def compare(arguments: _Arguments, known: Values) -> str:
        left, right = (evaluate(argument, known) for argument in arguments)
        # Who has no value is neither below nor above.
        return _truth(bool(left and right) and in_order(*_comparable(left, right)))

    return compare


def _on_texts(test: Callable[[str, str], bool]) -> Callable[[_Arguments, Values], str]:
    def look(arguments: _Arguments, known: Values) -> str:
        text, part = (evaluate(argument, known).strip().casefold() for argument in arguments)
        return _truth(bool(part) and test(text, part))

    return look


def _equality(arguments: _Arguments, known: Values) -> str:
    left, right = (evaluate(argument, known) for argument in arguments)
    return _truth(_equal(left, right))


def _empty(arguments: _Arguments, known: Values) -> str:
    return _truth(not evaluate(arguments[0], known).strip())


_FUNCTIONS: dict[str, Callable[[_Arguments, Values], str]] = {
    "join": _joined,
    "otherwise": _otherwise,
    "decode": _decode,
    "case": _case,
    "date": _date,
    "=": _equality,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "contains": _on_texts(lambda text, part: part in text),
    "begins": _on_texts(lambda text, part: text.startswith(part)),
    "empty": _empty,
    "and": lambda parts, known: _truth(all(holds(part, known) for part in parts)),
    "or": lambda parts, known: _truth(any(holds(part, known) for part in parts)),
    "not": lambda parts, known: _truth(not holds(parts[0], known)),
}
