"""Indexes that keep the pages of a million people quick."""

import sqlalchemy as sa
from alembic import op

revision = "indexes"
down_revision = "people_update"

REACHABLE = ["email_hash", "e_marketing", "no_mailings", "former_employee"]


def upgrade() -> None:
    op.drop_index(op.f("ix_contact_sort_key_id"), "contact")
    op.create_index(
        op.f("ix_contact_sort_key_id"), "contact", ["sort_key", "id"], postgresql_include=REACHABLE
    )
    for flag in ("former_employee", "no_mailings"):
        op.create_index(
            f"ix_contact_{flag}", "contact", ["sort_key", "id"], postgresql_where=sa.text(flag)
        )
    op.drop_index(op.f("ix_contact_company_id"), "contact")
    op.create_index(
        op.f("ix_contact_company_id_sort_key_id"), "contact", ["company_id", "sort_key", "id"]
    )
    op.create_index(
        op.f("ix_contact_category_id"),
        "contact",
        ["category_id"],
        postgresql_where=sa.text("category_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_contact_email_hash"), "contact", ["email_hash"])
    op.create_index(op.f("ix_suppression_address_hash"), "suppression", ["address_hash"])
    op.drop_index(op.f("ix_recipient_contact_id"), "recipient")
    op.create_index(
        op.f("ix_recipient_contact_id_mailing_id"), "recipient", ["contact_id", "mailing_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_recipient_contact_id_mailing_id"), "recipient")
    op.create_index(op.f("ix_recipient_contact_id"), "recipient", ["contact_id"])
    op.drop_index(op.f("ix_suppression_address_hash"), "suppression")
    op.drop_index(op.f("ix_contact_email_hash"), "contact")
    op.drop_index(op.f("ix_contact_category_id"), "contact")
    op.drop_index(op.f("ix_contact_company_id_sort_key_id"), "contact")
    op.create_index(op.f("ix_contact_company_id"), "contact", ["company_id"])
    for flag in ("no_mailings", "former_employee"):
        op.drop_index(f"ix_contact_{flag}", "contact")
    op.drop_index(op.f("ix_contact_sort_key_id"), "contact")
    op.create_index(op.f("ix_contact_sort_key_id"), "contact", ["sort_key", "id"])
