"""Image files for tests, sound and broken ones, made on the spot."""

from io import BytesIO
from typing import Any

from PIL import Image


def picture(
    kind: str = "PNG",
    size: tuple[int, int] = (40, 30),
    colour: Any = (200, 40, 40),
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """The bytes of a file in one colour."""
    return saved(Image.new(mode, size, colour), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def animation(kind: str = "GIF", *, frames: int = 3, size: tuple[int, int] = (40, 30)) -> bytes:
    pictures = [Image.new("RGB", size, (80 * number, 0, 0)) for number in range(frames)]
    return saved(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=120, loop=0)


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image
