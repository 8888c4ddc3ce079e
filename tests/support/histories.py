"""What stands in the ledgers of a person, newest first."""

from sqlalchemy import select

from webapp.people.models import ConsentEntry, Contact, SubscriptionEntry
from webapp.platform.database import db


def consent_history(contact: Contact) -> list[ConsentEntry]:
    of_contact = select(ConsentEntry).where(ConsentEntry.contact_id == contact.id)
    return list(db.session.scalars(of_contact.order_by(ConsentEntry.id.desc())))


def subscription_history(contact: Contact) -> list[SubscriptionEntry]:
    of_contact = select(SubscriptionEntry).where(SubscriptionEntry.contact_id == contact.id)
    return list(db.session.scalars(of_contact.order_by(SubscriptionEntry.id.desc())))
