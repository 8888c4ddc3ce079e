"""The dry run of a large file, and every import."""

from webapp.platform.database import db
from webapp.platform.errors import NotFound
from webapp.targets import imports


def run(import_id: int) -> None:
    try:
        imports.take_up(import_id)
    except NotFound:
        # It was removed before its turn came.
        db.session.rollback()
