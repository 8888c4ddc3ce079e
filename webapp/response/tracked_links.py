"""The clicks of registered links, over all mailings."""

from collections.abc import Collection
from dataclasses import dataclass

from webapp.platform.database import db
from webapp.response.queries import TRACKED_LINKS


@dataclass(frozen=True)
class Clicks:
    clicks: int = 0
    people: int = 0
    """Those of each mailing; who clicked in two counts twice."""


def clicks_of(link_ids: Collection[int]) -> dict[int, Clicks]:
    """By the links' ids; without those that nobody clicked."""
    found = db.session.execute(TRACKED_LINKS, {"links": list(link_ids)})
    return {row.id: Clicks(row.clicks, row.people) for row in found}
