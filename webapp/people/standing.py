"""Whether a person may be sent e-mail, and if not, why."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select, true

from webapp.accounts.organisation import organisation
from webapp.people import suppression
from webapp.people.models import Consent, Contact, Suppression
from webapp.platform.database import db


class Standing(StrEnum):
    """Where several apply, the first does (as for the recipients of a mailing)."""

    NO_ADDRESS = "no_address"
    BLOCKED = "blocked"
    FORMER_EMPLOYEE = "former_employee"
    NO_MAILINGS = "no_mailings"
    NO_CONSENT = "no_consent"
    REACHABLE = "reachable"


def standings(contacts: Iterable[Contact]) -> dict[int, Standing]:
    """Of each contact, by its id; one query however many there are."""
    people = list(contacts)
    hashes = {person.email_hash for person in people if person.email_hash}
    blocked = set(
        db.session.scalars(_blocks.where(Suppression.address_hash.in_(hashes))) if hashes else ()
    )
    mailable = sufficient_consents()
    return {
        person.id: _standing(person, person.email_hash in blocked, mailable) for person in people
    }


def _standing(person: Contact, blocked: bool, mailable: set[Consent]) -> Standing:
    against = {
        Standing.NO_ADDRESS: person.email_key is None,
        Standing.BLOCKED: blocked,
        Standing.FORMER_EMPLOYEE: person.former_employee,
        Standing.NO_MAILINGS: person.no_mailings,
        Standing.NO_CONSENT: person.e_marketing not in mailable,
    }
    return next((why for why, applies in against.items() if applies), Standing.REACHABLE)


def condition(standing: Standing) -> ColumnElement[bool]:
    """The people of whom it is true, also where another stands before it."""
    consenting = Contact.e_marketing.in_(sufficient_consents())
    conditions: dict[Standing, ColumnElement[bool]] = {
        Standing.NO_ADDRESS: Contact.email_key.is_(None),
        Standing.BLOCKED: _is_blocked,
        Standing.FORMER_EMPLOYEE: Contact.former_employee == true(),
        Standing.NO_MAILINGS: Contact.no_mailings == true(),
        Standing.NO_CONSENT: ~consenting,
        # Of columns that ix_contact_sort_key_id holds: an address has both, its key and its hash.
        Standing.REACHABLE: and_(
            Contact.email_hash.is_not(None),
            consenting,
            ~Contact.no_mailings,
            ~Contact.former_employee,
            ~_is_blocked,
        ),
    }
    return conditions[standing]


def sufficient_consents() -> set[Consent]:
    """Who has said nothing is mailed unless privacy mode is on."""
    granted = {Consent.GRANTED}
    return granted if organisation().privacy_mode else granted | {Consent.UNKNOWN}


_blocks = select(Suppression.address_hash).where(suppression.of_everything())

_is_blocked = _blocks.where(Suppression.address_hash == Contact.email_hash).exists()
