"""Blocks and rows that were put aside, for everybody to use again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from webapp.content.models import SavedBlock
from webapp.platform.database import db
from webapp.platform.errors import NotFound
from webapp.platform.locales import _l

LONGEST_NAME = 100


class NoSuchSavedBlock(NotFound):
    message = _l("This saved block does not exist any more.")


def everything() -> list[SavedBlock]:
    """By name."""
    return list(db.session.scalars(select(SavedBlock).order_by(SavedBlock.name, SavedBlock.id)))


def get(saved_id: int) -> SavedBlock:
    """Raises NoSuchSavedBlock."""
    saved = db.session.get(SavedBlock, saved_id)
    if saved is None:
        raise NoSuchSavedBlock
    return saved


def save(part: Mapping[str, Any], name: str, *, by: int | None) -> SavedBlock:
    saved = SavedBlock(name=name[:LONGEST_NAME], part=dict(part), saved_by_id=by)
    db.session.add(saved)
    db.session.flush()
    return saved
