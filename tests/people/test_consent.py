from datetime import timedelta

import pytest
from sqlalchemy import select, true

from tests.conftest import make_user
from tests.factories import make_contact, make_contacts, make_type
from tests.support.histories import consent_history
from webapp.people import consent, subscriptions
from webapp.people.consent import BASES, UnfitBasis
from webapp.people.models import Basis, Consent, Contact, Purpose
from webapp.platform.database import db, utcnow

EVERYBODY = true()


def test_each_purpose_has_a_consent_of_its_own() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    consent.grant(
        contact, purpose=Purpose.SALES_SERVICE, basis=Basis.CONTRACT, source="Dealer agreement"
    )
    assert (contact.e_marketing, contact.sales_service) == (Consent.UNKNOWN, Consent.GRANTED)
    consent.grant(contact, basis=Basis.CUSTOMER, source="Order")
    consent.record(contact, Consent.WITHDRAWN, purpose=Purpose.SALES_SERVICE, source="By phone")
    assert (contact.e_marketing, contact.sales_service) == (Consent.GRANTED, Consent.WITHDRAWN)
    assert [(entry.purpose, entry.state) for entry in consent_history(contact)] == [
        (Purpose.SALES_SERVICE, Consent.WITHDRAWN),
        (Purpose.E_MARKETING, Consent.GRANTED),
        (Purpose.SALES_SERVICE, Consent.GRANTED),
    ]


@pytest.mark.parametrize("first", [Consent.GRANTED, Consent.WITHDRAWN])
def test_what_was_said_before_does_not_change_what_was_said_since(first: Consent) -> None:
    contact, before = make_contact(e_marketing=Consent.UNKNOWN), utcnow() - timedelta(days=25)
    other = Consent.WITHDRAWN if first is Consent.GRANTED else Consent.GRANTED
    assert consent.record(contact, first, source="By phone")
    assert not consent.record(contact, other, source="A list", given_at=before)
    assert contact.e_marketing == first
    assert consent.standing(contact)[Purpose.E_MARKETING].source == "By phone"
    assert len(consent_history(contact)) == 2


def test_an_old_yes_brings_no_subscription_back() -> None:
    contact, news = make_contact(e_marketing=Consent.UNKNOWN), make_type(is_default=True)
    consent.record(contact, Consent.WITHDRAWN, source="By phone")
    old = utcnow() - timedelta(days=25)
    assert not consent.grant(contact, basis=Basis.CONSENT, source="A list", given_at=old)
    assert subscriptions.current(contact.id, news.id) is None


def test_of_one_day_what_is_written_down_last_counts() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    noon = utcnow() - timedelta(days=3)
    consent.record(contact, Consent.WITHDRAWN, source="x", given_at=noon + timedelta(hours=4))
    assert consent.record(contact, Consent.GRANTED, source="By phone", given_at=noon)
    assert contact.e_marketing == Consent.GRANTED


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("basis", Basis)
def test_a_basis_has_to_fit_the_purpose(purpose: Purpose, basis: Basis) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    if basis in BASES[purpose]:
        consent.grant(contact, purpose=purpose, basis=basis, source="Fair")
    else:
        with pytest.raises(UnfitBasis):
            consent.grant(contact, purpose=purpose, basis=basis, source="Fair")
        with pytest.raises(UnfitBasis):
            consent.grant_many(EVERYBODY, purpose=purpose, basis=basis, source="Fair", by=None)


@pytest.mark.parametrize("purpose", Purpose)
def test_many_are_granted_but_not_who_said_no(purpose: Purpose) -> None:
    unknown, granted, withdrawn = _one_of_each(purpose)
    user = make_user()
    basis = BASES[purpose][0]
    done = consent.grant_many(
        EVERYBODY, purpose=purpose, basis=basis, source="List", comment="Box 4", by=user.id
    )
    assert done == 1
    assert _states(purpose) == [Consent.GRANTED, Consent.GRANTED, Consent.WITHDRAWN]
    entry = consent_history(unknown)[0]
    assert (entry.purpose, entry.state, entry.basis) == (purpose, Consent.GRANTED, basis)
    assert (entry.source, entry.comment, entry.user) == ("List", "Box 4", user)
    assert len(consent_history(granted)) == len(consent_history(withdrawn))


@pytest.mark.parametrize("purpose", Purpose)
def test_many_withdraw_once(purpose: Purpose) -> None:
    _one_of_each(purpose)
    for done in (2, 0):
        assert done == consent.withdraw_many(EVERYBODY, purpose=purpose, source="Post", by=None)
    assert set(_states(purpose)) == {Consent.WITHDRAWN}


def test_only_those_who_are_named_are_changed() -> None:
    first, second = make_contacts(
        {"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"}, e_marketing=Consent.UNKNOWN
    )
    consent.withdraw_many(
        Contact.id == second.id,
        purpose=Purpose.E_MARKETING,
        source="Post",
        by=None,
    )
    db.session.expire_all()
    assert (first.e_marketing, second.e_marketing) == (Consent.UNKNOWN, Consent.WITHDRAWN)


def _one_of_each(purpose: Purpose) -> list[Contact]:
    column = consent.NOW[purpose].key
    return [
        make_contact("Ib Dam", f"{state}@dam.example", **{"e_marketing": state, column: state})
        for state in (Consent.UNKNOWN, Consent.GRANTED, Consent.WITHDRAWN)
    ]


def _states(purpose: Purpose) -> list[Consent]:
    return list(db.session.scalars(select(consent.NOW[purpose]).order_by(Contact.id)))
