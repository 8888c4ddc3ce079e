from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, true

from tests.conftest import make_user
from tests.factories import make_contact, make_contacts, make_mailing, make_type, newsletter
from tests.support.histories import subscription_history
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.people import consent, contacts, subscriptions, suppression
from webapp.people.models import (
    Basis,
    Consent,
    Contact,
    Subscription,
    SubscriptionEntry,
    SubscriptionType,
    SuppressionReason,
)
from webapp.people.subscriptions import NameMissing, NameTaken, TypeDetails, TypeInUse
from webapp.platform.database import db, utcnow
from webapp.platform.locales import speaking

EVERYBODY = true()


def test_a_type_is_called_by_its_name_in_the_language_spoken() -> None:
    type_ = make_type(en="Events", da="Arrangementer")
    for language, name in {"en": "Events", "da": "Arrangementer"}.items():
        with speaking(language):
            assert subscriptions.name_of(type_) == name


def test_a_name_that_is_missing_in_a_language_comes_from_the_organisations() -> None:
    type_ = make_type(da="Arrangementer")
    with speaking("en"):
        assert subscriptions.name_of(type_) == "Arrangementer"
        assert subscriptions.description_of(type_) == ""


def test_a_type_needs_a_name_in_the_language_of_messages() -> None:
    organisation().language = "da"
    with pytest.raises(NameMissing):
        subscriptions.create(TypeDetails({"en": "Events", "da": ""}), by=None)


def test_two_types_cannot_have_the_same_name() -> None:
    organisation().language = "en"
    with pytest.raises(NameTaken, match="NEWSLETTER"):
        subscriptions.create(TypeDetails({"en": "NEWSLETTER"}), by=None)
    subscriptions.change(newsletter(), TypeDetails({"en": "Newsletter"}), by=None)
    assert newsletter().names == {"en": "Newsletter"}


def test_what_is_done_to_types_is_audited() -> None:
    user = make_user()
    type_ = subscriptions.create(TypeDetails({"en": "Events", "da": "Arr."}), by=user.id)
    subscriptions.change(type_, TypeDetails({"en": "Meetings", "da": "Møder"}), by=user.id)
    subscriptions.remove(type_, by=user.id)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "subscription type created",
        "subscription type changed",
        "subscription type deleted",
    ]
    assert {entry.user_id for entry in entries} == {user.id}


def test_a_type_in_use_by_a_mailing_cannot_be_deleted() -> None:
    type_ = make_type()
    make_mailing(subscription_type_id=type_.id)
    with pytest.raises(TypeInUse, match="inactive"):
        subscriptions.remove(type_, by=None)
    assert db.session.get(SubscriptionType, type_.id)


def test_a_type_that_is_deleted_takes_its_subscriptions() -> None:
    type_, contact = make_type(), make_contact()
    subscriptions.subscribe(contact, type_, source="Fair")
    subscriptions.remove(type_, by=None)
    assert db.session.scalars(select(Subscription)).all() == []


def test_subscribing_and_leaving_stand_in_the_history_with_who_and_how() -> None:
    contact, user = make_contact(), make_user()
    assert subscriptions.subscribe(contact, newsletter(), source="Fair", by=user.id)
    assert subscriptions.leave(contact, newsletter(), source="By phone")
    left, joined = subscription_history(contact)
    assert (joined.subscribed, joined.source, joined.user) == (True, "Fair", user)
    assert (left.subscribed, left.source, left.user) == (False, "By phone", None)
    now = _now(contact)
    assert now
    assert (now.subscribed, now.source, now.since) == (False, "By phone", left.at)


def test_doing_it_again_adds_nothing_to_the_history() -> None:
    contact = make_contact()
    for _time in range(2):
        subscriptions.subscribe(contact, newsletter(), source="Fair")
    assert not subscriptions.subscribe(contact, newsletter(), source="Other fair")
    assert len(subscription_history(contact)) == 1
    now = _now(contact)
    assert now
    assert now.source == "Fair"


def test_who_never_subscribed_can_leave_too() -> None:
    contact = make_contact()
    assert subscriptions.leave(contact, newsletter(), source="By phone")
    assert not subscriptions.leave(contact, newsletter(), source="By phone")
    now = _now(contact)
    assert now
    assert not now.subscribed


def test_many_subscribe_at_once_but_not_those_who_left() -> None:
    new, old, left = make_contacts({f"p{number}@dam.example": "Ib Dam" for number in range(3)})
    subscriptions.subscribe(old, newsletter(), source="Fair")
    subscriptions.leave(left, newsletter(), source="By phone")
    done = subscriptions.subscribe_many(EVERYBODY, newsletter().id, source="List", by=None)
    assert done == 1
    assert [_subscribes(person) for person in (new, old, left)] == [True, True, False]
    assert [len(subscription_history(person)) for person in (new, old, left)] == [1, 1, 1]


def test_many_leave_at_once() -> None:
    never, subscribed, left = make_contacts(
        {f"p{number}@dam.example": "Ib Dam" for number in range(3)}
    )
    subscriptions.subscribe(subscribed, newsletter(), source="Fair")
    subscriptions.leave(left, newsletter(), source="By phone")
    assert subscriptions.leave_many(EVERYBODY, newsletter().id, source="List", by=None) == 2
    assert not any(map(_subscribes, (never, subscribed, left)))
    now = _now(left)
    assert now
    assert now.source == "By phone"


def _granted(contact: Contact) -> None:
    consent.grant(contact, basis=Basis.CONSENT, source="Fair")


def _granted_with_others(_contact: Contact) -> None:
    consent.grant_many(
        EVERYBODY,
        purpose=consent.Purpose.E_MARKETING,
        basis=Basis.CONSENT,
        source="Fair",
        by=None,
    )


@pytest.mark.parametrize("granting", [_granted, _granted_with_others])
def test_whoever_consents_subscribes_to_the_default_types(
    granting: Callable[[Contact], None],
) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    make_type(en="Events")
    make_type(en="Old news", is_default=True, active=False)
    granting(contact)
    [entry] = subscription_history(contact)
    assert (entry.type_id, entry.subscribed, entry.source) == (newsletter().id, True, "Fair")


@pytest.mark.parametrize("granting", [_granted, _granted_with_others])
def test_consenting_does_not_bring_back_what_was_left(granting: Callable[[Contact], None]) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    subscriptions.leave(contact, newsletter(), source="By phone")
    granting(contact)
    assert not _subscribes(contact)


@pytest.mark.parametrize("granting", [_granted, _granted_with_others])
def test_consenting_does_not_bring_back_what_the_address_left_before(
    granting: Callable[[Contact], None],
) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    _address_left(contact)
    granting(contact)
    assert _now(contact) is None


def test_subscribing_by_hand_ends_that_the_address_had_left() -> None:
    contact = make_contact()
    _address_left(contact)
    subscriptions.subscribe(contact, newsletter(), source="By phone")
    assert suppression.in_force(contact.email_hash, type_id=newsletter().id) is None
    assert _subscribes(contact)


def test_consent_to_sales_and_service_subscribes_to_nothing() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    consent.grant(
        contact, purpose=consent.Purpose.SALES_SERVICE, basis=Basis.CONTRACT, source="Order"
    )
    assert subscription_history(contact) == []


def test_withdrawing_consent_keeps_the_subscriptions() -> None:
    contact = make_contact()
    subscriptions.subscribe(contact, newsletter(), source="Fair")
    consent.record(contact, Consent.WITHDRAWN, source="By phone")
    assert _subscribes(contact)


def test_a_place_tells_of_offered_types_and_of_others_with_a_history() -> None:
    contact = make_contact()
    closed, unknown = make_type(en="Closed"), make_type(en="Unknown", active=False)
    subscriptions.subscribe(contact, closed, source="Fair")
    closed.active = False
    _address_left(contact)
    places = {place.type.id: place for place in subscriptions.places(contact)}
    assert set(places) == {newsletter().id, closed.id}
    assert places[closed.id].subscribed
    assert not places[newsletter().id].subscribed
    assert places[newsletter().id].left_by_address
    assert unknown.id not in places


def test_subscribers_are_counted_by_type() -> None:
    first, second = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    subscriptions.subscribe(first, newsletter(), source="Fair")
    subscriptions.leave(second, newsletter(), source="Fair")
    assert subscriptions.subscriber_counts() == {newsletter().id: 1}


def test_what_a_contact_left_stays_left_by_the_address_when_the_contact_is_deleted() -> None:
    contact = make_contact()
    address_hash, since = contact.email_hash, utcnow() - timedelta(days=9)
    events = make_type(en="Events")
    subscriptions.leave(contact, newsletter(), source="By phone", at=since)
    subscriptions.subscribe(contact, events, source="Fair")
    contacts.remove([contact.id], by=None)
    assert suppression.types_left(address_hash) == {newsletter().id: since}
    assert suppression.in_force(address_hash) is None
    assert db.session.scalars(select(SubscriptionEntry)).all() == []


def _address_left(contact: Contact) -> None:
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.UNSUBSCRIBED, type_id=newsletter().id)


def _now(contact: Contact) -> Subscription | None:
    return subscriptions.current(contact.id, newsletter().id)


def _subscribes(contact: Contact) -> bool:
    now = _now(contact)
    return now is not None and now.subscribed
