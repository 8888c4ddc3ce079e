"""The project of the demo: an evening in the showroom, with who holds it and who said yes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.commands.fjordlys.people import People
from webapp.commands.fjordlys.story import Story
from webapp.commands.fjordlys.words import ARCHITECTS, DEALERS
from webapp.mailings.models import Mailing, Recipient
from webapp.people.models import Contact, ListItem, ListName
from webapp.platform.database import db
from webapp.targets import projects
from webapp.targets.models import Project, ProjectStatus
from webapp.targets.projects import ProjectDetails


def plan(evening: datetime, people: People, story: Story) -> Project:
    event = ListItem(list=ListName.PROJECT_TYPE, name="Event")
    db.session.add_all([event, ListItem(list=ListName.PROJECT_TYPE, name="Campaign")])
    db.session.flush()
    project = projects.create(
        ProjectDetails(
            name="Showroom evening",
            description="Soup, a talk about light in small rooms, and every lamp switched on."
            "\nRoom for forty.",
            type_id=event.id,
            status=ProjectStatus.FINISHED,
            starts_on=evening.date(),
            ends_on=evening.date(),
            owner_id=story.owner_id,
        )
    )
    projects.add_members(project.id, people.of(ARCHITECTS.key)[:1], role="Speaker")
    projects.add_members(project.id, people.of(DEALERS.key)[:2], role="Host")
    story.happened(evening - timedelta(days=21))
    return project


def welcome(project: Project, invitation: Mailing, until: datetime, story: Story) -> None:
    """Who followed the link of the invitation by then comes."""
    comes = (
        select(Contact.id)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(Recipient.mailing_id == invitation.id, Recipient.clicked_at < until)
    )
    projects.add_members(project.id, comes, role="Guest")
    story.happened(until)
