from datetime import datetime
from enum import StrEnum
from typing import Any, Optional

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, deferred, mapped_column, relationship

from webapp.accounts.models import User
from webapp.people.models import danish_order
from webapp.platform.database import Base, Id, utcnow


class FolderOf(StrEnum):
    MAILING = "mailing"
    TEMPLATE = "template"
    IMAGE = "image"
    LINK = "link"


class Folder(Base):
    """A place for things of one kind, at the top or within another folder. What lies in it names it
    in a column `folder_id` of its own; NULL lies at the top."""

    __tablename__ = "folder"

    id: Mapped[Id]
    of: Mapped[FolderOf]
    parent_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("folder.id", ondelete="RESTRICT"), index=True
    )
    name: Mapped[str]
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    parent: Mapped[Optional["Folder"]] = relationship(remote_side="Folder.id")

    __table_args__ = (
        Index(
            "uq_folder_name",
            "of",
            text("coalesce(parent_id, 0)"),
            text("lower(name)"),
            unique=True,
        ),
    )


class Shelved:
    """What lies in a folder, and stays for a while when it is deleted (`webapp.content.shelf`)."""

    __tablename__: str

    id: Mapped[Id]
    name: Mapped[str]
    folder_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("folder.id", ondelete="SET NULL"), index=True
    )
    deleted_at: Mapped[datetime | None]

    @declared_attr
    def folder(cls) -> Mapped[Folder | None]:
        return relationship()


class TrackedLink(Shelved, Base):
    """An address with a name, made once and used in any number of mailings, over which its clicks
    are summed. Content names it by a tag (`webapp.content.links.tracked_links`). A deleted one is
    no longer offered, and nothing new may be sent with it; what was sent goes on leading there."""

    __tablename__ = "tracked_link"

    url: Mapped[str]
    """May hold merge tags."""
    made_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    counted_from: Mapped[datetime | None]
    """Clicks before it are not counted; all are where it is NULL."""
    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    made_by: Mapped[User | None] = relationship()


class SavedBlock(Base):
    __tablename__ = "saved_block"

    id: Mapped[Id]
    name: Mapped[str]
    part: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """A block or a row of a document."""
    saved_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    saved_at: Mapped[datetime] = mapped_column(default=utcnow)


class Template(Shelved, Base):
    """An e-mail to begin others from, made by somebody here. Those that come with the program are
    in webapp/content/designs."""

    __tablename__ = "template"

    subject: Mapped[str] = mapped_column(default="")
    preheader: Mapped[str] = mapped_column(default="")
    document: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    made_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
