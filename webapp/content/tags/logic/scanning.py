"""From characters to the pieces of a merge tag: where it ends, and the words and texts inside."""

import re
from dataclasses import dataclass
from enum import Enum, auto

LONGEST = 1_000
"""Characters from `[[` to `]]`; a tag that has not ended by then was never closed."""

DEEPEST = 4
"""Tags inside the texts of tags."""

QUOTE = r"(?:\"|“|”|„|&quot;|&#34;)"
_EDGE = re.compile(rf"\[\[|\]\]|{QUOTE}|\n")
_QUOTE = re.compile(QUOTE)
_FLAT = re.compile(rf"(?:{QUOTE}(?:(?!{QUOTE}).)*+{QUOTE}|[^\[\]\n]|\](?!\])|\[(?!\[))*+\]\]")
_PIECE = re.compile(
    rf"(?P<space>\s+)|(?P<quote>{QUOTE})|'(?P<single>[^']*)'|(?P<tag>\[\[)"
    r"|(?P<number>[+-]?\d{1,20}(?:\.\d{1,12})?(?![\w.]))"
    r"|(?P<name>[^\W\d][\w.-]*)"
    r"|(?P<sign><=|>=|<>|!=|==?|[<>,|:()])"
)


class Kind(Enum):
    NAME = auto()
    TEXT = auto()
    NUMBER = auto()
    TAG = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str
    """Of a text and a tag, what stands inside."""

    def says(self, *words: str) -> bool:
        """Whether it is one of these signs or words, written in capitals or not."""
        return self.kind in {Kind.NAME, Kind.SIGN} and self.text.upper() in words


class Unreadable(Exception):
    """Carries the words that make no sense."""


def tag_end(text: str, start: int) -> int | None:
    """Where the tag that begins at `start` ends: after its `]]`."""
    limit = min(len(text), start + LONGEST)
    end = _end(text, start + 2, limit, "tag")
    if end is None:  # Brackets in a text that are no tag's.
        flat = _FLAT.match(text, start + 2, limit)
        end = flat.end() if flat else None
    return end


def pieces(body: str) -> list[Piece]:
    """Raises Unreadable."""
    found, done = [], 0
    while done < len(body):
        match = _PIECE.match(body, done)
        if match is None:
            raise Unreadable(body[done : done + 20])
        done = match.end()
        if match["quote"]:
            done = _text_end(body, match.end())
            found.append(Piece(Kind.TEXT, _without_quote(body[match.end() : done])))
        elif match["single"] is not None:
            found.append(Piece(Kind.TEXT, match["single"]))
        elif match["tag"]:
            end = tag_end(body, match.start())
            if end is None:
                raise Unreadable(body[match.start() : match.start() + 20])
            found.append(Piece(Kind.TAG, body[match.end() : end - 2]))
            done = end
        elif match.lastgroup != "space":
            found.append(Piece(_KINDS[str(match.lastgroup)], match[0]))
    return [*found, Piece(Kind.END, "")]


_KINDS = {"number": Kind.NUMBER, "name": Kind.NAME, "sign": Kind.SIGN}


def _end(text: str, at: int, limit: int, within: str) -> int | None:
    """Behind what began before `at`: a tag, or a text in quotes, with whatever is inside it."""
    inside = [within]
    for edge in _EDGE.finditer(text, at, limit):
        in_text, sign = inside[-1] == "text", edge[0]
        if sign == "[[" and len(inside) < 2 * DEEPEST:
            inside.append("tag")
        elif sign == "[[":
            return None
        elif sign == "]]" and not in_text:
            inside.pop()
        elif sign == "\n" and not in_text:
            return None
        elif sign not in {"]]", "\n"} and in_text:
            inside.pop()
        elif sign not in {"]]", "\n"}:
            inside.append("text")
        if not inside:
            return edge.end()
    return None


def _text_end(body: str, at: int) -> int:
    """Behind the quote that ends the text."""
    end = _end(body, at, len(body), "text")
    if end is None:
        quote = _QUOTE.search(body, at)
        if quote is None:
            raise Unreadable(body[at - 1 : at + 19])
        end = quote.end()
    return end


def _without_quote(text: str) -> str:
    """Without the quote at its end."""
    last = max(_QUOTE.finditer(text, max(0, len(text) - 6)), key=lambda quote: quote.end())
    return text[: last.start()]
