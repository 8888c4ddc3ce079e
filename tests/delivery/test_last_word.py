"""At hand-over the rules are asked once more, by the terms of the mailing: what changed since the
audience was made has the last word."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.delivery.sending import recipient, send, started
from tests.factories import make_company, make_mailing, make_type
from tests.support.smtp import ScriptedSmtp
from webapp.accounts.organisation import fingerprint, organisation
from webapp.delivery import preparing
from webapp.mailings import lifecycle, sources
from webapp.mailings.models import LeftOut, Mailing, RecipientState, State
from webapp.mailings.sources import Statement
from webapp.people import consent, contacts, subscriptions, suppression
from webapp.people.models import Basis, Channel, Consent, Contact, Suppression, SuppressionReason
from webapp.platform.database import db

ANN = "ann@x.dk"


def ann() -> Contact:
    return db.session.scalars(select(Contact).where(Contact.email == ANN)).one()


def subscribed() -> Mailing:
    """To Ann, who subscribes to its type, and under way."""
    events = make_type(en="Events")
    mailing = started(ANN)
    mailing.subscription_type_id = events.id
    subscriptions.subscribe(ann(), events, source="A form")
    db.session.commit()
    return mailing


def outcome(mailing: Mailing) -> tuple[RecipientState, LeftOut | None]:
    send(mailing)
    return recipient(ANN).state, recipient(ANN).reason


def withdraw(_mailing: Mailing) -> None:
    consent.record(ann(), Consent.WITHDRAWN, source="A letter")


def leave(mailing: Mailing) -> None:
    assert mailing.subscription_type is not None
    subscriptions.leave(ann(), mailing.subscription_type, source="A click")


def leave_by_address(mailing: Mailing) -> None:
    db.session.add(
        Suppression(
            channel=Channel.EMAIL,
            address_hash=fingerprint(ANN),
            type_id=mailing.subscription_type_id,
            reason=SuppressionReason.UNSUBSCRIBED,
        )
    )


def block(_mailing: Mailing) -> None:
    suppression.block(fingerprint(ANN), SuppressionReason.COMPLAINT)


def delete(_mailing: Mailing) -> None:
    contacts.remove([ann().id], by=None)


@pytest.mark.parametrize(
    ("change", "reason", "overridden"),
    [
        (withdraw, LeftOut.NO_CONSENT, None),
        (leave, LeftOut.NO_SUBSCRIPTION, None),
        (leave_by_address, LeftOut.NO_SUBSCRIPTION, None),
        (block, LeftOut.BLOCKED_ADDRESS, LeftOut.BLOCKED_ADDRESS),
        (delete, LeftOut.NO_CONSENT, LeftOut.NO_CONSENT),
    ],
)
@pytest.mark.parametrize("override", [False, True])
def test_what_somebody_said_meanwhile_counts(
    smtp: ScriptedSmtp,
    change: Callable[[Mailing], None],
    reason: LeftOut,
    overridden: LeftOut | None,
    override: bool,
) -> None:
    mailing = subscribed()
    mailing.override_reason = "A recall" if override else ""
    change(mailing)
    db.session.commit()
    state, why = outcome(mailing)
    expected = overridden if override else reason
    assert why == expected
    assert state == (RecipientState.LEFT_OUT if expected else RecipientState.SENT)
    assert len(smtp.messages) == (0 if expected else 1)


def test_without_privacy_mode_whoever_said_nothing_is_mailed(smtp: ScriptedSmtp) -> None:
    mailing = subscribed()
    organisation().privacy_mode = False
    ann().e_marketing = Consent.UNKNOWN
    db.session.commit()
    assert outcome(mailing) == (RecipientState.SENT, None)
    assert len(smtp.messages) == 1


def started_with(mailing: Mailing) -> Mailing:
    db.session.commit()
    assert lifecycle.start(mailing, by=None)
    preparing.prepare(mailing.id)
    db.session.expire_all()
    return mailing


def test_a_bare_address_is_mailed_on_its_sources_consent(smtp: ScriptedSmtp) -> None:
    mailing = make_mailing(state=State.DRAFT)
    sources.add_pasted(mailing, f"Ann <{ANN}>", Statement(Basis.CONSENT, "A fair", by=None))
    assert outcome(started_with(mailing)) == (RecipientState.SENT, None)
    assert smtp.count_by_recipient() == {ANN: 1}


def test_a_company_is_written_to_unless_it_wants_none(smtp: ScriptedSmtp) -> None:
    mail = "info@lys.example"
    company = make_company(email=mail, email_key=mail, email_hash=fingerprint(mail))
    other = make_company("Dam", email=ANN, email_key=ANN, email_hash=fingerprint(ANN))
    mailing = make_mailing(state=State.DRAFT, include_companies=True)
    for number, each in enumerate((company, other)):
        details = contacts.ContactDetails(first_name=f"P{number}", company=each.name)
        sources.add_contact(mailing, contacts.create(details))
    started_with(mailing)
    other.no_mailings = True
    db.session.commit()
    assert outcome(mailing) == (RecipientState.LEFT_OUT, LeftOut.NO_MAILINGS)
    assert smtp.count_by_recipient() == {mail: 1}
