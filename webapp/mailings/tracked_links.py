"""Tracked links in mailings: where they are used, and what a new address changes."""

from collections.abc import Collection

from sqlalchemy import Text, cast, or_, select, text, update
from sqlalchemy.sql.elements import ColumnElement

from webapp.accounts.audit import audit
from webapp.content import shelf
from webapp.content.html.markup import address_of
from webapp.content.links.typed_addresses import web_address
from webapp.content.models import Folder, TrackedLink
from webapp.content.tags.segments import dumped
from webapp.mailings import campaigns
from webapp.mailings.models import Mailing, MailingLink
from webapp.platform.database import db

SHOWN = 50

# Once a mailing is prepared, its links say what it uses; before that, its content does.
USED_BY = text(
    r"""
SELECT used.link_id, count(*)
  FROM (SELECT link.tracked_link_id AS link_id, link.mailing_id
          FROM mailing_link AS link
          JOIN mailing ON mailing.id = link.mailing_id AND mailing.deleted_at IS NULL
         WHERE link.tracked_link_id = ANY(:links)
         UNION
        SELECT cast(found[1] AS bigint), mailing.id
          FROM mailing,
               regexp_matches(cast(content AS text), 'link\.tracked\.(\d{1,18})\M', 'g') AS found
         WHERE mailing.prepared_at IS NULL AND mailing.deleted_at IS NULL
       ) AS used
 WHERE used.link_id = ANY(:links)
 GROUP BY used.link_id
"""
)


def change(
    link: TrackedLink, *, name: str, url: str, folder: Folder | None, by: int | None
) -> None:
    """A new address holds for what was sent, too. Raises NotOnTheWeb and MistakeInAddress."""
    old, new = link.url, web_address(url)
    if name != link.name:
        audit("tracked link renamed", by=by, link=link.id, name=name, old=link.name)
    link.name, link.url = name, new
    if folder != link.folder:
        shelf.move(TrackedLink, [link.id], folder, by=by)
    if new != old:
        audit("tracked link leads elsewhere", by=by, link=link.id, url=new, old=old)
        _lead_sent_ones(link)


def mailings_with(link: TrackedLink) -> list[Mailing]:
    """Those that use it, newest first; at most SHOWN."""
    found = select(Mailing).where(Mailing.deleted_at.is_(None), _uses(link))
    newest = found.order_by(Mailing.updated_at.desc(), Mailing.id).limit(SHOWN)
    return list(db.session.scalars(newest))


def count_mailings(link_ids: Collection[int]) -> dict[int, int]:
    """Of each link that is used, how many mailings do."""
    return dict(db.session.execute(USED_BY, {"links": list(link_ids)}).all())


def _uses(link: TrackedLink) -> ColumnElement[bool]:
    """Once a mailing is prepared, its links say it; before that, its content."""
    tag = rf"link\.tracked\.{link.id}\M"
    written = Mailing.prepared_at.is_(None) & cast(Mailing.content, Text).regexp_match(tag)
    sent = select(MailingLink.mailing_id).where(MailingLink.tracked_link_id == link.id)
    return or_(written, Mailing.id.in_(sent))


def _lead_sent_ones(link: TrackedLink) -> None:
    users = select(MailingLink.mailing_id).where(MailingLink.tracked_link_id == link.id)
    for mailing in db.session.scalars(select(Mailing).where(Mailing.id.in_(users))):
        target = dumped(address_of(link.url, campaigns.of(mailing)))
        db.session.execute(
            update(MailingLink)
            .where(MailingLink.mailing_id == mailing.id, MailingLink.tracked_link_id == link.id)
            .values(target=target)
        )
