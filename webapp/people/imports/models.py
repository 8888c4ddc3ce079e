from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.people.models import Basis
from webapp.platform.database import Base, Id, utcnow


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    """Its columns are guessed or being chosen. Up to CHECKED no person has changed."""
    CHECKING = "checking"
    """The dry run is waiting or under way."""
    CHECKED = "checked"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def working(self) -> bool:
        return self in {self.CHECKING, self.WAITING, self.RUNNING}


class Import(Base):
    """One file of people, from upload to result."""

    __tablename__ = "import"

    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("user.id", ondelete="SET NULL")
    )
    filename: Mapped[str]
    """What the user called it. The bytes lie under `stored_as` in the media folder."""
    stored_as: Mapped[str]
    state: Mapped[ImportState] = mapped_column(default=ImportState.UPLOADED)
    sheets: Mapped[list[str]] = mapped_column(JSONB, default=list)
    sheet: Mapped[str] = mapped_column(default="")
    headings: Mapped[list[str]] = mapped_column(JSONB, default=list)
    samples: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    """The cells of the first few rows, as text."""
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    """Column index (as text, JSON knows no other keys) to field code."""
    overwrite: Mapped[bool] = mapped_column(default=False)
    """Replace what is known, or (default) only fill what is empty."""
    basis: Mapped[Basis | None]
    source: Mapped[str] = mapped_column(default="")
    selection_name: Mapped[str] = mapped_column(default="")
    selection_id: Mapped[int | None] = mapped_column(BigInteger)
    """The selection of the imported people. No foreign key: selections live a floor above."""
    rows_read: Mapped[int] = mapped_column(default=0)
    """While it works: how far it is."""
    total_rows: Mapped[int] = mapped_column(default=0)
    """This and the figures below are a forecast until the state is DONE, then what happened."""
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    changed_if_overwritten: Mapped[int] = mapped_column(default=0)
    """The forecast of `changed` if the import is to overwrite; `changed` is without."""
    refused: Mapped[int] = mapped_column(default=0)
    """Rows that bring consent for somebody who has withdrawn it, unsubscribed or is blocked."""
    granted: Mapped[int | None]
    """People for whom a yes is recorded, and below those for whom a no is; early imports did not
    count them."""
    withdrawn: Mapped[int | None]
    rejected: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Reason to number of rows."""
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was cleaned on the way, to number of rows."""
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    rung_at: Mapped[datetime | None]
    """When a worker was last asked to take it up."""
    finished_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()

    @property
    def rejected_rows(self) -> int:
        return sum(self.rejected.values())


class RejectedImportRow(Base):
    """A row that did not become a person, as it stood in the file."""

    __tablename__ = "rejected_import_row"

    import_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("import.id", ondelete="CASCADE"), primary_key=True
    )
    row_number: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    cells: Mapped[list[str]] = mapped_column(JSONB)
