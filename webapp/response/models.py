from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.platform.database import Base, Id


class HitKind(StrEnum):
    OPEN = "open"
    CLICK = "click"
    VIEW = "view"
    """The message read in the browser."""


class Hit(Base):
    """One open or click, as it came. No foreign keys: hits are written in bulk, and are reached
    through their mailing, so that the table can be partitioned by it."""

    __tablename__ = "hit"

    id: Mapped[Id]
    mailing_id: Mapped[int] = mapped_column(BigInteger)
    recipient_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[HitKind]
    link_number: Mapped[int | None]
    at: Mapped[datetime]
    method: Mapped[str]
    user_agent: Mapped[str]

    __table_args__ = (
        # What is counted: whoever asks by HEAD has not read anything.
        Index(
            "ix_hit_counted",
            "mailing_id",
            "kind",
            "link_number",
            "recipient_id",
            postgresql_where=text("method <> 'HEAD'"),
        ),
    )
