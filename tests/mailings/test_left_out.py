from datetime import timedelta

import pytest

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.mailings import left_out
from webapp.mailings.left_out import Missed, Obstacles
from webapp.mailings.models import LeftOut, RecipientState, State
from webapp.people import suppression
from webapp.people.models import (
    Consent,
    Contact,
    Subscription,
    SubscriptionType,
    SuppressionReason,
)
from webapp.platform.database import db, utcnow


def latest(contact: Contact) -> Missed | None:
    return left_out.latest(contact, left_out.obstacles(contact))


def test_every_reason_has_a_sentence() -> None:
    assert set(left_out.SENTENCES) == set(LeftOut)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"email": ""}, LeftOut.NO_ADDRESS),
        ({"former_employee": True}, LeftOut.FORMER_EMPLOYEE),
        ({"no_mailings": True}, LeftOut.NO_MAILINGS),
        ({"e_marketing": Consent.WITHDRAWN}, LeftOut.NO_CONSENT),
    ],
)
def test_what_stands_in_the_way_now_is_found(values: dict[str, object], reason: LeftOut) -> None:
    contact = make_contact(**values)  # type: ignore[arg-type]
    assert left_out.obstacles(contact).reasons == {reason}


def test_a_block_and_somebody_with_the_same_address_stand_in_the_way() -> None:
    contact = make_contact()
    make_contact("Ole Dam", contact.email)
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.COMPLAINT)
    expected = {LeftOut.BLOCKED_ADDRESS, LeftOut.DUPLICATE}
    assert left_out.obstacles(contact).reasons == expected


def test_subscriptions_are_looked_at_by_type() -> None:
    contact = make_contact()
    news, events = (SubscriptionType(names={"en": name}) for name in ("News", "Events"))
    db.session.add_all([news, events])
    db.session.flush()
    db.session.add(
        Subscription(contact_id=contact.id, type_id=news.id, subscribed=True, source="x")
    )
    now = left_out.obstacles(contact)
    assert not now.hold(LeftOut.NO_SUBSCRIPTION, news.id)
    assert now.hold(LeftOut.NO_SUBSCRIPTION, events.id)


def test_the_latest_mailing_that_left_somebody_out_is_told() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    before = utcnow() - timedelta(days=1)
    make_recipient(make_mailing("October", started_at=before), contact)
    make_recipient(make_mailing("November"), contact, reason=LeftOut.NO_CONSENT)
    make_recipient(make_mailing("Draft", state=State.DRAFT), contact)
    missed = latest(contact)
    assert missed
    assert (missed.mailing, missed.reason) == ("November", LeftOut.NO_CONSENT)
    assert missed.sentence == "There was no consent to e-mail marketing."


def test_once_it_is_mended_or_a_later_one_arrived_nothing_is_told() -> None:
    contact = make_contact()
    make_recipient(make_mailing("November"), contact, reason=LeftOut.NO_CONSENT)
    assert latest(contact) is None
    contact.e_marketing = Consent.UNKNOWN
    make_recipient(make_mailing("December", started_at=utcnow() + timedelta(days=1)), contact)
    assert latest(contact) is None


def test_a_message_that_was_refused_is_told_with_the_servers_words() -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, state=RecipientState.FAILED, reply="550 No such user")
    missed = latest(contact)
    assert missed
    assert (missed.sentence, missed.reason) == ("550 No such user", None)


def test_nobody_who_was_never_mailed_misses_anything() -> None:
    assert latest(make_contact()) is None
    assert not Obstacles(frozenset(), frozenset()).hold(LeftOut.NO_CONSENT)
