"""How far a mailing is, how fast it goes, and when it will be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.mailings.models import Mailing, State
from webapp.response.statistics import Figures

SHORTEST_MEASURE = timedelta(seconds=5)
"""Before this the pace would be a guess."""


@dataclass(frozen=True)
class Progress:
    per_minute: int | None = None
    """People, on the average since it started."""
    done_about: datetime | None = None


def progress(mailing: Mailing, figures: Figures, now: datetime) -> Progress:
    if mailing.started_at is None or mailing.state != State.SENDING:
        return Progress()
    running = now - mailing.started_at
    if running < SHORTEST_MEASURE or not figures.done:
        return Progress()
    per_minute = figures.done / (running / timedelta(minutes=1))
    return Progress(
        per_minute=round(per_minute),
        done_about=now + timedelta(minutes=figures.waiting / per_minute),
    )
