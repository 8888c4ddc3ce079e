"""Compact signed tokens for public links: opaque, one purpose each, valid as long as their key.

A token is base64url(payload ‖ the first 12 bytes of an HMAC-SHA256 over purpose and payload). The
payload is a few numbers as variable-length integers (LEB128), so that a link stays short. 96 bits
of signature cannot be guessed over a network.
"""

import hmac
from base64 import urlsafe_b64decode
from binascii import Error as BadBase64
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from enum import StrEnum
from hashlib import sha256

_SIGNATURE = 12
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Purpose(StrEnum):
    OPEN = "open"
    CLICK = "click"
    VIEW = "view"
    UNSUBSCRIBE = "unsubscribe"
    MESSAGE = "message"
    """The Message-ID, by which a bounce tells whom it is about."""


class BadToken(Exception):
    """Forged, damaged, or made for another purpose."""


class Signer:
    """Signs with the first key and accepts all of them (newest first), so keys can be rotated."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        keys = [sha256(b"brevdue tokens\0" + key.encode()).digest() for key in secret_keys]
        self._codes = {purpose: [_code(key, purpose) for key in keys] for purpose in Purpose}

    def sign(self, purpose: Purpose, *numbers: int) -> str:
        return self.signing(purpose)(packed(*numbers)).decode()

    def signing(self, purpose: Purpose) -> Callable[[bytes], bytes]:
        """Makes tokens of packed numbers, for whoever needs a million of them."""
        code = self._codes[purpose][0]

        def token(payload: bytes) -> bytes:
            return _encoded(payload + code(payload))

        return token

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The numbers that were signed. Raises BadToken."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (BadBase64, UnicodeEncodeError, ValueError) as error:
            raise BadToken from error
        if _encoded(raw) != token.encode():
            # The last character has bits to spare: only one way of writing a token is right.
            raise BadToken
        payload, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        genuine = [hmac.compare_digest(signature, code(payload)) for code in self._codes[purpose]]
        if not any(genuine):
            raise BadToken
        return _decode(payload)


def _code(key: bytes, purpose: Purpose) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 (RFC 2104) of a purpose and a payload, with what is the same for every payload
    absorbed beforehand: a message has a dozen tokens, and `hmac.digest` takes four times as long.
    """
    block = key.ljust(64, b"\0")
    inner_begun = sha256(bytes(byte ^ 0x36 for byte in block) + purpose.encode() + b"\0").copy
    outer_begun = sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def code(payload: bytes) -> bytes:
        inner, outer = inner_begun(), outer_begun()
        inner.update(payload)
        outer.update(inner.digest())
        return outer.digest()[:_SIGNATURE]

    return code


def packed(*numbers: int) -> bytes:
    return b"".join(map(_encode, numbers))


def _encoded(raw: bytes) -> bytes:
    return b2a_base64(raw, newline=False).translate(_URL_SAFE, b"=")


def _encode(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _decode(payload: bytes) -> tuple[int, ...]:
    numbers, number, shift = [], 0, 0
    for byte in payload:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(number)
            number, shift = 0, 0
    return tuple(numbers)
