"""The ZIP that HTML of one's own comes in: its HTML, and the files that the HTML names."""

import re
import stat
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from webapp.content.images.kinds import LARGEST
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

MOST_FILES = 500
MOST_UNPACKED = 200_000_000
"""Bytes, of all files together."""

_ENTRY = b"PK\x01\x02"
_ELSEWHERE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]+:|//|#|.*\[\[", re.IGNORECASE | re.DOTALL)
_HTML_ENDINGS = (".html", ".htm")


class UnreadableArchive(DomainError):
    """A ZIP that no e-mail can be made of; the subclass says why."""


class DamagedArchive(UnreadableArchive):
    message = _l("This ZIP is damaged, locked by a password or of an unusual kind. Pack it anew.")


class TooManyFiles(UnreadableArchive):
    message = _l("This ZIP holds more than %(most)d files. Pack only the HTML and its images.")


class TooMuch(UnreadableArchive):
    message = _l(
        "This ZIP would unpack to far more than an e-mail and its images, so it was not opened."
    )


class NoHtml(UnreadableArchive):
    message = _l("There is no HTML file in this ZIP.")


class SeveralHtml(UnreadableArchive):
    message = _l(
        "There are several HTML files in this ZIP. Keep one, or call the right one index.html."
    )


class Companions:
    """Files by their paths, found by the addresses that stand in HTML in one of their folders."""

    def __init__(
        self,
        archive: ZipFile | None = None,
        members: Mapping[str, ZipInfo] | None = None,
        folder: str = "",
    ) -> None:
        self._archive, self._members, self._folder = archive, members or {}, folder
        called = Counter(PurePosixPath(path).name for path in self._members)
        self._only_ones = {
            name: path for path in self._members if called[name := PurePosixPath(path).name] == 1
        }

    @classmethod
    def of_archive(cls, content: bytes) -> "Companions":
        """Raises an UnreadableArchive."""
        # Reading the list of a million files would take long and much memory already.
        if content.count(_ENTRY) > 2 * MOST_FILES:
            raise TooManyFiles(most=MOST_FILES)
        try:
            archive = ZipFile(BytesIO(content))
        except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise DamagedArchive from error
        members = {_plain(each.filename): each for each in archive.infolist() if _counts(each)}
        if len(members) > MOST_FILES:
            raise TooManyFiles(most=MOST_FILES)
        if sum(member.file_size for member in members.values()) > MOST_UNPACKED:
            raise TooMuch
        return cls(archive, members)

    def seen_from(self, folder: str) -> "Companions":
        return Companions(self._archive, self._members, folder)

    def html_path(self) -> str:
        """Of the only HTML file, or the index.html nearest to the top. Raises NoHtml or
        SeveralHtml."""
        pages = sorted(
            (path for path in self._members if path.endswith(_HTML_ENDINGS)),
            key=lambda path: (path.count("/"), path),
        )
        if not pages:
            raise NoHtml
        index = next((page for page in pages if PurePosixPath(page).stem == "index"), None)
        if len(pages) > 1 and not index:
            raise SeveralHtml
        return index or pages[0]

    def find(self, address: str) -> str | None:
        """The path of the file that the address names, the way a forgiving browser would."""
        if not is_local(address):
            return None
        path = unquote(re.split(r"[?#]", address.strip())[0])
        seen = path if path.startswith("/") else f"{self._folder}/{path}"
        for known in (_plain(seen), _plain(path)):
            if known in self._members:
                return known
        return self._only_ones.get(PurePosixPath(_plain(path)).name)

    def name(self, path: str) -> str:
        """As it is written in the archive, without folders."""
        return self._members[path].filename.replace("\\", "/").rpartition("/")[2]

    def read(self, path: str) -> bytes:
        """A little more than the largest image at most. Raises DamagedArchive."""
        assert self._archive
        try:
            with self._archive.open(self._members[path]) as file:
                return file.read(LARGEST + 1)
        except (BadZipFile, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
            raise DamagedArchive from error


def is_local(address: str) -> bool:
    """Whether it names a file beside the HTML, and no page, place or merge tag."""
    return bool(address.strip()) and not _ELSEWHERE.match(address.strip())


def _counts(member: ZipInfo) -> bool:
    """No folders, no links to somewhere else, nothing that only a Mac has a use for. Raises
    DamagedArchive for what could not be unpacked in small pieces."""
    if not member.filename or member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
        return False
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise DamagedArchive
    parts = member.filename.replace("\\", "/").split("/")
    return "__MACOSX" not in parts and not parts[-1].startswith(".")


def _plain(path: str) -> str:
    """One way of writing for all that mean the same file; never above the top."""
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in {"", "."}:
            parts.append(part)
    return unicodedata.normalize("NFC", "/".join(parts)).casefold()
