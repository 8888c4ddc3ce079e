"""Every image is drawn anew from its pixels: without metadata, in the colours of screens (sRGB), no
wider than an e-mail needs, and as a file that every mail program shows."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from webapp.content.images.kinds import (
    MOST_PIXELS,
    TAKEN,
    Damaged,
    NotAnImage,
    TooLongAnimation,
    TooManyPixels,
    UnusableImage,
    require_usable,
)

WIDEST = 1600
"""Pixels: twice the widest e-mail, for sharp screens."""
MOST_FRAMES = 1000
SMALL = 320
"""Pixels, the longer side of what the library shows of each."""

MEDIA_TYPES = {
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
"""By the endings that our files have; WebP are the small ones, which only browsers get."""

_SRGB = ImageCms.createProfile("sRGB")

_ONE_AT_A_TIME = Lock()
"""In a process, since pixels take room: a file of 200 KB may hold 160 MB of them."""

Picture = Image.Image
Change = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Drawn:
    """A picture as it is stored."""

    content: bytes
    ending: str
    width: int
    height: int
    given_width: int
    """As it was uploaded, and turned the right way up."""
    given_height: int
    small: bytes
    """WebP."""


def drawn(content: bytes, name: str) -> Drawn:
    """Raises an UnusableImage that calls the file by its name."""
    require_usable(content, name)
    return _careful(name, lambda: _drawn(content, name, _narrowed))


def cut(content: bytes, name: str, box: tuple[int, int, int, int], width: int) -> Drawn:
    """The part within `box` (left, top, right, bottom), `width` pixels wide."""

    def change(picture: Picture) -> Picture:
        return _resized(picture.crop(box), width)

    return _careful(name, lambda: _drawn(content, name, change))


def _careful(name: str, work: Callable[[], Drawn]) -> Drawn:
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            # It warns of what MOST_PIXELS refuses anyway, and of odd metadata, which is dropped.
            warnings.simplefilter("ignore")
            return work()
    except UnusableImage:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many(name) from error
    except UnidentifiedImageError as error:
        raise NotAnImage(name=name) from error
    except Exception as error:
        # Decoders of broken files raise whatever they stumble over.
        raise Damaged(name=name) from error


def _drawn(content: bytes, name: str, change: Change) -> Drawn:
    with Image.open(BytesIO(content), formats=TAKEN) as image:
        if image.width * image.height > MOST_PIXELS:
            raise _too_many(name)
        if image.format != "MPO" and getattr(image, "is_animated", False):
            return _animation(image, name, change)
        return _still(image, change)


def _still(image: Picture, change: Change) -> Drawn:
    ImageOps.exif_transpose(image, in_place=True)
    few_colours = image.mode == "P" and image.format in {"PNG", "GIF"} and not _profile(image)
    picture = change(image) if few_colours else _opaque_if_possible(change(_in_srgb(image)))
    if image.format in {"JPEG", "MPO"} or (image.format == "WEBP" and picture.mode == "RGB"):
        return _finished(image, picture, "jpg", quality=85, optimize=True, progressive=True)
    clear = picture.info.get("transparency") if picture.mode == "P" else None
    return _finished(
        image, picture, "png", optimize=True, **({} if clear is None else {"transparency": clear})
    )


def _animation(image: Picture, name: str, change: Change) -> Drawn:
    frames = getattr(image, "n_frames", 1)
    if frames > MOST_FRAMES or frames * image.width * image.height > MOST_PIXELS:
        raise TooLongAnimation(name=name)
    times: list[int] = []

    def pictures() -> Iterator[Picture]:
        for frame in ImageSequence.Iterator(image):
            times.append(round(frame.info.get("duration") or 100))
            # The iterator gives the same object again and again.
            yield _opaque_if_possible(change(_in_srgb(frame.copy())))

    first, *others = pictures()
    return _finished(
        image,
        first,
        "gif",
        save_all=True,
        append_images=others,
        duration=times,
        disposal=2,
        **({"loop": image.info["loop"]} if "loop" in image.info else {}),
    )


def _opaque_if_possible(picture: Picture) -> Picture:
    """Only what has no transparency gets a palette as good as the one it had."""
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema()[0] == 255:
        return picture.convert("RGB")
    return picture


def _finished(given: Picture, picture: Picture, ending: str, **options: Any) -> Drawn:
    bare = _bare(picture)
    written = BytesIO()
    kind = {"jpg": "JPEG"}.get(ending, ending.upper())
    bare.save(written, kind, **options)
    return Drawn(
        content=written.getvalue(),
        ending=ending,
        width=picture.width,
        height=picture.height,
        given_width=given.width,
        given_height=given.height,
        small=_small(picture),
    )


def _bare(picture: Picture) -> Picture:
    """Without anything but its pixels."""
    copy = picture.copy()
    copy.info = {}
    return copy


def _small(picture: Picture) -> bytes:
    small = ImageOps.contain(_in_srgb(picture), (SMALL, SMALL)) if _is_large(picture) else picture
    written = BytesIO()
    _bare(_in_srgb(small)).save(written, "WEBP", quality=75)
    return written.getvalue()


def _is_large(picture: Picture) -> bool:
    return max(picture.size) > SMALL


def _in_srgb(picture: Picture) -> Picture:
    """As RGB or RGBA: a picture of its own, or the very one."""
    if picture.mode.startswith("I"):
        # 16 bits of grey; converting alone would make everything but the darkest white.
        picture = picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    seen_through = "A" in picture.getbands() or "transparency" in picture.info
    mode = "RGBA" if seen_through else "RGB"
    profile = _profile(picture)
    converted = _by_profile(picture, profile, mode) if profile else None
    if converted is None and picture.mode == mode:
        # As it is: a large picture takes 160 MB, and a copy of it as much again.
        return picture
    return converted or picture.convert(mode)


def _profile(picture: Picture) -> bytes | None:
    """What its colours mean (ICC), where it says so."""
    return picture.info.get("icc_profile")


def _by_profile(picture: Picture, profile: bytes, mode: str) -> Picture | None:
    """None when the profile is broken, or made for other colours than the picture has."""
    colours = picture.convert(mode) if picture.mode == "P" else picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(colours, source, _SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _narrowed(picture: Picture) -> Picture:
    return _resized(picture, WIDEST) if picture.width > WIDEST else picture


def _resized(picture: Picture, width: int) -> Picture:
    if width == picture.width:
        return picture
    if picture.mode == "P":
        picture = _in_srgb(picture)
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def _too_many(name: str) -> TooManyPixels:
    return TooManyPixels(name=name, most=MOST_PIXELS // 1_000_000)
