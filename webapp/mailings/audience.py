"""From sources to recipient rows: everyone accounted for, by reason where they are left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, TextClause, delete, func, select, text, update

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
from webapp.targets.models import ProjectMember, SelectionMember

BATCH_SIZE = 500
PAGES = 800
"""Of the database, 8 KB each: written at a time, so that one can see how far it is. They hold about
fifty thousand people."""

_ONE_AT_A_TIME = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('audience of mailing', :mailing))"
)

Tell = Callable[[int, int], None]
"""Told how many of how many are written."""


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


def _tell_nobody(_done: int, _total: int) -> None:
    pass


def resolve(mailing: Mailing, tell: Tell = _tell_nobody) -> None:
    """Fill the mailing's recipients anew from its sources as they are now.

    Only before sending: from then on the rows are the record of what happened. Two at once wait
    for each other. What `tell` raises ends it.
    """
    db.session.flush()
    db.session.execute(_ONE_AT_A_TIME, {"mailing": mailing.id})
    db.session.refresh(mailing)
    if mailing.state not in {State.DRAFT, State.PREPARING}:
        return
    begun = utcnow()
    total = _judge(mailing)
    tell(0, total)
    _write(mailing, total, tell)
    db.session.execute(queries.MAKE_BATCHES, {"mailing": mailing.id})
    db.session.execute(update(Mailing).where(Mailing.id == mailing.id).values(resolved_at=begun))


def _judge(mailing: Mailing) -> int:
    """How many are in the sources; who of them is mailed stands in a table of this transaction."""
    db.session.execute(queries.FORGET_JUDGED)
    db.session.execute(queries.ROOM_TO_SORT)
    return _changed(
        queries.JUDGE,
        mailing=mailing.id,
        one_per_address=mailing.one_per_address,
        include_companies=mailing.include_companies,
        prefer_company=mailing.prefer_company,
        batch_size=BATCH_SIZE,
    )


def _write(mailing: Mailing, total: int, tell: Tell) -> None:
    db.session.execute(delete(Recipient).where(Recipient.mailing_id == mailing.id))
    db.session.execute(delete(Batch).where(Batch.mailing_id == mailing.id))
    done = page = 0
    while done < total:
        done += _changed(queries.FILL, mailing=mailing.id, page=page, pages=PAGES)
        page += PAGES
        tell(done, total)


def _changed(statement: TextClause, **parameters: object) -> int:
    """How many rows it wrote."""
    return cast(CursorResult[Any], db.session.execute(statement, parameters)).rowcount


def is_out_of_date(mailing: Mailing) -> bool:
    """Whether the sources changed since it was resolved."""
    changed, resolved = mailing.sources_changed_at, mailing.resolved_at
    return bool(changed and (resolved is None or resolved < changed))


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
    which = {
        SourceKind.SELECTION: SelectionMember.selection_id == source.selection_id,
        SourceKind.PROJECT: ProjectMember.project_id == source.project_id,
        SourceKind.PASTED: PastedAddress.source_id == source.id,
        SourceKind.FILE: PastedAddress.source_id == source.id,
    }.get(source.kind)
    if which is None:
        return 1
    return db.session.scalar(select(func.count()).where(which)) or 0
