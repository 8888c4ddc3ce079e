"""The body of a mailing's messages: compiled once into pieces that are encoded already, with gaps
between them. For a recipient the gaps are filled, and the body is a join of bytes. The branches of
a choice are bodies in themselves."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from webapp.content.tags.logic.expressions import Expression, evaluate, holds
from webapp.content.tags.segments import (
    Choice,
    Escape,
    Formula,
    Segments,
    Slot,
    bound,
    escape_value,
)
from webapp.delivery.encoding import quoted
from webapp.mailings.links import PublicLinks
from webapp.platform.tokens import Pen, Purpose, packed

LINKS = {
    "open": Purpose.OPEN,
    "click": Purpose.CLICK,
    "link.subscription": Purpose.UNSUBSCRIBE,
    "link.unsubscribe": Purpose.UNSUBSCRIBE,
    "link.viewShipmentMessage": Purpose.VIEW,
}
"""The slots that a token of the recipient fills; “click.7” is the seventh tracked link."""

Part = bytes | Segments
"""Of a body: what is encoded already, or a text with slots."""
Values = Mapping[str, str]

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .,:/@_+-]{0,60}[A-Za-z0-9])?")
"""Values that stand for themselves, in text and in HTML."""


class Token(NamedTuple):
    """What a link has of the recipient's own: written with the pen of its purpose, the link's
    number at its end."""

    pen: Pen
    number: bytes


class Branches(NamedTuple):
    """The bodies of a choice, each with the condition that it is chosen by."""

    bodies: tuple[tuple[Expression, "Body"], ...]

    def filled(self, known: Values, numbers: bytes) -> bytes:
        for condition, body in self.bodies:
            if holds(condition, known):
                return body.filled(known, numbers)
        return b""


Gap = Token | Slot | Formula | Branches


class Body:
    def __init__(self, parts: Iterable[Part], shared: Values, public: PublicLinks) -> None:
        self._pieces: list[bytes] = [b""]
        gaps: list[Gap] = []
        for part in parts:
            for piece in [part] if isinstance(part, bytes) else bound(part, shared):
                if isinstance(piece, Slot | Formula | Choice):
                    before, gap, after = _gap(piece, public)
                    self._pieces[-1] += before
                    self._pieces += [b"", after]
                    gaps.append(gap)
                else:
                    self._pieces[-1] += piece if isinstance(piece, bytes) else quoted(piece)
        different = dict.fromkeys(gaps)
        self._tokens = [gap for gap in different if isinstance(gap, Token)]
        self._slots = [gap for gap in different if isinstance(gap, Slot)]
        self._logic = [gap for gap in different if isinstance(gap, Formula | Branches)]
        in_order = [*self._tokens, *self._slots, *self._logic]
        numbers = {gap: number for number, gap in enumerate(in_order)}
        self._order = [numbers[gap] for gap in gaps]

    def filled(self, known: Values, numbers: bytes) -> bytes:
        """With somebody's values, and the packed numbers of mailing and recipient."""
        filling = [pen(numbers + number) for pen, number in self._tokens]
        filling += [_encoded(known.get(slot.name) or slot.fallback, slot) for slot in self._slots]
        if self._logic:
            filling += [_worked_out(gap, known, numbers) for gap in self._logic]
        pieces = self._pieces.copy()
        pieces[1::2] = [filling[number] for number in self._order]
        return b"".join(pieces)


def _gap(slot: Slot | Formula | Choice, public: PublicLinks) -> tuple[bytes, Gap, bytes]:
    """What is different for each recipient, and what stands right before and after it."""
    if isinstance(slot, Choice):
        bodies = ((test, Body([inner], {}, public)) for test, inner in slot.branches)
        return b"", Branches(tuple(bodies)), b""
    if isinstance(slot, Formula):
        return b"", slot, b""
    name, number = slot.name, b""
    if name.startswith("click."):
        name, _, digits = name.partition(".")
        number = packed(int(digits))
    if name not in LINKS:
        return b"", slot, b""
    before, after = public.around(LINKS[name])
    # A token is written alike wherever it stands. It has a line of its own.
    token = Token(public.signer.pen(LINKS[name]), number)
    tail = escape_value(after, slot.escape).encode() + b"=\r\n"
    return quoted(escape_value(before, slot.escape)), token, tail


def _worked_out(gap: Formula | Branches, known: Values, numbers: bytes) -> bytes:
    if isinstance(gap, Branches):
        return gap.filled(known, numbers)
    return _encoded(evaluate(gap.value, known), gap)


def _encoded(value: str, slot: Slot | Formula) -> bytes:
    if slot.escape is not Escape.URL and _PLAIN.fullmatch(value):
        return value.encode() + b"=\r\n"
    return _encoded_with_care(value, slot.escape)


@lru_cache(maxsize=2_000)
def _encoded_with_care(value: str, escape: Escape) -> bytes:
    """Many people share a name, a company or a language."""
    return quoted(escape_value(value, escape))
