"""What a user wants to know first: what is on its way, how the last ones went, what needs them."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import defer

from webapp.mailings.models import RUNNING, Mailing, Recipient, RecipientState, State
from webapp.people.models import Contact
from webapp.platform.database import db, utcnow
from webapp.response import statistics
from webapp.response.statistics import Figures

LAST = 7
DRAFTS = 4
UNKNOWN_FOR = timedelta(days=14)
"""How long unknown recipients are worth a look."""


@dataclass(frozen=True)
class Today:
    running: list[Mailing]
    paused: list[Mailing]
    scheduled: list[Mailing]
    """The next one first."""
    held_up: list[Mailing]
    """Those whose time came, and that wait for a person."""
    with_unknown: list[Mailing]
    last: list[Mailing]
    figures: dict[int, Figures]
    """Of all of these."""


def today() -> Today:
    running, last = _all(_running()), _all(_last())
    scheduled, with_unknown = _all(_scheduled()), _all(_with_unknown())
    shown = {mailing.id for mailing in (*running, *last, *scheduled, *with_unknown)}
    return Today(
        running=[mailing for mailing in running if mailing.state != State.PAUSED],
        paused=[mailing for mailing in running if mailing.state == State.PAUSED],
        scheduled=[mailing for mailing in scheduled if not mailing.state_reason],
        held_up=[mailing for mailing in scheduled if mailing.state_reason],
        with_unknown=with_unknown,
        last=last,
        figures=statistics.of_several(shown),
    )


def drafts_of(user_id: int) -> list[Mailing]:
    return _all(
        select(Mailing)
        .where(Mailing.state == State.DRAFT, Mailing.owner_id == user_id)
        .order_by(Mailing.updated_at.desc())
        .limit(DRAFTS)
    )


def is_empty() -> bool:
    """A fresh installation: nobody to write to, and nothing written."""
    anything = select(exists(select(Contact.id)) | exists(select(Mailing.id)))
    return not db.session.scalar(anything)


def _running() -> Select[Mailing]:
    return select(Mailing).where(Mailing.state.in_(RUNNING)).order_by(Mailing.started_at.desc())


def _scheduled() -> Select[Mailing]:
    return select(Mailing).where(Mailing.state == State.SCHEDULED).order_by(Mailing.scheduled_at)


def _last() -> Select[Mailing]:
    return (
        select(Mailing)
        .where(Mailing.finished_at.is_not(None))
        .order_by(Mailing.finished_at.desc())
        .limit(LAST)
    )


def _with_unknown() -> Select[Mailing]:
    some = exists().where(
        Recipient.mailing_id == Mailing.id, Recipient.state == RecipientState.UNKNOWN
    )
    return (
        select(Mailing)
        .where(Mailing.started_at > utcnow() - UNKNOWN_FOR, some)
        .order_by(Mailing.started_at.desc())
    )


def _all(statement: Select[Mailing]) -> list[Mailing]:
    shown = statement.where(Mailing.deleted_at.is_(None))
    return list(db.session.scalars(shown.options(defer(Mailing.content))))
