"""The people of an audience, one by one: who is mailed, and who is not and why."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from webapp.mailings.gaps import lacking
from webapp.mailings.models import LeftOut, Mailing, Recipient, RecipientState
from webapp.people.models import Contact
from webapp.people.search import contact_matches, find_contacts
from webapp.platform.database import db

SHOWN = 8


def find_recipients(
    mailing: Mailing,
    text: str = "",
    *,
    state: RecipientState | None = None,
    reason: LeftOut | None = None,
    without: str = "",
) -> Select[Recipient]:
    """`without` is the name of a merge tag that they have no value for."""
    statement = (
        select(Recipient)
        .outerjoin(Recipient.contact)
        .outerjoin(Contact.company)
        .options(contains_eager(Recipient.contact).contains_eager(Contact.company))
        .where(Recipient.mailing_id == mailing.id)
        .order_by(Recipient.id)
    )
    if text.strip():
        statement = statement.where(
            or_(
                contact_matches(text),
                Recipient.name.icontains(text.strip(), autoescape=True),
                Recipient.email.icontains(text.strip(), autoescape=True),
            )
        )
    if state is not None:
        statement = statement.where(Recipient.state == state)
    if reason is not None:
        statement = statement.where(Recipient.reason == reason)
    return statement.where(lacking(without)) if without else statement


def people_to_preview_as(mailing: Mailing, text: str) -> list[Contact]:
    """The first few recipients that match; any contacts while there are no recipients."""
    recipients = (
        select(Contact)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(
            Recipient.mailing_id == mailing.id,
            Recipient.state == RecipientState.READY,
            contact_matches(text),
        )
        .order_by(Recipient.id)
    )
    few = db.session.scalars(recipients.limit(SHOWN)).all()
    return list(few or db.session.scalars(find_contacts(text).limit(SHOWN)).all())
