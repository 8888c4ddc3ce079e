"""The one row that says whom this installation works for."""

import hmac
from hashlib import sha256

from flask import current_app

from webapp.accounts.audit import audit
from webapp.accounts.models import Organisation
from webapp.platform.config import ConfigError
from webapp.platform.database import db


def organisation() -> Organisation:
    """Made by the first migration, so it is always there."""
    return db.session.get_one(Organisation, 1)


def set_privacy_mode(on: bool, *, by: int | None) -> None:
    us = organisation()
    if us.privacy_mode != on:
        us.privacy_mode = on
        audit("privacy mode on" if on else "privacy mode off", by=by)


def fingerprint(address_key: str) -> bytes:
    """The keyed hash (HMAC-SHA256, 16 bytes) by which suppression knows an address."""
    return _hashed(_fingerprint_key(), address_key)


def _fingerprint_key() -> bytes:
    """Derived from the oldest secret key: a rotation that keeps it as a fallback changes nothing.

    Raises ConfigError when it was dropped. Going on would forget every unsubscription.
    """
    known = current_app.extensions.get("fingerprint_key")
    if known is None:
        oldest = current_app.extensions["secret_keys"][-1]
        known = sha256(b"brevdue fingerprints\0" + oldest.encode()).digest()
        _check(known)
        current_app.extensions["fingerprint_key"] = known
    return bytes(known)


def _check(key: bytes) -> None:
    check, us = _hashed(key, ""), organisation()
    if us.fingerprint_check is None:
        us.fingerprint_check = check
    if us.fingerprint_check != check:
        raise ConfigError(
            "SECRET_KEY is not the one this database began with, and blocked addresses are known by"
            " it. Put the first one at the end of SECRET_KEY_FALLBACKS."
        )


def _hashed(key: bytes, address_key: str) -> bytes:
    return hmac.digest(key, address_key.encode(), "sha256")[:16]
