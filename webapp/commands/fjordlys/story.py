"""The demo happens in the past: what the application dates now gets the day on which it was."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import update

from webapp.accounts.models import AuditEntry, Organisation, User
from webapp.content.images.models import Image
from webapp.content.models import Template
from webapp.mailings.models import Mailing, MailingSource, Recipient
from webapp.people.models import (
    Company,
    ConsentEntry,
    Contact,
    Subscription,
    SubscriptionEntry,
    Suppression,
)
from webapp.platform.database import db, utcnow
from webapp.targets.models import Project, ProjectMember, Selection, SelectionMember

# `updated_at` comes after what else is dated in its table, since any update sets it.
DATES = (
    User.created_at,
    AuditEntry.at,
    Company.created_at,
    Company.updated_at,
    Contact.created_at,
    Contact.updated_at,
    ConsentEntry.given_at,
    ConsentEntry.recorded_at,
    Subscription.since,
    SubscriptionEntry.at,
    Suppression.created_at,
    Image.created_at,
    Selection.created_at,
    Selection.updated_at,
    SelectionMember.added_at,
    Project.created_at,
    Project.updated_at,
    ProjectMember.added_at,
    MailingSource.created_at,
    Mailing.created_at,
    Mailing.sources_changed_at,
    Mailing.resolved_at,
    Mailing.started_at,
    Mailing.finished_at,
    Mailing.updated_at,
    Recipient.unsubscribed_at,
    Template.changed_at,
)


class Story:
    """Who tells it, how chance falls, and what is when. Days and hours are the organisation's."""

    def __init__(self, organisation: Organisation, owner_id: int) -> None:
        self.owner_id = owner_id
        self.rng = Random(11)  # noqa: S311
        self.now = utcnow()
        self.zone = ZoneInfo(organisation.timezone)

    def workday(self, days_ago: int, hour: int, minute: int) -> datetime:
        """That long ago, or the Friday before when it was a weekend."""
        day = self.now.astimezone(self.zone) - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)

    def some_workday(self, earliest: int, latest: int) -> datetime:
        """In working hours, between so and so many days ago."""
        return self.some_workday_by(self.rng, earliest, latest)

    def some_workday_by(self, rng: Random, earliest: int, latest: int) -> datetime:
        """By another chance than the story's."""
        return self.workday(rng.randint(latest, earliest), rng.randint(8, 16), rng.randint(0, 59))

    def happened(self, moment: datetime) -> None:
        """Everything that was written since the last call was written at `moment`."""
        db.session.flush()
        for date in DATES:
            db.session.execute(
                update(date.class_)
                .where(date >= self.now)
                .values({date: moment})
                .execution_options(synchronize_session=False)
            )
        db.session.expire_all()
