from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from webapp.accounts.models import User
from webapp.platform.database import Base, Id, utcnow
from webapp.platform.initials import initials

_LETTERS = "æäøöåéèêëáàâóòôúùûüíìîñç"
_SORT_AS = "{{||}eeeeaaaooouuuyiiinc"


def danish_order(expression: str) -> Computed:
    """Danish order without ICU: æ, ø, å follow z (as do ä and ö); accents fold away."""
    return Computed(f"translate(lower({expression}), '{_LETTERS}', '{_SORT_AS}')", persisted=True)


# Who has no name stands where the list shows the address.
_SORTED_BY = (
    "coalesce(nullif(trim(last_name || ' ' || first_name || ' ' || middle_name), ''), email)"
)


def _search_words(*columns: str) -> Computed:
    """Words to find by their beginning; the parts of an address or a number count as words, and so
    do the texts and numbers of custom fields."""
    words = " || ' ' || ".join(columns)
    return Computed(
        f"to_tsvector('simple', translate({words}, '@.-_+/', '      '))"
        """ || jsonb_to_tsvector('simple', fields, '["string", "numeric"]')""",
        persisted=True,
    )


class ListName(StrEnum):
    """The lists of words that an administrator defines."""

    INTEREST = "interest"
    CATEGORY = "category"
    BUSINESS = "business"
    PROJECT_TYPE = "project_type"


class ListItem(Base):
    __tablename__ = "list_item"

    id: Mapped[Id]
    list: Mapped[ListName]
    name: Mapped[str]
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    __table_args__ = (Index("uq_list_item_name", "list", text("lower(name)"), unique=True),)


class FieldOf(StrEnum):
    CONTACT = "contact"
    COMPANY = "company"


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    ONE_OF = "one_of"
    MANY_OF = "many_of"


class CustomField(Base):
    """What an administrator wants to know of people or companies beyond what everybody does.

    The value stands in `fields` of the contact or company, by the field's key: a text, a number, a
    date as YYYY-MM-DD, true or false, one of the options, or a list of them.
    """

    __tablename__ = "custom_field"

    id: Mapped[Id]
    of: Mapped[FieldOf]
    key: Mapped[str]
    """Never changes, since mailings name it: `[[customer.field.<key>]]`."""
    label: Mapped[str]
    kind: Mapped[FieldKind]
    options: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    position: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    """Deleted: no longer shown or asked for. The values stay, so that it can be brought back."""

    __table_args__ = (Index("uq_custom_field_key", "of", "key", unique=True),)


class Consent(StrEnum):
    """Where a person stands on one purpose, now."""

    UNKNOWN = "unknown"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Purpose(StrEnum):
    """What a person's data is used for; each has a consent of its own."""

    E_MARKETING = "e_marketing"
    SALES_SERVICE = "sales_service"


class Basis(StrEnum):
    """Why we may write to a person (GDPR article 6; the marketing acts' customer exception)."""

    CONSENT = "consent"
    CUSTOMER = "customer"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Company(Base):
    __tablename__ = "company"

    id: Mapped[Id]
    name: Mapped[str]
    department: Mapped[str] = mapped_column(default="", server_default="")
    email: Mapped[str] = mapped_column(default="", server_default="")
    """Its own, such as info@…; written like a contact's."""
    email_key: Mapped[str | None]
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[str] = mapped_column(default="")
    domain: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("list_item.id", ondelete="SET NULL")
    )
    business_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("list_item.id", ondelete="SET NULL")
    )
    our_contact_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    no_mailings: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Values of custom fields, by key."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))
    search: Mapped[str] = deferred(
        mapped_column(
            TSVECTOR, _search_words("name", "department", "domain", "phone", "postcode", "city")
        )
    )

    category: Mapped[ListItem | None] = relationship(foreign_keys=category_id)
    business: Mapped[ListItem | None] = relationship(foreign_keys=business_id)
    our_contact: Mapped[User | None] = relationship()

    __table_args__ = (
        Index(None, "sort_key", "id"),
        Index(None, "search", postgresql_using="gin"),
        # An import finds the company by its name as people write it.
        Index("ix_company_name_lower", text("lower(name)")),
    )


class Contact(Base):
    """A person. Texts that are not known are empty; an address that is not known is NULL."""

    __tablename__ = "contact"

    id: Mapped[Id]
    company_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("company.id", ondelete="SET NULL")
    )
    title: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str] = mapped_column(default="")
    middle_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    """As typed. `email_key` is what is compared, `email_hash` what suppression knows it by."""
    email_key: Mapped[str | None] = mapped_column(index=True)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    mobile: Mapped[str] = mapped_column(default="", index=True)
    phone: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    category_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("list_item.id", ondelete="SET NULL")
    )
    our_contact_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Values of custom fields, by key."""
    no_mailings: Mapped[bool] = mapped_column(default=False)
    former_employee: Mapped[bool] = mapped_column(default=False)
    e_marketing: Mapped[Consent] = mapped_column(default=Consent.UNKNOWN)
    """What the newest entry of the consent history says, kept in the same transaction."""
    sales_service: Mapped[Consent] = mapped_column(
        default=Consent.UNKNOWN, server_default=Consent.UNKNOWN.value
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order(_SORTED_BY)))
    search: Mapped[str] = deferred(
        mapped_column(
            TSVECTOR,
            _search_words(
                *("first_name", "middle_name", "last_name", "email"),
                *("mobile", "phone", "postcode", "city"),
            ),
        )
    )

    company: Mapped[Company | None] = relationship()
    category: Mapped[ListItem | None] = relationship()
    our_contact: Mapped[User | None] = relationship()

    __table_args__ = (
        # With what says whether a person is reachable, so that such a list is read from it alone.
        Index(
            None,
            "sort_key",
            "id",
            postgresql_include=["email_hash", "e_marketing", "no_mailings", "former_employee"],
        ),
        Index(
            "ix_contact_former_employee",
            "sort_key",
            "id",
            postgresql_where=text("former_employee"),
        ),
        Index("ix_contact_no_mailings", "sort_key", "id", postgresql_where=text("no_mailings")),
        Index(None, "company_id", "sort_key", "id"),
        Index(None, "category_id", postgresql_where=text("category_id IS NOT NULL")),
        Index(None, "search", postgresql_using="gin"),
        Index(None, "updated_at", "id"),
    )

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.first_name, self.middle_name, self.last_name)))

    @property
    def label(self) -> str:
        """What a list calls this person, also when no name is known."""
        return self.name or self.email or self.mobile or "–"

    @property
    def initials(self) -> str:
        return initials(self.label)


class ContactInterest(Base):
    __tablename__ = "contact_interest"

    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("list_item.id", ondelete="CASCADE"), primary_key=True
    )

    __table_args__ = (Index(None, "item_id"),)


class ConsentEntry(Base):
    """The evidence: who granted or withdrew what, when, on which basis and by which way.

    Rows are only ever added.
    """

    __tablename__ = "consent_entry"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[Purpose] = mapped_column(
        default=Purpose.E_MARKETING, server_default=Purpose.E_MARKETING.value
    )
    state: Mapped[Consent]
    basis: Mapped[Basis | None]
    source: Mapped[str]
    """In words: a file's name and what the importer stated, a form, a person's own click."""
    comment: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When the person said so; `recorded_at` is when we wrote it down."""
    recorded_at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )

    user: Mapped[User | None] = relationship()


class SubscriptionType(Base):
    """What people subscribe to: Newsletter, Events, …"""

    __tablename__ = "subscription_type"

    id: Mapped[Id]
    names: Mapped[dict[str, Any]]
    """By language; there is one in the organisation's at least."""
    descriptions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    """Offered to people, and to choose from for a mailing."""
    is_default: Mapped[bool] = mapped_column(default=False)
    """Whoever consents to e-marketing subscribes to it, unless they left it before."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Subscription(Base):
    """Where a person stands on one type now: what the newest entry of the history says."""

    __tablename__ = "subscription"

    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    type_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("subscription_type.id", ondelete="CASCADE"), primary_key=True
    )
    subscribed: Mapped[bool]
    source: Mapped[str]
    since: Mapped[datetime] = mapped_column(default=utcnow)

    type: Mapped[SubscriptionType] = relationship()

    __table_args__ = (Index(None, "type_id"),)


class SubscriptionEntry(Base):
    """Who subscribed or left, when and by which way. Rows are only ever added."""

    __tablename__ = "subscription_entry"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), index=True
    )
    type_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("subscription_type.id", ondelete="CASCADE")
    )
    subscribed: Mapped[bool]
    source: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )

    type: Mapped[SubscriptionType] = relationship()
    user: Mapped[User | None] = relationship()


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class SuppressionReason(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    BLOCKED_BY_HAND = "blocked_by_hand"


class Suppression(Base):
    """An address that is not written to, known only by its keyed hash, so that it outlives the
    contact and an import cannot bring it back. Lifting it keeps the row."""

    __tablename__ = "suppression"

    id: Mapped[Id]
    channel: Mapped[Channel]
    address_hash: Mapped[bytes] = mapped_column(LargeBinary)
    type_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("subscription_type.id", ondelete="CASCADE")
    )
    """Of an address that no contact has: it left this type only."""
    reason: Mapped[SuppressionReason]
    comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "address_hash"),
        Index(
            "uq_suppression_in_force",
            "channel",
            "address_hash",
            unique=True,
            postgresql_where=text("lifted_at IS NULL AND type_id IS NULL"),
        ),
        Index(
            "uq_suppression_of_type_in_force",
            "channel",
            "address_hash",
            "type_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL AND type_id IS NOT NULL"),
        ),
    )
