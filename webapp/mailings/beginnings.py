"""What a draft begins from: a template, supplied or of one's own, or an earlier mailing."""

from webapp.accounts.organisation import organisation
from webapp.content.document.opening import Document
from webapp.content.models import Folder, Template
from webapp.content.templates import templates
from webapp.content.templates.designs import DESIGNS, Design, blank
from webapp.mailings import contents
from webapp.mailings.models import Mailing
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l


class NoSuchDesign(NotFound):
    message = _l("There is no such template.")


class NothingWritten(DomainError):
    message = _l("Nothing is written in “%(name)s” yet.")


def design(name: str) -> Design:
    """A template that comes with the program. Raises NoSuchDesign."""
    if name not in DESIGNS:
        raise NoSuchDesign
    return DESIGNS[name]


def supplied(design: Design) -> Document:
    """In the language of the organisation, as its recipients are likely to read it."""
    return design.document(organisation().language)


def nothing() -> Document:
    """A heading, a greeting and the footer."""
    return blank(organisation().language)


def begin(mailing: Mailing, template: Template) -> None:
    """Its subject and preheader too, where the mailing has none. Raises NotADraft."""
    contents.start_from(mailing, template.document)
    mailing.subject = mailing.subject or template.subject
    mailing.preheader = mailing.preheader or template.preheader


def copy_to_template(
    mailing: Mailing, name: str, folder: Folder | None, *, by: int | None
) -> Template:
    """Raises NothingWritten."""
    return templates.add(
        name,
        written(mailing),
        subject=mailing.subject,
        preheader=mailing.preheader,
        folder=folder,
        by=by,
    )


def written(mailing: Mailing) -> Document:
    """Its content, to begin another from. Raises NothingWritten."""
    if not isinstance(mailing.content, dict):
        raise NothingWritten(name=mailing.name)
    return mailing.content
