"""How many people an import records a yes or a no for."""

import sqlalchemy as sa
from alembic import op

revision = "import_consent"
down_revision = "numbers_searched"


def upgrade():
    op.add_column("import", sa.Column("granted", sa.Integer(), nullable=True))
    op.add_column("import", sa.Column("withdrawn", sa.Integer(), nullable=True))


def downgrade():
    op.drop_column("import", "withdrawn")
    op.drop_column("import", "granted")
