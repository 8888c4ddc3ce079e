import pytest
from sqlalchemy import select, true

from tests.conftest import make_user
from tests.factories import make_contact, make_field, make_item, newsletter
from webapp.people import lists, subscriptions, updates
from webapp.people.custom_values import Value
from webapp.people.models import Basis, Consent, Contact, FieldKind, ListName, Purpose
from webapp.people.search import find_contacts
from webapp.people.subscriptions import NoSuchType
from webapp.people.updates import (
    AddInterest,
    Forecast,
    GrantConsent,
    Leave,
    RemoveInterest,
    SetColumn,
    SetField,
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

    lists.add_interests(contact.id, [make_item("Lamps").id])


def _cases() -> list[tuple[Update, Forecast]]:
    type_id, lamps = newsletter().id, lists.items(ListName.INTEREST)[0].id
    dealer, user = make_item("Dealer", ListName.CATEGORY), make_user()
    return [
        (GRANT, Forecast(3, 1, 1)),
        (WITHDRAW, Forecast(3, 2, 1)),
        (GrantConsent(Purpose.SALES_SERVICE, Basis.CONTRACT, "Orders"), Forecast(3, 3, 0)),
        (Subscribe(type_id, "List"), Forecast(3, 1, 1)),
        (Leave(type_id, "List"), Forecast(3, 2, 1)),
        (LANGUAGE, Forecast(3, 3, 0)),
        (SetColumn("category", dealer.id, "Category", "Dealer"), Forecast(3, 3, 0)),
        (SetColumn("category", None, "Category", "–"), Forecast(3, 0, 3)),
        (SetColumn("our_contact", user.id, "Our contact", user.name), Forecast(3, 3, 0)),
        (AddInterest(lamps, "Lamps"), Forecast(3, 2, 1)),
        (RemoveInterest(lamps, "Lamps"), Forecast(3, 1, 2)),
        (SetField("size", 7, "Size", "7"), Forecast(3, 3, 0)),
        (SetField("size", None, "Size", "–"), Forecast(3, 0, 3)),
        (SetColumn("no_mailings", True, "No mailings", "Yes"), Forecast(3, 3, 0)),
        (SetColumn("former_employee", False, "Former employee", "No"), Forecast(3, 0, 3)),
    ]


@pytest.mark.parametrize("case", range(15))
def test_what_is_forecast_is_what_is_done_and_doing_it_again_does_nothing(case: int) -> None:
    _one_of_each_consent()
    change, expected = _cases()[case]
    assert updates.forecast(change, EVERYBODY) == expected
    assert _done(change) == expected.changed
    again = updates.forecast(change, EVERYBODY)
    assert (again.changed, again.refused) == (0, expected.refused)
    assert all(value is not None for _label, value in change.words())


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


@pytest.mark.parametrize(
    ("kind", "value", "other"),
    [
        (FieldKind.TEXT, "Ærø", "Als"),
        (FieldKind.NUMBER, 1.5, 2),
        (FieldKind.DATE, "2026-11-25", "2026-11-26"),
        (FieldKind.YES_NO, False, True),
        (FieldKind.ONE_OF, "Red", "Blue"),
        (FieldKind.MANY_OF, ["Red", "Blue"], ["Red"]),
    ],
)
def test_a_custom_field_of_each_kind_is_set_and_taken_away(
    kind: FieldKind, value: Value, other: Value
) -> None:
    field = make_field("Colour", kind, "Red", "Blue")
    same = make_contact("Ib Dam", "a@dam.example", fields={field.key: value, "kept": "x"})
    different = make_contact("Bo Dam", "b@dam.example", fields={field.key: other, "kept": "x"})
    assert _done(SetField(field.key, value, "Colour", "…")) == 1
    for contact in (same, different):
        assert contact.fields == {field.key: value, "kept": "x"}
    assert _done(SetField(field.key, None, "Colour", "–")) == 2
    assert same.fields == {"kept": "x"}


def test_what_was_set_in_a_custom_field_is_found_by_the_search() -> None:
    make_contact()
    _done(SetField("island", "Ærø", "Island", "Ærø"))
    assert db.session.scalars(find_contacts("ærø")).all()


@pytest.mark.parametrize("kind", [Subscribe, Leave])
def test_a_type_that_is_deleted_is_refused_and_has_words_still(
    kind: type[Subscribe] | type[Leave],
) -> None:
    make_contact()
    change = kind(999_999, "List")
    with pytest.raises(NoSuchType):
        _done(change)
    assert "deleted since" in change.words()[0][0]


def _done(change: Update) -> int:
    changed = change.apply(true(), by=None)
    db.session.commit()
    return changed
