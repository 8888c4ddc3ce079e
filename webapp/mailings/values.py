"""What the merge tags of a mailing stand for: for one person, and for all of them."""

from typing import Any

import flask_babel
from flask import current_app
from sqlalchemy import Row, Select, literal, select

from webapp.accounts.organisation import organisation
from webapp.content.merge_tags import sample_values
from webapp.mailings.links import PREVIEW, PublicLinks
from webapp.mailings.models import Mailing, Recipient
from webapp.people.models import Company, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.locales import speaking

_KNOWN_OF_CONTACTS = (
    Contact.title,
    Contact.first_name,
    Contact.middle_name,
    Contact.last_name,
    Contact.mobile,
    Contact.phone,
    Contact.language,
    Company.name.label("company"),
    Company.phone.label("company_phone"),
    Company.domain.label("company_domain"),
    Company.address.label("company_address"),
)

Person = Row[*tuple[Any, ...]]
"""A row of `people()`, or of the same columns of a contact."""


def people() -> Select[*tuple[Any, ...]]:
    """Recipients with what the tags need to know of them; the caller says which."""
    return (
        select(
            Recipient.id,
            Recipient.contact_id,
            Recipient.name,
            Recipient.email,
            Recipient.email_hash,
            Recipient.attempts,
            *_KNOWN_OF_CONTACTS,
        )
        .outerjoin(Contact, Contact.id == Recipient.contact_id)
        .outerjoin(Company, Company.id == Contact.company_id)
    )


def of_person(person: Person) -> dict[str, str]:
    """A bare address has just a name and an e-mail."""
    values = {
        "customer.name": person.name,
        "customer.email": person.email,
        "customer.title": person.title,
        "customer.firstname": person.first_name,
        "customer.middlename": person.middle_name,
        "customer.lastname": person.last_name,
        "customer.cellphone": person.mobile,
        "customer.phone": person.phone,
        "customer.language": person.language,
        "company.name": person.company,
        "company.phone": person.company_phone,
        "company.domain": person.company_domain,
        "company.adr": person.company_address,
    }
    return {tag: value for tag, value in values.items() if value}


def of_recipient(recipient: Recipient) -> dict[str, str]:
    return of_person(db.session.execute(people().where(Recipient.id == recipient.id)).one())


def of_contact(contact: Contact) -> dict[str, str]:
    person = (
        select(literal(contact.name).label("name"), Contact.email, *_KNOWN_OF_CONTACTS)
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id == contact.id)
    )
    return of_person(db.session.execute(person).one())


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
