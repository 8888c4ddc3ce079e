"""What one can subscribe to at Fjordlys, and who does."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from webapp.commands.fjordlys.people import People
from webapp.commands.fjordlys.story import Story
from webapp.people import contacts, subscriptions
from webapp.people.models import Consent, SubscriptionType
from webapp.people.subscriptions import TypeDetails

WAYS_TO_EVENTS = (
    "Showroom visit, ticked on the guest list",
    "Asked to be invited again",
    "Sign-up on fjordlys.example",
)


@dataclass(frozen=True)
class Types:
    newsletter: SubscriptionType
    events: SubscriptionType


def offer_types(people: People, story: Story) -> Types:
    """The newsletter comes with consent; most of those who do not sell our lamps want invitations
    too, and a few left one of the two."""
    (newsletter,) = subscriptions.types()
    told = TypeDetails(
        names=newsletter.names,
        descriptions={
            "en": "New lamps and how to use them, once a month",
            "da": "Nye lamper, og hvordan de bruges, en gang om måneden",
        },
        is_default=True,
    )
    subscriptions.change(newsletter, told, by=story.owner_id)
    told = TypeDetails(
        names={"en": "Events", "da": "Arrangementer"},
        descriptions={
            "en": "Invitations to our showroom, a few times a year",
            "da": "Invitationer til vores showroom, et par gange om året",
        },
    )
    types = Types(newsletter, subscriptions.create(told, by=story.owner_id))
    story.happened(story.workday(200, 9, 30))
    # Chance of its own, so that the people stay who they are.
    _subscribe(people, types, story, Random(12))  # noqa: S311
    return types


def _subscribe(people: People, types: Types, story: Story, rng: Random) -> None:
    for contact_id in people.everybody:
        contact = contacts.get(contact_id)
        if contact.e_marketing is not Consent.GRANTED:
            continue
        moment = max(contact.created_at + timedelta(days=1), story.some_workday_by(rng, 190, 60))
        if rng.random() < 0.85:
            way = rng.choice(WAYS_TO_EVENTS)
            subscriptions.subscribe(contact, types.events, source=way, at=moment)
        elif rng.random() < 0.3:
            left = rng.choice([types.newsletter, types.events])
            subscriptions.leave(contact, left, source="Asked on the phone", at=moment)
