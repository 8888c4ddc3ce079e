"""E-mails that somebody here keeps to begin others from."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import joinedload

from webapp.accounts.audit import audit
from webapp.content import shelf
from webapp.content.document.opening import Document, open_document
from webapp.content.models import Folder, FolderOf, Template, TrackedLink
from webapp.platform.database import db
from webapp.platform.errors import NotFound
from webapp.platform.locales import _, _l

OF = FolderOf.TEMPLATE
LONGEST_NAME = 200
SHOWN = 50


class NoSuchTemplate(NotFound):
    message = _l("This template does not exist any more.")


def get(template_id: int) -> Template:
    """Raises NoSuchTemplate."""
    template = db.session.get(Template, template_id)
    if template is None or template.deleted_at is not None:
        raise NoSuchTemplate
    return template


def find(text: str = "", within: Collection[int] | None = None) -> Select[Template]:
    """By name; those in the folders, whose names hold every word of the text."""
    found = select(Template).where(shelf.there(Template)).options(joinedload(Template.folder))
    if within is not None:
        found = found.where(Template.folder_id.in_(within))
    for word in text.split()[:8]:
        found = found.where(Template.name.icontains(word, autoescape=True))
    return found.order_by(func.lower(Template.name), Template.id)


def leading_to(link: TrackedLink) -> Sequence[Template]:
    """Those that use the tracked link, changed last first; at most SHOWN."""
    tag = rf"link\.tracked\.{link.id}\M"
    uses_it = cast(Template.document, Text).regexp_match(tag)
    found = select(Template).where(shelf.there(Template), uses_it)
    return db.session.scalars(found.order_by(Template.changed_at.desc()).limit(SHOWN)).all()


def add(
    name: str,
    document: Document,
    *,
    subject: str = "",
    preheader: str = "",
    folder: Folder | None = None,
    by: int | None,
) -> Template:
    template = Template(
        name=name[:LONGEST_NAME],
        document=open_document(document),
        subject=subject,
        preheader=preheader,
        folder=folder,
        made_by_id=by,
    )
    db.session.add(template)
    db.session.flush()
    audit("template made", by=by, template=template.id, name=template.name)
    return template


def copy(template: Template, *, by: int | None) -> Template:
    """Beside it."""
    return add(
        _("%(name)s (copy)", name=template.name),
        template.document,
        subject=template.subject,
        preheader=template.preheader,
        folder=template.folder,
        by=by,
    )


def rename(template: Template, name: str, *, by: int | None) -> None:
    audit("template renamed", by=by, template=template.id, name=name, old=template.name)
    template.name = name
