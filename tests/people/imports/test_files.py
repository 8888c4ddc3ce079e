import zipfile
from pathlib import Path

import pytest

from tests.people.imports import files_made as make
from webapp.people.imports import files
from webapp.people.imports.files import Kind, kind_of


def utf16(name: str) -> bytes:
    return name.encode("utf-16-le")


def archive(path: Path, *members: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        for member in members:
            made.writestr(member, "x")
    return path


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", files.EmptyFile),
        (b"%PDF-1.7\n%\xe2\xe3", files.PdfFile),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", files.ImageFile),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", files.ImageFile),
        (b"<html><table><tr><td>Navn</td></tr></table></html>", files.WebPage),
        (b"\xef\xbb\xbf\r\n <!DOCTYPE html>", files.WebPage),
        (b'<?xml version="1.0"?><Workbook/>', files.WebPage),
        (files.OLE + bytes(600) + utf16("Workbook"), files.OldExcelFile),
        (files.OLE + bytes(600) + utf16("EncryptedPackage"), files.PasswordProtected),
        (files.OLE + bytes(600) + utf16("WordDocument"), files.NotASpreadsheet),
        (b"PK\x03\x04 cut short", files.DamagedWorkbook),
        (bytes(range(256)) * 20, files.NotASpreadsheet),
    ],
)
def test_what_is_no_list_is_told_by_its_content(
    tmp_path: Path, content: bytes, error: type[files.UnreadableFile]
) -> None:
    path = tmp_path / "kunder.xlsx"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        kind_of(path)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("member", "error"),
    [
        ("kunder.csv", files.ZipArchive),
        ("word/document.xml", files.NotASpreadsheet),
        ("content.xml", files.OpenDocumentFile),
        ("xl/workbook.bin", files.OldExcelFile),
    ],
)
def test_an_archive_without_a_workbook_is_told(
    tmp_path: Path, member: str, error: type[files.UnreadableFile]
) -> None:
    with pytest.raises(error):
        kind_of(archive(tmp_path / "kunder.xlsx", member))


def test_an_encrypted_archive_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", "xl/workbook.xml")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(files.PasswordProtected):
        kind_of(path)


def test_the_name_of_the_file_promises_nothing(tmp_path: Path) -> None:
    assert kind_of(make.workbook(tmp_path / "a.csv", [["Navn"]])) == Kind.WORKBOOK
    assert kind_of(make.text(tmp_path / "a.xlsx", "Navn;E-mail\n")) == Kind.DELIMITED
    assert kind_of(make.text(tmp_path / "b.csv", "Navn;E-mail\n", "utf-16")) == Kind.DELIMITED


def test_a_file_of_two_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(files.TooLarge, match="150 MB"):
        kind_of(path)
