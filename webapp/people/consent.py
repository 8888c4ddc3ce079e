"""E-marketing consent: an append-only history, and its newest state kept at the contact."""

from datetime import datetime

from sqlalchemy import update

from webapp.people.models import Basis, Consent, ConsentEntry, Contact
from webapp.platform.database import db, utcnow


def record(
    contact: Contact,
    state: Consent,
    *,
    source: str,
    basis: Basis | None = None,
    comment: str = "",
    given_at: datetime | None = None,
    user_id: int | None = None,
) -> None:
    """Both are written in the caller's transaction, so that they cannot differ."""
    db.session.add(
        ConsentEntry(
            contact_id=contact.id,
            state=state,
            basis=basis,
            source=source,
            comment=comment,
            given_at=given_at or utcnow(),
            user_id=user_id,
        )
    )
    # Not a change of the card: whoever edits its details meanwhile need not hear of it.
    db.session.execute(
        update(Contact)
        .where(Contact.id == contact.id)
        .values(e_marketing=state, updated_at=Contact.updated_at)
    )
