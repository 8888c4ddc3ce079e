"""Which templates and saved blocks show an image."""

from collections.abc import Iterator

from sqlalchemy import Text, cast, select

from webapp.content.images.uses import SHOWN, Use, register
from webapp.content.models import SavedBlock, Template
from webapp.platform.database import db
from webapp.platform.locales import _


@register
def templates_with(key: str) -> Iterator[Use]:
    shows_it = cast(Template.document, Text).contains(key, autoescape=True)
    found = db.session.execute(
        select(Template.id, Template.name, Template.changed_at)
        .where(shows_it, Template.deleted_at.is_(None))
        .order_by(Template.changed_at.desc())
        .limit(SHOWN)
    )
    for template_id, name, changed in found:
        yield Use("template", template_id, name, _("Template"), changed)


@register
def saved_blocks_with(key: str) -> Iterator[Use]:
    shows_it = cast(SavedBlock.part, Text).contains(key, autoescape=True)
    newest = select(SavedBlock).where(shows_it).order_by(SavedBlock.saved_at.desc()).limit(SHOWN)
    for block in db.session.scalars(newest):
        yield Use("saved block", block.id, block.name, _("Saved block"), block.saved_at)
