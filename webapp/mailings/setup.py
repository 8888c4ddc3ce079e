"""What Setup says of a draft, and saving it where two people are at it: each writes only what they
changed themselves."""

from collections.abc import Collection, Mapping
from typing import Any

from webapp.mailings import drafts, sources
from webapp.mailings.models import Mailing
from webapp.people.editing import Read
from webapp.platform.database import db
from webapp.targets.models import Project, Selection

PLAIN = (
    "name", "folder_id", "goal", "goal_figure", "subject", "preheader", "from_name",
    "from_address", "reply_to", "track_links", "track_opens", "campaign_tags", "utm_medium",
    "utm_source", "utm_campaign",
)  # fmt: skip
"""Nothing else depends on them."""
LINKED = ("selection_id", "project_id", "subscription_type_id")
"""Who is mailed depends on them."""


def said(mailing: Mailing) -> dict[str, Any]:
    return {name: getattr(mailing, name) for name in PLAIN + LINKED}


def save(mailing: Mailing, wanted: Mapping[str, Any], read: Read | None) -> set[str]:
    """What of `wanted` differs from what was `read` is written; all of it where that is None.
    Answers what somebody else has given another value since: that stays as they left it.

    Raises NotADraft.
    """
    now = said(mailing)
    mine, both = read.apart(now, wanted) if read else (set(wanted), set())
    stands = now | {name: wanted[name] for name in mine - both}
    drafts.choose_type(mailing, stands["subscription_type_id"])
    sources.link(
        mailing,
        _chosen(Selection, stands["selection_id"]),
        _chosen(Project, stands["project_id"]),
    )
    for name in PLAIN:
        setattr(mailing, name, stands[name])
    return both


def read_now(mailing: Mailing, read: Read | None, unsaved: Collection[str]) -> Read:
    """What is before somebody whose `unsaved` fields still say what they typed."""
    now = Read.of(mailing.updated_at, said(mailing))
    before = read.fields if read else {}
    return Read(
        now.at, {**now.fields, **{name: before[name] for name in unsaved if name in before}}
    )


def _chosen(model: type[Any], found: int | None) -> Any:
    return db.session.get(model, found) if found else None
