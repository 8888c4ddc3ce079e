"""The ZIP archive that a workbook is, checked before a library unpacks it into memory."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from webapp.people.imports.files import DamagedWorkbook, TooMuchContent, ZipBomb

MEGABYTE = 1_000_000
CHUNK = MEGABYTE // 4
MAX_UNPACKED = 2_000 * MEGABYTE
# Both libraries keep the texts that cells share in memory.
MAX_SHARED_TEXTS = 300 * MEGABYTE
# A workbook is a fifth to a thirtieth of what it unpacks to; a bomb is a thousandth.
SUSPICIOUS_SIZE = 100 * MEGABYTE
MAX_RATIO = 100

LOCAL_HEADER_SIZE = 30  # before the name and the extra field, whose lengths stand at its end
CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
CELL_REFERENCE = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")


def check_archive(path: Path) -> None:
    """Raises ZipBomb, TooMuchContent or DamagedWorkbook.

    What the archive says it holds is counted while unpacking, and nothing of that is kept:
    zipfile stops silently where a forged size says so, calamine reads on.
    """
    members = members_of(path)
    declared = sum(member.file_size for member in members)
    if declared > SUSPICIOUS_SIZE and declared > MAX_RATIO * path.stat().st_size:
        raise ZipBomb
    shared = sum(member.file_size for member in members if "sharedStrings" in member.filename)
    if declared > MAX_UNPACKED or shared > MAX_SHARED_TEXTS:
        raise TooMuchContent
    for member in members:
        for _chunk in unpacked(path, member):
            pass


def unpacked_size(path: Path) -> int:
    return sum(member.file_size for member in members_of(path))


def members_of(path: Path) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(path) as archive:
        return archive.infolist()


def unpacked(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member in chunks. ZipBomb as soon as there is more of it than declared."""
    size = 0
    for chunk in inflated(path, member):
        size += len(chunk)
        if size > member.file_size:
            raise ZipBomb
        yield chunk


def inflated(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    if member.compress_type == zipfile.ZIP_STORED:
        yield from packed(path, member)
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise DamagedWorkbook
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed(path, member):
            yield decompressor.decompress(chunk, CHUNK)
            while decompressor.unconsumed_tail:
                yield decompressor.decompress(decompressor.unconsumed_tail, CHUNK)
        yield decompressor.flush()
    except zlib.error as error:
        raise DamagedWorkbook from error


def packed(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(LOCAL_HEADER_SIZE)
        name_length = int.from_bytes(header[26:28], "little")
        extra_length = int.from_bytes(header[28:30], "little")
        file.seek(name_length + extra_length, 1)
        left = member.compress_size
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def cell_area(path: Path) -> int | None:
    """Rows times columns of the widest and the lowest cell; None when cells do not say where.

    calamine reserves memory for all of that, so one stray cell in the last corner of a sheet
    would end the process.
    """
    width = height = 0
    for member in members_of(path):
        for piece in pieces(unpacked(path, member)):
            places = CELL_REFERENCE.findall(piece)
            if len(places) != len(CELL.findall(piece)):
                return None
            width = max((width, *(column_number(letters) for letters in {p[0] for p in places})))
            height = max((height, *(int(row) for _letters, row in places)))
    return width * height


def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut where a tag ends."""
    rest = b""
    for chunk in chunks:
        whole, end, rest = (rest + chunk).rpartition(b">")
        yield whole + end
    yield rest


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
