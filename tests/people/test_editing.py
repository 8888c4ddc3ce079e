from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_company, make_contact
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.people import companies, consent, contacts
from webapp.people.contacts import Nobody
from webapp.people.editing import ChangedMeanwhile
from webapp.people.models import Company, Consent, Contact
from webapp.platform.database import db


def save(contact: Contact, *, read_at: object = None, by: int | None = None, **new: str) -> None:
    details = replace(contacts.details(contact), **new)
    contacts.save(contact, details, read_at=read_at, by=by)  # type: ignore[arg-type]


def test_whoever_saves_second_is_told_who_changed_what() -> None:
    contact, other = make_contact(), make_user(Role.MARKETER)
    read_at = contact.updated_at
    save(contact, read_at=read_at, by=other.id, city="Odense", note="Rings back")
    with pytest.raises(ChangedMeanwhile) as told:
        save(contact, read_at=read_at, position="Owner")
    assert other.name in str(told.value)
    assert told.value.fields == {"city", "note"}
    assert (contact.city, contact.position) == ("Odense", "")


def test_what_an_import_changed_meanwhile_is_told_too() -> None:
    contact = make_contact()
    read_at = contact.updated_at
    contact.city = "Odense"
    db.session.flush()
    with pytest.raises(ChangedMeanwhile, match="Somebody else changed this card") as told:
        save(contact, read_at=read_at, position="Owner")
    assert told.value.fields == set()


def test_saving_on_top_needs_the_newer_moment() -> None:
    contact = make_contact()
    read_at = contact.updated_at
    save(contact, read_at=read_at, city="Odense")
    save(contact, read_at=contact.updated_at, city="Svendborg")
    assert contact.city == "Svendborg"


def test_saving_twice_the_same_is_no_conflict_and_is_written_down_once() -> None:
    contact = make_contact()
    read_at = contact.updated_at
    save(contact, read_at=read_at, city="Odense")
    changed_at = contact.updated_at
    save(contact, read_at=read_at, city="Odense")
    assert contact.updated_at == changed_at
    assert db.session.scalars(select(AuditEntry.action)).all() == ["contact changed"]


def test_a_mistake_changes_nothing_and_makes_no_company() -> None:
    contact = make_contact()
    with pytest.raises(Nobody):
        save(contact, first_name="", last_name="", email="", company="New one")
    with pytest.raises(ChangedMeanwhile):
        save(contact, read_at=contact.updated_at - timedelta(days=1), company="New one")
    assert contact.company is None
    assert db.session.scalars(select(Company)).all() == []


def test_consent_does_not_count_as_a_change_of_the_card() -> None:
    contact = make_contact()
    read_at = contact.updated_at
    consent.record(contact, Consent.WITHDRAWN, source="Rang us")
    db.session.flush()
    db.session.refresh(contact)
    assert (contact.updated_at, contact.e_marketing) == (read_at, Consent.WITHDRAWN)
    save(contact, read_at=read_at, city="Odense")
    assert contact.updated_at > read_at


def test_a_company_is_guarded_alike() -> None:
    company = make_company("Fjordlys")
    read_at, details = company.updated_at, companies.details(company)
    companies.save(company, replace(details, city="Aarhus"), read_at=read_at, by=None)
    with pytest.raises(ChangedMeanwhile) as told:
        companies.save(company, replace(details, name="Fjordlys A/S"), read_at=read_at, by=None)
    assert told.value.fields == {"city"}
