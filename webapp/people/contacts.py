"""Contacts: making, changing and deleting them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace

from sqlalchemy import delete

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import companies, editing, lists, suppression
from webapp.people.addresses import parse_address, set_address
from webapp.people.custom_values import Value, merged
from webapp.people.editing import Read
from webapp.people.models import Contact
from webapp.people.phones import parse_phone
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l


class NoSuchContact(NotFound):
    message = _l("This contact does not exist any more.")


class Nobody(DomainError):
    message = _l("Write a name, an e-mail address or a mobile number.")


@dataclass(frozen=True, kw_only=True)
class ContactDetails:
    """What a user writes about a person; empty where nothing is known."""

    title: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    email: str = ""
    mobile: str = ""
    phone: str = ""
    company: str = ""
    """Its name; one that is not known yet is made."""
    position: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    note: str = ""
    category_id: int | None = None
    our_contact_id: int | None = None
    interests: tuple[int, ...] = ()
    fields: Mapping[str, Value | None] = field(default_factory=dict)
    """Of custom fields, by key. None takes one away; what is not named stays as it is."""
    no_mailings: bool = False
    former_employee: bool = False


PARSED = {"email", "mobile", "phone"}
ELSEWHERE = {"company", "interests", "fields"}
PLAIN = [each.name for each in fields(ContactDetails) if each.name not in PARSED | ELSEWHERE]


def get(contact_id: int) -> Contact:
    """Raises NoSuchContact."""
    contact = db.session.get(Contact, contact_id)
    if contact is None:
        raise NoSuchContact
    return contact


def details(contact: Contact) -> ContactDetails:
    """What is known of the person, to be changed by a user."""
    return ContactDetails(
        company=contact.company.name if contact.company else "",
        interests=tuple(sorted(item.id for item in lists.interests_of(contact.id))),
        fields=dict(contact.fields),
        **{name: getattr(contact, name) for name in [*PLAIN, *PARSED]},
    )


def create(details: ContactDetails) -> Contact:
    """Raises Nobody, AddressError and PhoneError."""
    contact = Contact(fields={})
    _write(contact, tidy(details))
    db.session.add(contact)
    db.session.flush()
    lists.set_interests(contact.id, details.interests)
    return contact


def create_once(new: ContactDetails, *, by: int) -> Contact:
    """Raises what `create` does; see `editing.once`."""
    return editing.once(Contact, tidy(new), details=details, create=create, by=by)


def change(contact: Contact, details: ContactDetails) -> None:
    """Raises Nobody, AddressError and PhoneError."""
    _write(contact, tidy(details))
    lists.set_interests(contact.id, details.interests)


def tidy(details: ContactDetails) -> ContactDetails:
    """As it is kept. Raises Nobody, AddressError and PhoneError."""
    if not (details.first_name or details.last_name or details.email or details.mobile):
        raise Nobody
    country = details.country or organisation().country
    return replace(
        details,
        email=parse_address(details.email).text if details.email else "",
        mobile=parse_phone(details.mobile, country) if details.mobile else "",
        phone=parse_phone(details.phone, country) if details.phone else "",
        company=companies.name_of(details.company),
        interests=tuple(sorted(details.interests)),
    )


def _write(contact: Contact, details: ContactDetails) -> None:
    for name in PLAIN:
        setattr(contact, name, getattr(details, name))
    contact.mobile, contact.phone = details.mobile, details.phone
    # Several companies may have the same name: who works in one of them stays there.
    if details.company != (contact.company.name if contact.company else ""):
        contact.company = companies.named(details.company) if details.company else None
    contact.fields = merged(contact.fields, details.fields)
    set_address(contact, details.email)


def save(contact: Contact, new: ContactDetails, *, read: Read | None = None, by: int | None) -> str:
    """Raises ChangedMeanwhile, Nobody, AddressError and PhoneError; see `editing.save`."""
    return editing.save(contact, tidy(new), details=details, change=change, read=read, by=by)


def remove(contact_ids: Collection[int], *, by: int | None) -> int:
    """With their consent history and their places in selections. What they were sent keeps its
    figures, and what an address left or was blocked for stays so. Answers how many there were."""
    suppression.outlive(contact_ids)
    gone = db.session.scalars(
        delete(Contact).where(Contact.id.in_(contact_ids)).returning(Contact.id)
    ).all()
    for contact_id in gone:
        audit("contact deleted", by=by, contact=contact_id)
    return len(gone)
