"""Where an image is used: each floor above says it of what it keeps."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from webapp.content.images.models import Image

SHOWN = 50


@dataclass(frozen=True)
class Use:
    kind: str
    """Whose page it has: “mailing”, say."""
    id: int
    name: str
    note: str
    """What it is, in the user's language."""
    at: datetime


Finder = Callable[[str], Iterable[Use]]
"""The uses of an image by its key, which stands in each of its addresses; at most SHOWN, the newest
first."""

_finders: list[Finder] = []


def register(finder: Finder) -> Finder:
    """Once, when the module that owns the data is loaded."""
    _finders.append(finder)
    return finder


def of(image: Image) -> list[Use]:
    return [use for finder in _finders for use in finder(image.key)]
