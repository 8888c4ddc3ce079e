"""Recipients for whom a merge tag has no value, counted in one pass whatever their number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, func, select
from sqlalchemy.sql.elements import ColumnElement

from webapp.content.email.compile import CompiledContent
from webapp.content.tags.merge_tags import KnownTag, known_tag
from webapp.content.tags.segments import slots
from webapp.mailings.models import Mailing, Recipient, RecipientState
from webapp.mailings.values import COMPANY_ID, column_of
from webapp.people.models import Company, Contact
from webapp.platform.database import db
from webapp.platform.locales import _

FOR_BARE_ADDRESSES = {"customer.name", "customer.email"}
"""What has a value for an address that is in no contact's card."""


NAMED = 3
"""People, of those that lack something."""


@dataclass(frozen=True)
class Gap:
    tag: KnownTag
    people: int
    first_id: int
    last_id: int
    """Of the recipients that lack it: whoever wants to see some of them need not look elsewhere."""
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


def some_of(mailing: Mailing, gap: Gap) -> list[str]:
    """The names of the first few, or their addresses where they have none."""
    name = func.coalesce(func.nullif(Recipient.name, ""), Recipient.email)
    statement = (
        _mailed(mailing, select(name))
        .where(Recipient.id.between(gap.first_id, gap.last_id), lacking(gap.tag.name))
        .order_by(Recipient.id)
        .limit(NAMED)
    )
    return list(db.session.scalars(statement))


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
    of_each = (func.count(), func.min(Recipient.id), func.max(Recipient.id))
    asked: list[ColumnElement[int]] = [
        each.filter(lacking(tag)) for tag in fallbacks for each in of_each
    ]
    answers = iter(db.session.execute(_mailed(mailing, select(*asked)).where(*who)).one())
    return [
        Gap(known, people, first, last, texts)
        for (tag, texts), people, first, last in zip(
            fallbacks.items(), answers, answers, answers, strict=True
        )
        if people and (known := known_tag(tag))
    ]


def _mailed(mailing: Mailing, chosen: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Of everybody who is mailed, with contact and company."""
    return (
        chosen.select_from(Recipient)
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .outerjoin(Company, Company.id == COMPANY_ID)
        .where(Recipient.mailing_id == mailing.id, Recipient.state == RecipientState.READY)
    )


def _fallbacks(content: CompiledContent) -> dict[str, tuple[str, ...]]:
    """The tags in use, each with its different fallbacks in the order of reading."""
    found: dict[str, dict[str, None]] = {}
    for text in (content.subject, content.preheader, content.html, content.text):
        for slot in slots(text):
            found.setdefault(slot.name, {})[slot.fallback] = None
    return {tag: tuple(fallbacks) for tag, fallbacks in found.items()}
