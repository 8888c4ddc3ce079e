"""The files of images: named by what they hold, so that an address never shows anything else.

They are never removed: what was sent names them for ever.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import current_app

from webapp.content.images.pictures import MEDIA_TYPES, Drawn

SMALL_ENDING = "webp"

_KEY = re.compile(r"[0-9a-f]{32}")


def keep(drawn: Drawn) -> str:
    """The key that the picture is found by from now on: 128 bits of a hash of its bytes."""
    key = sha256(drawn.content).hexdigest()[:32]
    for ending, content in ((drawn.ending, drawn.content), (SMALL_ENDING, drawn.small)):
        _write(_path(key, ending), content)
    return key


def find(key: str, ending: str) -> Path | None:
    """`key` and `ending` may be anything that somebody wrote into an address."""
    if not _KEY.fullmatch(key) or ending not in MEDIA_TYPES:
        return None
    path = _path(key, ending)
    return path if path.is_file() else None


def read(key: str, ending: str) -> bytes:
    return _path(key, ending).read_bytes()


def _path(key: str, ending: str) -> Path:
    folder = Path(current_app.config["MEDIA_DIR"]) / "images" / key[:2]
    return folder / f"{key}.{ending}"


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when the machine stops; the same bytes twice are written once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, delete=False) as unfinished:
        try:
            unfinished.write(content)
            unfinished.flush()
            os.fsync(unfinished.fileno())
            os.chmod(unfinished.name, 0o644)
            os.replace(unfinished.name, path)
        except BaseException:
            os.unlink(unfinished.name)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
