"""What this floor leaves on the timeline of a person's card, and what goes along when two cards
become one."""

from collections.abc import Callable
from typing import Any

import flask_babel
from flask_babel import LazyString
from sqlalchemy import Select, Text, case, cast, literal, select

from webapp.accounts.models import User
from webapp.people.joining import join_consent, join_subscription_history, join_subscriptions
from webapp.people.merging import follows
from webapp.people.models import (
    Channel,
    Consent,
    ConsentEntry,
    Contact,
    ContactInterest,
    Subscription,
    SubscriptionEntry,
    SubscriptionType,
    Suppression,
    SuppressionReason,
)
from webapp.people.not_duplicates import NotDuplicate, carried_along
from webapp.people.privacy import BASIS_NAMES, PURPOSE_NAMES
from webapp.people.timeline import Data, Group, Trace, Words, happening, register
from webapp.platform.locales import _, _l

BLOCK_REASONS = {
    SuppressionReason.UNSUBSCRIBED: _l("unsubscribed from everything"),
    SuppressionReason.HARD_BOUNCE: _l("the mail server says that it does not exist"),
    SuppressionReason.COMPLAINT: _l("marked an e-mail from us as spam"),
    SuppressionReason.BLOCKED_BY_HAND: _l("blocked by hand"),
}


def beginning(contact: Contact) -> Select[Any]:
    """By the primary key."""
    return happening(Contact.created_at, "created", Contact.id).where(Contact.id == contact.id)


def consent(contact: Contact) -> Select[Any]:
    """By ix_consent_entry_contact_id."""
    return (
        happening(
            ConsentEntry.given_at,
            literal("consent_", Text) + cast(ConsentEntry.state, Text),
            ConsentEntry.id,
            purpose=ConsentEntry.purpose,
            basis=ConsentEntry.basis,
            source=ConsentEntry.source,
            comment=ConsentEntry.comment,
            user=User.name,
        )
        .outerjoin(ConsentEntry.user)
        .where(ConsentEntry.contact_id == contact.id)
    )


def subscriptions(contact: Contact) -> Select[Any]:
    """By ix_subscription_entry_contact_id."""
    return (
        happening(
            SubscriptionEntry.at,
            case((SubscriptionEntry.subscribed, "subscribed"), else_="left_type"),
            SubscriptionEntry.id,
            names=SubscriptionType.names,
            source=SubscriptionEntry.source,
            user=User.name,
        )
        .join(SubscriptionEntry.type)
        .outerjoin(SubscriptionEntry.user)
        .where(SubscriptionEntry.contact_id == contact.id)
    )


def blocks(contact: Contact) -> Select[Any]:
    return happening(
        Suppression.created_at,
        "blocked",
        Suppression.id,
        reason=Suppression.reason,
        comment=Suppression.comment,
        names=_names_of_type,
    ).where(*_of_address(contact))


def lifts(contact: Contact) -> Select[Any]:
    return happening(Suppression.lifted_at, "lifted", Suppression.id, names=_names_of_type).where(
        *_of_address(contact), Suppression.lifted_at.is_not(None)
    )


_names_of_type = (
    select(SubscriptionType.names)
    .where(SubscriptionType.id == Suppression.type_id)
    .scalar_subquery()
)


def _of_address(contact: Contact) -> tuple[Any, ...]:
    """By ix_suppression_address_hash, which has the lifted blocks as well."""
    return Suppression.channel == Channel.EMAIL, Suppression.address_hash == contact.email_hash


def consent_words(title: LazyString) -> Callable[[Data], Words]:
    def words(data: Data) -> Words:
        basis = (
            _("Legal basis: %(basis)s", basis=BASIS_NAMES[data["basis"]]) if data["basis"] else ""
        )
        notes = (data["source"], basis, data["comment"], _written_down(data))
        return Words(str(title), str(PURPOSE_NAMES[data["purpose"]]), _said(*notes))

    return words


def subscription_words(title: LazyString) -> Callable[[Data], Words]:
    def words(data: Data) -> Words:
        return Words(
            str(title), in_our_language(data["names"]), _said(data["source"], _written_down(data))
        )

    return words


def block_words(data: Data) -> Words:
    reason = str(BLOCK_REASONS[SuppressionReason(data["reason"])])
    of_type = in_our_language(data["names"]) if data["names"] else ""
    return Words(_("The address was blocked"), "", _said(of_type or reason, data["comment"]))


def _basis(data: Data) -> str:
    return _("Legal basis: %(basis)s", basis=BASIS_NAMES[data["basis"]]) if data["basis"] else ""


def _written_down(data: Data) -> str:
    return _("Written down by %(name)s", name=data["user"]) if data["user"] else ""


def _said(*notes: str) -> tuple[str, ...]:
    return tuple(note for note in notes if note)


def in_our_language(names: Data) -> str:
    """The name in the user's language, else in the first that there is."""
    return str(names.get(str(flask_babel.get_locale())) or next(iter(names.values()), ""))


register(
    Trace(
        Group.LISTS,
        beginning,
        {"created": lambda _data: Words(_("Came into your contacts"))},
    )
)
register(
    Trace(
        Group.CONSENT,
        consent,
        {
            f"consent_{state}": consent_words(title)
            for state, title in {
                Consent.GRANTED: _l("Consent granted: %(name)s"),
                Consent.WITHDRAWN: _l("Consent withdrawn: %(name)s"),
                Consent.UNKNOWN: _l("Consent no longer known: %(name)s"),
            }.items()
        },
    )
)
register(
    Trace(
        Group.CONSENT,
        subscriptions,
        {
            "subscribed": subscription_words(_l("Subscribed to %(name)s")),
            "left_type": subscription_words(_l("Unsubscribed from %(name)s")),
        },
    )
)
register(Trace(Group.CONSENT, blocks, {"blocked": block_words}))
register(
    Trace(
        Group.CONSENT,
        lifts,
        {"lifted": lambda _data: Words(_("The block of the address was lifted"))},
    )
)

follows(Contact.company_id)
follows(NotDuplicate.first_id, follow=carried_along(NotDuplicate.first_id, NotDuplicate.second_id))
follows(NotDuplicate.second_id, follow=carried_along(NotDuplicate.second_id, NotDuplicate.first_id))
follows(ContactInterest.contact_id, once_per=ContactInterest.item_id)
follows(ConsentEntry.contact_id, follow=join_consent)
follows(Subscription.contact_id, follow=join_subscriptions)
follows(SubscriptionEntry.contact_id, follow=join_subscription_history)
