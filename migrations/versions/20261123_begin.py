"""begin"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "begin"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "sort_key",
            sa.Text(),
            sa.Computed(
                "translate(lower(name), 'æäøöåéèêëáàâóòôúùûüíìîñç', '{{||}eeeeaaaooouuuyiiinc')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple', translate(name || ' ' || domain || ' ' || city, '@.-_+/', '      '))",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
    )
    op.create_index(
        "ix_company_name_lower", "company", [sa.literal_column("lower(name)")], unique=False
    )
    op.create_index(
        op.f("ix_company_search"), "company", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_company_sort_key_id"), "company", ["sort_key", "id"], unique=False)
    op.create_table(
        "hit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("open", "click", "view", name="hitkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("link_number", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hit")),
    )
    op.create_index(
        "ix_hit_counted",
        "hit",
        ["mailing_id", "kind", "link_number", "recipient_id"],
        unique=False,
        postgresql_where=sa.text("method <> 'HEAD'"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("fingerprint_check", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("email", "sms", name="channel", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "unsubscribed",
                "hard_bounce",
                "complaint",
                "blocked_by_hand",
                name="suppressionreason",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index(
        "uq_suppression_in_force",
        "suppression",
        ["channel", "address_hash"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "administrator",
                "marketer",
                "author",
                "viewer",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column(
            "theme",
            sa.Enum("system", "light", "dark", name="theme", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_email_key")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_audit_entry_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("middle_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("postcode", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("no_mailings", sa.Boolean(), nullable=False),
        sa.Column("former_employee", sa.Boolean(), nullable=False),
        sa.Column(
            "e_marketing",
            sa.Enum(
                "unknown", "granted", "withdrawn", name="consent", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "sort_key",
            sa.Text(),
            sa.Computed(
                "translate(lower(coalesce(nullif(trim(last_name || ' ' || first_name || ' ' || middle_name), ''), email)), 'æäøöåéèêëáàâóòôúùûüíìîñç', '{{||}eeeeaaaooouuuyiiinc')",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "to_tsvector('simple', translate(first_name || ' ' || middle_name || ' ' || last_name || ' ' || email || ' ' || mobile || ' ' || city, '@.-_+/', '      '))",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk_contact_company_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_company_id"), "contact", ["company_id"], unique=False)
    op.create_index(op.f("ix_contact_email_key"), "contact", ["email_key"], unique=False)
    op.create_index(
        op.f("ix_contact_search"), "contact", ["search"], unique=False, postgresql_using="gin"
    )
    op.create_index(op.f("ix_contact_sort_key_id"), "contact", ["sort_key", "id"], unique=False)
    op.create_index(op.f("ix_contact_updated_at_id"), "contact", ["updated_at", "id"], unique=False)
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "waiting",
                "running",
                "done",
                "failed",
                name="importstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sheets", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("headings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("samples", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("overwrite", sa.Boolean(), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "consent",
                "customer",
                "legitimate_interest",
                name="basis",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("selection_name", sa.String(), nullable=False),
        sa.Column("selection_id", sa.BigInteger(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("changed_if_overwritten", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("rejected", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_import_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "email",
                "sms",
                "document",
                "form_response",
                name="kind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "preparing",
                "sending",
                "paused",
                "sent",
                "sent_with_errors",
                "cancelled",
                name="state",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "goal",
            sa.Enum(
                "win_leads",
                "sell",
                "loyalty",
                "inform",
                "event",
                "other",
                name="goal",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("goal_figure", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("preheader", sa.String(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("from_address", sa.String(), nullable=False),
        sa.Column("reply_to", sa.String(), nullable=False),
        sa.Column(
            "track_links",
            sa.Enum("all", "none", name="linktracking", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("track_opens", sa.Boolean(), nullable=False),
        sa.Column("one_per_address", sa.Boolean(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("sources_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_mailing_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
    )
    op.create_index(
        "ix_mailing_running",
        "mailing",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('preparing', 'sending', 'paused')"),
    )
    op.create_index(op.f("ix_mailing_updated_at"), "mailing", ["updated_at"], unique=False)
    op.create_table(
        "selection",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
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
            ["owner_id"], ["user.id"], name=op.f("fk_selection_owner_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
    )
    op.create_index("uq_selection_name_lower", "selection", [sa.text("lower(name)")], unique=True)
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "claimed",
                "handed_over",
                "done",
                name="batchstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sender", sa.String(), server_default="", nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_batch_mailing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(
        "ix_batch_open",
        "batch",
        ["mailing_id", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "consent_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "unknown", "granted", "withdrawn", name="consent", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "consent",
                "customer",
                "legitimate_interest",
                name="basis",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_consent_entry_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_consent_entry_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_entry")),
    )
    op.create_index(
        op.f("ix_consent_entry_contact_id"), "consent_entry", ["contact_id"], unique=False
    )
    op.create_table(
        "mailing_link",
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("target", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.id"],
            name=op.f("fk_mailing_link_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailing_id", "number", name=op.f("pk_mailing_link")),
    )
    op.create_table(
        "mailing_source",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "selection", "contact", "pasted", name="sourcekind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("selection_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "basis",
            sa.Enum(
                "consent",
                "customer",
                "legitimate_interest",
                name="basis",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("consent_source", sa.String(), nullable=False),
        sa.Column("stated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_mailing_source_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.id"],
            name=op.f("fk_mailing_source_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_mailing_source_selection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["stated_by_id"],
            ["user.id"],
            name=op.f("fk_mailing_source_stated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing_source")),
        sa.UniqueConstraint(
            "mailing_id", "contact_id", name=op.f("uq_mailing_source_mailing_id_contact_id")
        ),
        sa.UniqueConstraint(
            "mailing_id", "selection_id", name=op.f("uq_mailing_source_mailing_id_selection_id")
        ),
    )
    op.create_index(
        op.f("ix_mailing_source_mailing_id"), "mailing_source", ["mailing_id"], unique=False
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("dedupe_key", sa.String(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "sent",
                "deferred",
                "failed",
                "unknown",
                "left_out",
                "cancelled",
                name="recipientstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "no_address",
                "blocked_address",
                "former_employee",
                "no_mailings",
                "no_consent",
                "duplicate",
                name="leftout",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_recipient_contact_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_recipient_mailing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint(
            "mailing_id", "dedupe_key", name=op.f("uq_recipient_mailing_id_dedupe_key")
        ),
    )
    op.create_index(
        op.f("ix_recipient_batch_id"),
        "recipient",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_recipient_contact_id"), "recipient", ["contact_id"], unique=False)
    op.create_index(
        op.f("ix_recipient_mailing_id_state_reason_id"),
        "recipient",
        ["mailing_id", "state", "reason", "id"],
        unique=False,
    )
    op.create_index(
        "ix_recipient_opened",
        "recipient",
        ["mailing_id", "id"],
        unique=False,
        postgresql_where=sa.text("opened_at IS NOT NULL"),
    )
    op.create_index(
        "ix_recipient_clicked",
        "recipient",
        ["mailing_id", "id"],
        unique=False,
        postgresql_where=sa.text("clicked_at IS NOT NULL"),
    )
    op.create_index(
        "ix_recipient_unsubscribed",
        "recipient",
        ["mailing_id", "id"],
        unique=False,
        postgresql_where=sa.text("unsubscribed_at IS NOT NULL"),
    )
    op.create_table(
        "rejected_import_row",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import.id"],
            name=op.f("fk_rejected_import_row_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row_number", name=op.f("pk_rejected_import_row")),
    )
    op.create_table(
        "selection_member",
        sa.Column("selection_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_selection_member_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_member_selection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selection_id", "contact_id", name=op.f("pk_selection_member")),
    )
    op.create_index(
        op.f("ix_selection_member_contact_id"), "selection_member", ["contact_id"], unique=False
    )
    op.create_table(
        "sender_slot",
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailing_id"],
            ["mailing.id"],
            name=op.f("fk_sender_slot_mailing_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailing_id", "slot", name=op.f("pk_sender_slot")),
    )
    op.create_table(
        "pasted_address",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["mailing_source.id"],
            name=op.f("fk_pasted_address_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "email_key", name=op.f("pk_pasted_address")),
    )
    # The one row that says whom this installation works for; its columns have no server defaults.
    op.execute(
        "INSERT INTO organisation (id, name, address, country, language, timezone)"
        " VALUES (1, '', '', 'DK', 'da', 'Europe/Copenhagen')"
    )


def downgrade() -> None:
    op.drop_table("pasted_address")
    op.drop_table("sender_slot")
    op.drop_index(op.f("ix_selection_member_contact_id"), table_name="selection_member")
    op.drop_table("selection_member")
    op.drop_table("rejected_import_row")
    op.drop_index(
        "ix_recipient_unsubscribed",
        table_name="recipient",
        postgresql_where=sa.text("unsubscribed_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_recipient_clicked",
        table_name="recipient",
        postgresql_where=sa.text("clicked_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_recipient_opened",
        table_name="recipient",
        postgresql_where=sa.text("opened_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_recipient_mailing_id_state_reason_id"), table_name="recipient")
    op.drop_index(op.f("ix_recipient_contact_id"), table_name="recipient")
    op.drop_index(
        op.f("ix_recipient_batch_id"),
        table_name="recipient",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_table("recipient")
    op.drop_index(op.f("ix_mailing_source_mailing_id"), table_name="mailing_source")
    op.drop_table("mailing_source")
    op.drop_table("mailing_link")
    op.drop_index(op.f("ix_consent_entry_contact_id"), table_name="consent_entry")
    op.drop_table("consent_entry")
    op.drop_index("ix_batch_open", table_name="batch", postgresql_where=sa.text("state <> 'done'"))
    op.drop_table("batch")
    op.drop_index("uq_selection_name_lower", table_name="selection")
    op.drop_table("selection")
    op.drop_index(op.f("ix_mailing_updated_at"), table_name="mailing")
    op.drop_index(
        "ix_mailing_running",
        table_name="mailing",
        postgresql_where=sa.text("state IN ('preparing', 'sending', 'paused')"),
    )
    op.drop_table("mailing")
    op.drop_table("import")
    op.drop_index(op.f("ix_contact_updated_at_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_sort_key_id"), table_name="contact")
    op.drop_index(op.f("ix_contact_search"), table_name="contact", postgresql_using="gin")
    op.drop_index(op.f("ix_contact_email_key"), table_name="contact")
    op.drop_index(op.f("ix_contact_company_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("user")
    op.drop_index(
        "uq_suppression_in_force",
        table_name="suppression",
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_table("suppression")
    op.drop_table("organisation")
    op.drop_index("ix_hit_counted", table_name="hit", postgresql_where=sa.text("method <> 'HEAD'"))
    op.drop_table("hit")
    op.drop_index(op.f("ix_company_sort_key_id"), table_name="company")
    op.drop_index(op.f("ix_company_search"), table_name="company", postgresql_using="gin")
    op.drop_index("ix_company_name_lower", table_name="company")
    op.drop_table("company")
