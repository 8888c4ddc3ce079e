"""Templates of one's own, and their files."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.content.compiling import HOSTILE, compiled, of_blocks, shown
from tests.factories import make_content, make_folder, make_template
from webapp.accounts.models import AuditEntry
from webapp.content import shelf
from webapp.content.models import FolderOf, Template
from webapp.content.own_html.message import EmptyHtml
from webapp.content.shelf import NothingToRestore
from webapp.content.templates import files as template_files
from webapp.content.templates import templates
from webapp.content.templates.designs import DESIGNS
from webapp.content.templates.files import FileTooLarge, FileTooNew, NotATemplate
from webapp.content.templates.templates import NoSuchTemplate
from webapp.platform.database import db, utcnow

HERE = "https://post.example"


def file_of(document: Any, **more: Any) -> bytes:
    given = {"format": "brevdue template", "version": 1, "name": "Taken", "document": document}
    return json.dumps(given | more).encode()


def taken(document: Any, **more: Any) -> Template:
    return template_files.read(file_of(document, **more), None, by=None)


def names(text: str = "") -> list[str]:
    return [each.name for each in db.session.scalars(templates.find(text))]


def test_templates_are_found_by_every_word_of_their_names() -> None:
    for name in ("News in spring", "news of the shop", "Spring sale"):
        make_template(name)
    assert names() == ["News in spring", "news of the shop", "Spring sale"]
    assert names("spring NEWS") == ["News in spring"]
    assert names("%") == []


def test_a_copy_is_a_template_of_its_own_beside_the_first() -> None:
    folder = make_folder(of=FolderOf.TEMPLATE)
    template = make_template("Spring", folder=folder, subject="Hello", preheader="there")
    copy = templates.copy(template, by=None)
    assert (copy.name, copy.folder, copy.subject) == ("Spring (copy)", folder, "Hello")
    assert copy.document == template.document
    templates.rename(copy, "Summer", by=None)
    shelf.move(Template, [copy.id], None, by=None)
    assert (template.name, template.folder) == ("Spring", folder)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["template made", "template renamed", "template put into folder"]


def test_what_is_deleted_comes_back_within_a_month() -> None:
    template = make_template("Spring")
    shelf.remove(Template, [template.id], by=None)
    assert names() == []
    with pytest.raises(NoSuchTemplate):
        templates.get(template.id)
    shelf.restore(Template, [template.id], by=None)
    assert templates.get(template.id).name == "Spring"
    with pytest.raises(NothingToRestore):
        shelf.restore(Template, [template.id], by=None)


def test_a_month_later_it_is_forgotten() -> None:
    kept, gone = make_template("Kept"), make_template("Gone")
    for template, days in ((kept, 29), (gone, 31)):
        template.deleted_at = utcnow() - timedelta(days=days)
    with pytest.raises(NothingToRestore):
        shelf.restore(Template, [gone.id], by=None)
    shelf.sweep(Template)
    assert db.session.scalars(select(Template.name)).all() == ["Kept"]


@pytest.mark.parametrize(
    "document",
    [make_content(), DESIGNS["survey"].document("da"), {"kind": "html", "html": "<body>Hi</body>"}],
    ids=["blocks", "supplied", "html"],
)
def test_a_template_survives_the_way_through_a_file(app: object, document: Any) -> None:
    template = make_template("Forår", document=document, subject="Hej", preheader="med dig")
    again = template_files.read(template_files.written(template, HERE), None, by=None)
    assert (again.name, again.subject, again.preheader) == ("Forår", "Hej", "med dig")
    before, after = (shown(compiled(each.document)) for each in (template, again))
    if document["kind"] == "blocks":
        assert after == before
    else:
        assert "<body>Hi" in after
        assert "link.unsubscribe" in str(again.document)


def test_images_of_our_library_are_found_from_elsewhere_too() -> None:
    picture = {"type": "image", "src": "/i/ab/lamp.png", "alt": "A lamp, /i/ab", "link": ""}
    html = {"type": "html", "html": '<img src="/i/cd/chair.png">'}
    supplied = {"type": "image", "src": "/static/img/templates/offer-pot.png", "alt": "A pot"}
    template = make_template(document=of_blocks(picture, html, supplied))
    blocks = json.loads(template_files.written(template, HERE))["document"]["rows"][0]["columns"]
    first, second, third = blocks[0]["blocks"]
    assert (first["src"], first["alt"]) == (f"{HERE}/i/ab/lamp.png", "A lamp, /i/ab")
    assert second["html"] == f'<img src="{HERE}/i/cd/chair.png">'
    assert third == {"id": "b2"} | supplied


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"PK\x03\x04 a zip",
        b"<html></html>",
        b"null",
        b"[]",
        b'"brevdue template"',
        b"[" * 100_000,
        b"{}",
        file_of(None),
        file_of([]),
        file_of({"rows": []}),
        file_of({"rows": "many"}),
        file_of({"rows": [{}] * 301}),
        file_of(of_blocks(), version="1"),
        file_of(of_blocks(), format="somebody else's"),
    ],
)
def test_garbage_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(NotATemplate):
        template_files.read(content, None, by=None)
    assert names() == []


def test_what_is_too_large_or_too_new_is_refused() -> None:
    with pytest.raises(FileTooLarge):
        template_files.read(b" " * (template_files.LARGEST + 1), None, by=None)
    with pytest.raises(FileTooNew):
        taken(of_blocks(), version=2)
    with pytest.raises(EmptyHtml):
        taken({"kind": "html", "html": " "})


def test_nothing_in_a_file_is_trusted() -> None:
    evil = "<p onclick='x()'>Hi <script>alert(1)</script><a href='javascript:x()'>you</a></p>"
    document = of_blocks(
        {"type": "text", "html": evil, "size": 10**400, "color": "red;x", "unknown": {"x": 1}},
        {"type": "html", "html": evil + "<iframe src='//x.example'></iframe>"},
        {"type": "button", "label": HOSTILE, "url": "javascript:alert(1)", "radius": [1]},
        {"type": "image", "src": "data:text/html,x", "alt": 7},
        {"type": "menu", "items": [{"label": "x", "url": "vbscript:x"}] * 9 + ["y"]},
        {"type": "plug-in", "html": evil},
        font="papyrus",
        width=1e308,
        language="../../etc",
        background="#fff;x",
    )
    document["rows"][0] |= {"picture": "javascript:x", "more": evil, "space_top": float("nan")}
    template = taken(document, name="A\x00 name\ud800" + "x" * 500, subject=["no"], preheader=1)
    db.session.commit()
    assert template.name.startswith("A")
    assert len(template.name) <= 200
    assert (template.subject, template.preheader) == ("", "")
    kinds = [block["type"] for block in template.document["rows"][0]["columns"][0]["blocks"]]
    assert kinds == ["text", "html", "button", "image", "menu"]
    kept = json.dumps(template.document)
    for word in ("script", "onclick", "iframe", "papyrus", "unknown", "more", "etc", "NaN"):
        assert word not in kept
    assert "Hi" in shown(compiled(template.document))


def test_a_finished_e_mail_in_a_file_is_cleaned_as_a_pasted_one() -> None:
    html = "<body><script>x()</script><p onclick='x()'>Hi [[link.unsubscribe]]</p></body>"
    template = taken({"kind": "html", "html": html, "more": 1})
    assert "script" not in template.document["html"]
    assert "onclick" not in template.document["html"]
    assert "more" not in template.document
