"""Files that go with every message of a mailing."""

from mimetypes import guess_type

from flask import current_app
from sqlalchemy import delete, func, select

from webapp.mailings import drafts
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Attachment, Mailing
from webapp.people.texts import file_name
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l, file_size
from webapp.platform.tokens import BadToken, Purpose, Signer

MOST = 25_000_000
"""Bytes, of all files of a mailing together."""

TAGS = ("attachment.name", "attachment.openUrl")
"""Of the first file."""

UNNAMED_TYPE = "application/octet-stream"
OFFICE_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ics": "text/calendar",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Those that Python 3.11 learns only from the machine it runs on."""


class NoSuchAttachment(NotFound):
    message = _l("This attachment does not exist any more.")


class NoName(DomainError):
    message = _l("A file without a name cannot be attached.")


class EmptyFile(DomainError):
    message = _l("“%(name)s” is empty.")


class TooLarge(DomainError):
    message = _l("“%(name)s” is too large: it takes %(size)s, and %(room)s of %(most)s are left.")


class TooLargeTogether(DomainError):
    message = _l("The chosen files are too large: %(room)s of %(most)s are left.")


def of(mailing: Mailing) -> list[Attachment]:
    """In the order in which they stand in a message; without their contents."""
    of_mailing = select(Attachment).where(Attachment.mailing_id == mailing.id)
    return list(db.session.scalars(of_mailing.order_by(Attachment.id)))


def get(mailing: Mailing, attachment_id: int) -> Attachment:
    """Raises NoSuchAttachment."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.mailing_id != mailing.id:
        raise NoSuchAttachment
    return attachment


def opened(token: str) -> Attachment:
    """Whose link was followed; whoever has the link may have the file. Raises NoSuchAttachment."""
    signer: Signer = current_app.extensions["signer"]
    try:
        mailing_id, attachment_id = signer.read(Purpose.ATTACHMENT, token)
    except (BadToken, ValueError) as error:
        raise NoSuchAttachment from error
    return get(drafts.get(mailing_id), attachment_id)


def total_size(mailing: Mailing) -> int:
    """Bytes."""
    sizes = func.coalesce(func.sum(Attachment.size), 0)
    return db.session.scalar(select(sizes).where(Attachment.mailing_id == mailing.id)) or 0


def room(mailing: Mailing) -> int:
    """How many bytes can be added."""
    return max(0, MOST - total_size(mailing))


def add(mailing: Mailing, name: str, content: bytes) -> Attachment:
    """Raises NotADraft, NoName, EmptyFile or TooLarge, and then adds nothing."""
    require_draft(mailing)
    # What ends with a dot is a folder to some systems, or loses the dot.
    name = file_name(name).rstrip(". ")
    if not name:
        raise NoName
    if not content:
        raise EmptyFile(name=name)
    left = room(mailing)
    if len(content) > left:
        raise TooLarge(name=name, size=file_size(len(content)), **_limits(left))
    attachment = Attachment(
        mailing_id=mailing.id,
        name=name,
        media_type=media_type(name),
        size=len(content),
        content=content,
    )
    db.session.add(attachment)
    mailing.updated_at = utcnow()
    db.session.flush()
    return attachment


def too_large_together(mailing: Mailing) -> TooLargeTogether:
    """For files that were not even read."""
    return TooLargeTogether(**_limits(room(mailing)))


def remove(mailing: Mailing, attachment_id: int) -> None:
    """Raises NotADraft. One that is gone already is no fault."""
    require_draft(mailing)
    db.session.execute(
        delete(Attachment).where(
            Attachment.id == attachment_id, Attachment.mailing_id == mailing.id
        )
    )
    mailing.updated_at = utcnow()


def media_type(name: str) -> str:
    """What mail programs are told about a file, judged by its name."""
    _stem, dot, ending = name.lower().rpartition(".")
    known, packed = guess_type(f"file.{ending}") if dot else (None, None)
    known = OFFICE_TYPES.get(f".{ending}", known)
    # A message within a message may not travel as base64 (RFC 2046, 5.2.1).
    if known is None or packed or known.startswith(("message/", "multipart/")):
        return UNNAMED_TYPE
    return known


def _limits(left: int) -> dict[str, str]:
    return {"most": file_size(MOST), "room": file_size(left)}
