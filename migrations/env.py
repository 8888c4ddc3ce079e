from logging.config import fileConfig

from alembic import context
from flask import current_app

# Every table has to be known before a migration is written.
import webapp.accounts.models
import webapp.delivery.models
import webapp.mailings.models
import webapp.people.imports.models
import webapp.people.models
import webapp.response.models
import webapp.targets.models  # noqa: F401
from webapp.platform.database import Base

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def run_migrations() -> None:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
