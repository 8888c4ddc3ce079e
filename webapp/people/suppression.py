"""Addresses that are not written to, known by their keyed hash.

A block without a type is of everything. One with a type is of an address that no contact has, and
means that it left this type only; of a contact, the subscription says so.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people.models import Channel, Contact, Subscription, Suppression, SuppressionReason
from webapp.platform.database import db, utcnow


def block(
    address_hash: bytes,
    reason: SuppressionReason,
    *,
    channel: Channel = Channel.EMAIL,
    type_id: int | None = None,
    comment: str = "",
) -> bool:
    """From now on nothing (or nothing of this type) is sent to it. False if it was blocked before;
    that reason stays."""
    made = db.session.execute(
        insert(Suppression)
        .values(
            channel=channel,
            address_hash=address_hash,
            type_id=type_id,
            reason=reason,
            comment=comment,
        )
        .on_conflict_do_nothing()
        .returning(Suppression.id)
    )
    return made.first() is not None


def lift(
    address_hash: bytes, *, channel: Channel = Channel.EMAIL, type_id: int | None = None
) -> bool:
    """The block ends; its row stays as history. False if there was none."""
    lifted = db.session.execute(
        update(Suppression)
        .where(
            holds(channel),
            Suppression.address_hash == address_hash,
            Suppression.type_id == type_id,
        )
        .values(lifted_at=utcnow())
        .returning(Suppression.id)
    )
    return lifted.first() is not None


def in_force(
    address_hash: bytes | None, channel: Channel = Channel.EMAIL, *, type_id: int | None = None
) -> Suppression | None:
    """The block of everything, or the one of this type."""
    if address_hash is None:
        return None
    return db.session.scalar(
        select(Suppression).where(
            holds(channel),
            Suppression.address_hash == address_hash,
            Suppression.type_id == type_id,
        )
    )


def holds(channel: Channel = Channel.EMAIL) -> ColumnElement[bool]:
    return and_(Suppression.channel == channel, Suppression.lifted_at.is_(None))


def of_everything(channel: Channel = Channel.EMAIL) -> ColumnElement[bool]:
    return and_(holds(channel), Suppression.type_id.is_(None))


def types_left(address_hash: bytes | None) -> dict[int, datetime]:
    """The types that an address left, and when."""
    if address_hash is None:
        return {}
    left = select(Suppression.type_id, Suppression.created_at).where(
        holds(), Suppression.address_hash == address_hash
    )
    return {type_id: at for type_id, at in db.session.execute(left) if type_id is not None}


def left_type(
    address_hash: InstrumentedAttribute[bytes | None], type_id: InstrumentedAttribute[int] | int
) -> ColumnElement[bool]:
    return exists().where(
        holds(), Suppression.address_hash == address_hash, Suppression.type_id == type_id
    )


def outlive(contact_ids: Collection[int]) -> None:
    """Contacts are about to be deleted: what they left stays left by their addresses."""
    left = (
        select(
            literal(Channel.EMAIL, Suppression.channel.type),
            Contact.email_hash,
            Subscription.type_id,
            literal(SuppressionReason.UNSUBSCRIBED, Suppression.reason.type),
            literal(""),
            Subscription.since,
            null(),
        )
        .join(Subscription, Subscription.contact_id == Contact.id)
        .where(
            Contact.id.in_(contact_ids),
            Contact.email_hash.is_not(None),
            Subscription.subscribed.is_(False),
        )
    )
    columns = ["channel", "address_hash", "type_id", "reason", "comment", "created_at", "lifted_at"]
    db.session.execute(insert(Suppression).from_select(columns, left).on_conflict_do_nothing())
