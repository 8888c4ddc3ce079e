from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.factories import (
    make_company,
    make_contact,
    make_contacts,
    make_mailing,
    make_recipient,
)
from webapp.accounts.rights import Role
from webapp.mailings.models import LeftOut, RecipientState
from webapp.people.models import Consent
from webapp.platform.database import db, utcnow
from webapp.targets import selections
from webapp.targets.models import Project, ProjectMember

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]
TABS = ("", "/activities", "/selections", "/projects", "/privacy")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_has_the_frame_of_the_card(signed_in: SignIn, tab: str) -> None:
    contact = make_contact(company=make_company("Fjordlys"))
    for role in (Role.MARKETER, Role.VIEWER):
        page = signed_in(role).get(f"/contacts/{contact.id}{tab}").text
        for text in ("Karen Blichfeldt", "Fjordlys", "Can get e-mail", 'aria-current="page"'):
            assert text in page
        assert ("/edit" in page) == (role == Role.MARKETER)


@pytest.mark.parametrize("tab", TABS)
def test_a_person_who_does_not_exist_has_no_tabs(signed_in: SignIn, tab: str) -> None:
    assert signed_in().get(f"/contacts/999999{tab}").status_code == 404


def test_the_details_show_the_newest_activities_and_the_figures_of_a_year(
    signed_in: SignIn,
) -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, opened_at=utcnow())
    make_recipient(make_mailing("Old"), contact, sent_at=utcnow() - timedelta(days=400))
    page = signed_in().get(f"/contacts/{contact.id}").text
    assert "Opened <a class=" in page
    assert '<dt>sent</dt><dd class="figure">1</dd>' in page
    assert '<dt>clicked</dt><dd class="figure">0</dd>' in page


def test_names_are_escaped_where_they_stand_in_a_sentence(signed_in: SignIn) -> None:
    contact = make_contact()
    make_recipient(make_mailing("<b>50 % off</b> %(name)s"), contact)
    page = signed_in().get(f"/contacts/{contact.id}/activities").text
    assert "&lt;b&gt;50 % off&lt;/b&gt; %(name)s" in page


def test_activities_are_shown_by_kind_and_page(signed_in: SignIn) -> None:
    contact = make_contact()
    for number in range(30):
        make_recipient(make_mailing(f"Mailing {number:02}"), contact)
    browser, url = signed_in(), f"/contacts/{contact.id}/activities"
    assert "1–25 of 32" in browser.get(url).text
    mailings = browser.get(f"{url}?only=mailings&page=2").text
    assert "26–30 of 30" in mailings
    assert "Came into your contacts" not in mailings
    assert "Nothing of this kind yet." in browser.get(f"{url}?only=reactions").text
    assert browser.get(f"{url}?only=x&page=x").status_code == 200


def test_who_was_left_out_sees_why_and_what_mends_it(signed_in: SignIn) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    make_recipient(make_mailing(), contact, reason=LeftOut.NO_CONSENT)
    browser = signed_in()
    for tab in ("", "/activities"):
        page = browser.get(f"/contacts/{contact.id}{tab}").text
        assert "There was no consent to e-mail marketing." in page
        assert f'<a href="/contacts/{contact.id}/consent">Grant consent</a>' in page
    assert "Grant consent" not in signed_in(Role.VIEWER).get(f"/contacts/{contact.id}").text


def test_what_is_mended_is_said_to_be(signed_in: SignIn) -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, reason=LeftOut.NO_CONSENT)
    page = signed_in().get(f"/contacts/{contact.id}/activities").text
    assert "This does not stand in the way any more." in page
    assert "Grant consent" not in page
    assert "Was left out of “" not in signed_in().get(f"/contacts/{contact.id}").text


def test_a_duplicate_leads_to_both_cards_side_by_side(signed_in: SignIn) -> None:
    winner, contact = make_contact("Ole Dam"), make_contact("Karen Dam")
    mailing = make_mailing()
    make_recipient(mailing, winner)
    make_recipient(mailing, contact, reason=LeftOut.DUPLICATE)
    page = signed_in().get(f"/contacts/{contact.id}/activities").text
    assert f"/contacts/{winner.id}/merge/{contact.id}" in page


@pytest.mark.parametrize("reason", LeftOut)
def test_every_reason_can_be_shown(signed_in: SignIn, reason: LeftOut) -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, reason=reason)
    assert signed_in().get(f"/contacts/{contact.id}/activities").status_code == 200


def test_a_refused_message_shows_the_servers_words(signed_in: SignIn) -> None:
    contact = make_contact()
    make_recipient(make_mailing(), contact, state=RecipientState.FAILED, reply="550 <gone>")
    page = signed_in().get(f"/contacts/{contact.id}").text
    assert "550 &lt;gone&gt;" in page
    assert "Correct the address" in page


def test_selections_and_projects_have_tabs_with_their_number(signed_in: SignIn) -> None:
    contact, project = make_contact(), Project(name="Fair")
    selections.add_members(selections.create("Dealers", None).id, [contact.id])
    db.session.add(project)
    db.session.flush()
    db.session.add(ProjectMember(project_id=project.id, contact_id=contact.id, role="Speaker"))
    browser = signed_in()
    page = browser.get(f"/contacts/{contact.id}/selections").text
    assert 'Selections <span class="tab-count">1</span>' in page
    assert "Dealers" in page
    page = browser.get(f"/contacts/{contact.id}/projects").text
    assert "Fair" in page
    assert "Speaker" in page


def test_likely_duplicates_are_told_on_the_card(signed_in: SignIn) -> None:
    contact, other = make_contact("Karen Dam"), make_contact("Ole Dam")
    page = signed_in().get(f"/contacts/{contact.id}").text
    assert "There may be another card of the same person:" in page
    assert f"/contacts/{contact.id}/merge/{other.id}" in page


def test_the_tabs_exchange_the_card_and_its_address(signed_in_page: SignInPage) -> None:
    contact, _other = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Ole Dam"})
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}")
    page.locator("h1").evaluate("title => title.dataset.same = 'yes'")
    page.locator(".tabs").get_by_role("link", name="Activities").click()
    expect(page).to_have_url(f"/contacts/{contact.id}/activities")
    page.get_by_role("link", name="Opens and clicks").click()
    expect(page.get_by_text("Nothing of this kind yet.")).to_be_visible()
    assert page.locator("h1").get_attribute("data-same") == "yes"
    page.go_back()
    expect(page.get_by_text("Came into your contacts")).to_be_visible()
