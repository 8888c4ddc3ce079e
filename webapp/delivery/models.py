from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from webapp.platform.database import Base, Id


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SendingServer(Base):
    """An SMTP server that takes our messages, and how much of them it may be given.

    The first one has no host of its own: it is the server of the environment's MAIL_* variables.
    """

    __tablename__ = "sending_server"

    id: Mapped[Id]
    name: Mapped[str]
    host: Mapped[str] = mapped_column(default="")
    port: Mapped[int] = mapped_column(default=587)
    security: Mapped[Security] = mapped_column(default=Security.STARTTLS)
    username: Mapped[str] = mapped_column(default="")
    sealed_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    from_domains: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    """The only From domains that it sends for; any, when there are none."""
    weight: Mapped[int] = mapped_column(default=1)
    """Its share of the work, among those that may send it. 0: only when no other can."""
    enabled: Mapped[bool] = mapped_column(default=True)
    connections: Mapped[int] = mapped_column(default=4)
    """Held open by each sender at the most."""
    messages_per_connection: Mapped[int] = mapped_column(default=1000)
    per_minute: Mapped[int | None]
    per_hour: Mapped[int | None]
    per_day: Mapped[int | None]
    per_domain_hour: Mapped[int | None]
    """Messages in an hour to each recipient domain."""
    paused_reason: Mapped[str] = mapped_column(default="")
    """Not empty: it refused us, in these words, and waits for a person."""
    resting_until: Mapped[datetime | None]
    """It could not be reached, and is left alone for so long."""


class QuotaUse(Base):
    """What a server was given in one window of time: reserved before it is sent."""

    __tablename__ = "quota_use"

    server_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("sending_server.id", ondelete="CASCADE"), primary_key=True
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    """`minute`, `hour`, `day`, or a recipient domain (by the hour)."""
    begins_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int]


class SenderSlot(Base):
    """The right to work on a mailing in one of its few places, held for a while at a time.

    RQ may lose a job or run it twice; a slot has one live holder all the same.
    """

    __tablename__ = "sender_slot"

    mailing_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("mailing.id", ondelete="CASCADE"), primary_key=True
    )
    slot: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[UUID | None]
    held_until: Mapped[datetime | None]
    rung_at: Mapped[datetime | None]
    """When the clock last asked for somebody to work here."""
