"""Leaving a mailing's subscription type, or everything, by the link of any message, and coming back
when it was a mistake.

Who leaves a type is not sent it any more; an address that no contact has leaves it by itself. Who
leaves everything has the address blocked, which holds for every later mailing and list, and the
consent to e-marketing withdrawn. The functions write in the caller's transaction and may be called
any number of times.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from webapp.accounts.organisation import organisation
from webapp.mailings.models import Mailing, Recipient
from webapp.people import consent, subscriptions, suppression
from webapp.people.models import (
    Consent,
    ConsentEntry,
    Contact,
    Purpose,
    SubscriptionType,
    Suppression,
    SuppressionReason,
)
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _l, speaking
from webapp.response.tracking import Reader

TIME_TO_RETURN = timedelta(minutes=30)
SAME_MOMENT = timedelta(seconds=5)
"""Within it the address or person left a type, and the recipient is noted to have left."""


class Scope(StrEnum):
    """What somebody leaves."""

    TYPE = "type"
    EVERYTHING = "everything"


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


def unsubscribe(reader: Reader, scope: Scope = Scope.TYPE) -> None:
    """From everything too when the mailing has no type. Does nothing for a preview or test."""
    recipient, type_, now = reader.recipient, reader.mailing.subscription_type, utcnow()
    if recipient is None or recipient.email_hash is None:
        return
    if type_ is None or scope is Scope.EVERYTHING:
        _leave_everything(reader.mailing, recipient, recipient.email_hash)
    elif _leave_type(reader.mailing, recipient, recipient.email_hash, type_, now):
        recipient.unsubscribed_at = now
    recipient.unsubscribed_at = recipient.unsubscribed_at or now


def left(reader: Reader) -> Scope | None:
    """What the reader has left by now."""
    recipient, type_ = reader.recipient, reader.mailing.subscription_type
    if recipient is None:
        return None
    if _own_block(recipient):
        return Scope.EVERYTHING
    return Scope.TYPE if type_ and _when_left(recipient, type_) else None


def may_return(reader: Reader) -> bool:
    """Whether the way back is open: for a while, and only from what they did themselves."""
    return _may_undo_everything(reader) or _may_undo_type(reader)


def put_back(reader: Reader) -> bool:
    """As it was before; both entries stand in the history. False when it is too late."""
    everything, of_type = _may_undo_everything(reader), _may_undo_type(reader)
    recipient, type_ = reader.recipient, reader.mailing.subscription_type
    if recipient is None or recipient.email_hash is None or not (everything or of_type):
        return False
    contact = _locked_contact(recipient)
    block = _own_block(recipient) if everything else None
    if block is not None:
        suppression.lift(block.address_hash)
        if contact is not None:
            _restore_consent(contact, reader.mailing, since=block.created_at)
    if of_type and type_ is not None:
        suppression.lift(recipient.email_hash, type_id=type_.id)
        if contact is not None:
            subscriptions.subscribe(contact, type_, source=_took_back(reader.mailing))
    recipient.unsubscribed_at = None
    return True


def tell_why(reader: Reader, why: Why) -> None:
    """Kept with what they left, in the organisation's language."""
    recipient, type_ = reader.recipient, reader.mailing.subscription_type
    with speaking(organisation().language):
        words = str(WHY_TEXTS[why])
    block = None
    if recipient is not None:
        block = _own_block(recipient) or (type_ and _own_block(recipient, type_.id))
    if block:
        block.comment = words
    elif recipient and recipient.contact_id and type_ and _may_undo_type(reader):
        source = f"{_unsubscribed(reader.mailing)}: {words}"
        subscriptions.explain(recipient.contact_id, type_, source)


def kept(reader: Reader) -> list[SubscriptionType]:
    """The other types that the reader goes on getting."""
    contact = reader.recipient.contact if reader.recipient else None
    if contact is None or left(reader) is Scope.EVERYTHING:
        return []
    return [
        place.type
        for place in subscriptions.places(contact)
        if place.subscribed
        and place.type.active
        and place.type.id != reader.mailing.subscription_type_id
    ]


def masked(email: str) -> str:
    """Enough to know one's own address by: “k•••@example.com”."""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _leave_everything(mailing: Mailing, recipient: Recipient, address_hash: bytes) -> None:
    suppression.block(address_hash, SuppressionReason.UNSUBSCRIBED)
    contact = _locked_contact(recipient)
    if contact is not None and contact.e_marketing != Consent.WITHDRAWN:
        consent.record(contact, Consent.WITHDRAWN, source=_unsubscribed(mailing))


def _leave_type(
    mailing: Mailing,
    recipient: Recipient,
    address_hash: bytes,
    type_: SubscriptionType,
    now: datetime,
) -> bool:
    """False when it was left before."""
    contact, changed = _locked_contact(recipient), False
    if contact is not None:
        changed = subscriptions.leave(contact, type_, source=_unsubscribed(mailing), at=now)
    if contact is None or contact.email_hash != address_hash:
        blocked = suppression.block(address_hash, SuppressionReason.UNSUBSCRIBED, type_id=type_.id)
        changed = changed or blocked
    return changed


def _own_block(recipient: Recipient, type_id: int | None = None) -> Suppression | None:
    block = suppression.in_force(recipient.email_hash, type_id=type_id)
    return block if block and block.reason == SuppressionReason.UNSUBSCRIBED else None


def _when_left(recipient: Recipient, type_: SubscriptionType) -> datetime | None:
    """The person, or else the address."""
    if recipient.contact_id is not None:
        subscription = subscriptions.current(recipient.contact_id, type_.id)
        if subscription is not None and not subscription.subscribed:
            return subscription.since
    block = _own_block(recipient, type_.id)
    return block.created_at if block else None


def _may_undo_everything(reader: Reader) -> bool:
    block = _own_block(reader.recipient) if reader.recipient else None
    return block is not None and utcnow() - block.created_at < TIME_TO_RETURN


def _may_undo_type(reader: Reader) -> bool:
    """Left by this very link, and not by hand or another mailing."""
    recipient, type_ = reader.recipient, reader.mailing.subscription_type
    if recipient is None or recipient.unsubscribed_at is None or type_ is None:
        return False
    at = _when_left(recipient, type_)
    by_this = at is not None and abs(at - recipient.unsubscribed_at) < SAME_MOMENT
    return by_this and utcnow() - recipient.unsubscribed_at < TIME_TO_RETURN


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
            .where(
                ConsentEntry.contact_id == contact.id,
                ConsentEntry.purpose == Purpose.E_MARKETING,
            )
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
        source=_took_back(mailing),
    )


def _unsubscribed(mailing: Mailing) -> str:
    return _in_our_words(_l("Unsubscribed through “%(name)s”"), mailing)


def _took_back(mailing: Mailing) -> str:
    return _in_our_words(_l("Took back unsubscribing through “%(name)s”"), mailing)


def _in_our_words(text: object, mailing: Mailing) -> str:
    """What the history says, in the organisation's language rather than the reader's."""
    with speaking(organisation().language):
        return str(text) % {"name": mailing.name}
