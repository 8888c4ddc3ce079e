"""From sources to recipient rows: everyone accounted for, by reason where they are left out."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from webapp.mailings import queries
from webapp.mailings.models import (
    Batch,
    LeftOut,
    Mailing,
    MailingSource,
    PastedAddress,
    Recipient,
    SourceKind,
    State,
)
from webapp.platform.database import db, utcnow
from webapp.targets.models import SelectionMember

BATCH_SIZE = 500


@dataclass(frozen=True)
class Audience:
    """How many are mailed and how many are not, by reason; together, everybody in the sources."""

    mailed: int
    left_out: dict[LeftOut, int]

    @property
    def total(self) -> int:
        return self.mailed + self.not_mailed

    @property
    def not_mailed(self) -> int:
        return sum(self.left_out.values())


def resolve(mailing: Mailing) -> None:
    """Fill the mailing's recipients anew from its sources as they are now.

    Only before sending: from then on the rows are the record of what happened. Two at once wait
    for each other at the mailing's row.
    """
    db.session.flush()
    db.session.refresh(mailing, with_for_update=True)
    if mailing.state not in {State.DRAFT, State.PREPARING}:
        return
    db.session.execute(delete(Recipient).where(Recipient.mailing_id == mailing.id))
    db.session.execute(delete(Batch).where(Batch.mailing_id == mailing.id))
    db.session.execute(
        queries.FILL,
        {
            "mailing": mailing.id,
            "one_per_address": mailing.one_per_address,
            "batch_size": BATCH_SIZE,
        },
    )
    db.session.execute(queries.MAKE_BATCHES, {"mailing": mailing.id})
    db.session.execute(update(Mailing).where(Mailing.id == mailing.id).values(resolved_at=utcnow()))


def bring_up_to_date(mailing: Mailing) -> None:
    """Resolve a draft whose sources changed since the last time."""
    changed, resolved = mailing.sources_changed_at, mailing.resolved_at
    if mailing.state == State.DRAFT and changed and (resolved is None or resolved < changed):
        resolve(mailing)


def count(mailing: Mailing) -> Audience:
    rows = db.session.execute(
        select(Recipient.reason, func.count().label("people"))
        .where(Recipient.mailing_id == mailing.id)
        .group_by(Recipient.reason)
    )
    by_reason: dict[LeftOut | None, int] = {row.reason: row.people for row in rows}
    left_out = {reason: by_reason[reason] for reason in LeftOut if reason in by_reason}
    return Audience(mailed=by_reason.get(None, 0), left_out=left_out)


def source_size(source: MailingSource) -> int:
    """How many people or addresses a source names."""
    if source.kind == SourceKind.SELECTION:
        counted = select(func.count()).where(SelectionMember.selection_id == source.selection_id)
    elif source.kind == SourceKind.PASTED:
        counted = select(func.count()).where(PastedAddress.source_id == source.id)
    else:
        return 1
    return db.session.scalar(counted) or 0
