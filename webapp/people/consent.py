"""Consent for each purpose: an append-only history, and its newest state kept at the contact.

Both are written in the caller's transaction, so that they cannot differ.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people import subscriptions
from webapp.people.models import Basis, Consent, ConsentEntry, Contact, Purpose
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

NOW: dict[Purpose, InstrumentedAttribute[Consent]] = {
    Purpose.E_MARKETING: Contact.e_marketing,
    Purpose.SALES_SERVICE: Contact.sales_service,
}
"""Where the contact says what the newest entry of the history says."""

BASES: dict[Purpose, tuple[Basis, ...]] = {
    Purpose.E_MARKETING: (Basis.CONSENT, Basis.CUSTOMER, Basis.LEGITIMATE_INTEREST),
    Purpose.SALES_SERVICE: (Basis.CONTRACT, Basis.CONSENT, Basis.LEGITIMATE_INTEREST),
}
"""A contract allows what it needs and no marketing; the exception for customers is only about
marketing."""


A_DAY_OR_SO = timedelta(hours=12)
"""Of what was said on a day it is not known when; then what was written down last counts."""


class UnfitBasis(DomainError):
    message = _l("This legal basis does not fit the purpose. Choose another.")


def record(
    contact: Contact,
    state: Consent,
    *,
    purpose: Purpose = Purpose.E_MARKETING,
    source: str,
    basis: Basis | None = None,
    comment: str = "",
    given_at: datetime | None = None,
    user_id: int | None = None,
) -> bool:
    """False when something newer was said since: that stands, and this is history."""
    given_at = given_at or utcnow()
    outdated = db.session.scalar(
        select(
            exists().where(
                ConsentEntry.contact_id == contact.id,
                ConsentEntry.purpose == purpose,
                ConsentEntry.given_at > given_at + A_DAY_OR_SO,
            )
        )
    )
    db.session.add(
        ConsentEntry(
            contact_id=contact.id,
            purpose=purpose,
            state=state,
            basis=basis,
            source=source,
            comment=comment,
            given_at=given_at,
            user_id=user_id,
        )
    )
    if outdated:
        return False
    # Not a change of the card: whoever edits its details meanwhile need not hear of it.
    now = {NOW[purpose]: state, Contact.updated_at: Contact.updated_at}
    db.session.execute(update(Contact).where(Contact.id == contact.id).values(now))
    return True


def standing(contact: Contact) -> dict[Purpose, ConsentEntry]:
    """The entry that decides for each purpose, where something was said: the last one of the state
    that the contact is in."""
    stands = or_(
        *(
            and_(ConsentEntry.purpose == each, ConsentEntry.state == now)
            for each, now in NOW.items()
        )
    )
    entries = (
        select(ConsentEntry)
        .ext(distinct_on(ConsentEntry.purpose))
        .join(Contact, Contact.id == ConsentEntry.contact_id)
        .where(Contact.id == contact.id, stands)
        .order_by(ConsentEntry.purpose, ConsentEntry.id.desc())
    )
    return {entry.purpose: entry for entry in db.session.scalars(entries)}


def grant(
    contact: Contact,
    *,
    purpose: Purpose = Purpose.E_MARKETING,
    basis: Basis,
    source: str,
    comment: str = "",
    given_at: datetime | None = None,
    user_id: int | None = None,
) -> bool:
    """With the subscriptions that follow from it; as `record`. Raises UnfitBasis."""
    require_fit(basis, purpose)
    counts = record(
        contact,
        Consent.GRANTED,
        purpose=purpose,
        source=source,
        basis=basis,
        comment=comment,
        given_at=given_at,
        user_id=user_id,
    )
    if counts and purpose == Purpose.E_MARKETING:
        db.session.flush()
        one = Contact.id == contact.id
        subscriptions.follow_consent(one, source=source, at=given_at, by=user_id)
    return counts


def may_be_granted(purpose: Purpose) -> ColumnElement[bool]:
    """Of many at once: who said no is asked alone."""
    return NOW[purpose] == Consent.UNKNOWN


def may_be_withdrawn(purpose: Purpose) -> ColumnElement[bool]:
    return NOW[purpose] != Consent.WITHDRAWN


def grant_many(
    people: ColumnElement[bool],
    *,
    purpose: Purpose,
    basis: Basis,
    source: str,
    comment: str = "",
    by: int | None,
) -> int:
    """For those of whom nothing is known; who said no stays with it. Answers how many they were.

    Raises UnfitBasis.
    """
    require_fit(basis, purpose)
    if purpose == Purpose.E_MARKETING:
        granting = people & may_be_granted(purpose)
        subscriptions.follow_consent(granting, source=source, by=by)
    entry = ConsentEntry(
        purpose=purpose, state=Consent.GRANTED, basis=basis, source=source, comment=comment
    )
    return _record_many(people, may_be_granted(purpose), entry, by)


def withdraw_many(
    people: ColumnElement[bool], *, purpose: Purpose, source: str, comment: str = "", by: int | None
) -> int:
    """For all who have not withdrawn yet. Answers how many they were."""
    entry = ConsentEntry(purpose=purpose, state=Consent.WITHDRAWN, source=source, comment=comment)
    return _record_many(people, may_be_withdrawn(purpose), entry, by)


def require_fit(basis: Basis, purpose: Purpose) -> None:
    """Raises UnfitBasis."""
    if basis not in BASES[purpose]:
        raise UnfitBasis


def _record_many(
    people: ColumnElement[bool], whom: ColumnElement[bool], entry: ConsentEntry, by: int | None
) -> int:
    """`entry` is the pattern: one like it is written for each of them."""
    now = utcnow()
    changed = (
        update(Contact)
        .where(people, whom)
        .values({NOW[entry.purpose]: entry.state, Contact.updated_at: Contact.updated_at})
        .returning(Contact.id)
        .cte("changed")
    )
    values = {
        "contact_id": changed.c.id,
        "purpose": literal(entry.purpose, ConsentEntry.purpose.type),
        "state": literal(entry.state, ConsentEntry.state.type),
        "basis": literal(entry.basis, ConsentEntry.basis.type),
        "source": literal(entry.source),
        "comment": literal(entry.comment),
        "given_at": literal(now, ConsentEntry.given_at.type),
        "recorded_at": literal(now, ConsentEntry.recorded_at.type),
        "user_id": literal(by, BigInteger),
    }
    entries = insert(ConsentEntry).from_select(list(values), select(*values.values()))
    # Otherwise an INSERT does not tell how many rows it made.
    options = {"preserve_rowcount": True}
    written = db.session.connection().execute(entries.add_cte(changed), execution_options=options)
    return written.rowcount
