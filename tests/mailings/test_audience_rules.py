"""For every combination of what is known of somebody and what the mailing asks: mailed or not, and
why. The rules are said once more here, in plain Python, and the database is held against them."""

from dataclasses import dataclass
from itertools import product

import pytest
from sqlalchemy import select

from tests.factories import make_company, make_contact, make_mailing
from webapp.accounts.organisation import fingerprint, organisation
from webapp.mailings import audience, sources
from webapp.mailings.models import LeftOut, Mailing, Recipient, State
from webapp.mailings.sources import Statement
from webapp.people import suppression
from webapp.people.models import (
    Basis,
    Channel,
    Consent,
    Contact,
    Subscription,
    SubscriptionType,
    Suppression,
    SuppressionReason,
)
from webapp.platform.database import db

Reason = LeftOut | None


@dataclass(frozen=True)
class Person:
    """`subscribed`: None when they never said anything about the type."""

    address: bool = True
    blocked: bool = False
    left_employment: bool = False
    no_mailings: bool = False
    consent: Consent = Consent.GRANTED
    subscribed: bool | None = True
    address_left_type: bool = False


@dataclass(frozen=True)
class Terms:
    with_type: bool
    privacy_mode: bool
    overridden: bool


def expected(person: Person, terms: Terms) -> Reason:
    """Product.md 2 and 4, delivery.md 1."""
    if not person.address:
        return LeftOut.NO_ADDRESS
    if person.blocked:
        return LeftOut.BLOCKED_ADDRESS
    if person.left_employment:
        return LeftOut.FORMER_EMPLOYEE
    if person.no_mailings:
        return LeftOut.NO_MAILINGS
    if terms.overridden:
        return None
    said_no = person.consent is Consent.WITHDRAWN
    said_yes = person.consent is Consent.GRANTED
    if said_no or (terms.privacy_mode and not said_yes):
        return LeftOut.NO_CONSENT
    if terms.with_type:
        left = person.subscribed is False or person.address_left_type
        if left or (terms.privacy_mode and not person.subscribed):
            return LeftOut.NO_SUBSCRIPTION
    return None


PEOPLE = [
    Person(*values)
    for values in product(
        (True, False),
        (True, False),
        (True, False),
        (True, False),
        Consent,
        (True, False, None),
        (True, False),
    )
    # Whoever has no address cannot have one that is blocked, or left.
    if values[0] or not (values[1] or values[6])
]


def make(number: int, person: Person, type_id: int) -> Contact:
    email = f"p{number}@x.dk" if person.address else ""
    contact = make_contact(
        f"Person {number}",
        email,
        former_employee=person.left_employment,
        no_mailings=person.no_mailings,
        e_marketing=person.consent,
    )
    if person.blocked:
        suppression.block(fingerprint(email), SuppressionReason.COMPLAINT)
    if person.address_left_type:
        leave(email, type_id)
    if person.subscribed is not None:
        db.session.add(
            Subscription(
                contact_id=contact.id, type_id=type_id, subscribed=person.subscribed, source="test"
            )
        )
    return contact


def leave(email: str, type_id: int) -> None:
    db.session.add(
        Suppression(
            channel=Channel.EMAIL,
            address_hash=fingerprint(email),
            type_id=type_id,
            reason=SuppressionReason.UNSUBSCRIBED,
        )
    )


@pytest.fixture
def newsletter() -> int:
    return db.session.scalars(select(SubscriptionType.id)).one()


def make_draft(**values: object) -> Mailing:
    return make_mailing(state=State.DRAFT, **values)


def found(mailing: Mailing) -> dict[int, Reason]:
    """By contact; resolved anew."""
    audience.resolve(mailing)
    rows = select(Recipient.contact_id, Recipient.reason).where(Recipient.mailing_id == mailing.id)
    return dict(db.session.execute(rows).all())


def names(mailing: Mailing) -> dict[str, Reason]:
    audience.resolve(mailing)
    rows = select(Recipient.name, Recipient.reason).where(Recipient.mailing_id == mailing.id)
    return dict(db.session.execute(rows).all())


def test_who_is_mailed_and_who_is_not_and_why(newsletter: int) -> None:
    contacts = {make(number, person, newsletter).id: person for number, person in enumerate(PEOPLE)}
    mailing = make_draft()
    for contact_id in contacts:
        sources.add_contact(mailing, db.session.get_one(Contact, contact_id))
    for terms in (Terms(*values) for values in product((True, False), repeat=3)):
        mailing.subscription_type_id = newsletter if terms.with_type else None
        mailing.override_reason = "a recall" if terms.overridden else ""
        organisation().privacy_mode = terms.privacy_mode
        wrong = {
            (contacts[contact_id], reason): expected(contacts[contact_id], terms)
            for contact_id, reason in found(mailing).items()
            if reason != expected(contacts[contact_id], terms)
        }
        assert not wrong, terms
        assert len(found(mailing)) == len(PEOPLE)


def paste(mailing: Mailing, text: str) -> None:
    sources.add_pasted(mailing, text, Statement(Basis.CONSENT, "a fair", by=None))


def test_an_address_that_nobody_has_is_mailed_on_its_sources_consent_until_it_leaves(
    newsletter: int,
) -> None:
    mailing = make_draft(subscription_type_id=newsletter)
    paste(mailing, "Stays <stays@x.dk>, Leaves <leaves@x.dk>")
    leave("leaves@x.dk", newsletter)
    assert names(mailing) == {"Stays": None, "Leaves": LeftOut.NO_SUBSCRIPTION}
    mailing.subscription_type_id = None
    assert names(mailing) == {"Stays": None, "Leaves": None}


COMPANY_MAIL = "info@lys.example"


def with_company(**values: object) -> Mailing:
    """Karen, who shares the address of her company, and Anders, who does not."""
    company = make_company(
        email=COMPANY_MAIL, email_key=COMPANY_MAIL, email_hash=fingerprint(COMPANY_MAIL)
    )
    mailing = make_draft(**values)
    for name, email in (("Karen", COMPANY_MAIL), ("Anders", "anders@lys.example")):
        sources.add_contact(mailing, make_contact(name, email, company=company))
    return mailing


@pytest.mark.parametrize(
    ("options", "mailed", "duplicate"),
    [
        ({}, {"Karen", "Anders"}, set()),
        ({"prefer_company": True}, {"Karen", "Anders"}, set()),
        ({"include_companies": True}, {"Karen", "Anders"}, {"Blichfeldt Lys"}),
        (
            {"include_companies": True, "prefer_company": True},
            {"Anders", "Blichfeldt Lys"},
            {"Karen"},
        ),
        (
            {"include_companies": True, "one_per_address": False},
            {"Karen", "Anders", "Blichfeldt Lys"},
            set(),
        ),
    ],
)
def test_companies_are_written_to_where_the_mailing_asks_for_them(
    options: dict[str, bool], mailed: set[str], duplicate: set[str]
) -> None:
    reasons = names(with_company(**options))
    assert {name for name, reason in reasons.items() if reason is None} == mailed
    assert {name for name, reason in reasons.items() if reason is LeftOut.DUPLICATE} == duplicate
    assert set(reasons) == mailed | duplicate


def test_a_company_that_wants_no_mailings_or_is_blocked_gets_none() -> None:
    mailing = with_company(include_companies=True, prefer_company=True)
    company = db.session.scalars(select(Contact)).first().company
    company.no_mailings = True
    assert names(mailing) == {"Karen": None, "Anders": None, company.name: LeftOut.NO_MAILINGS}
    suppression.block(fingerprint(COMPANY_MAIL), SuppressionReason.HARD_BOUNCE)
    assert names(mailing)[company.name] is LeftOut.BLOCKED_ADDRESS
    assert names(mailing)["Karen"] is LeftOut.BLOCKED_ADDRESS
