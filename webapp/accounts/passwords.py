"""Passwords as argon2id hashes, with the library's parameters (RFC 9106, low-memory profile)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
_nobody = _hasher.hash("nobody has this password")

MIN_LENGTH = 10


def hashed(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Takes as long for an unknown user (None), so that time does not tell who exists."""
    try:
        _hasher.verify(password_hash or _nobody, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)
