from datetime import date
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from tests.conftest import make_user
from tests.factories import (
    make_company,
    make_contact,
    make_field,
    make_mailing,
    make_recipient,
)
from tests.support.drafts import written
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.content.document.operations import add_block, update_part
from webapp.content.tags.merge_tags import known_tag, known_tags
from webapp.content.tags.segments import render
from webapp.content.tags.tag_parsing import named
from webapp.mailings import custom_tags, preflight, preview, sources, values
from webapp.mailings.compiling import compiled
from webapp.mailings.gaps import gaps, gaps_of_bare_addresses
from webapp.mailings.models import Mailing, RecipientState, State
from webapp.mailings.sources import Statement
from webapp.people import custom_fields
from webapp.people.models import Basis, Contact, FieldKind, FieldOf
from webapp.platform.database import db
from webapp.targets.models import Project


def _read(text: str, contact: Contact | None, **person: Any) -> str:
    """The subject, as this recipient reads it."""
    mailing = make_mailing(subject=text)
    subject = compiled(mailing).subject
    recipient = make_recipient(mailing, contact, **person)
    return render(subject, values.of_recipient(recipient, subject))


def _draft(html: str, contact: Contact) -> Mailing:
    document, block_id = add_block(written(), "text")
    content = update_part(document, block_id, {"html": f"<p>{html}</p>"})
    mailing = make_mailing(state=State.DRAFT, content=content, preheader="It dims by itself")
    sources.add_contact(mailing, contact)
    return mailing


@pytest.mark.parametrize(
    ("kind", "value", "english", "danish"),
    [
        (FieldKind.TEXT, "Lumo ☼ & <b>", "Lumo ☼ & <b>", "Lumo ☼ & <b>"),
        (FieldKind.NUMBER, 1234.5, "1,234.5", "1.234,5"),
        (FieldKind.DATE, "2026-05-12", "May 12, 2026", "12. maj 2026"),
        (FieldKind.YES_NO, False, "No", "Nej"),
        (FieldKind.ONE_OF, "Gold", "Gold", "Gold"),
        (FieldKind.MANY_OF, ["Gold", "Silver"], "Gold, Silver", "Gold, Silver"),
    ],
)
def test_a_custom_field_is_read_in_words_of_the_language_of_messages(
    kind: FieldKind, value: object, english: str, danish: str
) -> None:
    make_field("X", kind, "Gold", "Silver")
    contact = make_contact(fields={"x": value})
    for language, words in (("en", english), ("da", danish)):
        organisation().language = language
        assert _read("[[customer.field.x]]", contact) == words


@pytest.mark.parametrize(
    ("first_name", "language", "greeting"),
    [
        ("Karen", "en", "Dear Karen"),
        ("Karen", "da", "Kære Karen"),
        ("", "en", "Hello"),
        ("", "da", "Hej"),
        (" ", "", "Hej"),
        ("Karen", "fr", "Kære Karen"),
    ],
)
def test_everybody_is_greeted_in_their_own_language_or_ours(
    first_name: str, language: str, greeting: str
) -> None:
    organisation().language = "da"
    contact = make_contact(language=language, title="Fru")
    contact.first_name = first_name
    assert _read("[[customer.salutation]] [[customer.mrmrs]]", contact) == f"{greeting} Fru"


def test_a_bare_address_is_greeted_too() -> None:
    organisation().language = "en"
    assert _read("[[customer.salutation]]", None, email="bare@x.example") == "Hello"


@pytest.mark.parametrize(
    ("kind", "value", "condition", "holds"),
    [
        (FieldKind.NUMBER, 1234.5, "{}>1000", True),
        (FieldKind.NUMBER, 0.0000001, "{}<1", True),
        (FieldKind.NUMBER, 5, "{}>1000", False),
        (FieldKind.DATE, "2026-05-12", "{}<date.today", True),
        (FieldKind.DATE, "2126-05-12", '{}<"2026-06-01"', False),
        (FieldKind.YES_NO, True, "{}", True),
        (FieldKind.YES_NO, False, "{}", False),
        (FieldKind.YES_NO, False, '{}="nej"', True),
        (FieldKind.MANY_OF, ["Gold", "Silver"], '{} CONTAINS "silver"', True),
    ],
)
def test_conditions_compare_what_custom_fields_hold(
    kind: FieldKind, value: object, condition: str, holds: bool
) -> None:
    organisation().language = "da"
    make_field("X", kind, "Gold", "Silver")
    text = "[[IF:{}]]yes[[ELSE]]no[[ENDIF]]".format(condition.format("customer.field.x"))
    mailing = make_mailing(subject=text)
    subject = compiled(mailing).subject
    recipient = make_recipient(mailing, make_contact(fields={"x": value}))
    known = values.of_recipient(recipient, subject) | values.of_mailing(mailing)
    assert (render(subject, known) == "yes") is holds
    assert render(subject, values.of_mailing(mailing)) == "no"


def test_a_custom_date_is_written_as_the_content_says() -> None:
    organisation().language = "en"
    make_field("Renewal", FieldKind.DATE)
    contact = make_contact(fields={"renewal": "2026-05-12"})
    assert _read('[[FORMAT-DATE:customer.field.renewal,"EEE d MMM"]]', contact) == "Tue 12 May"


def test_the_project_of_the_mailing_is_named() -> None:
    organisation().language = "en"
    project = Project(name="Lumo", starts_on=date(2026, 8, 18))
    db.session.add(project)
    mailing = make_mailing(project=project)
    known = values.of_mailing(mailing)
    assert (known["project.name"], known["project.begin"]) == ("Lumo", "August 18, 2026")
    assert (known["project.number"], known["project.end"]) == (str(project.id), "")
    assert values.of_mailing(make_mailing())["project.name"] == ""


def test_people_and_their_companies_have_fields_of_their_own() -> None:
    make_field("Size")
    make_field("Size", of=FieldOf.COMPANY)
    contact = make_contact(fields={"size": 1}, company=make_company(fields={"size": 2}))
    assert _read("[[customer.field.size]] [[Company.Field.SIZE]]", contact) == "1 2"


def test_whoever_has_no_value_reads_the_fallback() -> None:
    make_field("Size")
    text = '[[customer.field.size|"some"]]'
    assert _read(text, make_contact()) == "some"
    assert _read(text, None, email="bare@x.example") == "some"


def test_our_contact_of_the_person_and_of_the_company_are_named() -> None:
    jonas, sara = make_user(Role.MARKETER), make_user(Role.AUTHOR)
    jonas.phone, sara.mobile = "+4588326694", "+4520148836"
    company = make_company(our_contact_id=sara.id)
    contact = make_contact(company=company, our_contact_id=jonas.id)
    assert _read("[[ourContact.name]] [[ourContact.phone]]", contact) == f"{jonas.name} +4588326694"
    assert _read("[[company.ourContact.email]]", contact) == sara.email
    assert _read("[[company.ourContact.cellphone]]", contact) == "+4520148836"
    assert _read('[[ourContact.cellphone|"none"]]', contact) == "none"


def test_notes_and_numbers_are_named() -> None:
    company = make_company(note="Twice a year")
    contact = make_contact(company=company, note="Before\nnoon")
    text = "[[customer.id]] [[customer.note]] [[company.id]] [[company.note]]"
    assert _read(text, contact) == f"{contact.id} Before noon {company.id} Twice a year"


def test_a_department_is_named_where_there_is_one() -> None:
    text = '[[company.department|"reception"]]'
    showroom = make_contact(company=make_company(department="Showroom"))
    assert _read(text, showroom) == "Showroom"
    assert _read(text, make_contact(company=make_company())) == "reception"


def test_a_mailing_fetches_only_what_it_names() -> None:
    mailing = make_mailing(subject="[[customer.firstname]]", content={"kind": "html", "html": ""})
    contact = make_contact(note="long")
    make_recipient(mailing, contact, state=RecipientState.READY)
    asked: list[str] = []
    subject = compiled(mailing).subject

    def note(*arguments: Any) -> None:
        asked.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        (person,) = db.session.execute(values.reading(subject).people()).all()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert "first_name" in asked[0]
    assert "note" not in asked[0]
    assert "fields" not in asked[0]
    known = values.reading(subject).of_person(person)
    assert known == {
        "customer.name": contact.name,
        "customer.email": contact.email,
        "customer.firstname": "Karen",
    }


def test_every_tag_has_a_value_for_a_preview() -> None:
    make_field("Likes", FieldKind.MANY_OF, "Lamps")
    make_field("Open", FieldKind.YES_NO, of=FieldOf.COMPANY)
    organisation().language = "en"
    mailing = make_mailing()
    sample = values.for_preview(mailing, None)
    assert {tag.name for tag in known_tags()} <= set(sample)
    assert sample["customer.field.likes"] == "Lamps"
    contact = make_contact(fields={"likes": ["Lamps"]}, company=make_company(fields={"open": True}))
    known = values.for_preview(mailing, contact)
    assert (known["customer.field.likes"], known["company.field.open"]) == ("Lamps", "Yes")
    assert known["customer.id"] == str(contact.id)


def test_a_field_that_another_process_made_can_be_named_at_once() -> None:
    assert known_tag("customer.field.size") is None
    make_field("Size")
    make_field("Size", of=FieldOf.COMPANY)
    assert named("[[customer.field.size]]") == "‹Size›"
    assert named("[[company.field.size]]") == "‹Size (company)›"


def test_a_value_that_a_condition_asks_about_is_not_missed() -> None:
    html = "[[IF:customer.title]][[customer.title]][[ENDIF]][[IF:customer.note]]a[[ENDIF]]"
    mailing = _draft(html, make_contact())
    assert preflight.check(mailing).warnings == []


def test_a_mistyped_name_in_a_condition_can_be_mended() -> None:
    mailing = _draft('[[IF:customer.langauge="da"]]a[[ENDIF]]', make_contact())
    (finding,) = preflight.check(mailing).errors
    assert finding.fix is not None
    assert unescape(finding.fix.new) == '[[IF:customer.language="da"]]'


def test_a_mistyped_field_is_recognised() -> None:
    make_field("Shop size")
    finding = preflight.check(_draft("[[customer.field.shopsize]]", make_contact())).errors[0]
    assert finding.fix is not None
    assert finding.fix.new == "[[customer.field.shop_size]]"


def test_people_without_a_value_in_a_field_are_counted() -> None:
    make_field("Size")
    jonas = make_user(Role.MARKETER)
    mailing = _draft("[[customer.field.size]] [[ourContact.name]]", make_contact())
    sources.add_contact(
        mailing,
        make_contact("Bo", "bo@x.example", fields={"size": 0}, our_contact_id=jonas.id),
    )
    sources.add_pasted(mailing, "bare@x.example", Statement(Basis.CONSENT, "Fair", by=None))
    preflight.check(mailing)
    content = compiled(mailing)
    lacking = {gap.tag.name: gap.people for gap in gaps(mailing, content)}
    assert (lacking["customer.field.size"], lacking["ourContact.name"]) == (2, 2)
    bare = {gap.tag.name: gap.people for gap in gaps_of_bare_addresses(mailing, content)}
    assert (bare["customer.field.size"], bare["ourContact.name"]) == (1, 1)


def test_a_mailing_that_names_a_deleted_field_opens_and_is_stopped_before_it_is_sent() -> None:
    field = make_field("Shop size")
    contact = make_contact(fields={"shop_size": 140})
    mailing = _draft("Yours is [[customer.field.shop_size]] m²", contact)
    before = mailing.content
    assert preflight.check(mailing).errors == []
    custom_fields.retire(field, by=None)
    (finding,) = preflight.check(mailing).errors
    assert "“Shop size” is deleted" in finding.text
    assert finding.fix is None
    assert finding.at
    assert "140 m²" in preview.message(mailing, contact).html
    assert all(tag.name != "customer.field.shop_size" for tag in known_tags())
    custom_fields.bring_back(field, by=None)
    assert preflight.check(mailing).errors == []
    assert mailing.content == before


def test_a_deleted_field_in_the_subject_is_mended_at_the_setup() -> None:
    field = make_field("Size")
    mailing = make_mailing(state=State.DRAFT, subject="[[customer.field.size]]", preheader="x")
    sources.add_contact(mailing, make_contact(fields={"size": 1}))
    custom_fields.retire(field, by=None)
    (finding,) = preflight.check(mailing).errors
    assert finding.place.value == "setup"


def test_what_is_under_way_goes_on_with_the_values_of_a_deleted_field() -> None:
    field = make_field("Size")
    contact = make_contact(fields={"size": 140})
    custom_fields.retire(field, by=None)
    assert _read("[[customer.field.size]] m²", contact) == "140 m²"
    assert custom_tags.mailings_with(field)
