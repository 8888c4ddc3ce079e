"""Changing the content of a draft, also when two people do it at once."""

from collections.abc import Callable

from sqlalchemy import update

from webapp.content.document.blocks import BODY
from webapp.content.document.differences import changed_parts, parts_of
from webapp.content.document.fields import values
from webapp.content.document.opening import Document, open_document, with_texts
from webapp.content.document.operations import Beside, add_block, update_part
from webapp.content.document.parts import all_blocks
from webapp.content.email.compile import TEXT
from webapp.content.own_html.message import from_html, language_of
from webapp.mailings import history
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, speaking


class ChangedMeanwhile(DomainError):
    message = _l(
        "Somebody else changed this e-mail meanwhile, so your last change is not saved."
        " Load the page again to see it as it is now."
    )


def save(
    mailing: Mailing, document: Document, *, version: int, of: str = "", in_one_go: bool = False
) -> None:
    """The newest content, changed by somebody who saw that of `version`.

    `of` is the part that they changed, and raises ChangedMeanwhile if somebody else changed it
    since; without it anything that changed does. Raises NotADraft. Changes of the same part
    `in_one_go` that follow each other quickly are undone together.
    """
    require_draft(mailing)
    before = mailing.content
    if document == before:
        return
    newest = mailing.content_version
    if not (mailing.part_versions.get(of, 0) if of else newest) <= version <= newest:
        raise ChangedMeanwhile
    _write(mailing, document)
    history.note(mailing, before, document, of=of if in_one_go else "")


def undo(mailing: Mailing, *, version: int) -> None:
    """Nothing where there is nothing to undo. Raises like `save`."""
    _go_to(mailing, history.undone, version)


def redo(mailing: Mailing, *, version: int) -> None:
    """Nothing where there is nothing to redo. Raises like `save`."""
    _go_to(mailing, history.redone, version)


def _go_to(mailing: Mailing, way: Callable[[Mailing], Document | None], version: int) -> None:
    require_draft(mailing)
    if version != mailing.content_version:
        raise ChangedMeanwhile
    document = way(mailing)
    if document is not None:
        _write(mailing, document)


def _write(mailing: Mailing, document: Document) -> None:
    """Raises ChangedMeanwhile when what `mailing` holds is not the newest any more."""
    version = mailing.content_version
    before, after = open_document(mailing.content), open_document(document)
    versions = {part: mailing.part_versions.get(part, 0) for part in parts_of(after)}
    versions |= dict.fromkeys(changed_parts(before, after), version + 1)
    saved = db.session.execute(
        update(Mailing)
        .where(
            Mailing.id == mailing.id,
            Mailing.state == State.DRAFT,
            Mailing.content_version == version,
        )
        .values(
            content=document,
            content_version=version + 1,
            part_versions=versions,
            updated_at=utcnow(),
        )
        .returning(Mailing.id)
        .execution_options(synchronize_session=False)
    )
    if saved.first() is None:
        raise ChangedMeanwhile
    db.session.refresh(mailing)


def start_from(mailing: Mailing, document: Document) -> None:
    """Another beginning; what was written before is gone."""
    save(mailing, document, version=mailing.content_version)


def replace_text(mailing: Mailing, old: str, new: str) -> None:
    """Wherever somebody typed it: in the subject, the preheader or the content."""

    def replaced(text: str) -> str:
        return text.replace(old, new)

    mailing.subject = replaced(mailing.subject)
    mailing.preheader = replaced(mailing.preheader)
    document = with_texts(open_document(mailing.content), replaced)
    save(mailing, document, version=mailing.content_version)


def add_unsubscribe_link(mailing: Mailing) -> None:
    """At the end of the e-mail."""
    document = open_document(mailing.content)
    if document["kind"] == "html":
        changed = document | from_html(document["html"])[0]
    else:
        blocks = [block["id"] for block in all_blocks(document)]
        changed, block_id = add_block(document, "text", Beside(blocks[-1]) if blocks else None)
        link = f'<p><a href="[[link.unsubscribe]]">{_unsubscribe(document)}</a></p>'
        look = {"align": "center", "size": 13, "color": "#6b6b70"}
        changed = update_part(changed, block_id, {"html": link, **look})
    save(mailing, changed, version=mailing.content_version)


def add_unsubscribe_to_text(mailing: Mailing) -> None:
    """At the end of the plain text that somebody wrote."""
    document = open_document(mailing.content)
    text = f"{document.get(TEXT, '').rstrip()}\n\n{_unsubscribe(document)}: [[link.unsubscribe]]\n"
    save(mailing, document | {TEXT: text}, version=mailing.content_version)


def _unsubscribe(document: Document) -> str:
    """In the language of the e-mail, whoever adds it."""
    if document["kind"] == "html":
        language = language_of(document["html"])
    else:
        language = str(values(BODY, document["body"])["language"])[:2]
    with speaking(language):
        return _("Unsubscribe")
