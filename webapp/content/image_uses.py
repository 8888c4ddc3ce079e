"""Which templates show an image."""

from collections.abc import Iterator

from sqlalchemy import Text, cast, select

from webapp.content.images.uses import SHOWN, Use, register
from webapp.content.models import Template
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
