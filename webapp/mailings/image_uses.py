"""Which mailings show an image."""

from collections.abc import Iterator

from sqlalchemy import Text, cast, select

from webapp.content.images.uses import SHOWN, Use, register
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.locales import _


@register
def mailings_with(key: str) -> Iterator[Use]:
    shows_it = cast(Mailing.content, Text).contains(key, autoescape=True)
    found = db.session.execute(
        select(Mailing.id, Mailing.name, Mailing.state, Mailing.updated_at)
        .where(shows_it, Mailing.deleted_at.is_(None))
        .order_by(Mailing.updated_at.desc())
        .limit(SHOWN)
    )
    for mailing_id, name, state, changed in found:
        if state == State.DRAFT:
            yield Use("draft", mailing_id, name, _("Draft"), changed)
        else:
            yield Use("mailing", mailing_id, name, _("Mailing"), changed)
