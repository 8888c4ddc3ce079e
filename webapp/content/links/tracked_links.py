"""Tracked links: an address with a name, made once for all mailings, which sum its clicks.

Content leads to one by its tag, `[[link.tracked.7]]`, in place of an address.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Select, or_, select, update

from webapp.accounts.audit import audit
from webapp.content import folders
from webapp.content.links.typed_addresses import web_address
from webapp.content.models import Folder, FolderOf, TrackedLink
from webapp.content.tags.merge_tags import KnownTag, TagFamily, register_family
from webapp.people.search import Orders, ordered
from webapp.platform.database import db, id_from, utcnow
from webapp.platform.errors import NotFound
from webapp.platform.locales import _l

OF = FolderOf.LINK
PREFIX = "link.tracked."
MAX_NAME = 100
UNDO_WITHIN = timedelta(hours=1)
ORDERS: Orders = {
    "name": (TrackedLink.sort_key, TrackedLink.id),
    "-made": (TrackedLink.id.desc(),),
    "made": (TrackedLink.id,),
}


class NoSuchLink(NotFound):
    message = _l("This tracked link does not exist any more.")


def get(link_id: int) -> TrackedLink:
    """Raises NoSuchLink."""
    link = db.session.get(TrackedLink, link_id)
    if link is None or link.deleted_at is not None:
        raise NoSuchLink
    return link


def make(name: str, url: str, folder: Folder | None, *, by: int | None) -> TrackedLink:
    """Raises NotOnTheWeb and MistakeInAddress."""
    link = TrackedLink(name=name, url=web_address(url), folder=folder, made_by_id=by)
    db.session.add(link)
    db.session.flush()
    return link


def find(
    text: str = "", within: Collection[int] | None = None, *, sort: str = "name"
) -> Select[TrackedLink]:
    """`within` are the folders to look in, everywhere when there are none. `sort` is a key of
    ORDERS, after a hyphen for the other way round."""
    words = text.strip()
    matches = or_(
        TrackedLink.name.icontains(words, autoescape=True),
        TrackedLink.url.icontains(words, autoescape=True),
    )
    found = select(TrackedLink).where(TrackedLink.deleted_at.is_(None), matches)
    if within is not None:
        found = found.where(TrackedLink.folder_id.in_(within))
    return ordered(found, ORDERS, sort)


def counts() -> Mapping[int | None, int]:
    """How many links lie in each folder, by its id; under None those in no folder."""
    return folders.count(TrackedLink.folder_id, TrackedLink.deleted_at.is_(None))


def move(link_ids: Collection[int], folder: Folder | None) -> int:
    """Answers how many there were to move."""
    known = _known(link_ids)
    folders.put(TrackedLink.folder_id, known, folder)
    return len(known)


def reset(link: TrackedLink, *, by: int | None) -> None:
    """Its clicks are counted from now on; those of each mailing stay in the mailing's figures."""
    link.counted_from = utcnow()
    audit("tracked link reset", by=by, link=link.id, name=link.name)


def remove(link_ids: Collection[int], *, by: int | None) -> list[TrackedLink]:
    """Out of the list; what was sent goes on leading there. Answers which there were."""
    removed = list(
        db.session.scalars(
            update(TrackedLink)
            .where(TrackedLink.id.in_(link_ids), TrackedLink.deleted_at.is_(None))
            .values(deleted_at=utcnow())
            .returning(TrackedLink)
        )
    )
    for link in removed:
        audit("tracked link deleted", by=by, link=link.id, name=link.name)
    return removed


def bring_back(link_ids: Collection[int], *, by: int | None) -> list[TrackedLink]:
    """Those that were removed lately."""
    since = utcnow() - UNDO_WITHIN
    removed = select(TrackedLink).where(
        TrackedLink.id.in_(link_ids), TrackedLink.deleted_at > since
    )
    lately = list(db.session.scalars(removed.order_by(TrackedLink.id)))
    for link in lately:
        link.deleted_at = None
        audit("tracked link brought back", by=by, link=link.id, name=link.name)
    return lately


def tag_of(link: TrackedLink) -> str:
    """What stands in place of an address."""
    return f"[[{PREFIX}{link.id}]]"


def number_of(tag: str) -> int | None:
    """The id of the link whose tag has this name; None when it is another tag."""
    return id_from(tag.removeprefix(PREFIX)) if tag.startswith(PREFIX) else None


def _find(number: str) -> KnownTag | None:
    link_id = number_of(PREFIX + number)
    link = db.session.get(TrackedLink, link_id) if link_id is not None else None
    if link is None:
        return None
    return KnownTag(
        *(f"{PREFIX}{link.id}", link.name, link.url),
        is_address=True,
        leads_to=link.url,
        retired=link.deleted_at is not None,
    )


def _known(link_ids: Collection[int]) -> Sequence[int]:
    there = select(TrackedLink.id).where(
        TrackedLink.id.in_(link_ids), TrackedLink.deleted_at.is_(None)
    )
    return db.session.scalars(there).all()


# Too many to be offered beside the others: they are searched for in a dialogue of their own.
register_family(TagFamily(PREFIX, _find, lambda: ()))
