from collections import Counter

from sqlalchemy import select

from tests.factories import make_contact, make_mailing
from webapp.accounts.organisation import fingerprint
from webapp.mailings import audience, sources
from webapp.mailings.audience import Audience
from webapp.mailings.models import Batch, LeftOut, Mailing, Recipient, RecipientState, State
from webapp.mailings.sources import Statement
from webapp.people import suppression
from webapp.people.models import Basis, Consent, Contact, SuppressionReason
from webapp.platform.database import db
from webapp.targets import selections


def draft_to(*contacts: Contact, **values: object) -> Mailing:
    mailing = make_mailing(state=State.DRAFT, **values)
    for contact in contacts:
        sources.add_contact(mailing, contact)
    return mailing


def resolved(mailing: Mailing) -> Audience:
    audience.resolve(mailing)
    return audience.count(mailing)


def paste(mailing: Mailing, text: str) -> None:
    sources.add_pasted(mailing, text, Statement(Basis.CONSENT, "a fair", by=None))


def block(email: str) -> None:
    suppression.block(fingerprint(email), SuppressionReason.HARD_BOUNCE)


def test_a_person_with_consent_and_an_address_is_mailed() -> None:
    assert resolved(draft_to(make_contact())) == Audience(mailed=1, left_out={})


def test_a_person_without_an_address_is_left_out() -> None:
    counted = resolved(draft_to(make_contact(email="")))
    assert counted.left_out == {LeftOut.NO_ADDRESS: 1}


def test_a_blocked_address_is_never_mailed() -> None:
    block("karen@x.dk")
    counted = resolved(draft_to(make_contact(email="Karen@X.dk")))
    assert counted.left_out == {LeftOut.BLOCKED_ADDRESS: 1}


def test_a_block_that_was_lifted_no_longer_counts() -> None:
    block("karen@x.dk")
    suppression.lift(fingerprint("karen@x.dk"))
    assert resolved(draft_to(make_contact(email="karen@x.dk"))).mailed == 1


def test_a_former_employee_is_never_mailed() -> None:
    counted = resolved(draft_to(make_contact(former_employee=True)))
    assert counted.left_out == {LeftOut.FORMER_EMPLOYEE: 1}


def test_a_person_who_wants_no_mailings_gets_none() -> None:
    assert resolved(draft_to(make_contact(no_mailings=True))).left_out == {LeftOut.NO_MAILINGS: 1}


def test_consent_must_be_granted_not_merely_unknown() -> None:
    counted = resolved(
        draft_to(
            make_contact(email="a@x.dk", e_marketing=Consent.UNKNOWN),
            make_contact(email="b@x.dk", e_marketing=Consent.WITHDRAWN),
        )
    )
    assert counted == Audience(mailed=0, left_out={LeftOut.NO_CONSENT: 2})


def test_the_first_reason_that_applies_is_given() -> None:
    block("karen@x.dk")
    counted = resolved(
        draft_to(
            make_contact(
                email="karen@x.dk",
                former_employee=True,
                no_mailings=True,
                e_marketing=Consent.WITHDRAWN,
            )
        )
    )
    assert counted.left_out == {LeftOut.BLOCKED_ADDRESS: 1}


def test_two_people_who_share_an_address_get_one_message() -> None:
    counted = resolved(draft_to(make_contact(email="home@x.dk"), make_contact(email="HOME@x.dk")))
    assert counted == Audience(mailed=1, left_out={LeftOut.DUPLICATE: 1})


def test_a_duplicate_is_chosen_only_among_those_who_would_be_mailed() -> None:
    silent = make_contact("Silent One", email="home@x.dk", e_marketing=Consent.UNKNOWN)
    counted = resolved(draft_to(silent, make_contact("Willing One", email="home@x.dk")))
    assert counted == Audience(mailed=1, left_out={LeftOut.NO_CONSENT: 1})


def test_each_person_is_mailed_when_one_message_per_address_is_off() -> None:
    mailing = draft_to(
        make_contact(email="home@x.dk"), make_contact(email="home@x.dk"), one_per_address=False
    )
    assert resolved(mailing) == Audience(mailed=2, left_out={})


def test_somebody_in_two_sources_is_one_recipient() -> None:
    karen = make_contact(email="karen@x.dk")
    mailing = draft_to(karen, one_per_address=False)
    selection = selections.create("Friends", owner_id=None)
    selections.add_members(selection.id, [karen.id])
    sources.add_selection(mailing, selection)
    paste(mailing, "KAREN@x.dk")
    assert resolved(mailing) == Audience(mailed=1, left_out={})


def test_a_pasted_address_of_a_contact_follows_the_contacts_own_rules() -> None:
    make_contact(email="karen@x.dk", e_marketing=Consent.WITHDRAWN)
    mailing = draft_to()
    paste(mailing, "karen@x.dk")
    assert resolved(mailing).left_out == {LeftOut.NO_CONSENT: 1}


def test_a_pasted_address_nobody_has_is_mailed_on_the_consent_of_its_source() -> None:
    mailing = draft_to()
    paste(mailing, "Bo Ørsted <bo@x.dk>\nnew@x.dk")
    audience.resolve(mailing)
    found = db.session.execute(select(Recipient.name, Recipient.email)).all()
    assert sorted(map(tuple, found)) == [("", "new@x.dk"), ("Bo Ørsted", "bo@x.dk")]


def test_a_pasted_address_that_is_blocked_is_left_out() -> None:
    block("bo@x.dk")
    mailing = draft_to()
    paste(mailing, "bo@x.dk")
    assert resolved(mailing).left_out == {LeftOut.BLOCKED_ADDRESS: 1}


def test_an_address_pasted_twice_is_one_recipient() -> None:
    mailing = draft_to()
    paste(mailing, "bo@x.dk")
    paste(mailing, "BO@x.dk")
    assert resolved(mailing) == Audience(mailed=1, left_out={})


def test_everyone_who_is_mailed_is_in_a_batch_of_at_most_500() -> None:
    selection = selections.create("Many", owner_id=None)
    people = [make_contact(email=f"p{number}@x.dk") for number in range(1001)]
    selections.add_members(selection.id, [person.id for person in people])
    mailing = draft_to(make_contact(email=""))
    sources.add_selection(mailing, selection)
    audience.resolve(mailing)
    batches = dict(iter(db.session.execute(select(Batch.id, Batch.size))))
    in_batch = Counter(db.session.scalars(select(Recipient.batch_id)))
    assert in_batch.pop(None) == 1
    assert dict(in_batch) == batches
    assert sorted(batches.values()) == [1, 500, 500]


def test_resolving_again_takes_in_what_changed_meanwhile() -> None:
    karen = make_contact(email="karen@x.dk")
    mailing = draft_to(karen)
    assert resolved(mailing).mailed == 1
    karen.no_mailings = True
    assert resolved(mailing) == Audience(mailed=0, left_out={LeftOut.NO_MAILINGS: 1})


def test_the_recipients_of_a_mailing_under_way_are_not_touched() -> None:
    mailing = draft_to(make_contact())
    audience.resolve(mailing)
    mailing.state = State.SENDING
    db.session.execute(Recipient.__table__.update().values(state=RecipientState.SENT))
    audience.resolve(mailing)
    assert db.session.scalars(select(Recipient.state)).all() == [RecipientState.SENT]
