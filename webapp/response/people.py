"""What came of the mailings to one person, and to the people of one company."""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, Subquery, func, select, union_all

from webapp.mailings.models import Mailing, Recipient
from webapp.people.models import Contact
from webapp.platform.database import db, utcnow

YEAR = timedelta(days=365)


class Figures(NamedTuple):
    sent: int
    opened: int
    clicked: int


def last_year(contact_id: int) -> Figures:
    """By ix_recipient_contact_id_mailing_id."""
    got = (
        select(Recipient.opened_at, Recipient.clicked_at)
        .where(Recipient.contact_id == contact_id, Recipient.sent_at > utcnow() - YEAR)
        .subquery()
    )
    counted = select(func.count(), func.count(got.c.opened_at), func.count(got.c.clicked_at))
    return Figures(*db.session.execute(counted).one())


def figures_of_company(company_id: int) -> dict[int, Figures]:
    """By mailing that somebody in the company got."""
    got = _got_by(company_id)
    counted = select(
        got.c.mailing_id,
        func.count(),
        func.count(got.c.opened_at),
        func.count(got.c.clicked_at),
    ).group_by(got.c.mailing_id)
    return {row[0]: Figures(*row[1:]) for row in db.session.execute(counted)}


def newest_first(mailing_ids: Collection[int]) -> Select[Mailing]:
    return (
        select(Mailing)
        .where(Mailing.id.in_(list(mailing_ids)), Mailing.deleted_at.is_(None))
        .order_by(Mailing.started_at.desc(), Mailing.id.desc())
    )


def _got_by(company_id: int) -> Subquery:
    """The people by ix_contact_company_id_sort_key_id and ix_recipient_contact_id_mailing_id, the
    company itself by ix_recipient_company_id: two selects, so that each uses its own."""
    got = select(Recipient.mailing_id, Recipient.opened_at, Recipient.clicked_at).where(
        Recipient.sent_at.is_not(None)
    )
    people = got.join(Contact, Contact.id == Recipient.contact_id)
    return union_all(
        people.where(Contact.company_id == company_id),
        got.where(Recipient.company_id == company_id),
    ).subquery()
