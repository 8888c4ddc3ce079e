"""What kind of file was given, judged by its content. A name promises nothing."""

import mmap
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

MAX_MEGABYTES = 150
MAX_ROWS = 2_000_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
IMAGE = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(?:hei|mif|avif)",
    re.DOTALL,
)
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|\?xml)", re.I)
# Everything below a space that does not belong in a text: no tab, line break, page break, escape.
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\v\f\x1a\x1b"))


class Kind(StrEnum):
    WORKBOOK = "workbook"
    DELIMITED = "delimited"


class UnreadableFile(DomainError):
    """A file that cannot be imported; the subclass says why."""


class EmptyFile(UnreadableFile):
    message = _l("This file is empty. It needs a row of headings and a row for each person.")


class TooLarge(UnreadableFile):
    message = _l(
        "This file is larger than the %(limit)d MB that can be imported at once. "
        "Divide it into smaller files."
    )


class TooMuchContent(UnreadableFile):
    message = _l("This workbook holds too much to be read. Save it as CSV and upload that.")


class TooManyRows(UnreadableFile):
    message = _l(
        "This file has more than %(limit)d rows, which is more than can be imported at once. "
        "Divide it into smaller files."
    )


class ZipBomb(UnreadableFile):
    message = _l(
        "This file would unpack to far more than a list of people ever does, so it was not opened."
    )


class OldExcelFile(UnreadableFile):
    message = _l(
        "This is a workbook of an old or binary Excel format. "
        "Open it in Excel, save it as .xlsx and upload that."
    )


class OpenDocumentFile(UnreadableFile):
    message = _l(
        "This is an OpenDocument file. Save it as .xlsx or CSV in LibreOffice and upload that."
    )


class PasswordProtected(UnreadableFile):
    message = _l(
        "This workbook is protected by a password. Remove the password in Excel, "
        "save the workbook and upload it again."
    )


class DamagedWorkbook(UnreadableFile):
    message = _l(
        "This workbook is damaged and cannot be read. Open it in Excel, save it as .xlsx again "
        "and upload that."
    )


class PdfFile(UnreadableFile):
    message = _l("This is a PDF, not a spreadsheet. Ask for the list as Excel (.xlsx) or CSV.")


class ImageFile(UnreadableFile):
    message = _l("This is a picture, not a spreadsheet. Ask for the list as Excel (.xlsx) or CSV.")


class WebPage(UnreadableFile):
    message = _l(
        "This is a web page, even if its name says Excel. "
        "Open it in Excel, save it as .xlsx and upload that."
    )


class ZipArchive(UnreadableFile):
    message = _l(
        "This is a ZIP archive without a workbook. "
        "Unpack it and upload the file that holds the list."
    )


class NotASpreadsheet(UnreadableFile):
    message = _l("This file is not a spreadsheet. Upload the list as Excel (.xlsx) or CSV.")


def kind_of(path: Path) -> Kind:
    """Raises an UnreadableFile when it is neither a workbook nor a text with separators."""
    size = path.stat().st_size
    if not size:
        raise EmptyFile
    if size > MAX_MEGABYTES * 1_000_000:
        raise TooLarge(limit=MAX_MEGABYTES)
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return archive_kind(path)
    refuse_other_formats(path, head)
    return Kind.DELIMITED


def refuse_other_formats(path: Path, head: bytes) -> None:
    if head.startswith(OLE):
        raise ole_error(path)
    if b"%PDF-" in head[:1024]:
        raise PdfFile
    if IMAGE.match(head):
        raise ImageFile
    if MARKUP.match(head):
        raise WebPage
    if not head.startswith(UTF16_MARKS):
        strange = len(head) - len(head.translate(None, CONTROL))
        if strange > len(head) / 20:
            raise NotASpreadsheet


def archive_kind(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {member.filename: member for member in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DamagedWorkbook from error
    if any(member.flag_bits & 0x1 for member in members.values()):
        raise PasswordProtected
    if "xl/workbook.bin" in members:
        raise OldExcelFile
    if "content.xml" in members:
        raise OpenDocumentFile
    if "word/document.xml" in members or "ppt/presentation.xml" in members:
        raise NotASpreadsheet
    if "xl/workbook.xml" not in members:
        raise ZipArchive
    return Kind.WORKBOOK


def ole_error(path: Path) -> UnreadableFile:
    """Old Office files and encrypted new ones are the same container; its directory tells them."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            return PasswordProtected()
        if any(content.find(name.encode("utf-16-le")) >= 0 for name in ("Workbook", "Book")):
            return OldExcelFile()
    return NotASpreadsheet()
