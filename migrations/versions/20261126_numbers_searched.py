"""Numbers in custom fields are found by search, as texts are."""

from alembic import op

revision = "numbers_searched"
down_revision = "department"

SEARCHED = {
    "company": ("name", "department", "domain", "city"),
    "contact": ("first_name", "middle_name", "last_name", "email", "mobile", "city"),
}


def upgrade():
    _search('["string", "numeric"]')


def downgrade():
    _search('["string"]')


def _search(kinds):
    for table, columns in SEARCHED.items():
        words = " || ' ' || ".join(columns)
        op.drop_column(table, "search")
        op.execute(
            f"""
            ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS (
                to_tsvector('simple', translate({words}, '@.-_+/', '      '))
                || jsonb_to_tsvector('simple', fields, '{kinds}')
            ) STORED
            """
        )
        op.create_index(f"ix_{table}_search", table, ["search"], postgresql_using="gin")
