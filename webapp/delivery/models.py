from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.platform.database import Base


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
