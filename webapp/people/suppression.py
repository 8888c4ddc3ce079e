"""Addresses that are not written to, known by their keyed hash."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.people.models import Channel, Suppression, SuppressionReason
from webapp.platform.database import db, utcnow


def block(
    address_hash: bytes,
    reason: SuppressionReason,
    *,
    channel: Channel = Channel.EMAIL,
    comment: str = "",
) -> bool:
    """From now on nothing is sent to it. False if it was blocked before; that reason stays."""
    made = db.session.execute(
        insert(Suppression)
        .values(channel=channel, address_hash=address_hash, reason=reason, comment=comment)
        .on_conflict_do_nothing()
        .returning(Suppression.id)
    )
    return made.first() is not None


def lift(address_hash: bytes, *, channel: Channel = Channel.EMAIL) -> bool:
    """The block ends; its row stays as history. False if there was none."""
    lifted = db.session.execute(
        update(Suppression)
        .where(
            Suppression.channel == channel,
            Suppression.address_hash == address_hash,
            Suppression.lifted_at.is_(None),
        )
        .values(lifted_at=utcnow())
        .returning(Suppression.id)
    )
    return lifted.first() is not None


def in_force(address_hash: bytes | None, channel: Channel = Channel.EMAIL) -> Suppression | None:
    if address_hash is None:
        return None
    return db.session.scalar(
        select(Suppression).where(
            Suppression.channel == channel,
            Suppression.address_hash == address_hash,
            Suppression.lifted_at.is_(None),
        )
    )
