"""Where a link may lead, and where an image may come from."""

import re
import unicodedata
from urllib.parse import urlsplit

from webapp.content.texts import CONTROLS

LONGEST = 2000

_FORBIDDEN = re.compile(r"(javascript|vbscript|data|file|blob|about):", re.IGNORECASE)
_BARE_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,9}[a-z]{2,24}(?:[:/?#].*)?", re.IGNORECASE)
_BARE_MAILBOX = re.compile(r"[^\s@/:?#\[\]]+@(?:[\w-]{1,63}\.){1,9}[a-z]{2,24}", re.IGNORECASE)
_UNSAFE = re.compile(f"[{CONTROLS}]")
_OURS = ("/i/", "/static/")
_LONGEST_SLUG = 60
_SPELT_OUT = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ß": "ss"})
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")
_ENCODED = str.maketrans(
    {" ": "%20", '"': "%22", "<": "%3C", ">": "%3E", "`": "%60", "\\": "%5C", "\u00a0": "%20"}
)


def tidy(typed: str) -> str:
    """What was typed as an address, completed the way browsers do; never one that runs code."""
    address = _UNSAFE.sub("", typed).strip()[:LONGEST]
    if _FORBIDDEN.match(address):
        return ""
    if _BARE_MAILBOX.fullmatch(address):
        return f"mailto:{address}"
    if _BARE_DOMAIN.fullmatch(address):
        return f"https://{address}"
    return address


def encoded(address: str) -> str:
    """Without characters that would end an address early."""
    return address.translate(_ENCODED)


def is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def is_ours(address: str) -> bool:
    """Of a picture in the library, or one that comes with the program. Documents keep it without
    the place where we are, so that a move breaks no draft."""
    return address.startswith(_OURS)


def absolute(address: str, public_url: str) -> str:
    """As mail programs need it."""
    return public_url + address if is_ours(address) else address


def short(address: str) -> str:
    """As people say it, without what goes without saying."""
    return re.sub(r"^https?://(?:www\.)?", "", address).rstrip("/")


def slug(name: str) -> str:
    """The name as a part of an address that people read: “Nyt fra Fjordlys” is nyt-fra-fjordlys.
    Empty when nothing of it can be written so."""
    plain = unicodedata.normalize("NFD", name.lower().translate(_SPELT_OUT))
    words = _NOT_IN_SLUGS.sub("-", plain.encode("ascii", "ignore").decode())
    return words[:_LONGEST_SLUG].strip("-")


def is_link(address: str) -> bool:
    """Whether a reader's mail program can follow it: a page, a mailbox, a number, a place here."""
    if address.startswith("#"):
        return len(address) > 1
    scheme, colon, rest = address.partition(":")
    return is_web(address) or bool(colon and rest and scheme.lower() in {"mailto", "tel"})
