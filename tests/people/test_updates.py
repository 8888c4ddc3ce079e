import pytest
from sqlalchemy import select

from tests.factories import make_contact, make_contacts, newsletter
from webapp.people import subscriptions, updates
from webapp.people.models import Basis, Consent, Contact, Purpose
from webapp.people.updates import (
    Forecast,
    GrantConsent,
    Leave,
    SetColumn,
    Subscribe,
    Update,
    WithdrawConsent,
)
from webapp.platform.database import db

EVERYBODY = select(Contact.id)
GRANT = GrantConsent(Purpose.E_MARKETING, Basis.CUSTOMER, "Orders")
WITHDRAW = WithdrawConsent(Purpose.E_MARKETING, "Post")
LANGUAGE = SetColumn("language", "da", "Language", "Danish")


def _one_of_each_consent() -> None:
    for state in Consent:
        contact = make_contact("Ib Dam", f"{state}@dam.example", e_marketing=state)
        if state == Consent.GRANTED:
            subscriptions.subscribe(contact, newsletter(), source="Fair")
        if state == Consent.WITHDRAWN:
            subscriptions.leave(contact, newsletter(), source="By phone")


def _cases() -> list[tuple[Update, Forecast]]:
    type_id = newsletter().id
    return [
        (GRANT, Forecast(3, 1, 1)),
        (WITHDRAW, Forecast(3, 2, 1)),
        (GrantConsent(Purpose.SALES_SERVICE, Basis.CONTRACT, "Orders"), Forecast(3, 3, 0)),
        (Subscribe(type_id, "List"), Forecast(3, 1, 1)),
        (Leave(type_id, "List"), Forecast(3, 2, 1)),
        (LANGUAGE, Forecast(3, 3, 0)),
        (SetColumn("no_mailings", True, "No mailings", "Yes"), Forecast(3, 3, 0)),
        (SetColumn("former_employee", False, "Former employee", "No"), Forecast(3, 0, 3)),
    ]


@pytest.mark.parametrize("case", range(8))
def test_what_is_forecast_is_what_is_done_and_doing_it_again_does_nothing(case: int) -> None:
    _one_of_each_consent()
    change, expected = _cases()[case]
    assert updates.forecast(change, EVERYBODY) == expected
    assert _done(change) == expected.changed
    again = updates.forecast(change, EVERYBODY)
    assert (again.changed, again.refused) == (0, expected.refused)
    assert all(value is not None for _label, value in change.words())


@pytest.mark.parametrize("case", range(8))
def test_a_change_can_be_kept_as_json_and_done_later(case: int) -> None:
    change, _expected = _cases()[case]
    assert updates.loaded(updates.stored(change)) == change


def test_who_consents_with_many_others_subscribes_to_the_default_types() -> None:
    _one_of_each_consent()
    _done(GRANT)
    states = {
        contact.e_marketing: subscriptions.current(contact.id, newsletter().id)
        for contact in db.session.scalars(select(Contact))
    }
    assert Consent.UNKNOWN not in states
    granted, withdrawn = states[Consent.GRANTED], states[Consent.WITHDRAWN]
    assert granted
    assert granted.subscribed
    assert withdrawn
    assert not withdrawn.subscribed


def test_many_are_changed_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "CHUNK", 2)
    make_contacts({f"p{number}@dam.example": "Ib Dam" for number in range(5)})
    assert list(updates.carry_out(LANGUAGE, EVERYBODY, by=None)) == [(2, 2), (4, 4), (5, 5)]


def test_the_people_are_those_who_were_found_before_anything_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(updates, "CHUNK", 1)
    make_contacts(
        {"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"}, e_marketing=Consent.UNKNOWN
    )
    unknown = EVERYBODY.where(Contact.e_marketing == Consent.UNKNOWN)
    assert list(updates.carry_out(GRANT, unknown, by=None)) == [(1, 1), (2, 2)]


def _done(change: Update) -> int:
    steps = list(updates.carry_out(change, EVERYBODY, by=None))
    db.session.commit()
    return steps[-1][1]
