from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import TSVECTOR
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
    """Words to find by their beginning; the parts of an address or a number count as words."""
    words = " || ' ' || ".join(columns)
    return Computed(
        f"to_tsvector('simple', translate({words}, '@.-_+/', '      '))", persisted=True
    )


class Consent(StrEnum):
    """Where a person stands on one purpose, now."""

    UNKNOWN = "unknown"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """Why we may write to a person (GDPR article 6; the marketing acts' customer exception)."""

    CONSENT = "consent"
    CUSTOMER = "customer"
    LEGITIMATE_INTEREST = "legitimate_interest"


class Company(Base):
    __tablename__ = "company"

    id: Mapped[Id]
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    domain: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))
    search: Mapped[str] = deferred(mapped_column(TSVECTOR, _search_words("name", "domain", "city")))

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
        BigInteger, ForeignKey("company.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(default="")
    first_name: Mapped[str] = mapped_column(default="")
    middle_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    """As typed. `email_key` is what is compared, `email_hash` what suppression knows it by."""
    email_key: Mapped[str | None] = mapped_column(index=True)
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    position: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    no_mailings: Mapped[bool] = mapped_column(default=False)
    former_employee: Mapped[bool] = mapped_column(default=False)
    e_marketing: Mapped[Consent] = mapped_column(default=Consent.UNKNOWN)
    """What the newest entry of the consent history says, kept in the same transaction."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order(_SORTED_BY)))
    search: Mapped[str] = deferred(
        mapped_column(
            TSVECTOR,
            _search_words("first_name", "middle_name", "last_name", "email", "mobile", "city"),
        )
    )

    company: Mapped[Company | None] = relationship()

    __table_args__ = (
        Index(None, "sort_key", "id"),
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


class ConsentEntry(Base):
    """The evidence: who granted or withdrew what, when, on which basis and by which way.

    Rows are only ever added.
    """

    __tablename__ = "consent_entry"

    id: Mapped[Id]
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), index=True
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
    reason: Mapped[SuppressionReason]
    comment: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_suppression_in_force",
            "channel",
            "address_hash",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
