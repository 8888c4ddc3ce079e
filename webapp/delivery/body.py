"""The body of a mailing's messages: compiled once into pieces that are encoded already, with gaps
between them. For a recipient the gaps are filled, and the body is a join of bytes."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from webapp.content.segments import Escape, Segments, Slot, escape_value, fill, joined
from webapp.delivery.encoding import quoted
from webapp.mailings.links import PublicLinks
from webapp.platform.tokens import Purpose, packed

LINKS = {
    "open": Purpose.OPEN,
    "click": Purpose.CLICK,
    "link.unsubscribe": Purpose.UNSUBSCRIBE,
    "link.viewShipmentMessage": Purpose.VIEW,
}
"""The slots that a token of the recipient fills; “click.7” is the seventh tracked link."""

Part = bytes | Segments
"""Of a body: what is encoded already, or a text with slots."""
Values = Mapping[str, str]
Filler = Callable[[Values, bytes], bytes]
"""What stands in a gap, by somebody's values and the packed numbers of mailing and recipient."""


_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 .,:/@_+-]{0,60}[A-Za-z0-9])?")
"""Values that stand for themselves, in text and in HTML."""


class Body:
    def __init__(self, parts: Iterable[Part], shared: Values, public: PublicLinks) -> None:
        self._pieces: list[bytes] = [b""]
        gaps: list[Slot] = []
        for part in parts:
            for piece in [part] if isinstance(part, bytes) else with_values(part, shared):
                if isinstance(piece, Slot):
                    gaps.append(_one_for_all(piece))
                    self._pieces += [b"", b""]
                else:
                    self._pieces[-1] += piece if isinstance(piece, bytes) else quoted(piece)
        numbers = {slot: number for number, slot in enumerate(dict.fromkeys(gaps))}
        self._order = [numbers[slot] for slot in gaps]
        self._fillers = [_filler(slot, public) for slot in numbers]

    def filled(self, known: Values, numbers: bytes) -> bytes:
        values = [filler(known, numbers) for filler in self._fillers]
        pieces = self._pieces.copy()
        pieces[1::2] = [values[number] for number in self._order]
        return b"".join(pieces)


def with_values(segments: Segments, shared: Values) -> Segments:
    """With the slots filled that hold the same for everybody."""
    return joined(
        fill(part, shared[part.name]) if isinstance(part, Slot) and part.name in shared else part
        for part in segments
    )


def _one_for_all(slot: Slot) -> Slot:
    """A link is written alike in text and in HTML, so that it need not be signed twice."""
    is_link = slot.name in LINKS or slot.name.startswith("click.")
    return Slot(slot.name, "", Escape.TEXT) if is_link and slot.escape != Escape.URL else slot


def _filler(slot: Slot, public: PublicLinks) -> Filler:
    name, _, number = slot.name.partition(".") if slot.name[:6] == "click." else (slot.name, "", "")
    if name in LINKS:
        return _link(LINKS[name], packed(int(number)) if number else b"", slot.escape, public)
    fallback, escape = slot.fallback, slot.escape
    return lambda known, _numbers: _encoded(known.get(name) or fallback, escape)


def _link(purpose: Purpose, suffix: bytes, escape: Escape, public: PublicLinks) -> Filler:
    sign = public.signer.signing(purpose)
    before, after = public.around(purpose)
    if escape is Escape.URL:
        return lambda _known, numbers: _encoded(
            before + sign(numbers + suffix).decode() + after, escape
        )
    head, tail = quoted(before), after.encode() + b"=\r\n"
    return lambda _known, numbers: head + sign(numbers + suffix) + tail


def _encoded(value: str, escape: Escape) -> bytes:
    if escape is not Escape.URL and _PLAIN.fullmatch(value):
        return value.encode() + b"=\r\n"
    return _encoded_with_care(value, escape)


@lru_cache(maxsize=2_000)
def _encoded_with_care(value: str, escape: Escape) -> bytes:
    """Many people share a name, a company or a language."""
    return quoted(escape_value(value, escape))
