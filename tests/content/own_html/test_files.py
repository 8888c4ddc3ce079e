import stat
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import pytest

from webapp.content.own_html import archives
from webapp.content.own_html.archives import Companions
from webapp.content.own_html.files import decoded, read
from webapp.content.own_html.message import EmptyHtml


def packed(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return written.getvalue()


def beside(*names: str, html: str = "mail.html") -> Companions:
    return read(packed({html: b"<p>Hi</p>"} | {name: name.encode() for name in names})).companions


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<p>æøå</p>".encode(), "æøå"),
        ("\ufeff<p>æøå</p>".encode(), "æøå"),
        ("\ufeff<p>æøå</p>".encode("utf-16"), "æøå"),
        ("<p>æøå</p>".encode("utf-16-le"), "æøå"),
        ("<p>æøå</p>".encode("utf-16-be"), "æøå"),
        ("<p>æøå “quoted”</p>".encode("cp1252"), "æøå “quoted”"),
        ('<meta charset="iso-8859-2"><p>łódź</p>'.encode("iso-8859-2"), "łódź"),
        ("<meta content='text/html; charset=Windows-1251'>Привет".encode("cp1251"), "Привет"),
        ("<meta charset=iso-8859-1><p>æøå</p>".encode(), "æøå"),
        ("<meta charset=no-such-thing><p>æ</p>".encode("cp1252"), "æ"),
        ("<meta charset=hex><p>æ</p>".encode("cp1252"), "æ"),
    ],
)
def test_the_encoding_is_found_or_taken_as_declared(content: bytes, words: str) -> None:
    assert words in decoded(content)


def test_the_html_says_the_encoding_that_it_will_be_sent_in() -> None:
    html = decoded(b'<META http-equiv="x" content="text/html; charset=iso-8859-1">\xe6')
    assert html == '<META http-equiv="x" content="text/html; charset=utf-8">æ'


@pytest.mark.parametrize("content", [b"", b"no markup", b"\x89PNG<\0\0\0", b"%PDF"])
def test_what_is_no_html_is_refused(content: bytes) -> None:
    with pytest.raises(EmptyHtml):
        read(content)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("images/lamp.png", "a/images/lamp.png"),
        ("./images/lamp.png", "a/images/lamp.png"),
        ("IMAGES/Lamp.PNG", "a/images/lamp.png"),
        ("images%2Flamp.png?v=2#x", "a/images/lamp.png"),
        (r"images\lamp.png", "a/images/lamp.png"),
        ("../other/bord%C3%A6.png", "other/bordæ.png"),
        ("/other/bordæ.png", "other/bordæ.png"),
        ("../../../other/bordæ.png", "other/bordæ.png"),
        ("other/bordæ.png", "other/bordæ.png"),
        ("file:///C:/Users/mette/mail/bordæ.png", "other/bordæ.png"),
        (r"C:\Users\mette\bordæ.png", "other/bordæ.png"),
        ("somewhere/lamp.png", None),
        ("../../../../etc/passwd", None),
        ("https://x.example/images/lamp.png", None),
        ("//x.example/images/lamp.png", None),
        ("cid:lamp.png", None),
        ("data:image/png;base64,AAAA", None),
        ("#lamp.png", None),
        ("[[customer.id]]/lamp.png", None),
        ("", None),
    ],
)
def test_a_file_is_found_as_a_forgiving_browser_would(address: str, path: str | None) -> None:
    decomposed = "other/bordæ.png"
    files = beside("a/images/lamp.png", "b/lamp.png", decomposed, html="a/mail.html")
    assert files.find(address) == path


def test_names_that_a_mac_took_apart_are_the_same_names() -> None:
    files = beside("billeder/sta\u030al.png")
    assert files.find("billeder/st%C3%A5l.png") == "billeder/stål.png"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["mail.html"], "mail.html"),
        (["deep/down/Mail.HTM"], "deep/down/mail.htm"),
        (["index.html", "terms.html"], "index.html"),
        (["a/b/index.html", "a/index.html", "terms.html"], "a/index.html"),
        (["mail.html", "__MACOSX/mail.html", "__MACOSX/._mail.html", ".hidden.html"], "mail.html"),
    ],
)
def test_the_one_page_is_found(names: list[str], chosen: str) -> None:
    content = {name: f"<p>{name}</p>".encode() for name in names}
    assert read(packed(content)).html.casefold() == f"<p>{chosen}</p>"


def linked() -> bytes:
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        archive.writestr("mail.html", "<p>Hi</p>")
        link = ZipInfo("secret.png")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return written.getvalue()


def test_a_link_to_another_place_is_no_file() -> None:
    assert read(linked()).companions.find("secret.png") is None


def lying(content: bytes) -> bytes:
    """Of which the list says that its first file is 3 GB."""
    at = content.index(b"PK\x01\x02") + 24
    return content[:at] + (3_000_000_000).to_bytes(4, "little") + content[at + 4 :]


def locked(content: bytes) -> bytes:
    """Its files say that they need a password."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[content.index(mark) + offset] |= 1
    return bytes(changed)


ONE = {"mail.html": b"<p>Hi</p>"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (packed({}), archives.NoHtml),
        (packed({"lamp.png": b"x"}), archives.NoHtml),
        (packed({"a.html": b"<p>", "b.html": b"<p>"}), archives.SeveralHtml),
        (packed(ONE)[:40], archives.DamagedArchive),
        (b"PK\x03\x04 and nothing more", archives.DamagedArchive),
        (packed(ONE, ZIP_LZMA), archives.DamagedArchive),
        (lying(packed(ONE)), archives.TooMuch),
        (locked(packed(ONE)), archives.DamagedArchive),
        (packed(ONE | {f"{n}.png": b"" for n in range(500)}), archives.TooManyFiles),
        (packed({f"{n}": b"" for n in range(5000)}), archives.TooManyFiles),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value.__name__,
)
def test_a_zip_that_no_email_can_be_made_of_says_why(
    content: bytes, error: type[archives.UnreadableArchive]
) -> None:
    with pytest.raises(error):
        read(content)


def test_a_bomb_is_unpacked_no_further_than_an_image_is_large() -> None:
    bomb = read(packed(ONE | {"lamp.png": b"\0" * 150_000_000})).companions
    path = bomb.find("lamp.png")
    assert path
    assert len(bomb.read(path)) == 10_000_001


def test_five_hundred_files_are_welcome() -> None:
    files = beside(*(f"images/{number}.png" for number in range(499)))
    assert files.find("images/498.png") == "images/498.png"
    assert files.name("images/498.png") == "498.png"


def test_a_member_without_a_name_is_passed_over() -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("mail.html", "<p>Hi</p>")
        nameless = ZipInfo("x")
        nameless.filename = ""
        archive.writestr(nameless, b"nothing")
    assert read(content.getvalue()).html == "<p>Hi</p>"
