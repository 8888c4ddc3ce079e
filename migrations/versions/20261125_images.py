"""The library of images."""

import sqlalchemy as sa
from alembic import op

revision = "images"
down_revision = "indexes"


def upgrade():
    op.create_table(
        "image",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=True),
        sa.Column("alt", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("given_width", sa.Integer(), nullable=False),
        sa.Column("given_height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "sort_key",
            sa.Text(),
            sa.Computed(
                "translate(lower(name), 'æäøöåéèêëáàâóòôúùûüíìîñç', '{{||}eeeeaaaooouuuyiiinc')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user.id"],
            name=op.f("fk_image_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["folder_id"], ["folder.id"], name=op.f("fk_image_folder_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_image")),
    )
    op.create_index(op.f("ix_image_folder_id"), "image", ["folder_id"])
    op.create_index(op.f("ix_image_key"), "image", ["key"])


def downgrade():
    op.drop_index(op.f("ix_image_key"), "image")
    op.drop_index(op.f("ix_image_folder_id"), "image")
    op.drop_table("image")
