"""Custom fields, lists, projects, subscriptions, consent by purpose, and options of recipients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "people"
down_revision = "sending_servers"

SEARCHED = {
    "company": "to_tsvector('simple', translate(name || ' ' || domain || ' ' || city,"
    " '@.-_+/', '      '))",
    "contact": "to_tsvector('simple', translate(first_name || ' ' || middle_name || ' '"
    " || last_name || ' ' || email || ' ' || mobile || ' ' || city, '@.-_+/', '      '))",
}
OF_FIELDS = """jsonb_to_tsvector('simple', fields, '["string"]')"""

FIRST_TYPE = """
INSERT INTO subscription_type (names, descriptions, active, is_default, created_at)
VALUES ('{"en": "Newsletter", "da": "Nyhedsbrev"}', '{}', true, true, now())
"""
# Who had consented before there were types has subscribed to the one there was.
SUBSCRIBE = """
INSERT INTO subscription (contact_id, type_id, subscribed, source, since)
SELECT contact.id, subscription_type.id, true, 'Consent to e-marketing', now()
  FROM contact CROSS JOIN subscription_type
 WHERE e_marketing = 'granted'
"""
WRITE_DOWN = """
INSERT INTO subscription_entry (contact_id, type_id, subscribed, source, at)
SELECT contact_id, type_id, subscribed, source, since FROM subscription
"""


def upgrade() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "of",
            sa.Enum("contact", "company", name="fieldof", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "number",
                "date",
                "yes_no",
                "one_of",
                "many_of",
                name="fieldkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("options", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
    )
    op.create_index("uq_custom_field_key", "custom_field", ["of", "key"], unique=True)
    op.create_table(
        "list_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "list",
            sa.Enum(
                "interest",
                "category",
                "business",
                "project_type",
                name="listname",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_item")),
    )
    op.create_index(
        "uq_list_item_name", "list_item", ["list", sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "gathering",
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_gathering_mailing_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_gathering")),
    )
    op.create_table(
        "subscription_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("descriptions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_type")),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "running",
                "finished",
                "cancelled",
                name="projectstatus",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
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
            ["owner_id"], ["user.id"], name=op.f("fk_project_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["type_id"], ["list_item.id"], name=op.f("fk_project_type_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
    )
    op.create_index(
        "uq_project_name_lower", "project", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "contact_interest",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_contact_interest_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["list_item.id"],
            name=op.f("fk_contact_interest_item_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "item_id", name=op.f("pk_contact_interest")),
    )
    op.create_index(
        op.f("ix_contact_interest_item_id"), "contact_interest", ["item_id"], unique=False
    )
    op.create_table(
        "project_member",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_project_member_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_member_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "contact_id", name=op.f("pk_project_member")),
    )
    op.create_index(
        op.f("ix_project_member_contact_id"), "project_member", ["contact_id"], unique=False
    )
    op.create_table(
        "subscription",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("subscribed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_subscription_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["subscription_type.id"],
            name=op.f("fk_subscription_type_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "type_id", name=op.f("pk_subscription")),
    )
    op.create_index(op.f("ix_subscription_type_id"), "subscription", ["type_id"], unique=False)
    op.create_table(
        "subscription_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("subscribed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_subscription_entry_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["subscription_type.id"],
            name=op.f("fk_subscription_entry_type_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_subscription_entry_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_entry")),
    )
    op.create_index(
        op.f("ix_subscription_entry_contact_id"), "subscription_entry", ["contact_id"], unique=False
    )
    op.add_column("company", sa.Column("email", sa.String(), server_default="", nullable=False))
    op.add_column("company", sa.Column("email_key", sa.String(), nullable=True))
    op.add_column("company", sa.Column("email_hash", sa.LargeBinary(), nullable=True))
    op.add_column("company", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.add_column("company", sa.Column("business_id", sa.BigInteger(), nullable=True))
    op.add_column("company", sa.Column("our_contact_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "company",
        sa.Column("no_mailings", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "company",
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_foreign_key(
        op.f("fk_company_our_contact_id"),
        "company",
        "user",
        ["our_contact_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_company_business_id"),
        "company",
        "list_item",
        ["business_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_company_category_id"),
        "company",
        "list_item",
        ["category_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "consent_entry",
        sa.Column(
            "purpose",
            sa.Enum("e_marketing", "sales_service", name="purpose", native_enum=False, length=32),
            server_default="e_marketing",
            nullable=False,
        ),
    )
    op.add_column("contact", sa.Column("category_id", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("our_contact_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "contact",
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.add_column(
        "contact",
        sa.Column(
            "sales_service",
            sa.Enum(
                "unknown", "granted", "withdrawn", name="consent", native_enum=False, length=32
            ),
            server_default="unknown",
            nullable=False,
        ),
    )
    op.create_foreign_key(
        op.f("fk_contact_category_id"),
        "contact",
        "list_item",
        ["category_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_contact_our_contact_id"),
        "contact",
        "user",
        ["our_contact_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("mailing", sa.Column("selection_id", sa.BigInteger(), nullable=True))
    op.add_column("mailing", sa.Column("project_id", sa.BigInteger(), nullable=True))
    op.add_column("mailing", sa.Column("subscription_type_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "mailing",
        sa.Column(
            "include_companies", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    op.add_column(
        "mailing",
        sa.Column("prefer_company", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "mailing",
        sa.Column(
            "update_when_sending", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
    )
    op.add_column(
        "mailing", sa.Column("override_reason", sa.String(), server_default="", nullable=False)
    )
    op.add_column("mailing", sa.Column("override_by_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_mailing_project_id"), "mailing", ["project_id"], unique=False)
    op.create_index(op.f("ix_mailing_selection_id"), "mailing", ["selection_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_mailing_project_id"),
        "mailing",
        "project",
        ["project_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_mailing_selection_id"),
        "mailing",
        "selection",
        ["selection_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_foreign_key(
        op.f("fk_mailing_subscription_type_id"),
        "mailing",
        "subscription_type",
        ["subscription_type_id"],
        ["id"],
        ondelete="RESTRICT",
    )
    op.create_foreign_key(
        op.f("fk_mailing_override_by_id"),
        "mailing",
        "user",
        ["override_by_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("mailing_source", sa.Column("project_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "mailing_source", sa.Column("file_name", sa.String(), server_default="", nullable=False)
    )
    op.create_unique_constraint(
        op.f("uq_mailing_source_mailing_id_project_id"),
        "mailing_source",
        ["mailing_id", "project_id"],
    )
    op.create_foreign_key(
        op.f("fk_mailing_source_project_id"),
        "mailing_source",
        "project",
        ["project_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column(
        "organisation",
        sa.Column("privacy_mode", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("recipient", sa.Column("company_id", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_recipient_company_id"),
        "recipient",
        ["company_id"],
        unique=False,
        postgresql_where=sa.text("company_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_recipient_company_id"),
        "recipient",
        "company",
        ["company_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("suppression", sa.Column("type_id", sa.BigInteger(), nullable=True))
    op.drop_index("uq_suppression_in_force", "suppression")
    op.create_index(
        "uq_suppression_in_force",
        "suppression",
        ["channel", "address_hash"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL AND type_id IS NULL"),
    )
    op.create_index(
        "uq_suppression_of_type_in_force",
        "suppression",
        ["channel", "address_hash", "type_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL AND type_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_suppression_type_id"),
        "suppression",
        "subscription_type",
        ["type_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column("user", sa.Column("phone", sa.String(), server_default="", nullable=False))
    op.add_column("user", sa.Column("mobile", sa.String(), server_default="", nullable=False))
    for table, words in SEARCHED.items():
        _search(table, f"{words} || {OF_FIELDS}")
    op.execute(FIRST_TYPE)
    for statement in (SUBSCRIBE, WRITE_DOWN):
        op.execute(statement)


def _search(table: str, expression: str) -> None:
    op.drop_column(table, "search")
    computed = sa.Computed(expression, persisted=True)
    op.add_column(table, sa.Column("search", postgresql.TSVECTOR(), computed, nullable=True))
    op.create_index(f"ix_{table}_search", table, ["search"], postgresql_using="gin")


def downgrade() -> None:
    for table, words in SEARCHED.items():
        _search(table, words)
    op.drop_column("user", "mobile")
    op.drop_column("user", "phone")
    op.drop_constraint(op.f("fk_suppression_type_id"), "suppression", type_="foreignkey")
    op.drop_index(
        "uq_suppression_of_type_in_force",
        table_name="suppression",
        postgresql_where=sa.text("lifted_at IS NULL AND type_id IS NOT NULL"),
    )
    op.execute("DELETE FROM suppression WHERE type_id IS NOT NULL")
    op.drop_index("uq_suppression_in_force", "suppression")
    op.drop_column("suppression", "type_id")
    op.create_index(
        "uq_suppression_in_force",
        "suppression",
        ["channel", "address_hash"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_constraint(op.f("fk_recipient_company_id"), "recipient", type_="foreignkey")
    op.drop_index(op.f("ix_recipient_company_id"), table_name="recipient")
    op.drop_column("recipient", "company_id")
    op.drop_column("organisation", "privacy_mode")
    op.drop_constraint(op.f("fk_mailing_source_project_id"), "mailing_source", type_="foreignkey")
    op.drop_constraint(
        op.f("uq_mailing_source_mailing_id_project_id"), "mailing_source", type_="unique"
    )
    op.drop_column("mailing_source", "file_name")
    op.drop_column("mailing_source", "project_id")
    op.drop_constraint(op.f("fk_mailing_override_by_id"), "mailing", type_="foreignkey")
    op.drop_constraint(op.f("fk_mailing_subscription_type_id"), "mailing", type_="foreignkey")
    op.drop_constraint(op.f("fk_mailing_selection_id"), "mailing", type_="foreignkey")
    op.drop_constraint(op.f("fk_mailing_project_id"), "mailing", type_="foreignkey")
    op.drop_index(op.f("ix_mailing_selection_id"), table_name="mailing")
    op.drop_index(op.f("ix_mailing_project_id"), table_name="mailing")
    op.drop_column("mailing", "override_by_id")
    op.drop_column("mailing", "override_reason")
    op.drop_column("mailing", "update_when_sending")
    op.drop_column("mailing", "prefer_company")
    op.drop_column("mailing", "include_companies")
    op.drop_column("mailing", "subscription_type_id")
    op.drop_column("mailing", "project_id")
    op.drop_column("mailing", "selection_id")
    op.drop_constraint(op.f("fk_contact_our_contact_id"), "contact", type_="foreignkey")
    op.drop_constraint(op.f("fk_contact_category_id"), "contact", type_="foreignkey")
    op.drop_column("contact", "sales_service")
    op.drop_column("contact", "fields")
    op.drop_column("contact", "our_contact_id")
    op.drop_column("contact", "category_id")
    op.drop_column("consent_entry", "purpose")
    op.drop_constraint(op.f("fk_company_category_id"), "company", type_="foreignkey")
    op.drop_constraint(op.f("fk_company_business_id"), "company", type_="foreignkey")
    op.drop_constraint(op.f("fk_company_our_contact_id"), "company", type_="foreignkey")
    op.drop_column("company", "fields")
    op.drop_column("company", "no_mailings")
    op.drop_column("company", "our_contact_id")
    op.drop_column("company", "business_id")
    op.drop_column("company", "category_id")
    op.drop_column("company", "email_hash")
    op.drop_column("company", "email_key")
    op.drop_column("company", "email")
    op.drop_index(op.f("ix_subscription_entry_contact_id"), table_name="subscription_entry")
    op.drop_table("subscription_entry")
    op.drop_index(op.f("ix_subscription_type_id"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_index(op.f("ix_project_member_contact_id"), table_name="project_member")
    op.drop_table("project_member")
    op.drop_index(op.f("ix_contact_interest_item_id"), table_name="contact_interest")
    op.drop_table("contact_interest")
    op.drop_index("uq_project_name_lower", table_name="project")
    op.drop_table("project")
    op.drop_table("subscription_type")
    op.drop_table("gathering")
    op.drop_index("uq_list_item_name", table_name="list_item")
    op.drop_table("list_item")
    op.drop_index("uq_custom_field_key", table_name="custom_field")
    op.drop_table("custom_field")
