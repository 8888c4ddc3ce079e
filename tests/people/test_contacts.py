import pytest
from sqlalchemy import func, select

from tests.factories import make_company, make_contact
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import fingerprint
from webapp.people import contacts, suppression
from webapp.people.addresses import AddressError, set_address
from webapp.people.contacts import ContactDetails, Nobody, NoSuchContact
from webapp.people.models import Company, ConsentEntry, Contact, SuppressionReason
from webapp.people.phones import PhoneError
from webapp.platform.database import db


def test_address_key_and_hash_are_always_set_together() -> None:
    contact = contacts.create(ContactDetails(email="Karen@BLICHFELDTLYS.example"))
    assert contact.email == "Karen@BLICHFELDTLYS.example"
    assert contact.email_key == "karen@blichfeldtlys.example"
    assert contact.email_hash == fingerprint("karen@blichfeldtlys.example")


def test_taking_the_address_away_takes_key_and_hash_away() -> None:
    contact = make_contact()
    set_address(contact, " ")
    assert (contact.email, contact.email_key, contact.email_hash) == ("", None, None)


def test_a_wrong_address_is_refused_and_changes_nothing() -> None:
    contact = make_contact(email="karen@blichfeldtlys.example")
    with pytest.raises(AddressError):
        set_address(contact, "karen@")
    assert contact.email_key == "karen@blichfeldtlys.example"


def test_a_number_without_country_code_is_of_the_organisations_country() -> None:
    contact = contacts.create(ContactDetails(first_name="Ib", mobile="20 14 88 36"))
    assert contact.mobile == "+4520148836"


def test_a_number_is_of_the_country_that_the_person_lives_in() -> None:
    contact = contacts.create(ContactDetails(first_name="Ib", phone="070-123 45 67", country="SE"))
    assert contact.phone == "+46701234567"


def test_a_wrong_number_is_refused() -> None:
    with pytest.raises(PhoneError):
        contacts.create(ContactDetails(first_name="Ib", mobile="ask Karen"))


def test_nobody_at_all_is_refused() -> None:
    with pytest.raises(Nobody):
        contacts.create(ContactDetails(company="Voss & Bjerregaard", city="Odense"))


def test_a_company_is_found_by_its_name_in_whatever_case() -> None:
    company = make_company("Voss & Bjerregaard ÆØÅ")
    contact = contacts.create(ContactDetails(first_name="Ib", company="voss & bjerregaard æøå"))
    assert contact.company == company


def test_a_company_that_is_not_known_is_made() -> None:
    contact = contacts.create(ContactDetails(first_name="Ib", company="Bække El & Lys A/S"))
    assert contact.company
    assert db.session.scalars(select(Company.name)).all() == ["Bække El & Lys A/S"]


def test_a_person_can_leave_a_company() -> None:
    contact = make_contact(company=make_company())
    contacts.change(contact, ContactDetails(first_name="Karen"))
    db.session.flush()
    assert contact.company_id is None


def test_deleting_takes_the_consent_history_and_leaves_the_block() -> None:
    contact = make_contact()
    address_hash = contact.email_hash
    assert address_hash
    suppression.block(address_hash, SuppressionReason.UNSUBSCRIBED)
    assert contacts.remove([contact.id, 999_999], by=None) == 1
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 0
    assert db.session.scalar(select(func.count()).select_from(ConsentEntry)) == 0
    assert suppression.in_force(address_hash)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["contact deleted"]


def test_somebody_who_does_not_exist_is_not_found() -> None:
    with pytest.raises(NoSuchContact):
        contacts.get(999_999)
