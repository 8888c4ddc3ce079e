"""Words that stand in a new e-mail and in new blocks for somebody to write over."""

import re
from collections.abc import Iterator

from webapp.content.document.blocks import BLOCK_TYPES, Block
from webapp.content.document.fields import FieldKind
from webapp.platform.locales import LANGUAGES, _l, speaking

FIRST_HEADING = _l("Your heading")
FIRST_WORDS = _l("Write here what you want to tell.")

WRITTEN = {FieldKind.LINE, FieldKind.RICH_TEXT}
SAYS_ENOUGH = {"button"}
"""Blocks whose first words may well be meant."""

_PIECE = re.compile(r"[^<>]+(?![^<>]*>)")


def unwritten_words(block: Block) -> str:
    """Of an opened block: those of its words that nobody has written over; empty when there are
    none."""
    begun = frozenset(_begun())
    for value in _values(block, *WRITTEN):
        for piece in _pieces(value):
            if piece in begun:
                return piece
    return ""


def _begun() -> Iterator[str]:
    """In every language, since the one who began may have another than the one who reads."""
    blocks = [kind for kind in BLOCK_TYPES.values() if kind.name not in SAYS_ENOUGH]
    fields = [field for kind in blocks for field in kind.fields if field.kind in WRITTEN]
    for language in LANGUAGES:
        with speaking(language):
            yield from (str(FIRST_HEADING), str(FIRST_WORDS))
            for field in fields:
                yield from _pieces(str(field.default))


def _values(block: Block, *kinds: FieldKind) -> Iterator[str]:
    kind = BLOCK_TYPES.get(block["type"])
    for field in kind.fields if kind else ():
        if field.kind in kinds:
            yield str(block.get(field.name, ""))


def _pieces(value: str) -> Iterator[str]:
    """What stands between its tags."""
    return filter(None, map(str.strip, _PIECE.findall(value)))
