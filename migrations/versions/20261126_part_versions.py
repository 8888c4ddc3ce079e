"""Which version changed each part of a draft, so that two people can change different ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "part_versions"
down_revision = "import_consent"


def upgrade():
    column = sa.Column("part_versions", JSONB(), nullable=False, server_default="{}")
    op.add_column("mailing", column)


def downgrade():
    op.drop_column("mailing", "part_versions")
