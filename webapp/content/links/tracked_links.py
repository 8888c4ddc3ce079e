"""Tracked links: an address with a name, made once for all mailings, which sum its clicks.

Content leads to one by its tag, `[[link.tracked.7]]`, in place of an address.
"""

from collections.abc import Collection

from sqlalchemy import Select, or_, select

from webapp.accounts.audit import audit
from webapp.content import shelf
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
    audit("tracked link made", by=by, link=link.id, name=name, url=link.url)
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
    found = select(TrackedLink).where(shelf.there(TrackedLink), matches)
    if within is not None:
        found = found.where(TrackedLink.folder_id.in_(within))
    return ordered(found, ORDERS, sort)


def reset(link: TrackedLink, *, by: int | None) -> None:
    """Its clicks are counted from now on; those of each mailing stay in the mailing's figures."""
    link.counted_from = utcnow()
    audit("tracked link reset", by=by, link=link.id, name=link.name)


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


# Too many to be offered beside the others: they are searched for in a dialogue of their own.
register_family(TagFamily(PREFIX, _find, lambda: ()))
