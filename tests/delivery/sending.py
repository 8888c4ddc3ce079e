"""A mailing on its way, for the tests of delivery."""

from collections import Counter

from sqlalchemy import select

from tests.factories import make_contacts, make_mailing
from webapp.delivery import engine, preparing
from webapp.mailings import lifecycle, sources
from webapp.mailings.models import Mailing, Recipient, RecipientState, State
from webapp.platform.database import db
from webapp.targets import selections


def draft_to(*addresses: str) -> Mailing:
    """A draft to people of these addresses, who all consented."""
    mailing = make_mailing(state=State.DRAFT)
    people = make_contacts({address: f"Person {address}" for address in addresses})
    selection = selections.create(f"People of {mailing.id}", owner_id=None)
    selections.add_members(selection.id, [person.id for person in people])
    sources.add_selection(mailing, selection)
    db.session.commit()
    return mailing


def started(*addresses: str) -> Mailing:
    """Started and prepared; nothing is sent yet."""
    mailing = draft_to(*addresses)
    assert lifecycle.start(mailing, by=None)
    preparing.prepare(mailing.id)
    db.session.expire_all()
    return mailing


def send(mailing: Mailing) -> None:
    """One slice of work in the first place."""
    engine.work_slice(mailing.id, 0)
    db.session.expire_all()


def states(mailing: Mailing) -> Counter[RecipientState]:
    return Counter(
        db.session.scalars(select(Recipient.state).where(Recipient.mailing_id == mailing.id))
    )


def recipient(address: str) -> Recipient:
    return db.session.scalars(select(Recipient).where(Recipient.email == address)).one()


def people(number: int) -> list[str]:
    return [f"p{each}@x.dk" for each in range(number)]
