"""The migrations make the very tables that the models describe."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import webapp.content.images.models
import webapp.content.models
import webapp.delivery.models
import webapp.mailings.models
import webapp.people.imports.models
import webapp.response.models
import webapp.targets.models  # noqa: F401
from webapp.platform.database import Base, db


def test_models_and_migrations_agree() -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
