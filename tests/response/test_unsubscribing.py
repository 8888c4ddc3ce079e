from datetime import timedelta

from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.accounts.organisation import organisation
from webapp.mailings.models import Mailing, Recipient
from webapp.people import consent, suppression
from webapp.people.models import (
    Basis,
    Consent,
    ConsentEntry,
    Contact,
    Suppression,
    SuppressionReason,
)
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _, speaking
from webapp.response import unsubscribing
from webapp.response.tracking import Reader
from webapp.response.unsubscribing import Why


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

    assert unsubscribing.is_unsubscribed(reader)


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


def _reader_and_contact() -> tuple[Reader, Contact]:
    mailing: Mailing = make_mailing()
    contact = make_contact()
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
