"""Leaving everything, by the link of any message, and coming back when it was a mistake.

The address is blocked, which holds for every later mailing and list, and the person's consent is
withdrawn. The functions write in the caller's transaction and may be called any number of times.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from webapp.accounts.organisation import organisation
from webapp.mailings.models import Mailing, Recipient
from webapp.people import consent, suppression
from webapp.people.models import (
    Consent,
    ConsentEntry,
    Contact,
    Suppression,
    SuppressionReason,
)
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _l, speaking
from webapp.response.tracking import Reader

TIME_TO_RETURN = timedelta(minutes=30)


class Why(StrEnum):
    TOO_MANY = "too_many"
    NOT_RELEVANT = "not_relevant"
    NEVER_ASKED = "never_asked"
    OTHER = "other"


WHY_TEXTS = {
    Why.TOO_MANY: _l("Too many e-mails"),
    Why.NOT_RELEVANT: _l("Not about what I need"),
    Why.NEVER_ASKED: _l("I never asked for it"),
    Why.OTHER: _l("Something else"),
}


def unsubscribe(reader: Reader) -> None:
    """Does nothing for a preview or test."""
    recipient = reader.recipient
    if recipient is None or recipient.email_hash is None:
        return
    suppression.block(recipient.email_hash, SuppressionReason.UNSUBSCRIBED)
    contact = _locked_contact(recipient)
    if contact is not None and contact.e_marketing != Consent.WITHDRAWN:
        said = _in_our_words(_l("Unsubscribed through “%(name)s”"), reader.mailing)
        consent.record(contact, Consent.WITHDRAWN, source=said)
    recipient.unsubscribed_at = recipient.unsubscribed_at or utcnow()


def is_unsubscribed(reader: Reader) -> bool:
    return reader.recipient is not None and _own_block(reader.recipient) is not None


def may_return(reader: Reader) -> bool:
    """Whether the way back is open: for a while, and only from what they did themselves."""
    block = _own_block(reader.recipient) if reader.recipient else None
    return block is not None and utcnow() - block.created_at < TIME_TO_RETURN


def put_back(reader: Reader) -> bool:
    """As it was before; both entries stand in the history. False when it is too late."""
    recipient = reader.recipient
    block = _own_block(recipient) if recipient else None
    if recipient is None or block is None or not may_return(reader):
        return False
    suppression.lift(block.address_hash)
    contact = _locked_contact(recipient)
    if contact is not None:
        _restore_consent(contact, reader.mailing, since=block.created_at)
    recipient.unsubscribed_at = None
    return True


def tell_why(reader: Reader, why: Why) -> None:
    """Kept with the block, in the organisation's language."""
    block = _own_block(reader.recipient) if reader.recipient else None
    if block is not None:
        with speaking(organisation().language):
            block.comment = str(WHY_TEXTS[why])


def masked(email: str) -> str:
    """Enough to know one's own address by: “k•••@example.com”."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _own_block(recipient: Recipient) -> Suppression | None:
    block = suppression.in_force(recipient.email_hash)
    return block if block and block.reason == SuppressionReason.UNSUBSCRIBED else None


def _locked_contact(recipient: Recipient) -> Contact | None:
    """Locked, so that of two requests at once the second sees what the first did."""
    return db.session.scalar(
        select(Contact)
        .where(Contact.id == recipient.contact_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _restore_consent(contact: Contact, mailing: Mailing, since: datetime) -> None:
    newest = list(
        db.session.scalars(
            select(ConsentEntry)
            .where(ConsentEntry.contact_id == contact.id)
            .order_by(ConsentEntry.id.desc())
            .limit(2)
        )
    )
    if not newest or newest[0].state != Consent.WITHDRAWN or newest[0].recorded_at < since:
        return
    before = newest[1] if len(newest) > 1 else None
    consent.record(
        contact,
        before.state if before else Consent.UNKNOWN,
        basis=before.basis if before else None,
        source=_in_our_words(_l("Took back unsubscribing through “%(name)s”"), mailing),
    )


def _in_our_words(text: object, mailing: Mailing) -> str:
    """What the history says, in the organisation's language rather than the reader's."""
    with speaking(organisation().language):
        return str(text) % {"name": mailing.name}
