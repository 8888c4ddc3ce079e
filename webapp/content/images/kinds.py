"""What kind of file was given as an image, judged by its content, and why some are not taken."""

import re

from webapp.platform.errors import DomainError
from webapp.platform.locales import _l, file_size

LARGEST = 10_000_000
"""Bytes of one file."""
MOST_PIXELS = 40_000_000
"""Of one picture; of all pictures of an animation together, too."""

TAKEN = ("JPEG", "PNG", "GIF", "WEBP")

_BEGINNING = 4000
_DRAWING = re.compile(rb"<svg[\s/>]|<!doctype\s+svg", re.IGNORECASE)
_PACKED_DRAWING = b"\x1f\x8b"
_PHONE_PHOTO = re.compile(rb".{4}ftyp(?:hei|hev|mif1|msf1|avi)", re.DOTALL)


class UnusableImage(DomainError):
    """A file that is not taken into the library; the subclass says why."""


class EmptyFile(UnusableImage):
    message = _l("“%(name)s” is empty.")


class TooLarge(UnusableImage):
    message = _l("“%(name)s” is larger than %(most)s. Save it smaller and upload that.")


class TooManyPixels(UnusableImage):
    message = _l(
        "“%(name)s” has more than %(most)d million pixels. Make it smaller in a picture program"
        " and upload that."
    )


class TooLongAnimation(UnusableImage):
    message = _l("The animation “%(name)s” is too large. Make it shorter or smaller.")


class Drawing(UnusableImage):
    message = _l(
        "“%(name)s” is an SVG drawing, which mail programs do not show. Export it as PNG, at least"
        " 1,200 pixels wide, and upload that."
    )


class PhonePhoto(UnusableImage):
    message = _l(
        "“%(name)s” is a HEIC or AVIF photo, which mail programs do not show. Save it as JPEG and"
        " upload that. An iPhone takes JPEG photos when “Most Compatible” is chosen under"
        " Settings, Camera, Formats."
    )


class NotAnImage(UnusableImage):
    message = _l(
        "“%(name)s” is not an image that can be used, whatever its name says. Upload a JPEG, PNG,"
        " GIF or WebP file."
    )


class Damaged(UnusableImage):
    message = _l("“%(name)s” is damaged or was cut off. Save it anew and upload that.")


def require_usable(content: bytes, name: str) -> None:
    """Raises what can be told from the first bytes and the size alone."""
    if not content:
        raise EmptyFile(name=name)
    if len(content) > LARGEST:
        raise TooLarge(name=name, most=file_size(LARGEST))
    beginning = content[:_BEGINNING]
    if _DRAWING.search(beginning.replace(b"\0", b"")) or beginning.startswith(_PACKED_DRAWING):
        raise Drawing(name=name)
    if _PHONE_PHOTO.match(beginning):
        raise PhonePhoto(name=name)
