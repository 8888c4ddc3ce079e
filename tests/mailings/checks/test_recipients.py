from tests.factories import make_company, make_contact, make_contacts, make_mailing
from tests.support.drafts import found_by, make_draft, the_finding, with_block
from webapp.mailings import sources
from webapp.mailings.checks import recipients
from webapp.mailings.checks.finding import Level, Place
from webapp.mailings.models import Mailing, State


def add(mailing: Mailing, **names: str) -> None:
    for contact in make_contacts({f"{key}@lys.example": name for key, name in names.items()}):
        sources.add_contact(mailing, contact)


def test_a_mailing_to_nobody_is_not_ready() -> None:
    mailing = make_mailing(state=State.DRAFT)
    assert the_finding(found_by(recipients.recipients, mailing), "no recipients")
    sources.add_contact(mailing, make_contact(no_mailings=True))
    [finding] = found_by(recipients.recipients, mailing)
    assert "Nobody can be mailed" in finding.text
    assert (finding.level, finding.place) == (Level.ERROR, Place.RECIPIENTS)


def test_an_override_of_consent_is_a_warning_with_its_reason() -> None:
    [finding] = found_by(recipients.override, make_draft(override_reason="Recall of Lumo"))
    assert (finding.detail, finding.place) == ("“Recall of Lumo”", Place.RECIPIENTS)


def test_people_without_a_value_are_counted_with_what_they_read_instead() -> None:
    mailing = make_draft(content=with_block("text", html="<p>To [[company.name]]</p>"))
    add(mailing, nameless="")
    of_company = make_contact("Bo Ørsted", "bo@lys.example", company=make_company())
    sources.add_contact(mailing, of_company)
    found = found_by(recipients.empty_values, mailing)
    names = the_finding(found, "1 recipient has no value for “First name”")
    assert names.detail == "nameless@lys.example. They read “there”, from the fallback."
    companies = the_finding(found, "2 recipients have no value for “The recipient's company”")
    assert companies.detail.startswith("Karen Blichfeldt, nameless@lys.example. ")
    assert "nothing" in companies.detail


def test_only_a_few_of_them_are_named() -> None:
    mailing = make_draft(content=with_block("text", html="<p>To [[company.name]]</p>"))
    add(mailing, bo="Bo Ørsted", ida="Ida Holm", jens="Jens Riis", liv="Liv Dam")
    [finding] = found_by(recipients.empty_values, mailing)
    assert "Karen Blichfeldt, Bo Ørsted, Ida Holm and 2 more." in finding.detail


def test_who_is_left_out_is_not_counted_as_lacking_a_value() -> None:
    mailing = make_draft()
    sources.add_contact(mailing, make_contact("", "left@out.example", no_mailings=True))
    assert found_by(recipients.empty_values, mailing) == []


def test_tags_of_a_text_of_ones_own_count_too() -> None:
    mailing = make_draft()
    assert mailing.content
    mailing.content = mailing.content | {"text": "To [[company.name]]: come and see the lamps."}
    [finding] = found_by(recipients.empty_values, mailing)
    assert "The recipient's company" in finding.text
