"""Sending servers, schedules, attachments, and mailings that are cancelled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sending_servers"
down_revision = "begin"


def upgrade() -> None:
    op.create_table(
        "sending_server",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column(
            "security",
            sa.Enum("none", "starttls", "tls", name="security", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=True),
        sa.Column("from_domains", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("connections", sa.Integer(), nullable=False),
        sa.Column("messages_per_connection", sa.Integer(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("per_domain_hour", sa.Integer(), nullable=True),
        sa.Column("paused_reason", sa.String(), nullable=False),
        sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_server")),
    )
    # The server of the environment, with what fits a mail server of one's own.
    op.execute(
        "INSERT INTO sending_server (name, host, port, security, username, from_domains, weight,"
        " enabled, connections, messages_per_connection, paused_reason)"
        " VALUES ('MAIL_SERVER', '', 25, 'none', '', '{}', 1, true, 4, 1000, '')"
    )
    op.create_table(
        "quota_use",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["sending_server.id"],
            name=op.f("fk_quota_use_server_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "scope", "begins_at", name=op.f("pk_quota_use")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.id"],
            name=op.f("fk_attachment_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_mailing_id"), "attachment", ["mailing_id"], unique=False)
    op.add_column("mailing", sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "mailing", sa.Column("scheduled_zone", sa.String(), server_default="", nullable=False)
    )
    op.add_column("mailing", sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE mailing SET prepared_at = started_at WHERE state NOT IN ('draft', 'preparing')"
    )
    op.drop_index("ix_mailing_running", table_name="mailing")
    op.create_index(
        "ix_mailing_running",
        "mailing",
        ["state"],
        unique=False,
        postgresql_where=sa.text(
            "state IN ('scheduled', 'preparing', 'sending', 'paused')"
            " OR (state = 'cancelled' AND finished_at IS NULL)"
        ),
    )


def downgrade() -> None:
    op.drop_index("ix_mailing_running", table_name="mailing")
    op.create_index(
        "ix_mailing_running",
        "mailing",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('preparing', 'sending', 'paused')"),
    )
    op.drop_column("mailing", "prepared_at")
    op.drop_column("mailing", "scheduled_zone")
    op.drop_column("mailing", "scheduled_at")
    op.drop_table("attachment")
    op.drop_table("quota_use")
    op.drop_table("sending_server")
