"""From what stands between the brackets of a merge tag to what it does.

[[IF:customer.language="da" AND NOT EMPTY customer.mobile]] … [[ELSEIF:…]] … [[ELSE]] … [[ENDIF]]
[[SET:greeting="Dear [[customer.firstname]]"]]
[[DECODE:customer.language,"da","Kære","en","Dear","Hello"]]
[[FORMAT-DATE:date.today,"d. MMMM yyyy"|"soon"]]
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import LazyString

from webapp.content.tags.logic.expressions import LANGUAGE, TRUE, Call, Expression, Name, in_words
from webapp.content.tags.logic.scanning import Kind, Piece, Unreadable, pieces, tag_end
from webapp.platform.locales import _l

DEEPEST = 20
"""Parentheses, NOTs and tags inside each other."""

_STEP = re.compile(
    r"\s*(?:(?P<kind>IF|ELSE ?IF|ELSIF|SET|DECODE|FORMAT-DATE)(?:\s*:|(?=\s*\()|\s+)"
    r"|(?P<bare>ELSE|END ?IF)\s*\Z)",
    re.IGNORECASE,
)
_FUNCTIONS = ("DECODE", "FORMAT-DATE")
_COMPARISONS = {
    **{sign: sign for sign in ("=", "<", "<=", ">", ">=")},
    **{"==": "=", "CONTAINS": "contains", "BEGINS": "begins"},
}
_UNEQUAL = ("!=", "<>")
_KEYWORDS = ("AND", "OR", "NOT", "IS", "EMPTY", "CONTAINS", "BEGINS", "WITH", *_FUNCTIONS)
_VARIABLE = re.compile(r"[^\W\d][\w-]{0,59}")
_OLDER_PATTERN = {"YY4": "yyyy", "YY2": "yy", "MM2": "MM", "DD2": "dd"}
_SAMPLE_DAY = date(2026, 5, 12)


class StepKind(StrEnum):
    VALUE = "value"
    SET = "set"
    IF = "if"
    ELSEIF = "elseif"
    ELSE = "else"
    ENDIF = "endif"


@dataclass(frozen=True)
class Step:
    """What a tag does; `value` is what it writes or sets, or the condition."""

    kind: StepKind
    value: Expression = ""
    name: str = ""
    """Of what is set."""

    @property
    def is_mark(self) -> bool:
        """It writes nothing itself."""
        return self.kind is not StepKind.VALUE


class Mistake(Exception):
    """What is wrong, and what to do about it, for the one who wrote it."""

    def __init__(self, message: LazyString | str, hint: LazyString | str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class UnknownName(Exception):
    """Carries a name that is no merge tag's."""


Find = Callable[[str], str | None]
"""The name as it is written where it is registered; None when nothing is called so."""


def step_kind(body: str) -> StepKind | None:
    """What kind of step it is meant to be; None for a tag that has just a name."""
    match = _STEP.match(body)
    if match is None:
        return None
    word = (match["kind"] or match["bare"]).upper().replace(" ", "").replace("ELSIF", "ELSEIF")
    return StepKind.VALUE if word in _FUNCTIONS else StepKind(word.lower())


def parse_step(body: str, find: Find) -> Step:
    """Of a body that has a kind, or else a value. Raises Mistake or UnknownName."""
    kind, match = step_kind(body) or StepKind.VALUE, _STEP.match(body)
    if match and match["bare"]:
        return Step(kind, TRUE if kind is StepKind.ELSE else "")
    in_function = kind is StepKind.VALUE
    rest = body if match is None or in_function else body[match.end() :]
    parser = _Parser(_pieces_of(rest), find)
    name = parser.set_name() if kind is StepKind.SET else ""
    is_condition = kind in {StepKind.IF, StepKind.ELSEIF}
    value = parser.condition() if is_condition else parser.value()
    parser.expect_end()
    return Step(kind, value, name)


class _Parser:
    """By recursive descent; each method reads what it is called after."""

    def __init__(self, read: list[Piece], find: Find, depth: int = 0) -> None:
        self._pieces = read
        self._find = find
        self._at = 0
        self._depth = depth

    def set_name(self) -> str:
        piece = self._take()
        if piece.kind not in {Kind.NAME, Kind.TEXT} or not self._accept("=", ":", ","):
            raise Mistake(_l("SET lacks a name or a value."), _SET_HINT)
        if self._find(piece.text) and "." in piece.text:
            raise Mistake(
                _l("“%(name)s” is a merge tag already, so it cannot be SET.", name=piece.text),
                _l("Choose another name, without a dot."),
            )
        if not _VARIABLE.fullmatch(piece.text) or piece.says(*_KEYWORDS):
            raise Mistake(
                _l("“%(name)s” cannot be the name of what is SET.", name=piece.text[:60]),
                _l("A name has letters and digits, and no dot or space."),
            )
        return piece.text.lower()

    def condition(self) -> Expression:
        self._deeper()
        parts = [self._both()]
        while self._accept("OR"):
            parts.append(self._both())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Call("or", tuple(parts))

    def value(self) -> Expression:
        """One value, or the first of several that is not empty."""
        self._deeper()
        choices = [self._one_value()]
        while self._accept("|"):
            choices.append(self._one_value())
        self._depth -= 1
        return choices[0] if len(choices) == 1 else Call("otherwise", tuple(choices))

    def expect_end(self) -> None:
        piece = self._take()
        if piece.kind is not Kind.END:
            raise _not_understood(piece)

    def _both(self) -> Expression:
        parts = [self._negated()]
        while self._accept("AND"):
            parts.append(self._negated())
        return parts[0] if len(parts) == 1 else Call("and", tuple(parts))

    def _negated(self) -> Expression:
        negated = False
        while self._accept("NOT"):
            negated = not negated
        test = self._test()
        return Call("not", (test,)) if negated else test

    def _test(self) -> Expression:
        if self._accept("("):
            inner = self.condition()
            self._require(")")
            return self._comparison(inner)
        if self._accept("EMPTY"):
            return Call("empty", (self.value(),))
        return self._comparison(self.value())

    def _comparison(self, left: Expression) -> Expression:
        self._accept("IS")
        negated = self._accept("NOT")
        piece = self._pieces[self._at]
        test: Expression
        if self._accept("EMPTY"):
            test = Call("empty", (left,))
        elif self._accept(*_UNEQUAL):
            test = Call("not", (Call("=", (left, self.value())),))
        elif self._accept(*_COMPARISONS):
            self._accept("WITH")
            test = Call(_COMPARISONS[piece.text.upper()], (left, self.value()))
        elif negated:
            raise _not_understood(piece)
        else:
            test = left
        return Call("not", (test,)) if negated else test

    def _one_value(self) -> Expression:
        piece = self._take()
        if piece.says("("):
            inner = self.value()
            self._require(")")
            return inner
        if piece.says(*_FUNCTIONS) and self._pieces[self._at].says(":", "("):
            return self._function(piece.text.upper())
        match piece.kind:
            case Kind.TEXT:
                return self._text(piece.text)
            case Kind.NUMBER:
                return piece.text
            case Kind.TAG:
                return self._nested(piece.text)
            case Kind.NAME:
                return self._name(piece.text)
        raise _not_understood(piece)

    def _name(self, written: str) -> Expression:
        found = self._find(written)
        if found is None:
            raise UnknownName(written)
        return Name(found)

    def _function(self, name: str) -> Expression:
        parenthesis = self._take().says("(")
        arguments = [self.value()]
        while self._accept(","):
            arguments.append(self.value())
        otherwise: tuple[Expression, ...] = ()
        last = arguments[-1]
        if parenthesis:
            self._require(")")
        elif isinstance(last, Call) and last.function == "otherwise":
            # What comes last of all is meant for when the whole is empty.
            arguments[-1], otherwise = last.arguments[0], last.arguments[1:]
        made = _decode(arguments) if name == "DECODE" else _format_date(arguments)
        return Call("otherwise", (made, *otherwise)) if otherwise else made

    def _text(self, text: str) -> Expression:
        """A text in quotes, which may hold tags."""
        parts: list[Expression] = []
        done = 0
        while (start := text.find("[[", done)) >= 0:
            end = tag_end(text, start)
            if end is None:
                break
            parts += [text[done:start], self._nested(text[start + 2 : end - 2])]
            done = end
        parts = [part for part in (*parts, text[done:]) if part != ""]
        if len(parts) > 1:
            return Call("join", tuple(parts))
        return parts[0] if parts else ""

    def _nested(self, body: str) -> Expression:
        if step_kind(body) not in {None, StepKind.VALUE}:
            raise Mistake(
                _l("IF and SET cannot stand inside another merge tag."),
                _l("Use DECODE there, or SET a value first."),
            )
        self._deeper()
        inner = _Parser(_pieces_of(body), self._find, self._depth)
        value = inner.value()
        inner.expect_end()
        self._depth -= 1
        return value

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Mistake(
                _l("Too much stands inside each other in this merge tag."),
                _l("Split it, with an IF inside another IF."),
            )

    def _take(self) -> Piece:
        piece = self._pieces[self._at]
        if piece.kind is not Kind.END:
            self._at += 1
        return piece

    def _accept(self, *words: str) -> bool:
        if self._pieces[self._at].says(*words):
            self._at += 1
            return True
        return False

    def _require(self, sign: str) -> None:
        if not self._accept(sign):
            raise Mistake(
                _l("A “%(sign)s” is missing in a merge tag.", sign=sign),
                _l("Each parenthesis that is opened must be closed."),
            )


_SET_HINT = _l("Write it like this: %(tag)s", tag='[[SET:greeting="…"]]')


def _pieces_of(body: str) -> list[Piece]:
    try:
        return pieces(body)
    except Unreadable as error:
        raise Mistake(
            _l("“%(words)s” in a merge tag makes no sense.", words=str(error)),
            _l("Texts stand in quotes, each with a quote at its end."),
        ) from error


def _decode(arguments: list[Expression]) -> Expression:
    if len(arguments) < 3:
        hint = _l(
            "Write a value, then what it may be and what is said then, in pairs: %(tag)s",
            tag='[[DECODE:customer.language,"da","Kære","en","Dear","Hello"]]',
        )
        raise Mistake(_l("DECODE needs more than this."), hint)
    if len(arguments) % 2:
        arguments = [*arguments, ""]
    return Call("decode", tuple(arguments))


def _format_date(arguments: list[Expression]) -> Expression:
    value, pattern = (*arguments, "long", "")[:2]
    if len(arguments) > 2 or not isinstance(pattern, str):
        raise _bad_pattern("")
    cldr = _as_cldr(pattern)
    try:
        in_words(_SAMPLE_DAY, cldr, "en")
    except ValueError as error:
        raise _bad_pattern(pattern) from error
    return Call("date", (value, cldr, Name(LANGUAGE)))


def _as_cldr(pattern: str) -> str:
    """Nobody means the year of a week by YYYY, or the day of the year by DD."""
    if pattern.lower() in {"short", "medium", "long", "full"}:
        return pattern.lower()
    for older, newer in _OLDER_PATTERN.items():
        pattern = pattern.replace(older, newer)
    parts = pattern.split("'")
    parts[::2] = [part.replace("Y", "y").replace("D", "d") for part in parts[::2]]
    return "'".join(parts)


def _bad_pattern(pattern: str) -> Mistake:
    return Mistake(
        _l("“%(pattern)s” does not say how a date is written.", pattern=pattern[:60]),
        _l("Write “d. MMMM yyyy”, or short, medium, long or full."),
    )


def _not_understood(piece: Piece) -> Mistake:
    if piece.kind is Kind.END:
        return Mistake(
            _l("Something is missing at the end of a merge tag."),
            _l("A condition looks like this: %(tag)s", tag='[[IF:customer.language="da"]]'),
        )
    return Mistake(
        _l("“%(words)s” is not understood here.", words=piece.text[:60]),
        _l("A condition looks like this: %(tag)s", tag='[[IF:customer.language="da"]]'),
    )
