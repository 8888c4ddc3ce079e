"""What this floor leaves on the timeline of a person's card: what they did with their mailings."""

from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from webapp.mailings.cards import shown_id
from webapp.mailings.models import Mailing, MailingLink, Recipient
from webapp.people.models import Contact
from webapp.people.timeline import Data, Expression, Group, Trace, Words, happening, register
from webapp.platform.locales import _, ngettext
from webapp.response.models import Hit, HitKind

# By ix_hit_counted, of which all four columns are given since the links of the mailing are. Asked
# only of the rows that are shown: PostgreSQL puts it off until the trace is sorted and cut.
_clicked_links = (
    select(func.jsonb_agg(aggregate_order_by(MailingLink.label, MailingLink.number)))
    .where(
        MailingLink.mailing_id == Recipient.mailing_id,
        exists()
        .where(
            Hit.mailing_id == Recipient.mailing_id,
            Hit.kind == HitKind.CLICK,
            Hit.link_number == MailingLink.number,
            Hit.recipient_id == Recipient.id,
            Hit.method != "HEAD",
        )
        .correlate(Recipient, MailingLink),
    )
    .scalar_subquery()
)


def _reaction(at: Expression, kind: str, contact: Contact, **data: Expression) -> Select[Any]:
    """The first time, which stands with the recipient. By ix_recipient_contact_id_mailing_id."""
    return (
        happening(at, kind, Recipient.id, mailing=Mailing.name, mailing_id=shown_id, **data)
        .join(Mailing, Mailing.id == Recipient.mailing_id)
        .where(Recipient.contact_id == contact.id, at.is_not(None))
    )


def opened(contact: Contact) -> Select[Any]:
    return _reaction(Recipient.opened_at, "opened", contact)


def unsubscribed(contact: Contact) -> Select[Any]:
    return _reaction(Recipient.unsubscribed_at, "unsubscribed", contact)


def clicked(contact: Contact) -> Select[Any]:
    """When they first clicked, and on what."""
    return _reaction(Recipient.clicked_at, "clicked", contact, links=_clicked_links)


def opened_words(data: Data) -> Words:
    return Words(_("Opened %(name)s"), data["mailing"])


def unsubscribed_words(data: Data) -> Words:
    return Words(_("Unsubscribed through %(name)s"), data["mailing"])


def clicked_words(data: Data) -> Words:
    links = data["links"] or []
    if len(links) == 1:
        return Words(_("Clicked %(name)s"), links[0], (data["mailing"],))
    title = ngettext(
        "Clicked a link in %(name)s",
        "Clicked %(num)d links in %(name)s",
        len(links),
        # The page puts it in.
        name="%(name)s",
    )
    return Words(title, data["mailing"], (" · ".join(links),) if links else ())


register(Trace(Group.REACTIONS, opened, {"opened": opened_words}))
register(Trace(Group.REACTIONS, clicked, {"clicked": clicked_words}))
register(Trace(Group.REACTIONS, unsubscribed, {"unsubscribed": unsubscribed_words}))
