"""Folders, within each other, for mailings, templates, images and links."""

import sqlalchemy as sa
from alembic import op

revision = "folders"
down_revision = "people"


def upgrade():
    op.create_table(
        "folder",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "of",
            sa.Enum(
                "mailing",
                "template",
                "image",
                "link",
                name="folderof",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
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
            ["parent_id"], ["folder.id"], name=op.f("fk_folder_parent_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folder")),
    )
    op.create_index(op.f("ix_folder_parent_id"), "folder", ["parent_id"])
    op.create_index(
        "uq_folder_name",
        "folder",
        ["of", sa.literal_column("coalesce(parent_id, 0)"), sa.literal_column("lower(name)")],
        unique=True,
    )
    op.add_column("mailing", sa.Column("folder_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_mailing_folder_id"), "mailing", ["folder_id"])
    op.create_foreign_key(
        op.f("fk_mailing_folder_id"),
        "mailing",
        "folder",
        ["folder_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade():
    op.drop_constraint(op.f("fk_mailing_folder_id"), "mailing", type_="foreignkey")
    op.drop_index(op.f("ix_mailing_folder_id"), "mailing")
    op.drop_column("mailing", "folder_id")
    op.drop_index("uq_folder_name", "folder")
    op.drop_index(op.f("ix_folder_parent_id"), "folder")
    op.drop_table("folder")
