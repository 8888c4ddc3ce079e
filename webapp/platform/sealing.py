"""Secrets that the database keeps for us, sealed so that a copy of it alone opens nothing."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotOpen(Exception):
    """Sealed with a key that we do not have, or damaged."""


class Sealer:
    """Seals with the first key and opens with all of them (newest first), so keys can be rotated.

    Fernet: AES-128-CBC with HMAC-SHA256, so that a changed byte is noticed.
    """

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in secret_keys])

    def seal(self, secret: str) -> bytes:
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Raises CannotOpen."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise CannotOpen from error


def _derived(key: str) -> bytes:
    """A key of its own for this purpose, from the one that the environment gives."""
    return urlsafe_b64encode(sha256(b"brevdue sealing\0" + key.encode()).digest())
