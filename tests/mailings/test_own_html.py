from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from tests.factories import make_folder, make_mailing
from tests.support.pictures import picture
from webapp.content import shelf
from webapp.content.images.models import Image
from webapp.content.models import FolderOf
from webapp.content.own_html.files import Given, read
from webapp.mailings import own_html, preview
from webapp.mailings.drafts import NotADraft
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

LEAVE = '<a href="[[link.unsubscribe]]">Leave</a>'


def make_draft() -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT)


def archive(html: str, **files: bytes) -> Given:
    written = BytesIO()
    with ZipFile(written, "w") as packed:
        packed.writestr("mail/index.html", html)
        for name, content in files.items():
            packed.writestr(f"mail/images/{name.replace('_', '.')}", content)
    return read(written.getvalue())


def taken(mailing: Mailing, given: Given) -> tuple[str, list[str]]:
    notes = [str(note) for note in own_html.take(mailing, given, by=None)]
    return mailing.content["html"], notes


def images() -> list[Image]:
    return list(db.session.scalars(select(Image).order_by(Image.id)))


def test_the_images_of_a_zip_go_into_a_folder_called_like_the_mailing() -> None:
    mailing = make_draft()
    given = archive(
        f'<img src="images/lamp.png"><td background="./images/LAMP.png"><b style="background:'
        f"url('images/floor.png')\">{LEAVE}",
        lamp_png=picture(),
        floor_png=picture(colour=(0, 0, 9)),
        unused_png=picture(colour=(9, 9, 9)),
    )
    html, notes = taken(mailing, given)
    lamp, floor = images()
    assert html.count(lamp.address) == 2
    assert f"url('{floor.address}')" in html
    assert {image.folder.name for image in images()} == {"Lumo"}
    assert notes == []
    assert f'src="http://localhost{lamp.address}"' in preview.message(mailing, None).html


def test_the_same_zip_once_more_adds_nothing() -> None:
    mailing = make_draft()
    folder = make_folder("LUMO", of=FolderOf.IMAGE)
    given = archive(f'<img src="images/lamp.png">{LEAVE}', lamp_png=picture())
    assert taken(mailing, given) == taken(mailing, given)
    assert [image.folder for image in images()] == [folder]


def test_what_is_missing_or_no_image_is_said_and_the_rest_is_used() -> None:
    html, notes = taken(
        make_draft(),
        archive(
            '<link rel="stylesheet" href="images/style.css"><img src="images/lamp.png">'
            '<img src="images/gone.png"><img src="images/gone.png"><img src="images/logo.svg">'
            f'<img src="https://x.example/a.png"><img src="cid:1"><img src="/i/1/a.png">{LEAVE}',
            lamp_png=picture(),
            logo_svg=b"<svg></svg>",
            style_css=b"b{}",
        ),
    )
    assert "/i/" in html
    assert 'src="images/gone.png"' in html
    assert notes == [
        "1 image is not there, and nobody will see it: images/gone.png",
        "“style.css” is a style sheet of its own, which mail programs do not load. Put its rules"
        " into a <style> of the HTML.",
        "“logo.svg” is an SVG drawing, which mail programs do not show. Export it as PNG, at least"
        " 1,200 pixels wide, and upload that.",
    ]


def test_pasted_html_has_no_files_beside_it_and_many_missing_are_counted() -> None:
    html = "".join(f'<img src="{number}.png">' for number in range(40))
    _html, notes = taken(make_draft(), Given(html + LEAVE))
    (note,) = notes
    assert note.startswith("40 images are not there")
    assert note.endswith("5.png …")
    assert len(images()) == 0


def test_active_parts_are_removed_and_said() -> None:
    given = Given("<script>alert(1)</script><p onclick='x()'>Hi</p>")
    html, notes = taken(make_draft(), given)
    assert "script" not in html
    assert "onclick" not in html
    assert len(notes) == 2


def test_a_sent_mailing_stays_as_it_is() -> None:
    mailing = make_mailing()
    with pytest.raises(NotADraft):
        own_html.take(mailing, archive("<p>Hi</p>", lamp_png=picture()), by=None)
    assert not shelf.count_by_folder(Image)
