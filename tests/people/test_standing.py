from collections.abc import Callable

import pytest

from tests.factories import make_contact, newsletter
from webapp.accounts.organisation import organisation
from webapp.people import suppression
from webapp.people.models import Consent, Contact, SuppressionReason
from webapp.people.search import find_contacts
from webapp.people.standing import Standing, standings
from webapp.platform.database import db


def _blocked() -> Contact:
    contact = make_contact()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.HARD_BOUNCE)
    return contact


PEOPLE: dict[Standing, Callable[[], Contact]] = {
    Standing.NO_ADDRESS: lambda: make_contact(email=""),
    Standing.BLOCKED: _blocked,
    Standing.FORMER_EMPLOYEE: lambda: make_contact(former_employee=True),
    Standing.NO_MAILINGS: lambda: make_contact(no_mailings=True),
    Standing.NO_CONSENT: lambda: make_contact(e_marketing=Consent.WITHDRAWN),
    Standing.REACHABLE: make_contact,
}


@pytest.mark.parametrize("standing", Standing)
def test_each_standing_is_told_and_is_a_filter(standing: Standing) -> None:
    contact = PEOPLE[standing]()
    make_contact("Somebody Else", "else@fjordlys.example")
    assert standings([contact]) == {contact.id: standing}
    found = db.session.scalars(find_contacts(only=standing)).all()
    assert contact in found
    assert (len(found) == 2) is (standing == Standing.REACHABLE)


def test_where_several_reasons_apply_the_first_is_told() -> None:
    contact = _blocked()
    contact.former_employee = contact.no_mailings = True
    assert standings([contact])[contact.id] == Standing.BLOCKED


def test_a_lifted_block_does_not_count() -> None:
    contact = _blocked()
    assert contact.email_hash
    suppression.lift(contact.email_hash)
    assert standings([contact])[contact.id] == Standing.REACHABLE
    assert db.session.scalars(find_contacts(only=Standing.BLOCKED)).all() == []


@pytest.mark.parametrize(
    ("consent", "standing"),
    [
        (Consent.UNKNOWN, Standing.REACHABLE),
        (Consent.GRANTED, Standing.REACHABLE),
        (Consent.WITHDRAWN, Standing.NO_CONSENT),
    ],
)
def test_without_privacy_mode_only_a_no_counts(consent: Consent, standing: Standing) -> None:
    organisation().privacy_mode = False
    contact = make_contact(e_marketing=consent)
    assert standings([contact]) == {contact.id: standing}
    assert db.session.scalars(find_contacts(only=standing)).all() == [contact]


def test_an_address_that_left_one_type_can_get_the_others() -> None:
    contact = make_contact()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.UNSUBSCRIBED, type_id=newsletter().id)
    assert standings([contact])[contact.id] == Standing.REACHABLE
    assert db.session.scalars(find_contacts(only=Standing.BLOCKED)).all() == []
