from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from webapp.accounts.models import User
from webapp.content.addresses import slug
from webapp.content.images.files import SMALL_ENDING
from webapp.content.models import Shelved
from webapp.people.models import danish_order
from webapp.platform.database import Base, utcnow

HEAVY = 1_000_000
"""Bytes."""


class Image(Shelved, Base):
    """A picture of the library. What it shows never changes: another picture is another image.
    A deleted one is no longer offered; its address goes on working, as sent mail names it."""

    __tablename__ = "image"

    alt: Mapped[str] = mapped_column(default="")
    """What it shows, in words: what a new use of it begins with."""
    key: Mapped[str]
    """What its files are found by; the same for two images that look exactly alike."""
    ending: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    given_width: Mapped[int]
    """As it was uploaded."""
    given_height: Mapped[int]
    size: Mapped[int]
    """Bytes."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    created_by: Mapped[User | None] = relationship()

    __table_args__ = (Index(None, "key"),)

    @property
    def address(self) -> str:
        """Public and for ever. The name in it is for people: the key alone finds the picture."""
        return f"/i/{self.key}/{slug(self.name) or 'image'}.{self.ending}"

    @property
    def small_address(self) -> str:
        return f"/i/{self.key}/{slug(self.name) or 'image'}.{SMALL_ENDING}"

    @property
    def was_reduced(self) -> bool:
        return self.width < self.given_width

    @property
    def is_heavy(self) -> bool:
        """For an e-mail that people open on their way."""
        return self.size > HEAVY
