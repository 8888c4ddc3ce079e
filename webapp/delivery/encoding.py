"""How text travels in a message: quoted-printable in the parts, encoded words in the headers."""

import re
from binascii import b2a_base64
from functools import lru_cache
from textwrap import wrap

from webapp.content.texts import without_controls

_UNSAFE = re.compile(rb"[^\t -<>-~]")
_ESCAPES = [b"=%02X" % octet for octet in range(256)]
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9,.:!-]| (?! )){0,70}[A-Za-z0-9.!]")
_WIDTH = 73
"""Octets of a line, less the soft break and the two more that a leading dot takes: 76 at most."""
_WORD = 45
"""Octets that one encoded word holds; with its frame it has 72 characters."""


def quoted(text: str) -> bytes:
    """Quoted-printable (RFC 2045, 6.7) that begins and ends in the first column.

    Where the text does not end with a line break, the last line ends with a soft one. So pieces
    that were encoded by themselves can be put together in any order. No line begins with a dot,
    which SMTP would want doubled.
    """
    if text.isprintable():
        return _folded(_escaped(text.encode())) + b"=\r\n" if text else b""
    *lines, rest = text.replace("\r\n", "\n").replace("\r", "\n").encode().split(b"\n")
    whole = [_folded(_ending_visibly(_escaped(line))) + b"\r\n" for line in lines]
    return b"".join([*whole, _folded(_escaped(rest)) + b"=\r\n"] if rest else whole)


@lru_cache(maxsize=2_000)
def encoded_words(text: str) -> str:
    """A header's text, folded: as it is, or as encoded words (RFC 2047) where it has to be."""
    if _PLAIN.fullmatch(text):
        return text
    text = " ".join(without_controls(text).split())
    if text.isascii() and "=?" not in text and max(map(len, text.split()), default=0) <= _WIDTH:
        return "\r\n ".join(wrap(text, _WIDTH, break_on_hyphens=False))
    return as_words(text)


@lru_cache(maxsize=2_000)
def as_words(text: str) -> str:
    """The text as encoded words (RFC 2047), folded."""
    words = [b2a_base64(piece, newline=False).decode() for piece in _pieces(text)]
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _escaped(line: bytes) -> bytes:
    return _UNSAFE.sub(lambda found: _ESCAPES[found[0][0]], line)


def _ending_visibly(line: bytes) -> bytes:
    """Blanks at the end of a line get lost on the way."""
    return line[:-1] + b"=%02X" % ord(line[-1:]) if line.endswith((b" ", b"\t")) else line


def _folded(line: bytes) -> bytes:
    if len(line) <= _WIDTH:
        return _undotted(line)
    lines, at = [], 0
    while len(line) - at > _WIDTH:
        end = at + _WIDTH
        # An escape is three octets that stay together.
        escape = line.rfind(b"=", end - 2, end)
        end = end if escape < 0 else escape
        lines.append(_undotted(line[at:end]))
        at = end
    return b"=\r\n".join([*lines, _undotted(line[at:])])


def _undotted(line: bytes) -> bytes:
    return b"=2E" + line[1:] if line.startswith(b".") else line


def _pieces(text: str) -> list[bytes]:
    """The text in pieces of whole characters (RFC 2047, 5)."""
    whole = text.encode()
    if len(whole) <= _WORD:
        return [whole]
    pieces = [b""]
    for character in text:
        octets = character.encode()
        if len(pieces[-1]) + len(octets) > _WORD:
            pieces.append(b"")
        pieces[-1] += octets
    return pieces
