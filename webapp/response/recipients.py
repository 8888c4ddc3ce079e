"""The recipients of a mailing one by one, by what became of the message and what they did."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.elements import ColumnElement

from webapp.mailings.audience_list import among
from webapp.mailings.models import LeftOut, Recipient, RecipientState
from webapp.people.models import Contact
from webapp.people.search import matching


class Which(StrEnum):
    """`mailed` is everybody who is to get it; `left_out` the others."""

    MAILED = "mailed"
    SENT = "sent"
    READY = "ready"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    OPENED = "opened"
    CLICKED = "clicked"
    UNSUBSCRIBED = "unsubscribed"
    LEFT_OUT = "left_out"


_REACTIONS = {
    Which.OPENED: Recipient.opened_at,
    Which.CLICKED: Recipient.clicked_at,
    Which.UNSUBSCRIBED: Recipient.unsubscribed_at,
}


@dataclass(frozen=True)
class Choice:
    """Those recipients that a list shows; `reason` is one of being left out."""

    which: Which = Which.MAILED
    reason: LeftOut | None = None
    text: str = ""


def find(mailing_id: int, choice: Choice) -> list[Select[Recipient]]:
    """For `page_of`, in an order that an index has, whatever is chosen: those that went wrong come
    first."""
    reaction = choice.which in _REACTIONS
    order = (Recipient.id,) if reaction else (Recipient.state, Recipient.reason, Recipient.id)
    found = (
        select(Recipient)
        .where(*_conditions(mailing_id, choice))
        .order_by(*order)
        .options(selectinload(Recipient.contact).selectinload(Contact.company))
    )
    return among(found, choice.text)


def contacts_of(mailing_id: int, choice: Choice) -> Select[int]:
    """The ids of those among them who are contacts."""
    people = select(Recipient.contact_id).where(*_conditions(mailing_id, choice))
    return matching(select(Contact.id).where(Contact.id.in_(people)), choice.text)


def contacts_among(mailing_id: int, recipient_ids: list[int]) -> Select[int]:
    """The same of recipients that were ticked; those of other mailings are passed over."""
    people = select(Recipient.contact_id).where(
        Recipient.mailing_id == mailing_id, Recipient.id.in_(recipient_ids)
    )
    return select(Contact.id).where(Contact.id.in_(people))


def _conditions(mailing_id: int, choice: Choice) -> list[ColumnElement[bool]]:
    conditions = [Recipient.mailing_id == mailing_id, _is(choice.which)]
    if choice.reason is not None:
        conditions.append(Recipient.reason == choice.reason)
    return conditions


def _is(which: Which) -> ColumnElement[bool]:
    if which in _REACTIONS:
        return _REACTIONS[which].is_not(None)
    if which == Which.MAILED:
        # Named one by one, they are found by the index that passes the others over.
        return Recipient.state.in_(set(RecipientState) - {RecipientState.LEFT_OUT})
    return Recipient.state == RecipientState(which)
