import pytest
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_contact
from tests.support.histories import consent_history
from webapp.accounts.models import AuditEntry
from webapp.people import privacy, suppression
from webapp.people.models import Basis, Consent, SuppressionReason
from webapp.people.privacy import NoAddress
from webapp.platform.database import db


def _audited() -> list[tuple[str, int | None]]:
    return [
        (entry.action, entry.user_id)
        for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    ]


def test_consent_is_kept_with_basis_source_and_user() -> None:
    contact, user = make_contact(e_marketing=Consent.UNKNOWN), make_user()
    privacy.grant(contact, basis=Basis.CUSTOMER, source="Bought a lamp", by=user.id)
    [entry] = consent_history(contact)
    assert contact.e_marketing == Consent.GRANTED
    assert (entry.state, entry.basis, entry.source) == (
        Consent.GRANTED,
        Basis.CUSTOMER,
        "Bought a lamp",
    )
    assert entry.user == user
    assert _audited() == [("consent granted", user.id)]


def test_withdrawing_adds_to_the_history_and_takes_nothing_out() -> None:
    contact, user = make_contact(), make_user()
    privacy.withdraw(contact, comment="Too many", by=user.id)
    assert contact.e_marketing == Consent.WITHDRAWN
    states = [entry.state for entry in consent_history(contact)]
    assert states == [Consent.WITHDRAWN, Consent.GRANTED]
    assert _audited() == [("consent withdrawn", user.id)]


def test_an_address_blocked_by_hand_is_suppressed_and_audited_once() -> None:
    contact, user = make_contact(), make_user()
    privacy.block(contact, comment="Rang us", by=user.id)
    privacy.block(contact, comment="Rang again", by=user.id)
    blocked = suppression.in_force(contact.email_hash)
    assert blocked
    assert (blocked.reason, blocked.comment) == (SuppressionReason.BLOCKED_BY_HAND, "Rang us")
    assert _audited() == [("address blocked", user.id)]


def test_nobody_without_an_address_can_be_blocked() -> None:
    with pytest.raises(NoAddress, match="Karen Dam has no e-mail address"):
        privacy.block(make_contact("Karen Dam", email=""), comment="", by=None)


def test_lifting_a_block_is_audited_with_its_reason() -> None:
    contact, user = make_contact(), make_user()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.UNSUBSCRIBED)
    privacy.lift_block(contact, by=user.id)
    assert suppression.in_force(contact.email_hash) is None
    [entry] = db.session.scalars(select(AuditEntry))
    assert (entry.action, entry.detail["reason"]) == ("block lifted", "unsubscribed")


def test_lifting_no_block_leaves_no_trace() -> None:
    privacy.lift_block(make_contact(), by=None)
    assert _audited() == []
