"""What the merge tags of a mailing stand for: for one person, and for all of them."""

from collections.abc import Sequence
from typing import Any

import flask_babel
from flask import current_app
from sqlalchemy import Row, Select, func, literal, select

from webapp.accounts.organisation import organisation
from webapp.content.merge_tags import sample_values
from webapp.mailings.links import PREVIEW, PublicLinks
from webapp.mailings.models import Mailing, Recipient
from webapp.people.models import Company, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.locales import speaking

_OF_CONTACTS = {
    "customer.title": Contact.title,
    "customer.firstname": Contact.first_name,
    "customer.middlename": Contact.middle_name,
    "customer.lastname": Contact.last_name,
    "customer.cellphone": Contact.mobile,
    "customer.phone": Contact.phone,
    "customer.language": Contact.language,
    "company.name": Company.name,
    "company.phone": Company.phone,
    "company.domain": Company.domain,
    "company.adr": Company.address,
}
"""A bare address has none of these."""
_TAGS = ("customer.name", "customer.email", *_OF_CONTACTS)

Person = Row[*tuple[Any, ...]]
"""A row of `people()`."""


def people() -> Select[*tuple[Any, ...]]:
    """Recipients with what the tags need to know of them; the caller says which."""
    return (
        select(
            Recipient.id,
            Recipient.contact_id,
            Recipient.email_hash,
            Recipient.attempts,
            Recipient.name,
            Recipient.email,
            *_OF_CONTACTS.values(),
        )
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .outerjoin(Company, Company.id == func.coalesce(Contact.company_id, Recipient.company_id))
    )


def of_person(person: Person) -> dict[str, str]:
    return _by_tag(person[-len(_TAGS) :])


def of_recipient(recipient: Recipient) -> dict[str, str]:
    return of_person(db.session.execute(people().where(Recipient.id == recipient.id)).one())


def of_contact(contact: Contact) -> dict[str, str]:
    known = (
        select(literal(contact.name), Contact.email, *_OF_CONTACTS.values())
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id == contact.id)
    )
    return _by_tag(db.session.execute(known).one())


def _by_tag(known: Sequence[str | None]) -> dict[str, str]:
    return {tag: value for tag, value in zip(_TAGS, known, strict=True) if value}


def of_mailing(mailing: Mailing) -> dict[str, str]:
    """The same for every recipient; “today” is the day on which it was sent."""
    us = organisation()
    with speaking(us.language):
        today = flask_babel.format_date(mailing.started_at or utcnow(), "long")
    return {
        "config.companyName": us.name,
        "config.companyAddress": us.address,
        "mailing.name": mailing.name,
        "date.today": today,
    }


def links(public: PublicLinks, mailing_id: int, recipient_id: int) -> dict[str, str]:
    return {
        "link.unsubscribe": public.unsubscribe(mailing_id, recipient_id),
        "link.viewShipmentMessage": public.view(mailing_id, recipient_id),
    }


def public_links() -> PublicLinks:
    return PublicLinks(current_app.extensions["signer"], current_app.config["PUBLIC_URL"])


def for_preview(mailing: Mailing, contact: Contact | None) -> dict[str, str]:
    """As the contact would read it, or a sample person; its links change nothing."""
    person = of_contact(contact) if contact else sample_values()
    return person | of_mailing(mailing) | links(public_links(), mailing.id, PREVIEW)
