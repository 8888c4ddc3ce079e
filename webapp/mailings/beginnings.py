"""What a draft begins from: a template, supplied or of one's own, an earlier mailing, or blank."""

from webapp.accounts.organisation import organisation
from webapp.content.document.opening import Document
from webapp.content.models import Folder, Template
from webapp.content.templates import templates
from webapp.content.templates.designs import DESIGNS, Design, blank
from webapp.mailings import contents
from webapp.mailings.models import Mailing
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _, _l

ORIGIN = "began_from"
Origin = dict[str, str | int]
"""One of "design" and its name, "template" or "mailing" and its id, "blank" and 1."""


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


def begin_from_design(mailing: Mailing, design: Design) -> None:
    """Raises NotADraft."""
    _begin(mailing, supplied(design), {"design": design.name})


def begin_from_template(mailing: Mailing, template: Template) -> None:
    """Its subject and preheader too, where the mailing has none. Raises NotADraft."""
    _begin(mailing, template.document, {"template": template.id})
    mailing.subject = mailing.subject or template.subject
    mailing.preheader = mailing.preheader or template.preheader


def begin_from_mailing(mailing: Mailing, earlier: Mailing) -> None:
    """Raises NotADraft, and NothingWritten."""
    _begin(mailing, written(earlier), {"mailing": earlier.id})


def begin_from_nothing(mailing: Mailing) -> None:
    """Raises NotADraft."""
    _begin(mailing, nothing(), {"blank": 1})


def origin(mailing: Mailing) -> Origin:
    """What the content that it has now began from; empty for HTML of one's own.

    It stands in the document, so that it is right after undo, too.
    """
    found: Origin = (mailing.content or {}).get(ORIGIN, {})
    return found


def origin_name(mailing: Mailing) -> str:
    """Of what the content began from; empty where nobody knows that any more."""
    if (mailing.content or {}).get("kind") == "html":
        return _("HTML of your own")
    match origin(mailing):
        case {"design": name} if name in DESIGNS:
            return str(DESIGNS[str(name)].label)
        case {"template": key}:
            template = db.session.get(Template, key)
            return template.name if template else ""
        case {"mailing": key}:
            earlier = db.session.get(Mailing, key)
            return earlier.name if earlier else ""
        case {"blank": _key}:
            return _("Blank")
    return ""


def _begin(mailing: Mailing, document: Document, origin: Origin) -> None:
    contents.start_from(mailing, document | {ORIGIN: origin})


def copy_to_template(
    mailing: Mailing, name: str, folder: Folder | None, *, by: int | None
) -> Template:
    """Raises NothingWritten."""
    document = {key: value for key, value in written(mailing).items() if key != ORIGIN}
    return templates.add(
        name,
        document,
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
