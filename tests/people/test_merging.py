from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import make_company, make_contact, make_mailing, make_recipient
from webapp.accounts.models import AuditEntry
from webapp.mailings.models import LeftOut, Mailing, MailingSource, Recipient, SourceKind, State
from webapp.people import merging, not_duplicates, suppression
from webapp.people.merging import CardGone, CardsChanged, SameCard, Side
from webapp.people.models import (
    Basis,
    Company,
    Consent,
    ConsentEntry,
    Contact,
    ContactInterest,
    CustomField,
    FieldKind,
    FieldOf,
    ListItem,
    ListName,
    Purpose,
    Subscription,
    SubscriptionEntry,
    SubscriptionType,
    SuppressionReason,
)
from webapp.platform.database import Base, db
from webapp.response.models import Hit, HitKind
from webapp.targets import selections
from webapp.targets.models import Project, ProjectMember

MARCH, JUNE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def merge(kept: Any, other: Any, chosen: Mapping[str, str] | None = None) -> Any:
    db.session.flush()
    db.session.expire_all()
    read_at = (kept.updated_at, other.updated_at)
    return merging.merge(type(kept), kept.id, other.id, chosen or {}, read_at=read_at, by=None)


def two(**values: Any) -> tuple[Contact, Contact]:
    return (
        make_contact("Karen Dam", "karen@dam.example", **values),
        make_contact("Karen A Dam", "kad@dam.example", **values),
    )


def add(*rows: Any) -> None:
    db.session.add_all(rows)
    db.session.flush()


def best(kept: Any, other: Any) -> dict[str, Side]:
    compared = merging.compare(kept, other)
    return {each.part.name: each.best for each in compared if each.differs}


@pytest.mark.parametrize("model", [Contact, Company])
def test_every_table_that_names_a_card_is_handled(model: Any) -> None:
    naming = {
        column
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(key.column is model.__table__.c.id for key in column.foreign_keys)
    }
    assert naming == set(merging.followers(model))


def test_the_better_value_is_chosen_beforehand() -> None:
    kept, other = two()
    kept.mobile, other.phone, other.no_mailings = "+4520148836", "+4588326694", True
    kept.city, other.city = "Odense", "Svendborg"
    db.session.flush()
    other.updated_at = kept.updated_at + timedelta(days=1)
    chosen = best(kept, other)
    assert chosen["mobile"] == Side.KEPT
    assert chosen["phone"] == Side.OTHER
    assert chosen["address"] == Side.OTHER
    assert chosen["no_mailings"] == Side.OTHER
    assert "position" not in chosen


def test_the_card_says_what_was_chosen() -> None:
    kept, other = two()
    kept.note, other.note = "Rings back", "Prefers noon"
    merge(kept, other, {"name": "other", "email": "kept", "note": "both", "x": "y"})
    assert (kept.name, kept.email_key) == ("Karen A Dam", "karen@dam.example")
    assert kept.note == "Rings back\n\nPrefers noon"
    assert db.session.scalars(select(Contact)).all() == [kept]


def test_an_address_goes_with_its_key_and_hash() -> None:
    kept, other = two()
    expected = (other.email, other.email_key, other.email_hash)
    merge(kept, other, {"email": "other"})
    assert (kept.email, kept.email_key, kept.email_hash) == expected


def test_custom_fields_are_chosen_and_those_of_retired_ones_stay() -> None:
    add(
        CustomField(of=FieldOf.CONTACT, key="size", label="Size", kind=FieldKind.NUMBER),
        CustomField(of=FieldOf.CONTACT, key="old", label="Old", kind=FieldKind.TEXT,
                    retired_at=MARCH),
    )  # fmt: skip
    kept, other = two()
    kept.fields, other.fields = {"size": 0}, {"size": 140, "old": "x"}
    merge(kept, other, {"size": "kept"})
    assert kept.fields == {"size": 0, "old": "x"}


@pytest.mark.parametrize("side", ["kept", "other"])
def test_a_field_chosen_to_be_empty_is_not_known(side: str) -> None:
    add(CustomField(of=FieldOf.CONTACT, key="size", label="Size", kind=FieldKind.NUMBER))
    kept, other = two()
    (other if side == "kept" else kept).fields = {"size": 140}
    merge(kept, other, {"size": side})
    assert kept.fields == {}


def test_lists_and_projects_go_along_once() -> None:
    kept, other = two()
    both, theirs = selections.create("Both", None), selections.create("Theirs", None)
    selections.add_members(both.id, [kept.id, other.id])
    selections.add_members(theirs.id, [other.id])
    project, event = Project(name="Fair"), Project(name="Event")
    lamps, spare = (ListItem(list=ListName.INTEREST, name=name) for name in ("Lamps", "Spare"))
    add(project, event, lamps, spare)
    add(
        ProjectMember(project_id=project.id, contact_id=kept.id),
        ProjectMember(project_id=project.id, contact_id=other.id, role="Speaker"),
        ProjectMember(project_id=event.id, contact_id=other.id, role="Guest"),
        ContactInterest(contact_id=kept.id, item_id=lamps.id),
        ContactInterest(contact_id=other.id, item_id=lamps.id),
        ContactInterest(contact_id=other.id, item_id=spare.id),
    )
    merge(kept, other)
    assert [selection.name for selection in selections.containing(kept.id)] == ["Both", "Theirs"]
    members = select(ProjectMember.role).where(ProjectMember.contact_id == kept.id)
    assert sorted(db.session.scalars(members)) == ["Guest", "Speaker"]
    assert db.session.scalar(select(func.count()).select_from(ContactInterest)) == 2


def test_what_was_sent_and_came_back_goes_along() -> None:
    kept, other = two()
    mailing = make_mailing()
    recipient = make_recipient(mailing, other, opened_at=MARCH)
    add(Hit(mailing_id=mailing.id, recipient_id=recipient.id, kind=HitKind.OPEN, at=MARCH,
            method="GET", user_agent=""))  # fmt: skip
    merge(kept, other)
    assert db.session.scalars(select(Recipient.contact_id)).all() == [kept.id]
    assert db.session.scalars(select(Hit.recipient_id)).all() == [recipient.id]


def test_a_draft_finds_out_anew_whom_it_goes_to() -> None:
    kept, other = two()
    draft = make_mailing("Draft", state=State.DRAFT, sources_changed_at=MARCH)
    make_recipient(draft, other, reason=LeftOut.NO_CONSENT)
    add(*(MailingSource(mailing_id=draft.id, kind=SourceKind.CONTACT, contact_id=card.id)
          for card in (kept, other)))  # fmt: skip
    merge(kept, other)
    changed_at = db.session.scalars(select(Mailing.sources_changed_at)).one()
    assert changed_at
    assert changed_at > JUNE
    assert db.session.scalars(select(MailingSource.contact_id)).all() == [kept.id]


def test_who_was_kept_apart_from_one_card_is_kept_apart_from_the_one_that_stays() -> None:
    kept, other = two()
    before, after = kept, make_contact("Ole Dam", "ole@dam.example")
    for one in (before, other):
        not_duplicates.remember(one.id, after.id, by=None)
    not_duplicates.remember(kept.id, other.id, by=None)
    third = make_contact("Ib Voss", "ib@voss.example")
    not_duplicates.remember(other.id, third.id, by=None)
    merge(third, other)
    assert not_duplicates.of(third.id) == {kept.id, after.id}
    merge(third, kept)
    assert not_duplicates.of(third.id) == {after.id}


def test_blocks_stay_with_their_addresses() -> None:
    kept, other = two()
    blocked = other.email_hash
    assert blocked
    suppression.block(blocked, SuppressionReason.COMPLAINT)
    merge(kept, other, {"email": "kept"})
    assert suppression.in_force(blocked)
    assert suppression.in_force(kept.email_hash) is None


def said(contact: Contact, state: Consent, at: datetime, basis: Basis | None = None) -> None:
    contact.e_marketing = state
    add(ConsentEntry(contact_id=contact.id, state=state, basis=basis, source="x", given_at=at))


def history(contact: Contact) -> list[ConsentEntry]:
    entries = select(ConsentEntry).where(ConsentEntry.contact_id == contact.id)
    return list(db.session.scalars(entries.order_by(ConsentEntry.id)))


@pytest.mark.parametrize("swapped", [False, True])
def test_a_withdrawal_on_one_card_wins_over_the_older_consent_of_the_other(swapped: bool) -> None:
    yes, no = two(e_marketing=Consent.UNKNOWN)
    said(yes, Consent.GRANTED, MARCH, Basis.CONSENT)
    said(no, Consent.WITHDRAWN, JUNE)
    kept, other = (no, yes) if swapped else (yes, no)
    merge(kept, other)
    assert kept.e_marketing == Consent.WITHDRAWN
    assert {entry.state for entry in history(kept)} == {Consent.GRANTED, Consent.WITHDRAWN}
    assert history(kept)[-1].state == Consent.WITHDRAWN


def test_a_consent_given_after_the_withdrawal_holds_and_is_the_newest_word() -> None:
    yes, no = two(e_marketing=Consent.UNKNOWN)
    said(yes, Consent.GRANTED, JUNE, Basis.CONSENT)
    said(no, Consent.WITHDRAWN, MARCH)
    merge(yes, no)
    assert yes.e_marketing == Consent.GRANTED
    assert history(yes)[-1].state == Consent.GRANTED
    assert len(history(yes)) == 3


def test_being_a_customer_later_does_not_outweigh_a_withdrawal() -> None:
    yes, no = two(e_marketing=Consent.UNKNOWN)
    said(yes, Consent.GRANTED, JUNE, Basis.CUSTOMER)
    said(no, Consent.WITHDRAWN, MARCH)
    assert merge(yes, no).e_marketing == Consent.WITHDRAWN


def test_a_withdrawal_without_a_history_still_wins() -> None:
    yes, no = two(e_marketing=Consent.UNKNOWN)
    said(yes, Consent.GRANTED, JUNE, Basis.CONSENT)
    no.e_marketing = Consent.WITHDRAWN
    assert merge(yes, no).e_marketing == Consent.WITHDRAWN


def test_what_only_one_card_knows_is_kept_for_each_purpose() -> None:
    kept, other = two(e_marketing=Consent.UNKNOWN)
    said(other, Consent.GRANTED, MARCH, Basis.CONSENT)
    kept.sales_service = Consent.WITHDRAWN
    add(
        ConsentEntry(
            contact_id=kept.id, purpose=Purpose.SALES_SERVICE, state=Consent.WITHDRAWN, source="x"
        )
    )
    merge(kept, other)
    assert (kept.e_marketing, kept.sales_service) == (Consent.GRANTED, Consent.WITHDRAWN)


def test_leaving_wins_over_subscribing_and_is_the_newest_word() -> None:
    kept, other = two()
    news, events = (SubscriptionType(names={"en": name}) for name in ("News", "Events"))
    add(news, events)
    for card, kind, subscribed in [
        (other, news, False), (kept, news, True), (other, events, True)
    ]:  # fmt: skip
        row = {"contact_id": card.id, "type_id": kind.id, "subscribed": subscribed, "source": "x"}
        add(Subscription(**row), SubscriptionEntry(**row))
    merge(kept, other)
    standing = {
        row.type_id: row.subscribed
        for row in db.session.scalars(
            select(Subscription).where(Subscription.contact_id == kept.id)
        )
    }
    assert standing == {news.id: False, events.id: True}
    entries = select(SubscriptionEntry).where(SubscriptionEntry.type_id == news.id)
    newest = db.session.scalars(entries.order_by(SubscriptionEntry.id.desc())).first()
    assert newest
    assert not newest.subscribed
    assert "Karen A Dam" in newest.source


def test_it_is_written_down_who_merged_what() -> None:
    kept, other = two()
    gone = other.id
    merge(kept, other)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.action == "contact merged"
    assert entry.detail == {"contact": kept.id, "merged": gone, "name": "Karen A Dam"}


def test_a_card_is_not_merged_with_itself() -> None:
    contact = make_contact()
    with pytest.raises(SameCard):
        merge(contact, contact)


def test_a_card_that_is_gone_is_told_and_nothing_happens() -> None:
    kept, other = two()
    read_at = (kept.updated_at, other.updated_at)
    other_id = other.id
    merge(kept, other)
    with pytest.raises(CardGone):
        merging.merge(Contact, kept.id, other_id, {}, read_at=read_at, by=None)


def test_cards_that_changed_meanwhile_are_not_merged() -> None:
    kept, other = two()
    read_at = (kept.updated_at, other.updated_at)
    other.city = "Odense"
    db.session.flush()
    with pytest.raises(CardsChanged):
        merging.merge(Contact, kept.id, other.id, {}, read_at=read_at, by=None)
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 2


def test_the_people_of_two_companies_work_in_one_with_what_was_sent() -> None:
    kept, other = make_company("Fjordlys"), make_company("Fjordlys A/S", domain="fjordlys.example")
    contact = make_contact(company=other)
    make_recipient(make_mailing(), None, company_id=other.id)
    merge(kept, other, {"name": "other"})
    assert (kept.name, kept.domain) == ("Fjordlys A/S", "fjordlys.example")
    db.session.refresh(contact)
    assert contact.company_id == kept.id
    assert db.session.scalars(select(Recipient.company_id)).all() == [kept.id]
    assert db.session.scalars(select(Company)).all() == [kept]
