import pytest
from sqlalchemy import inspect, update

from tests.factories import make_mailing
from webapp.content import shelf
from webapp.mailings import attachments, contents, drafts
from webapp.mailings.attachments import EmptyFile, NoName, NoSuchAttachment, TooLarge
from webapp.mailings.drafts import NotADraft
from webapp.mailings.models import Attachment, Mailing, State
from webapp.platform.database import db, utcnow


def make_draft() -> Mailing:
    return make_mailing(state=State.DRAFT)


def make_attachment(mailing: Mailing, name: str, size: int) -> Attachment:
    """One that says that it has this size, without the bytes."""
    attachment = attachments.add(mailing, name, b"x")
    db.session.execute(update(Attachment).where(Attachment.id == attachment.id).values(size=size))
    return attachment


def names(mailing: Mailing) -> list[str]:
    return [attachment.name for attachment in attachments.of(mailing)]


def test_files_stand_in_the_order_in_which_they_came_without_their_contents() -> None:
    mailing = make_draft()
    attachments.add(mailing, "prices.pdf", b"%PDF-1.7")
    attachments.add(mailing, "catalogue.pdf", b"%PDF-1.7 and more")
    attachments.add(make_draft(), "other.pdf", b"%PDF-1.7")
    db.session.expunge_all()
    first, second = attachments.of(mailing)
    assert (first.name, first.media_type, first.size) == ("prices.pdf", "application/pdf", 8)
    assert (second.name, second.size) == ("catalogue.pdf", 17)
    assert "content" in inspect(first).unloaded
    assert first.content == b"%PDF-1.7"
    assert attachments.total_size(mailing) == 25


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\Mette\\priser.pdf", "priser.pdf"),
        ("../../etc/passwd", "passwd"),
        ("prices\r\nBcc: all@x.example.pdf", "prices Bcc: all@x.example.pdf"),
        ("prices\x00\x1b[31m.pdf", "prices [31m.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  prices.pdf . ", "prices.pdf"),
        ("Prisliste forår.pdf", "Prisliste forår.pdf"),
    ],
)
def test_a_name_is_kept_without_folders_and_control_characters(given: str, kept: str) -> None:
    assert attachments.add(make_draft(), given, b"x").name == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = attachments.add(make_draft(), "a" * 500 + ".pdf", b"x").name
    assert len(name) == 200
    assert name.endswith("a.pdf")


@pytest.mark.parametrize("name", ["", " ", "folder/", "..", "\r\n"])
def test_a_file_needs_a_name(name: str) -> None:
    with pytest.raises(NoName):
        attachments.add(make_draft(), name, b"x")


def test_an_empty_file_is_refused_with_its_name() -> None:
    with pytest.raises(EmptyFile, match=r"“prices\.pdf” is empty\."):
        attachments.add(make_draft(), "prices.pdf", b"")


def test_files_may_fill_the_limit_together_and_not_a_byte_more() -> None:
    mailing = make_draft()
    make_attachment(mailing, "film.mp4", attachments.MOST - 100)
    attachments.add(mailing, "prices.pdf", b"x" * 100)
    assert attachments.room(mailing) == 0
    with pytest.raises(TooLarge):
        attachments.add(mailing, "one byte.txt", b"x")
    assert names(mailing) == ["film.mp4", "prices.pdf"]


def test_a_file_that_does_not_fit_is_told_how_much_is_left() -> None:
    mailing = make_draft()
    make_attachment(mailing, "film.mp4", 24_000_000)
    with pytest.raises(TooLarge) as caught:
        attachments.add(mailing, "prices.pdf", b"x" * 1_260_000)
    assert str(caught.value) == (
        "“prices.pdf” is too large: it takes 1.3 MB, and 1 MB of 25 MB are left."
    )


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("prices.PDF", "application/pdf"),
        (
            "prices.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("party.ics", "text/calendar"),
        ("unknown.lumo", "application/octet-stream"),
        ("no ending", "application/octet-stream"),
        ("packed.tar.gz", "application/octet-stream"),
        ("forwarded.eml", "application/octet-stream"),
    ],
)
def test_the_media_type_comes_from_the_name(name: str, media_type: str) -> None:
    assert attachments.add(make_draft(), name, b"x").media_type == media_type


def test_a_file_is_removed_from_its_own_mailing_only() -> None:
    mailing, other = make_draft(), make_draft()
    attachment = attachments.add(mailing, "prices.pdf", b"x")
    attachments.remove(other, attachment.id)
    assert names(mailing) == ["prices.pdf"]
    attachments.remove(mailing, attachment.id)
    attachments.remove(mailing, attachment.id)
    assert names(mailing) == []


def test_a_file_is_found_in_its_own_mailing_only() -> None:
    mailing = make_draft()
    attachment = attachments.add(mailing, "prices.pdf", b"x")
    assert attachments.get(mailing, attachment.id) is attachment
    with pytest.raises(NoSuchAttachment):
        attachments.get(make_draft(), attachment.id)


def test_what_was_sent_keeps_its_files() -> None:
    mailing = make_draft()
    attachment = attachments.add(mailing, "prices.pdf", b"x")
    mailing.state = State.SENT
    with pytest.raises(NotADraft):
        attachments.add(mailing, "late.pdf", b"x")
    with pytest.raises(NotADraft):
        attachments.remove(mailing, attachment.id)
    assert names(mailing) == ["prices.pdf"]


def test_a_copy_of_a_mailing_has_the_same_files() -> None:
    mailing = make_draft()
    attachments.add(mailing, "prices.pdf", b"%PDF-1.7")
    attachments.add(mailing, "notes.txt", b"Hi")
    copy = drafts.duplicate(mailing, owner_id=None)
    kept = [(each.name, each.media_type, each.content) for each in attachments.of(copy)]
    assert kept == [
        ("prices.pdf", "application/pdf", b"%PDF-1.7"),
        ("notes.txt", "text/plain", b"Hi"),
    ]
    assert names(mailing) == ["prices.pdf", "notes.txt"]


def test_the_content_of_an_earlier_mailing_comes_without_its_files() -> None:
    earlier, mailing = make_draft(), make_draft()
    attachments.add(earlier, "prices.pdf", b"x")
    contents.start_from(mailing, earlier.content or {})
    assert names(mailing) == []


def test_a_forgotten_draft_takes_its_files_along() -> None:
    mailing = make_draft()
    mailing.deleted_at = utcnow() - shelf.KEPT
    attachment_id = attachments.add(mailing, "prices.pdf", b"x").id
    shelf.sweep(Mailing, Mailing.started_at.is_(None))
    db.session.expunge_all()
    assert db.session.get(Attachment, attachment_id) is None
