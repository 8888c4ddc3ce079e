"""Compact signed tokens for public links: opaque, one purpose each, valid as long as their key.

A token is base64url(payload ‖ the first 12 bytes of an HMAC-SHA256 over purpose and payload). The
payload is a few numbers as variable-length integers (LEB128), so that a link stays short. 96 bits
of signature cannot be guessed over a network.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

_SIGNATURE = 12


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
        self._keys = [sha256(b"brevdue tokens\0" + key.encode()).digest() for key in secret_keys]

    def sign(self, purpose: Purpose, *numbers: int) -> str:
        payload = b"".join(map(_encode, numbers))
        signature = self._signature(self._keys[0], purpose, payload)
        return _encoded(payload + signature)

    def read(self, purpose: Purpose, token: str) -> tuple[int, ...]:
        """The numbers that were signed. Raises BadToken."""
        try:
            raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (BadBase64, UnicodeEncodeError, ValueError) as error:
            raise BadToken from error
        if _encoded(raw) != token:
            # The last character has bits to spare: only one way of writing a token is right.
            raise BadToken
        payload, signature = raw[:-_SIGNATURE], raw[-_SIGNATURE:]
        genuine = [
            hmac.compare_digest(signature, self._signature(key, purpose, payload))
            for key in self._keys
        ]
        if not any(genuine):
            raise BadToken
        return _decode(payload)

    @staticmethod
    def _signature(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
        return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_SIGNATURE]


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


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
