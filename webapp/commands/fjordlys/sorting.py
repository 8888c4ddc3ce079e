"""How Fjordlys sorts the people it knows, and what it wants to know of them besides."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from webapp.commands.fjordlys.story import Story
from webapp.commands.fjordlys.words import ARCHITECTS, DEALERS, HOSPITALITY, OFFICES
from webapp.people import custom_fields, lists
from webapp.people.companies import CompanyDetails
from webapp.people.contacts import ContactDetails
from webapp.people.models import FieldKind, FieldOf, ListName

CATEGORIES = {
    DEALERS.key: "Dealer",
    ARCHITECTS.key: "Architect",
    HOSPITALITY.key: "Hotel or restaurant",
    OFFICES.key: "Office",
    "private": "Private customer",
}
INTERESTS = ("Lumo", "Outdoor lamps", "Spare parts and care")
SIZES = (60, 85, 110, 140, 180, 240, 320)


@dataclass(frozen=True)
class Sorting:
    categories: dict[str, int]
    """By trade."""
    interests: list[int]
    visit: str
    size: str
    """Keys of the two custom fields."""
    owner_id: int
    now: datetime
    rng: Random

    @classmethod
    def define(cls, story: Story) -> "Sorting":
        by = story.owner_id
        visit = custom_fields.define(FieldOf.CONTACT, "Last showroom visit", FieldKind.DATE, by=by)
        size = custom_fields.define(FieldOf.COMPANY, "Showroom size in m²", FieldKind.NUMBER, by=by)
        categories = {
            trade: lists.create(ListName.CATEGORY, name, by=by).id
            for trade, name in CATEGORIES.items()
        }
        interests = [lists.create(ListName.INTEREST, name, by=by).id for name in INTERESTS]
        # Chance of its own, so that the rest of the story stays as it is.
        rng = Random(5)  # noqa: S311
        return cls(categories, interests, visit.key, size.key, by, story.now, rng)

    def person(self, trade: str, details: ContactDetails) -> ContactDetails:
        rng = self.rng
        visited = self.now.date() - timedelta(days=rng.randint(20, 600))
        return replace(
            details,
            category_id=self.categories[trade],
            our_contact_id=self.owner_id if trade == DEALERS.key else None,
            interests=tuple(rng.sample(self.interests, rng.choice((0, 0, 1, 2)))),
            fields={self.visit: visited.isoformat()} if rng.random() < 0.3 else {},
        )

    def company(self, trade: str, details: CompanyDetails) -> CompanyDetails:
        dealer = trade == DEALERS.key
        return replace(
            details,
            email=f"info@{details.domain}",
            category_id=self.categories[trade],
            our_contact_id=self.owner_id if dealer else None,
            fields={self.size: self.rng.choice(SIZES)} if dealer else {},
        )
