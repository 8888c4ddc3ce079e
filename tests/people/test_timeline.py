from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from tests.factories import (
    make_contact,
    make_contacts,
    make_link,
    make_mailing,
    make_recipient,
)
from webapp.mailings.models import LeftOut, RecipientState, State
from webapp.people import suppression, timeline
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import (
    Consent,
    ConsentEntry,
    Contact,
    Purpose,
    SubscriptionEntry,
    SubscriptionType,
    SuppressionReason,
)
from webapp.people.timeline import Entry, Group
from webapp.platform.database import db, utcnow
from webapp.response.models import Hit, HitKind
from webapp.targets import selections
from webapp.targets.models import Project, ProjectMember

LONG_AGO = datetime(2024, 2, 1, 9, tzinfo=UTC)


def entries(contact: Contact, group: Group | None = None) -> list[Entry]:
    db.session.flush()
    return list(timeline.page(contact, group=group, size=100).rows)


def said(contact: Contact, group: Group | None = None) -> list[str]:
    """“Opened November newsletter | On a phone”."""
    return [
        " | ".join([entry.words.title % {"name": entry.words.name}, *entry.words.notes])
        for entry in entries(contact, group)
    ]


def hit(recipient_id: int, mailing_id: int, link: int | None, method: str = "GET") -> Hit:
    kind = HitKind.CLICK if link else HitKind.OPEN
    return Hit(
        mailing_id=mailing_id, recipient_id=recipient_id, kind=kind, link_number=link,
        at=utcnow(), method=method, user_agent="",
    )  # fmt: skip


def test_newest_comes_first_whatever_feature_it_is_of() -> None:
    contact = make_contact(created_at=LONG_AGO)
    mailing = make_mailing()
    make_recipient(mailing, contact, sent_at=LONG_AGO + timedelta(days=1))
    assert [entry.kind for entry in entries(contact)] == [
        "consent_granted",
        "mailing_sent",
        "created",
    ]


def test_nobody_sees_the_entries_of_somebody_else() -> None:
    ours, theirs = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Ole Dam"})
    make_recipient(make_mailing(), theirs, opened_at=utcnow())
    assert {entry.kind for entry in entries(ours)} == {"created", "consent_granted"}


def test_consent_tells_purpose_basis_source_and_when_it_was_given() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    db.session.add(
        ConsentEntry(
            contact_id=contact.id, purpose=Purpose.SALES_SERVICE, state=Consent.WITHDRAWN,
            source="Rang us", comment="Too many calls", given_at=LONG_AGO,
        )
    )  # fmt: skip
    expected = "Consent withdrawn: Sales and service | Rang us | Too many calls"
    assert said(contact, Group.CONSENT) == [expected]
    assert entries(contact, Group.CONSENT)[0].at == LONG_AGO


def test_subscribing_and_leaving_are_told_by_the_types_name() -> None:
    contact, events = make_contact(e_marketing=Consent.UNKNOWN), SubscriptionType(names={"da": "X"})
    db.session.add(events)
    db.session.flush()
    for subscribed in (True, False):
        db.session.add(
            SubscriptionEntry(
                contact_id=contact.id, type_id=events.id, subscribed=subscribed, source="Own click"
            )
        )
        db.session.flush()
    assert said(contact) == [
        "Unsubscribed from X | Own click",
        "Subscribed to X | Own click",
        "Came into your contacts",
    ]


def test_a_block_and_its_end_are_told() -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.HARD_BOUNCE, comment="No such user")
    suppression.lift(contact.email_hash)
    assert said(contact, Group.CONSENT) == [
        "The block of the address was lifted",
        "The address was blocked | the mail server says that it does not exist | No such user",
    ]


def test_people_without_an_address_have_no_blocks() -> None:
    suppression.block(b"x" * 16, SuppressionReason.COMPLAINT)
    assert said(make_contact("Ib Dam", "", e_marketing=Consent.UNKNOWN)) == [
        "Came into your contacts"
    ]


def test_who_an_import_put_into_its_selection_came_with_that_file() -> None:
    early, late = make_contacts(
        {"a@dam.example": "Ib Dam", "b@dam.example": "Ole Dam"}, e_marketing=Consent.UNKNOWN
    )
    dealers = selections.create("Dealers", None)
    now = utcnow()
    db.session.add(
        Import(filename="kunder.xlsx", stored_as="x", state=ImportState.DONE, created_at=now,
               selection_id=dealers.id, finished_at=now + timedelta(minutes=1))
    )  # fmt: skip
    selections.add_members(dealers.id, [early.id])
    db.session.execute(
        insert(selections.SelectionMember).values(
            selection_id=dealers.id, contact_id=late.id, added_at=now + timedelta(hours=1)
        )
    )
    assert "Imported from kunder.xlsx | Into the selection “Dealers”" in said(early)
    assert said(late)[0] == "Added to the selection Dealers"


def test_projects_tell_the_role() -> None:
    contact, project = make_contact(), Project(name="Fair")
    db.session.add(project)
    db.session.flush()
    db.session.add(ProjectMember(project_id=project.id, contact_id=contact.id, role="Speaker"))
    assert "Added to the project Fair | Speaker" in said(contact)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RecipientState.SENT, "Got November newsletter"),
        (RecipientState.FAILED, "Could not be given November newsletter | 550 No such user"),
        (
            RecipientState.UNKNOWN,
            "May have got November newsletter | Nobody knows whether it arrived.",
        ),
    ],
)
def test_what_became_of_a_message_is_told(state: RecipientState, sentence: str) -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, state=state, reply="550 No such user")
    assert said(contact, Group.MAILINGS) == [sentence]


def test_being_left_out_is_told_with_the_reason_in_words() -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, reason=LeftOut.NO_CONSENT)
    assert said(contact, Group.MAILINGS) == [
        "Was left out of November newsletter | There was no consent to e-mail marketing."
    ]


def test_of_a_duplicate_it_is_told_who_got_it() -> None:
    winner = make_contact("Ole Dam", "Office@dam.example")
    contact = make_contact("Karen Dam", "office@dam.example")
    mailing = make_mailing()
    make_recipient(mailing, winner)
    make_recipient(mailing, contact, reason=LeftOut.DUPLICATE)
    assert said(contact, Group.MAILINGS) == [
        "Was left out of November newsletter | Ole Dam, who has the same address, got it."
    ]
    assert entries(contact, Group.MAILINGS)[0].data["instead"]["id"] == winner.id


def test_drafts_and_messages_that_wait_are_not_told() -> None:
    contact = make_contact()
    make_recipient(make_mailing(state=State.DRAFT), contact, reason=LeftOut.NO_CONSENT)
    make_recipient(make_mailing(), contact, state=RecipientState.READY)
    assert said(contact, Group.MAILINGS) == []


def test_a_mailing_that_was_deleted_is_named_and_leads_nowhere() -> None:
    contact = make_contact()
    make_recipient(make_mailing(deleted_at=utcnow()), contact)
    (entry,) = entries(contact, Group.MAILINGS)
    assert (entry.words.name, entry.data["mailing_id"]) == ("November newsletter", None)


def test_opens_clicks_and_leaving_are_told_with_the_links() -> None:
    contact, mailing = make_contact(), make_mailing()
    make_link(mailing, 1, label="Price list")
    make_link(mailing, 2, label="Lumo")
    make_link(mailing, 3, label="Never clicked")
    recipient = make_recipient(
        mailing,
        contact,
        opened_at=LONG_AGO,
        clicked_at=LONG_AGO + timedelta(minutes=1),
        unsubscribed_at=LONG_AGO + timedelta(minutes=2),
    )
    db.session.add_all(
        [
            hit(recipient.id, mailing.id, 2),
            hit(recipient.id, mailing.id, 2),
            hit(recipient.id, mailing.id, 1),
            hit(recipient.id, mailing.id, 3, method="HEAD"),
            hit(recipient.id + 1, mailing.id, 3),
        ]
    )
    assert said(contact, Group.REACTIONS) == [
        "Unsubscribed through November newsletter",
        "Clicked 2 links in November newsletter | Price list · Lumo",
        "Opened November newsletter",
    ]


def test_one_link_is_told_by_its_name() -> None:
    contact, mailing = make_contact(), make_mailing()
    make_link(mailing, label="Lumo")
    recipient = make_recipient(mailing, contact, clicked_at=utcnow())
    db.session.add(hit(recipient.id, mailing.id, 1))
    assert said(contact, Group.REACTIONS) == ["Clicked Lumo | November newsletter"]


def test_pages_hold_every_entry_once_also_of_the_same_moment() -> None:
    contact = make_contact()
    for number in range(30):
        make_recipient(make_mailing(f"Mailing {number}"), contact, sent_at=LONG_AGO)
    seen = [
        entry.words.name or entry.kind
        for number in (1, 2, 3, 4)
        for entry in timeline.page(contact, number, size=10).rows
    ]
    assert len(seen) == len(set(seen)) == timeline.count(contact) == 32
    assert timeline.page(contact, 99, size=10).number == 4
