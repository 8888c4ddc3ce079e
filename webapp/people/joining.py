"""What a merged person has said yes and no to.

The law asks what the person said, not which card it was written on. So the histories of both cards
become one, and nothing in them is lost or rewritten. Where the cards differ, a no holds: a
withdrawal (GDPR article 7(3)) and an objection to marketing (21(3)) are about the person, and
merging two cards is nobody's consent. The one thing that ends a withdrawal is a consent which the
person gave after it. Other grounds do not: that somebody is a customer, or that we have an
interest, does not outweigh a no, whenever it was written down. A subscription that was left on one
card is left, until the person subscribes again.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from webapp.accounts.organisation import organisation
from webapp.people.models import (
    Basis,
    Consent,
    ConsentEntry,
    Contact,
    Purpose,
    Subscription,
    SubscriptionEntry,
)
from webapp.platform.database import db
from webapp.platform.locales import _l, speaking


def join_consent(kept: Contact, other: Contact) -> None:
    states = {purpose: _agreed(kept, other, purpose) for purpose in Purpose}
    db.session.execute(
        update(ConsentEntry).where(ConsentEntry.contact_id == other.id).values(contact_id=kept.id)
    )
    for purpose, state in states.items():
        if _newest(kept, purpose) != state:
            db.session.add(
                ConsentEntry(
                    contact_id=kept.id, purpose=purpose, state=state, source=_merged_with(other)
                )
            )
        setattr(kept, purpose.value, state)


def _agreed(kept: Contact, other: Contact, purpose: Purpose) -> Consent:
    mine, theirs = (Consent(getattr(card, purpose.value)) for card in (kept, other))
    if mine == theirs or theirs == Consent.UNKNOWN:
        return mine
    if mine == Consent.UNKNOWN:
        return theirs
    yes, no = (kept, other) if mine == Consent.GRANTED else (other, kept)
    given = _last_said(yes, purpose, Consent.GRANTED, basis=Basis.CONSENT)
    withdrawn = _last_said(no, purpose, Consent.WITHDRAWN)
    return Consent.GRANTED if given and withdrawn and given > withdrawn else Consent.WITHDRAWN


def _last_said(
    card: Contact, purpose: Purpose, state: Consent, basis: Basis | None = None
) -> datetime | None:
    said = select(func.max(ConsentEntry.given_at)).where(
        ConsentEntry.contact_id == card.id,
        ConsentEntry.purpose == purpose,
        ConsentEntry.state == state,
    )
    return db.session.scalar(said.where(ConsentEntry.basis == basis) if basis else said)


def _newest(card: Contact, purpose: Purpose) -> Consent:
    newest = db.session.scalar(
        select(ConsentEntry.state)
        .where(ConsentEntry.contact_id == card.id, ConsentEntry.purpose == purpose)
        .order_by(ConsentEntry.id.desc())
        .limit(1)
    )
    return newest or Consent.UNKNOWN


def join_subscriptions(kept: Contact, other: Contact) -> None:
    theirs = db.session.scalars(select(Subscription).where(Subscription.contact_id == other.id))
    for subscription in theirs.all():
        mine = db.session.get(Subscription, (kept.id, subscription.type_id))
        if mine is None:
            subscription.contact_id = kept.id
        elif mine.subscribed and not subscription.subscribed:
            mine.subscribed, mine.since = False, subscription.since
            mine.source = subscription.source


def join_subscription_history(kept: Contact, other: Contact) -> None:
    """After the subscriptions themselves: where the newest entry says something else than what
    stands now, one more is written down."""
    db.session.execute(
        update(SubscriptionEntry)
        .where(SubscriptionEntry.contact_id == other.id)
        .values(contact_id=kept.id)
    )
    entries = db.session.scalars(
        select(SubscriptionEntry)
        .where(SubscriptionEntry.contact_id == kept.id)
        .order_by(SubscriptionEntry.id)
    )
    said: dict[Any, bool] = {entry.type_id: entry.subscribed for entry in entries}
    standing = db.session.scalars(select(Subscription).where(Subscription.contact_id == kept.id))
    db.session.add_all(
        SubscriptionEntry(
            contact_id=kept.id,
            type_id=subscription.type_id,
            subscribed=subscription.subscribed,
            source=_merged_with(other),
        )
        for subscription in standing
        if said.get(subscription.type_id, subscription.subscribed) != subscription.subscribed
    )


def _merged_with(other: Contact) -> str:
    """In the organisation's language, as everything in the history is."""
    with speaking(organisation().language):
        return str(_l("Merged with the card of %(name)s")) % {"name": other.label}
