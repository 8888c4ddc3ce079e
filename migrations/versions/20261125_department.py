"""The department of a company, which tells it from others of its name."""

import sqlalchemy as sa
from alembic import op

revision = "department"
down_revision = "links"


def upgrade():
    op.add_column(
        "company", sa.Column("department", sa.String(), server_default="", nullable=False)
    )
    _search_in("name", "department", "domain", "city")


def downgrade():
    _search_in("name", "domain", "city")
    op.drop_column("company", "department")


def _search_in(*columns):
    words = " || ' ' || ".join(columns)
    op.drop_column("company", "search")
    op.execute(
        f"""
        ALTER TABLE company ADD COLUMN search tsvector GENERATED ALWAYS AS (
            to_tsvector('simple', translate({words}, '@.-_+/', '      '))
            || jsonb_to_tsvector('simple', fields, '["string"]')
        ) STORED
        """
    )
    op.create_index("ix_company_search", "company", ["search"], postgresql_using="gin")
