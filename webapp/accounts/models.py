from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.rights import Role
from webapp.platform.database import Base, Id, utcnow
from webapp.platform.initials import initials


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class User(Base):
    """Somebody who signs in."""

    __tablename__ = "user"

    id: Mapped[Id]
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="", server_default="")
    mobile: Mapped[str] = mapped_column(default="", server_default="")
    """Both for mailings that name the reader's own contact with us."""
    password_hash: Mapped[str]
    role: Mapped[Role]
    language: Mapped[str] = mapped_column(default="en")
    theme: Mapped[Theme] = mapped_column(default=Theme.SYSTEM)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    @property
    def initials(self) -> str:
        return initials(self.name)


class Organisation(Base):
    """The organisation that this installation works for: one row, made by the first migration."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    country: Mapped[str] = mapped_column(default="DK")
    language: Mapped[str] = mapped_column(default="da")
    timezone: Mapped[str] = mapped_column(default="Europe/Copenhagen")
    privacy_mode: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    """Only who consented to e-marketing, and subscribes to a mailing's type, is mailed. Without it
    everybody is but those who said no."""
    fingerprint_check: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The fingerprint of nothing, from first use: tells when SECRET_KEY was exchanged."""


class AuditEntry(Base):
    """Who did what to data that belongs to others. Rows are only ever added."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    action: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

    user: Mapped[User | None] = relationship()

    __table_args__ = (Index(None, "at"),)
