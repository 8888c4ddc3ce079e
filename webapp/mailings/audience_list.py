"""The people of an audience, one by one: who is mailed, and who is not and why."""

from sqlalchemy import Select, exists, or_, select, true
from sqlalchemy.orm import selectinload

from webapp.mailings.gaps import lacking
from webapp.mailings.models import LeftOut, Mailing, Recipient, RecipientState
from webapp.mailings.values import COMPANY_ID
from webapp.people.models import Company, Contact
from webapp.people.search import find_contacts, matching
from webapp.platform.database import db
from webapp.platform.paging import as_search

SHOWN = 8


def find_recipients(
    mailing: Mailing,
    text: str = "",
    *,
    state: RecipientState | None = None,
    reason: LeftOut | None = None,
    without: str = "",
) -> list[Select[Recipient]]:
    """Who is mailed comes first. `without` is the name of a merge tag that they have no value for.

    By ix_recipient_mailing_id_state_reason_id, from its end.
    """
    found = (
        select(Recipient)
        .where(Recipient.mailing_id == mailing.id)
        .order_by(Recipient.state.desc(), Recipient.reason.desc(), Recipient.id.desc())
        .options(selectinload(Recipient.contact).selectinload(Contact.company))
    )
    if state is not None:
        found = found.where(Recipient.state == state)
    if reason is not None:
        found = found.where(Recipient.reason == reason)
    if without:
        found = found.outerjoin(Recipient.contact).outerjoin(Company, Company.id == COMPANY_ID)
        found = found.where(lacking(without))
    return among(found, text)


def among(found: Select[Recipient], text: str) -> list[Select[Recipient]]:
    """Those whom the text finds, for `page_of`: people by the search of contacts; then those who
    are no contacts, which are few, by any part of name and address."""
    words = text.strip()
    if not words:
        return [found]
    written = (Recipient.name, Recipient.email)
    return [
        as_search(found.where(Recipient.contact_id.in_(matching(select(Contact.id), words)))),
        found.where(
            Recipient.contact_id.is_(None),
            or_(*(column.icontains(words, autoescape=True) for column in written)),
        ),
    ]


def people_to_preview_as(mailing: Mailing, text: str) -> list[Contact]:
    """The first few recipients that match; any contacts while there are no recipients."""
    recipients = (
        matching(select(Contact), text)
        .join(Recipient, Recipient.contact_id == Contact.id)
        .where(Recipient.mailing_id == mailing.id, Recipient.state == RecipientState.READY)
        .order_by(Recipient.state, Recipient.reason, Recipient.id)
    )
    few = db.session.scalars(recipients.limit(SHOWN)).all()
    return list(few or db.session.scalars(find_contacts(text).limit(SHOWN)).all())


def next_to_preview_as(mailing: Mailing, contact_id: int, *, back: bool = False) -> Contact | None:
    """Whoever comes after this one, or before; at the end it begins anew. Of the recipients, or of
    all contacts while there are none."""
    will_be_mailed = exists().where(
        Recipient.contact_id == Contact.id,
        Recipient.mailing_id == mailing.id,
        Recipient.state == RecipientState.READY,
    )
    beyond = Contact.id < contact_id if back else Contact.id > contact_id
    order = Contact.id.desc() if back else Contact.id
    for condition in (will_be_mailed & beyond, will_be_mailed, beyond, true()):
        found = db.session.scalar(select(Contact).where(condition).order_by(order).limit(1))
        if found is not None:
            return found
    return None
