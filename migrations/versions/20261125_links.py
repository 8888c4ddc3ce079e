"""Tracked links that are made once for all mailings, and campaign tags."""

import sqlalchemy as sa
from alembic import op

revision = "links"
down_revision = "templates"

CAMPAIGN = ("utm_medium", "utm_source", "utm_campaign")


def upgrade():
    op.create_table(
        "tracked_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("folder_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True),
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
            ["folder_id"],
            ["folder.id"],
            name=op.f("fk_tracked_link_folder_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["user.id"],
            name=op.f("fk_tracked_link_made_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracked_link")),
    )
    op.create_index(op.f("ix_tracked_link_folder_id"), "tracked_link", ["folder_id"])
    op.add_column("mailing_link", sa.Column("tracked_link_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_mailing_link_tracked_link_id"),
        "mailing_link",
        "tracked_link",
        ["tracked_link_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(
        op.f("ix_mailing_link_tracked_link_id_mailing_id"),
        "mailing_link",
        ["tracked_link_id", "mailing_id"],
        postgresql_where=sa.text("tracked_link_id IS NOT NULL"),
    )
    op.add_column(
        "mailing",
        sa.Column("campaign_tags", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for name in CAMPAIGN:
        op.add_column("mailing", sa.Column(name, sa.String(), server_default="", nullable=False))


def downgrade():
    for name in (*CAMPAIGN, "campaign_tags"):
        op.drop_column("mailing", name)
    op.drop_index(op.f("ix_mailing_link_tracked_link_id_mailing_id"), "mailing_link")
    op.drop_constraint(op.f("fk_mailing_link_tracked_link_id"), "mailing_link")
    op.drop_column("mailing_link", "tracked_link_id")
    op.drop_index(op.f("ix_tracked_link_folder_id"), "tracked_link")
    op.drop_table("tracked_link")
