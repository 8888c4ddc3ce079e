import pytest

from tests.factories import make_contact, make_mailing, make_type
from webapp.accounts.organisation import set_privacy_mode
from webapp.mailings import audience, left_out, options, sources
from webapp.mailings.audience_list import find_recipients
from webapp.mailings.models import LeftOut, Mailing, State
from webapp.people import subscriptions, suppression
from webapp.people.models import Consent, Contact, SuppressionReason
from webapp.platform.database import db


def test_all_that_keeps_somebody_out_is_told_after_the_reason_that_counted() -> None:
    contact = make_contact(former_employee=True, no_mailings=True, e_marketing=Consent.WITHDRAWN)
    mailing = _gathered(make_mailing(state=State.DRAFT, subscription_type=make_type()), contact)
    assert audience.count(mailing).left_out == {LeftOut.FORMER_EMPLOYEE: 1}
    assert _further(mailing) == [["No mailings", "No consent", "No subscription"]]


def test_who_is_mailed_or_has_one_reason_has_no_further() -> None:
    willing = make_contact("Willing One", "a@x.dk")
    silent = make_contact("Silent One", "b@x.dk", e_marketing=Consent.UNKNOWN)
    mailing = _gathered(make_mailing(state=State.DRAFT), willing, silent)
    assert _further(mailing) == []


def test_an_override_lifts_further_reasons_too() -> None:
    contact = make_contact(former_employee=True, e_marketing=Consent.WITHDRAWN)
    mailing = make_mailing(state=State.DRAFT)
    options.override(mailing, "Recall of Lumo", by=None)
    assert _further(_gathered(mailing, contact)) == []


def test_a_blocked_address_is_a_further_reason_only_where_it_did_not_count() -> None:
    contact = make_contact(no_mailings=True)
    suppression.block(contact.email_hash, SuppressionReason.HARD_BOUNCE)
    assert _further(_gathered(make_mailing(state=State.DRAFT), contact)) == [["No mailings"]]


def test_who_has_said_nothing_is_not_held_back_while_privacy_mode_is_off() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    assert left_out.obstacles(contact).hold(LeftOut.NO_CONSENT)
    set_privacy_mode(False, by=None)
    assert not left_out.obstacles(contact).hold(LeftOut.NO_CONSENT)


def test_who_never_answered_is_held_back_from_a_type_only_in_privacy_mode() -> None:
    contact, events = make_contact(), make_type()
    assert left_out.obstacles(contact).hold(LeftOut.NO_SUBSCRIPTION, events.id)
    set_privacy_mode(False, by=None)
    assert not left_out.obstacles(contact).hold(LeftOut.NO_SUBSCRIPTION, events.id)


@pytest.mark.parametrize("privacy_mode", [True, False])
def test_who_left_a_type_is_held_back_until_they_come_back(privacy_mode: bool) -> None:
    set_privacy_mode(privacy_mode, by=None)
    contact, events = make_contact(), make_type()
    subscriptions.leave(contact, events, source="by phone", by=None)
    assert left_out.obstacles(contact).hold(LeftOut.NO_SUBSCRIPTION, events.id)
    subscriptions.subscribe(contact, events, source="by phone", by=None)
    assert not left_out.obstacles(contact).hold(LeftOut.NO_SUBSCRIPTION, events.id)


def _gathered(mailing: Mailing, *people: Contact) -> Mailing:
    for person in people:
        sources.add_contact(mailing, person)
    audience.resolve(mailing)
    return mailing


def _further(mailing: Mailing) -> list[list[str]]:
    (everybody,) = find_recipients(mailing)
    recipients = db.session.scalars(everybody).all()
    return list(left_out.further_reasons(mailing, recipients).values())
