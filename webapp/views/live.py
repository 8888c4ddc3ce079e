"""Parts of pages that ask for themselves anew: often while something moves, else less and less."""

from dataclasses import dataclass
from zlib import crc32

from flask import request

FASTEST, SLOWEST = 2, 30


@dataclass(frozen=True)
class Pulse:
    """Where the part asks next, and after how many seconds."""

    url: str
    seconds: int


def pulse(url: str, shown: object) -> Pulse:
    """`shown` is all that the part shows; while its repr stays the same, the pauses double."""
    seen = crc32(repr(shown).encode())
    seconds = FASTEST
    if request.args.get("seen", type=int) == seen:
        seconds = min(2 * request.args.get("every", FASTEST, int), SLOWEST)
    return Pulse(f"{url}?seen={seen}&every={seconds}", seconds)
