from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from webapp.accounts.models import User
from webapp.people.models import ListItem, danish_order
from webapp.platform.database import Base, Id, utcnow


class Selection(Base):
    """A list of people kept by hand."""

    __tablename__ = "selection"

    id: Mapped[Id]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    owner: Mapped[User | None] = relationship()

    __table_args__ = (Index("uq_selection_name_lower", text("lower(name)"), unique=True),)


class SelectionMember(Base):
    __tablename__ = "selection_member"

    selection_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    added_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index(None, "contact_id"),)


class ProjectStatus(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Project(Base):
    """Something with a beginning and an end that people take part in: an event, a campaign."""

    __tablename__ = "project"

    id: Mapped[Id]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    type_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("list_item.id", ondelete="SET NULL")
    )
    status: Mapped[ProjectStatus] = mapped_column(default=ProjectStatus.PLANNED)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    sort_key: Mapped[str] = deferred(mapped_column(Text, danish_order("name")))

    type: Mapped[ListItem | None] = relationship()
    owner: Mapped[User | None] = relationship()

    __table_args__ = (Index("uq_project_name_lower", text("lower(name)"), unique=True),)


class ProjectMember(Base):
    __tablename__ = "project_member"

    project_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[str] = mapped_column(default="")
    """In words: speaker, guest, …"""
    added_at: Mapped[datetime] = mapped_column(default=utcnow)

    __table_args__ = (Index(None, "contact_id"),)


class UpdateState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def working(self) -> bool:
        return self in {self.ASKED, self.RUNNING}


class PeopleUpdate(Base):
    """One change of many people, from being asked for to what came of it."""

    __tablename__ = "people_update"

    id: Mapped[Id]
    change: Mapped[dict[str, Any]]
    """What is changed (webapp.targets.updates.loaded); whom, the parts say."""
    state: Mapped[UpdateState] = mapped_column(default=UpdateState.ASKED)
    people: Mapped[int]
    through: Mapped[int] = mapped_column(default=0)
    """So many of them were looked at, and so many of those changed."""
    changed: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(default="")
    asked_by_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    heard_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When it was asked for, or a worker last got on with it."""
    rung_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When a worker was last asked to take it up."""
    finished_at: Mapped[datetime | None]

    asked_by: Mapped[User | None] = relationship()


class PeopleUpdatePart(Base):
    """Some of the people of an update whom nobody has looked at yet. The row goes in the
    transaction that changes them, so nobody is changed twice and nobody is left out."""

    __tablename__ = "people_update_part"

    update_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("people_update.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    contacts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
