from datetime import timedelta

from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_recipient, make_type, newsletter
from tests.support.histories import subscription_history
from webapp.accounts.organisation import organisation
from webapp.mailings.models import Mailing, Recipient
from webapp.people import consent, subscriptions, suppression
from webapp.people.models import (
    Basis,
    Consent,
    ConsentEntry,
    Contact,
    Purpose,
    Suppression,
    SuppressionReason,
)
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _, speaking
from webapp.response import unsubscribing
from webapp.response.tracking import Reader
from webapp.response.unsubscribing import Scope, Why


def test_the_address_is_blocked_and_the_consent_withdrawn() -> None:
    reader, contact = _reader_and_contact()

    unsubscribing.unsubscribe(reader)

    assert _block(reader).reason == SuppressionReason.UNSUBSCRIBED
    assert contact.e_marketing == Consent.WITHDRAWN
    with speaking(organisation().language):
        words = _("Unsubscribed through “%(name)s”", name="November newsletter")
    assert _history(contact)[-1].source == words
    assert _recipient(reader).unsubscribed_at is not None


def test_doing_it_again_changes_nothing() -> None:
    reader, contact = _reader_and_contact()
    unsubscribing.unsubscribe(reader)
    first_time = _recipient(reader).unsubscribed_at

    unsubscribing.unsubscribe(reader)

    assert _recipient(reader).unsubscribed_at == first_time
    assert len(_history(contact)) == 2
    assert len(_blocks()) == 1


def test_an_address_without_a_contact_can_leave_too() -> None:
    mailing = make_mailing()
    reader = Reader(mailing, make_recipient(mailing, email="bare@address.example"))

    unsubscribing.unsubscribe(reader)

    assert unsubscribing.left(reader) is Scope.EVERYTHING


def test_the_address_that_was_written_to_is_blocked_when_the_contact_has_a_new_one() -> None:
    reader, contact = _reader_and_contact()
    contact.email_hash = b"of another address"

    unsubscribing.unsubscribe(reader)

    assert _block(reader).address_hash == _recipient(reader).email_hash


def test_a_test_or_preview_changes_nothing() -> None:
    unsubscribing.unsubscribe(Reader(make_mailing(), None))

    assert _blocks() == []


def test_a_bounced_address_keeps_its_first_reason_and_the_consent_goes() -> None:
    reader, contact = _reader_and_contact()
    suppression.block(_hash(reader), SuppressionReason.HARD_BOUNCE)

    unsubscribing.unsubscribe(reader)

    assert _block(reader).reason == SuppressionReason.HARD_BOUNCE
    assert contact.e_marketing == Consent.WITHDRAWN
    assert not unsubscribing.put_back(reader)


def test_put_back_restores_what_was_and_keeps_both_entries() -> None:
    reader, contact = _reader_and_contact()
    unsubscribing.unsubscribe(reader)

    assert unsubscribing.put_back(reader)

    granted, withdrawn, again = _history(contact)
    assert (granted.state, withdrawn.state) == (Consent.GRANTED, Consent.WITHDRAWN)
    assert (again.state, again.basis) == (Consent.GRANTED, Basis.CONSENT)
    assert contact.e_marketing == Consent.GRANTED
    assert suppression.in_force(_hash(reader)) is None
    assert _recipient(reader).unsubscribed_at is None
    assert _blocks()[0].lifted_at is not None


def test_who_had_never_consented_has_not_after_coming_back() -> None:
    mailing = make_mailing()
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    reader = Reader(mailing, make_recipient(mailing, contact))
    unsubscribing.unsubscribe(reader)

    unsubscribing.put_back(reader)

    assert contact.e_marketing == Consent.UNKNOWN


def test_who_had_withdrawn_before_stays_withdrawn_after_coming_back() -> None:
    reader, contact = _reader_and_contact()
    consent.record(contact, Consent.WITHDRAWN, source="By phone")
    _history(contact)[-1].recorded_at = utcnow() - timedelta(days=1)
    unsubscribing.unsubscribe(reader)

    unsubscribing.put_back(reader)

    assert contact.e_marketing == Consent.WITHDRAWN


def test_the_way_back_closes_after_half_an_hour() -> None:
    reader, contact = _reader_and_contact()
    unsubscribing.unsubscribe(reader)
    _block(reader).created_at = utcnow() - timedelta(minutes=31)

    assert not unsubscribing.may_return(reader)
    assert not unsubscribing.put_back(reader)
    assert contact.e_marketing == Consent.WITHDRAWN


def test_coming_back_is_not_possible_for_who_never_left() -> None:
    reader, contact = _reader_and_contact()

    assert not unsubscribing.put_back(reader)
    assert len(_history(contact)) == 1


def test_the_reason_is_kept_with_the_block() -> None:
    reader, _contact = _reader_and_contact()
    unsubscribing.unsubscribe(reader)

    unsubscribing.tell_why(reader, Why.TOO_MANY)

    assert _block(reader).comment


def test_a_masked_address_shows_its_beginning_and_domain() -> None:
    assert unsubscribing.masked("karen@blichfeldtlys.dk") == "k•••@blichfeldtlys.dk"
    assert unsubscribing.masked("å@ø.dk") == "å•••@ø.dk"


def test_a_mailing_with_a_type_leaves_that_type_and_nothing_else() -> None:
    reader, contact = _reader_of_newsletter()

    unsubscribing.unsubscribe(reader)

    assert not _subscribes(contact)
    assert contact.e_marketing == Consent.GRANTED
    assert _blocks() == []
    assert unsubscribing.left(reader) is Scope.TYPE
    assert _recipient(reader).unsubscribed_at is not None
    with speaking(organisation().language):
        words = _("Unsubscribed through “%(name)s”", name="November newsletter")
    assert subscription_history(contact)[0].source == words


def test_leaving_a_type_again_changes_nothing() -> None:
    reader, contact = _reader_of_newsletter()
    unsubscribing.unsubscribe(reader)
    first_time = _recipient(reader).unsubscribed_at

    unsubscribing.unsubscribe(reader)

    assert _recipient(reader).unsubscribed_at == first_time
    assert len(subscription_history(contact)) == 2


def test_everything_can_be_left_from_a_mailing_with_a_type() -> None:
    reader, contact = _reader_of_newsletter()

    unsubscribing.unsubscribe(reader, Scope.EVERYTHING)

    assert unsubscribing.left(reader) is Scope.EVERYTHING
    assert contact.e_marketing == Consent.WITHDRAWN
    assert _subscribes(contact)


def test_an_address_without_a_contact_leaves_a_type_by_itself() -> None:
    mailing = make_mailing(subscription_type_id=newsletter().id)
    reader = Reader(mailing, make_recipient(mailing, email="bare@address.example"))

    unsubscribing.unsubscribe(reader)

    assert unsubscribing.left(reader) is Scope.TYPE
    assert suppression.in_force(_hash(reader)) is None
    assert suppression.in_force(_hash(reader), type_id=newsletter().id)
    assert unsubscribing.put_back(reader)
    assert unsubscribing.left(reader) is None
    assert _recipient(reader).unsubscribed_at is None


def test_the_address_leaves_the_type_too_when_the_contact_has_a_new_one() -> None:
    reader, contact = _reader_of_newsletter()
    contact.email_hash = b"of another address"

    unsubscribing.unsubscribe(reader)

    assert not _subscribes(contact)
    assert suppression.in_force(_hash(reader), type_id=newsletter().id)
    assert unsubscribing.put_back(reader)
    assert suppression.in_force(_hash(reader), type_id=newsletter().id) is None


def test_coming_back_to_a_type_subscribes_again_and_keeps_both_entries() -> None:
    reader, contact = _reader_of_newsletter()
    unsubscribing.unsubscribe(reader)

    assert unsubscribing.may_return(reader)
    assert unsubscribing.put_back(reader)

    assert _subscribes(contact)
    assert [entry.subscribed for entry in subscription_history(contact)] == [True, False, True]
    assert _recipient(reader).unsubscribed_at is None


def test_who_left_the_type_and_then_everything_comes_back_to_both() -> None:
    reader, contact = _reader_of_newsletter()
    unsubscribing.unsubscribe(reader)
    unsubscribing.unsubscribe(reader, Scope.EVERYTHING)

    assert unsubscribing.put_back(reader)

    assert unsubscribing.left(reader) is None
    assert contact.e_marketing == Consent.GRANTED
    assert _subscribes(contact)


def test_the_way_back_to_a_type_closes_after_half_an_hour() -> None:
    reader, contact = _reader_of_newsletter()
    unsubscribing.unsubscribe(reader)
    now = subscriptions.current(contact.id, newsletter().id)
    assert now
    now.since = _recipient(reader).unsubscribed_at = utcnow() - timedelta(minutes=31)

    assert not unsubscribing.may_return(reader)
    assert not unsubscribing.put_back(reader)
    assert not _subscribes(contact)


def test_what_was_left_by_hand_is_not_taken_back_by_a_link() -> None:
    reader, contact = _reader_of_newsletter()
    subscriptions.leave(
        contact, newsletter(), source="By phone", at=utcnow() - timedelta(minutes=5)
    )
    unsubscribing.unsubscribe(reader)

    assert unsubscribing.left(reader) is Scope.TYPE
    assert not unsubscribing.may_return(reader)
    assert not unsubscribing.put_back(reader)


def test_the_reason_for_leaving_a_type_is_kept_with_the_subscription() -> None:
    reader, contact = _reader_of_newsletter()
    unsubscribing.unsubscribe(reader)

    unsubscribing.tell_why(reader, Why.TOO_MANY)

    with speaking(organisation().language):
        reason = str(unsubscribing.WHY_TEXTS[Why.TOO_MANY])
    now = subscriptions.current(contact.id, newsletter().id)
    assert now
    assert now.source.endswith(reason)
    assert subscription_history(contact)[0].source == now.source
    assert unsubscribing.may_return(reader)


def test_a_bare_address_keeps_the_reason_with_its_block() -> None:
    mailing = make_mailing(subscription_type_id=newsletter().id)
    reader = Reader(mailing, make_recipient(mailing, email="bare@address.example"))
    unsubscribing.unsubscribe(reader)

    unsubscribing.tell_why(reader, Why.OTHER)

    [block] = _blocks()
    assert block.comment


def test_what_else_is_subscribed_to_is_kept() -> None:
    reader, contact = _reader_of_newsletter()
    events = make_type(en="Events")
    subscriptions.subscribe(contact, events, source="Fair")
    assert unsubscribing.kept(reader) == [events]
    unsubscribing.unsubscribe(reader, Scope.EVERYTHING)
    assert unsubscribing.kept(reader) == []


def test_coming_back_restores_consent_to_e_marketing_and_looks_at_no_other() -> None:
    reader, contact = _reader_and_contact()
    unsubscribing.unsubscribe(reader)
    consent.grant(contact, purpose=Purpose.SALES_SERVICE, basis=Basis.CONTRACT, source="Order")

    unsubscribing.put_back(reader)

    assert contact.e_marketing == Consent.GRANTED
    assert contact.sales_service == Consent.GRANTED


def _subscribes(contact: Contact) -> bool:
    now = subscriptions.current(contact.id, newsletter().id)
    return now is not None and now.subscribed


def _reader_of_newsletter() -> tuple[Reader, Contact]:
    return _reader_and_contact(newsletter().id)


def _reader_and_contact(type_id: int | None = None) -> tuple[Reader, Contact]:
    mailing: Mailing = make_mailing(subscription_type_id=type_id)
    contact = make_contact()
    subscriptions.subscribe(contact, newsletter(), source="Fair")
    return Reader(mailing, make_recipient(mailing, contact)), contact


def _recipient(reader: Reader) -> Recipient:
    assert reader.recipient is not None
    return reader.recipient


def _hash(reader: Reader) -> bytes:
    address_hash = _recipient(reader).email_hash
    assert address_hash is not None
    return address_hash


def _block(reader: Reader) -> Suppression:
    block = suppression.in_force(_hash(reader))
    assert block is not None
    return block


def _blocks() -> list[Suppression]:
    return list(db.session.scalars(select(Suppression)))


def _history(contact: Contact) -> list[ConsentEntry]:
    db.session.flush()
    entries = select(ConsentEntry).where(ConsentEntry.contact_id == contact.id)
    return list(db.session.scalars(entries.order_by(ConsentEntry.id)))
