"""Mailings that use a selection or project: linked to it, or sent to the people in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, func, select, union, update
from sqlalchemy.orm import InstrumentedAttribute

from webapp.mailings.models import Mailing, MailingSource
from webapp.mailings.overview import ORDERS, listed
from webapp.people.search import ordered
from webapp.platform.database import db, utcnow
from webapp.targets import projects, selections
from webapp.targets.models import Project, Selection

Target = Selection | Project
Column = InstrumentedAttribute[int | None]

NAMED_BY: dict[type[Target], tuple[Column, Column]] = {
    Selection: (Mailing.selection_id, MailingSource.selection_id),
    Project: (Mailing.project_id, MailingSource.project_id),
}
"""The columns of a mailing and of its sources that name a target."""


@dataclass(frozen=True)
class Uses:
    """How many mailings use a target. Those whose audience is made already keep it, whatever
    becomes of the target; the others look it up anew when they are sent."""

    open: int = 0
    settled: int = 0


def find_mailings(target: Target, *, sort: str = "-changed") -> Select[Mailing]:
    """`sort` is a key of the ORDERS of all mailings."""
    used = _used([target]).subquery()
    found = listed().where(Mailing.id.in_(select(used.c.mailing_id)))
    return ordered(found, ORDERS, sort)


def count(targets: Sequence[Target]) -> dict[int, Uses]:
    """Of several targets of one kind, by id."""
    if not targets:
        return {}
    used = _used(targets).subquery()
    is_open = Mailing.prepared_at.is_(None)
    rows = db.session.execute(
        select(
            used.c.target_id,
            func.count().filter(is_open),
            func.count().filter(~is_open),
        )
        .join(Mailing, Mailing.id == used.c.mailing_id)
        .where(Mailing.deleted_at.is_(None))
        .group_by(used.c.target_id)
    )
    counted = {target_id: Uses(unsettled, settled) for target_id, unsettled, settled in rows}
    return {target.id: counted.get(target.id, Uses()) for target in targets}


def remove(target: Target, *, by: int | None) -> None:
    """Delete it. Mailings lose their link to it, and as a source of recipients; those with an
    audience keep that, and their figures."""
    used = _used([target]).subquery()
    db.session.execute(
        update(Mailing)
        .where(Mailing.id.in_(select(used.c.mailing_id)), Mailing.prepared_at.is_(None))
        .values(sources_changed_at=utcnow())
    )
    if isinstance(target, Selection):
        selections.remove(target, by=by)
    else:
        projects.remove(target, by=by)


def _used(targets: Sequence[Target]) -> CompoundSelect[int, int]:
    """Each mailing once for each target that it uses."""
    linked, source = NAMED_BY[type(targets[0])]
    ids = [target.id for target in targets]
    return union(
        select(linked.label("target_id"), Mailing.id.label("mailing_id")).where(linked.in_(ids)),
        select(source, MailingSource.mailing_id).where(source.in_(ids)),
    )
