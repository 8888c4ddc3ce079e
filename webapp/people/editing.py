"""Two people at the same card: whoever saves second is told what the first one changed."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.accounts.audit import audit
from webapp.accounts.models import AuditEntry
from webapp.people.models import Company, Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l


class ChangedMeanwhile(DomainError):
    """`fields` are those that differ now from what was read; empty when nobody wrote that down,
    as an import does not."""

    message = _l(
        "%(names)s changed this card while you were at it. What you typed still stands here, and"
        " under the fields what was saved meanwhile. Save again to put yours in its place."
    )

    def __init__(self, names: list[str], fields: set[str]) -> None:
        super().__init__(names=", ".join(names) or _("Somebody else"))
        self.fields = fields


def save(
    card: Contact | Company,
    change: Callable[[], None],
    details: Callable[[], Any],
    *,
    read_at: datetime | None,
    by: int | None,
) -> None:
    """Do `change` to the card as it is now. `read_at` is the `updated_at` that the user saw; None
    when it does not matter. Raises ChangedMeanwhile, and what `change` raises; then nothing has
    changed. To save twice what is there already is no change, so a double click does no harm.
    """
    with db.session.begin_nested():
        db.session.refresh(card, with_for_update=True)
        saved_at, before = card.updated_at, asdict(details())
        change()
        db.session.flush()
        after = asdict(details())
        changed = [name for name in before if before[name] != after[name]]
        if changed and read_at is not None and read_at != saved_at:
            raise ChangedMeanwhile(*_since(card, read_at))
    if changed:
        kind = card.__tablename__
        audit(f"{kind} changed", by=by, fields=" ".join(changed), **{kind: card.id})


def _since(card: Contact | Company, moment: datetime) -> tuple[list[str], set[str]]:
    """Who changed it, and which fields. By ix_audit_entry_at: what was written down since then."""
    kind = card.__tablename__
    entries = db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.at > moment,
            AuditEntry.action == f"{kind} changed",
            AuditEntry.detail[kind].as_integer() == card.id,
        )
        .options(selectinload(AuditEntry.user))
        .order_by(AuditEntry.id)
    ).all()
    names = dict.fromkeys(entry.user.name for entry in entries if entry.user)
    return list(names), {name for entry in entries for name in entry.detail["fields"].split()}
