"""Recipients for whom a merge tag has no value, counted in one pass whatever their number."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import false, func, select
from sqlalchemy.sql.elements import ColumnElement

from webapp.content.compile import CompiledContent
from webapp.content.merge_tags import KnownTag, known_tag
from webapp.content.segments import slots
from webapp.mailings.models import Mailing, Recipient, RecipientState
from webapp.mailings.values import COMPANY_ID, column_of
from webapp.people.models import Company, Contact
from webapp.platform.database import db
from webapp.platform.locales import _

FOR_BARE_ADDRESSES = {"customer.name", "customer.email"}
"""What has a value for an address that is in no contact's card."""


@dataclass(frozen=True)
class Gap:
    tag: KnownTag
    people: int
    fallbacks: tuple[str, ...]
    """What they read instead, here and there; empty where the tag has no fallback."""


def lacking(tag: str) -> ColumnElement[bool]:
    """True for the recipients, joined with contact and company, that have no value for the tag;
    for nobody when the tag is not about the recipient."""
    column = column_of(tag)
    return false() if column is None else func.coalesce(column, "") == ""


def read_instead(gap: Gap) -> str:
    """In a sentence."""
    if "" in gap.fallbacks:
        return _("They read nothing in its place.")
    texts = " / ".join(f"“{text}”" for text in gap.fallbacks)
    return _("They read %(texts)s, from the fallback.", texts=texts)


def gaps(mailing: Mailing, content: CompiledContent) -> list[Gap]:
    """Of all who will be mailed."""
    return _gaps(mailing, _fallbacks(content))


def gaps_of_bare_addresses(mailing: Mailing, content: CompiledContent) -> list[Gap]:
    """Of the pasted addresses that belong to no contact, whose card could hold more."""
    of_cards = {
        tag: texts for tag, texts in _fallbacks(content).items() if tag not in FOR_BARE_ADDRESSES
    }
    bare = Recipient.contact_id.is_(None) & Recipient.company_id.is_(None)
    return _gaps(mailing, of_cards, bare)


def _gaps(
    mailing: Mailing, fallbacks: Mapping[str, tuple[str, ...]], *who: ColumnElement[bool]
) -> list[Gap]:
    if not fallbacks:
        return []
    counts = [func.count().filter(lacking(tag)) for tag in fallbacks]
    row = db.session.execute(
        select(*counts)
        .select_from(Recipient)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .outerjoin(Company, Company.id == COMPANY_ID)
        .where(Recipient.mailing_id == mailing.id, Recipient.state == RecipientState.READY, *who)
    ).one()
    return [
        Gap(known, people, texts)
        for (tag, texts), people in zip(fallbacks.items(), row, strict=True)
        if people and (known := known_tag(tag))
    ]


def _fallbacks(content: CompiledContent) -> dict[str, tuple[str, ...]]:
    """The tags in use, each with its different fallbacks in the order of reading."""
    found: dict[str, dict[str, None]] = {}
    for text in (content.subject, content.preheader, content.html):
        for slot in slots(text):
            found.setdefault(slot.name, {})[slot.fallback] = None
    return {tag: tuple(fallbacks) for tag, fallbacks in found.items()}
