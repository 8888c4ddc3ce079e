from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.models import Shelved
from webapp.content.tags.segments import loaded, readable
from webapp.people.models import Basis, Contact, SubscriptionType
from webapp.platform.database import Base, Id, utcnow
from webapp.targets.models import Project, Selection


class Kind(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    DOCUMENT = "document"
    FORM_RESPONSE = "form_response"


class Goal(StrEnum):
    WIN_LEADS = "win_leads"
    SELL = "sell"
    LOYALTY = "loyalty"
    INFORM = "inform"
    EVENT = "event"
    OTHER = "other"


class State(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    SENT_WITH_ERRORS = "sent_with_errors"
    CANCELLED = "cancelled"

    @property
    def running(self) -> bool:
        return self in RUNNING


RUNNING = frozenset({State.PREPARING, State.SENDING, State.PAUSED})


class Mailing(Shelved, Base):
    """The rows of one that was sent stay when it is deleted: its public links work for ever."""

    __tablename__ = "mailing"

    kind: Mapped[Kind] = mapped_column(default=Kind.EMAIL)
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    state_reason: Mapped[str] = mapped_column(default="")
    """Why it is paused, say; in the words of the other side."""
    owner_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    goal: Mapped[Goal] = mapped_column(default=Goal.INFORM)
    goal_figure: Mapped[int | None]
    subject: Mapped[str] = mapped_column(default="")
    preheader: Mapped[str] = mapped_column(default="")
    from_name: Mapped[str] = mapped_column(default="")
    from_address: Mapped[str] = mapped_column(default="")
    reply_to: Mapped[str] = mapped_column(default="")
    """Empty: the same as From."""
    track_links: Mapped[LinkTracking] = mapped_column(default=LinkTracking.ALL)
    track_opens: Mapped[bool] = mapped_column(default=True)
    campaign_tags: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Addresses on the web say where a visitor came from, in these words."""
    utm_medium: Mapped[str] = mapped_column(default="", server_default="")
    utm_source: Mapped[str] = mapped_column(default="", server_default="")
    """Empty: the organisation."""
    utm_campaign: Mapped[str] = mapped_column(default="", server_default="")
    """Empty: the mailing."""
    selection_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("selection.id", ondelete="SET NULL"), index=True
    )
    """What it is about; linking it makes it a source of recipients, too."""
    project_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("project.id", ondelete="SET NULL"), index=True
    )
    subscription_type_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("subscription_type.id", ondelete="RESTRICT")
    )
    """Who does not subscribe to it is not mailed; NULL is any."""
    one_per_address: Mapped[bool] = mapped_column(default=True)
    include_companies: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """The companies of the people in the sources get one as well, at their own address."""
    prefer_company: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Where a company and its people share an address, the company is written to."""
    update_when_sending: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """The sources are read once more when it goes out."""
    override_reason: Mapped[str] = mapped_column(default="", server_default="")
    """Why it goes to people without consent or subscription too; empty: it does not."""
    override_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """A document of `webapp.content`; none until a template is chosen."""
    content_version: Mapped[int] = mapped_column(default=0)
    """Counts up with every edit, so that a late one can be told."""
    part_versions: Mapped[dict[str, int]] = mapped_column(
        JSONB, default=dict, server_default=text("'{}'")
    )
    """The version that last changed each part of the content."""
    content_state: Mapped[int | None]
    """The number of the state in the history of the content that it has now."""
    sources_changed_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    """When `recipient` was last filled from the sources."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
    scheduled_at: Mapped[datetime | None]
    scheduled_zone: Mapped[str] = mapped_column(default="", server_default="")
    """The time zone in which somebody chose `scheduled_at`, to show it as it was meant."""
    started_at: Mapped[datetime | None]
    prepared_at: Mapped[datetime | None]
    """When its audience and links were made; only then is there something to send."""
    finished_at: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    override_by: Mapped[User | None] = relationship(foreign_keys=override_by_id)
    selection: Mapped[Selection | None] = relationship()
    project: Mapped[Project | None] = relationship()
    subscription_type: Mapped[SubscriptionType | None] = relationship()
    sources: Mapped[list["MailingSource"]] = relationship(
        order_by="MailingSource.id", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        Index(None, "updated_at"),
        Index(
            "ix_mailing_running",
            "state",
            postgresql_where=text(
                "state IN ('scheduled', 'preparing', 'sending', 'paused')"
                " OR (state = 'cancelled' AND finished_at IS NULL)"
            ),
        ),
    )


class ContentState(Base):
    """What the content of a draft was after one change, for undo and redo."""

    __tablename__ = "content_state"

    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    of: Mapped[str]
    """What was changed: a block's id, “body”, or nothing where it stands by itself."""
    began_at: Mapped[datetime] = mapped_column(default=utcnow)


class SourceKind(StrEnum):
    SELECTION = "selection"
    PROJECT = "project"
    CONTACT = "contact"
    PASTED = "pasted"
    FILE = "file"


class MailingSource(Base):
    """Where recipients of a mailing come from; what it names depends on its kind."""

    __tablename__ = "mailing_source"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[SourceKind]
    selection_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("selection.id", ondelete="CASCADE")
    )
    project_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("project.id", ondelete="CASCADE")
    )
    contact_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE")
    )
    file_name: Mapped[str] = mapped_column(default="", server_default="")
    basis: Mapped[Basis | None]
    """Addresses that were pasted or came in a file carry their consent here: on what basis, from
    where, who said so."""
    consent_source: Mapped[str] = mapped_column(default="")
    stated_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    selection: Mapped[Selection | None] = relationship()
    project: Mapped[Project | None] = relationship()
    contact: Mapped[Contact | None] = relationship()

    __table_args__ = (
        UniqueConstraint("mailing_id", "selection_id"),
        UniqueConstraint("mailing_id", "project_id"),
        UniqueConstraint("mailing_id", "contact_id"),
    )


class PastedAddress(Base):
    """One address of a pasted text or a file. If a contact has it, the contact is the recipient."""

    __tablename__ = "pasted_address"

    source_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing_source.id", ondelete="CASCADE"), primary_key=True
    )
    email_key: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_hash: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(default="")


class Gathering(Base):
    """An audience that is being made just now: how far it is, and whether somebody has had enough
    of waiting. Written beside the one long transaction that makes it, so that others see it."""

    __tablename__ = "gathering"

    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True
    )
    total: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Everybody in the sources; 0 until they were counted."""
    done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    beat_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When it was last heard of."""
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Attachment(Base):
    """A file that goes with every message of a mailing."""

    __tablename__ = "attachment"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    """Bytes."""
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """In the database, so that every sender has it, on whatever host."""


class RecipientState(StrEnum):
    READY = "ready"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT_OUT = "left_out"
    CANCELLED = "cancelled"


class LeftOut(StrEnum):
    """Why somebody in the sources is not mailed: the first of these that applies."""

    NO_ADDRESS = "no_address"
    BLOCKED_ADDRESS = "blocked_address"
    FORMER_EMPLOYEE = "former_employee"
    NO_MAILINGS = "no_mailings"
    NO_CONSENT = "no_consent"
    NO_SUBSCRIPTION = "no_subscription"
    DUPLICATE = "duplicate"


class Recipient(Base):
    """One person (or bare address) in a mailing's audience, and what became of the message.

    Written once when the audience is resolved and once with the outcome. `batch_id` has no
    foreign key: it is set in the same statement that makes a million rows.
    """

    __tablename__ = "recipient"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE")
    )
    contact_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="SET NULL")
    )
    company_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("company.id", ondelete="SET NULL")
    )
    """Only of a company that is written to itself."""
    name: Mapped[str]
    email: Mapped[str]
    email_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    dedupe_key: Mapped[str | None]
    """The normalised address, or the person or company where each is to have one; NULL when left
    out."""
    state: Mapped[RecipientState]
    reason: Mapped[LeftOut | None]
    batch_id: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reply: Mapped[str | None]
    """What the mail server said, or what went wrong."""
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]

    contact: Mapped[Contact | None] = relationship()

    __table_args__ = (
        UniqueConstraint("mailing_id", "dedupe_key"),
        # A person's history, and which of the people that a search finds are in a mailing.
        Index(None, "contact_id", "mailing_id"),
        # Also the order of the list of recipients, so that its pages stay quick.
        Index(None, "mailing_id", "state", "reason", "id"),
        Index(
            "ix_recipient_opened",
            "mailing_id",
            "id",
            postgresql_where=text("opened_at IS NOT NULL"),
        ),
        Index(
            "ix_recipient_clicked",
            "mailing_id",
            "id",
            postgresql_where=text("clicked_at IS NOT NULL"),
        ),
        Index(
            "ix_recipient_unsubscribed",
            "mailing_id",
            "id",
            postgresql_where=text("unsubscribed_at IS NOT NULL"),
        ),
        Index(None, "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(None, "company_id", postgresql_where=text("company_id IS NOT NULL")),
    )


class BatchState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    DONE = "done"


class Batch(Base):
    """Up to 500 recipients: the unit that senders claim and are fenced by."""

    __tablename__ = "batch"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE")
    )
    state: Mapped[BatchState] = mapped_column(default=BatchState.WAITING)
    size: Mapped[int]
    not_before: Mapped[datetime | None]
    """Gathered from deferred recipients: not claimed earlier than this."""
    sender: Mapped[str] = mapped_column(default="", server_default="")
    token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    __table_args__ = (
        Index("ix_batch_open", "mailing_id", "id", postgresql_where=text("state <> 'done'")),
    )


class MailingLink(Base):
    """A tracked link of a mailing as sent; a click names it by its number."""

    __tablename__ = "mailing_link"

    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    target: Mapped[list[Any]] = mapped_column(JSONB)
    """Dumped segments: an address may hold merge tags, filled in for the one who clicks."""
    label: Mapped[str]
    tracked_link_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("tracked_link.id", ondelete="SET NULL")
    )
    """The registered link that it is a use of."""

    __table_args__ = (
        Index(
            None,
            "tracked_link_id",
            "mailing_id",
            postgresql_where=text("tracked_link_id IS NOT NULL"),
        ),
    )

    @property
    def url(self) -> str:
        return readable(loaded(self.target))
