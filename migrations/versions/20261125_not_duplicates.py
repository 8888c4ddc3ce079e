"""Pairs of contacts that are not duplicates, and finding those who share a mobile."""

import sqlalchemy as sa
from alembic import op

revision = "not_duplicates"
down_revision = "folders"


def upgrade() -> None:
    op.create_table(
        "not_duplicate",
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["contact.id"],
            name=op.f("fk_not_duplicate_first_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["contact.id"],
            name=op.f("fk_not_duplicate_second_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_not_duplicate_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_not_duplicate")),
    )
    op.create_index(op.f("ix_not_duplicate_second_id"), "not_duplicate", ["second_id"])
    op.create_index(op.f("ix_contact_mobile"), "contact", ["mobile"])


def downgrade() -> None:
    op.drop_index(op.f("ix_contact_mobile"), table_name="contact")
    op.drop_index(op.f("ix_not_duplicate_second_id"), table_name="not_duplicate")
    op.drop_table("not_duplicate")
