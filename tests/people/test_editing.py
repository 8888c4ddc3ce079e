from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_company, make_contact, make_field, make_item
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.people import companies, consent, contacts
from webapp.people.contacts import Nobody
from webapp.people.editing import ChangedMeanwhile, Read
from webapp.people.models import Company, Consent, Contact
from webapp.platform.database import db


class Editor:
    """Somebody with a card before them, who has not saved yet."""

    def __init__(self, contact: Contact, *, by: int | None = None) -> None:
        db.session.flush()
        self.contact, self.by = contact, by
        self.details = contacts.details(contact)
        self.read = Read.now(contact, self.details)

    def save(self, **new: Any) -> str:
        details = replace(self.details, **new)
        return contacts.save(self.contact, details, read=self.read, by=self.by)


def test_two_who_change_different_fields_both_get_theirs() -> None:
    contact, other = make_contact(), make_user(Role.MARKETER)
    first, second = Editor(contact, by=other.id), Editor(contact)
    assert first.save(city="Odense", note="Rings back", no_mailings=True) == ""
    assert second.save(position="Owner") == other.name
    assert (contact.city, contact.note, contact.position) == ("Odense", "Rings back", "Owner")
    assert contact.no_mailings


def test_whoever_changes_the_same_second_is_told_who_did_it_first() -> None:
    contact, other = make_contact(), make_user(Role.MARKETER)
    first, second = Editor(contact, by=other.id), Editor(contact)
    first.save(city="Odense", note="Rings back")
    with pytest.raises(ChangedMeanwhile, match=other.name) as told:
        second.save(city="Svendborg", position="Owner")
    assert (told.value.both, told.value.mine) == ({"city"}, {"city", "position"})
    assert (contact.city, contact.position) == ("Odense", "")


def test_what_an_import_changed_meanwhile_is_told_too() -> None:
    contact = make_contact()
    editor = Editor(contact)
    contact.city = "Odense"
    db.session.flush()
    assert editor.save(position="Owner") == "Somebody else"
    contact.position = "Buyer"
    with pytest.raises(ChangedMeanwhile, match="Somebody else changed this card"):
        editor.save(position="Seller")


def test_saving_on_top_needs_the_newer_card() -> None:
    contact = make_contact()
    Editor(contact).save(city="Odense")
    Editor(contact).save(city="Svendborg")
    assert contact.city == "Svendborg"


def test_custom_fields_and_interests_are_told_apart() -> None:
    make_field("Shop size")
    make_field("Opened")
    lamps = make_item("Lamps")
    contact = make_contact(fields={"shop_size": 140})
    first, second, third = Editor(contact), Editor(contact), Editor(contact)
    first.save(fields={"shop_size": None, "opened": None}, interests=(lamps.id,))
    second.save(fields={"shop_size": 140, "opened": 1999})
    assert contact.fields == {"opened": 1999}
    assert contacts.details(contact).interests == (lamps.id,)
    with pytest.raises(ChangedMeanwhile) as told:
        third.save(fields={"shop_size": 90, "opened": None})
    assert told.value.both == {"field_shop_size"}


def test_saving_twice_the_same_is_no_conflict_and_is_written_down_once() -> None:
    contact = make_contact()
    editor = Editor(contact)
    typed = {"city": "Odense", "mobile": "20 14 88 36", "company": "Fjordlys"}
    editor.save(**typed)
    changed_at = contact.updated_at
    assert editor.save(**typed | {"company": "fjordlys"}) == ""
    assert contact.updated_at == changed_at
    assert db.session.scalars(select(AuditEntry.action)).all() == ["contact changed"]


def test_a_mistake_changes_nothing_and_makes_no_company() -> None:
    contact = make_contact()
    editor = Editor(contact)
    with pytest.raises(Nobody):
        editor.save(first_name="", last_name="", email="", company="New one")
    contact.company = make_company("Fjordlys")
    with pytest.raises(ChangedMeanwhile):
        editor.save(company="New one")
    assert contact.company.name == "Fjordlys"
    assert db.session.scalars(select(Company.name)).all() == ["Fjordlys"]


def test_whoever_works_in_one_of_two_companies_of_a_name_stays_there() -> None:
    make_company("Fjordlys")
    theirs = make_company("Fjordlys")
    contact = make_contact(company=theirs)
    Editor(contact).save(city="Odense")
    assert contact.company == theirs


def test_consent_does_not_count_as_a_change_of_the_card() -> None:
    contact = make_contact()
    editor = Editor(contact)
    read_at = contact.updated_at
    consent.record(contact, Consent.WITHDRAWN, source="Rang us")
    db.session.flush()
    db.session.refresh(contact)
    assert (contact.updated_at, contact.e_marketing) == (read_at, Consent.WITHDRAWN)
    assert editor.save(city="Odense") == ""
    assert contact.updated_at > read_at


def test_a_company_is_guarded_alike() -> None:
    company = make_company("Fjordlys")
    details = companies.details(company)
    read = Read.now(company, details)
    companies.save(company, replace(details, city="Aarhus"), read=read, by=None)
    companies.save(company, replace(details, name="Fjordlys A/S"), read=read, by=None)
    assert (company.name, company.city) == ("Fjordlys A/S", "Aarhus")
    with pytest.raises(ChangedMeanwhile) as told:
        companies.save(company, replace(details, city="Odense"), read=read, by=None)
    assert told.value.both == {"city"}


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "[1, 2]", '["2026-11-24", [1]]', "null"])
def test_what_was_read_is_nothing_when_it_cannot_be_read(text: str) -> None:
    assert Read.loaded(text) is None
