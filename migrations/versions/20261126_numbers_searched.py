"""Numbers in custom fields, phone numbers and postcodes are found by search, as texts are."""

from alembic import op

revision = "numbers_searched"
down_revision = "department"

BEFORE = {
    "company": ("name", "department", "domain", "city"),
    "contact": ("first_name", "middle_name", "last_name", "email", "mobile", "city"),
}
AFTER = {
    "company": ("name", "department", "domain", "phone", "postcode", "city"),
    "contact": (
        *("first_name", "middle_name", "last_name", "email"),
        *("mobile", "phone", "postcode", "city"),
    ),
}


def upgrade():
    _search(AFTER, '["string", "numeric"]')


def downgrade():
    _search(BEFORE, '["string"]')


def _search(searched, kinds):
    for table, columns in searched.items():
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
