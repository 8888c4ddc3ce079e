import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.factories import (
    make_content,
    make_field,
    make_folder,
    make_mailing,
    make_type,
    newsletter,
)
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings.models import Goal, Mailing, State
from webapp.platform.database import db
from webapp.targets import projects, selections

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}
SETUP = {
    "name": "Lumo for professionals",
    "goal": "sell",
    "goal_figure": "20",
    "subject": '[[customer.firstname|"Hello"]], meet Lumo',
    "preheader": "The lamp that dims with the day",
    "from_name": "Fjordlys A/S",
    "from_address": "hello@fjordlys.dk",
    "reply_to": "",
    "track_links": "all",
    "track_opens": "y",
}


def make_draft(**values: object) -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT, **values)


def test_setup_offers_campaign_tags_and_keeps_what_is_chosen(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    page = browser.get(f"/mailings/{mailing.id}/draft/setup").text
    assert 'placeholder="email"' in page
    assert 'placeholder="lumo"' in page
    assert 'id="campaign_tags" name="campaign_tags" role="switch" type="checkbox" value="y"' in page
    chosen = {"campaign_tags": "y", "utm_campaign": "Lumo 2026", "track_links": "registered"}
    browser.post(f"/mailings/{mailing.id}/draft/setup", data=SETUP | chosen)
    assert (mailing.campaign_tags, mailing.utm_medium, mailing.utm_campaign) == (
        *(True, ""),
        "Lumo 2026",
    )
    assert mailing.track_links is LinkTracking.REGISTERED


def test_setup_says_in_which_folder_it_lies(signed_in: SignIn) -> None:
    top = make_folder("Newsletters")
    below = make_folder("Danish", top)
    mailing, browser = make_draft(folder=top), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    assert "Newsletters / Danish" in browser.get(url).text
    browser.post(url, data=SETUP | {"folder_id": str(below.id)})
    assert mailing.folder == below
    browser.post(url, data=SETUP | {"folder_id": "404"})
    assert mailing.folder == below
    browser.post(url, data=SETUP | {"folder_id": ""})
    assert mailing.folder is None


def test_a_mailing_is_linked_to_a_selection_and_a_project(signed_in: SignIn) -> None:
    dealers, fair = selections.create("Dealers", None), projects.named("Fair", None)
    mailing, browser = make_draft(), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    browser.post(url, data=SETUP | {"selection": "dealers ", "project": "FAIR"})
    assert (mailing.selection, mailing.project) == (dealers, fair)
    page = browser.get(url).text
    assert 'value="Dealers"' in page
    assert 'value="Fair"' in page
    assert "Dealers, Fair" in browser.get(f"/mailings/{mailing.id}/draft/confirm").text
    browser.post(url, data=SETUP | {"project": ""})
    assert (mailing.selection, mailing.project) == (dealers, None)


def test_a_link_to_what_does_not_exist_is_told_and_the_rest_is_kept(signed_in: SignIn) -> None:
    fair = projects.named("Fair", None)
    mailing = make_draft(project=fair)
    answer = signed_in().post(
        f"/mailings/{mailing.id}/draft/setup",
        data=SETUP | {"selection": "Dealers 🪔", "project": "x" * 50_000},
        headers=FRAGMENT,
    )
    assert answer.status_code == 422
    assert "There is no selection called “Dealers 🪔”." in answer.text
    assert 'value="Dealers 🪔"' in answer.text
    assert 'id="project-error"' in answer.text
    assert "Not all is saved" in answer.text
    assert (mailing.name, mailing.selection, mailing.project) == (SETUP["name"], None, fair)


def test_setup_is_saved_and_leads_on(signed_in: SignIn) -> None:
    mailing = make_draft(content=None)
    url = f"/mailings/{mailing.id}/draft/setup"
    answer = signed_in().post(url, data=SETUP | {"go_on": "yes"})
    assert answer.headers["Location"] == f"/mailings/{mailing.id}/draft/template"
    assert (mailing.goal, mailing.goal_figure) == (Goal.SELL, 20)
    assert mailing.subject == SETUP["subject"]
    assert mailing.track_opens


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "A mailing needs a name."),
        ({"goal_figure": "many"}, "Not a valid integer"),
        ({"subject": "Hi [[customer.fristname]]"}, "Did you mean customer.firstname?"),
        ({"subject": "Hi [[customer.firstname"}, "never ends with ]]"),
        ({"subject": "[[IF:customer.firstname]]Hi"}, "[[IF:customer.firstname]] never ends."),
        ({"subject": ""}, "Write this before you go on."),
        ({"from_address": "hello at fjordlys.dk"}, "where the @ should be"),
        ({"reply_to": "hello"}, "has no @"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_the_rest_is_kept(
    signed_in: SignIn, change: dict[str, str], sentence: str
) -> None:
    mailing = make_draft()
    data = SETUP | change | {"go_on": "yes"}
    answer = signed_in().post(f"/mailings/{mailing.id}/draft/setup", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert mailing.preheader == SETUP["preheader"]
    assert mailing.from_address != "hello at fjordlys.dk"


def test_merge_tags_are_offered_by_group_with_an_example_and_logic(signed_in: SignIn) -> None:
    make_field("Shop size")
    mailing = make_draft()
    page = signed_in().get(f"/mailings/{mailing.id}/draft/setup").text
    for words in ("data-tag-search", ">Person<", ">Custom fields<", "customer.field.shop_size"):
        assert words in page
    assert 'data-inserts="[[IF:customer.language=&#34;da&#34;]]…[[ENDIF]]"' in page
    assert "Dear Karen" in page
    assert "link.unsubscribe" not in page


def test_the_subscription_type_is_chosen_and_the_audience_is_counted_anew(
    signed_in: SignIn,
) -> None:
    mailing, browser = make_draft(), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    make_type(en="Old news", active=False)
    page = browser.get(url).text
    assert "Newsletter</option>" in page
    assert "Old news" not in page
    browser.post(url, data=SETUP | {"subscription_type_id": newsletter().id})
    assert mailing.subscription_type == newsletter()
    assert mailing.sources_changed_at
    browser.post(url, data=SETUP | {"subscription_type_id": ""})
    assert mailing.subscription_type is None


def test_a_type_that_became_inactive_meanwhile_stays_and_is_shown_as_such(
    signed_in: SignIn,
) -> None:
    type_ = make_type(en="Events", active=False)
    mailing, browser = make_draft(), signed_in()
    mailing.subscription_type_id = type_.id
    url = f"/mailings/{mailing.id}/draft/setup"
    assert "Events (not active any more)" in browser.get(url).text
    browser.post(url, data=SETUP | {"subscription_type_id": type_.id})
    assert mailing.subscription_type_id == type_.id
    assert "not active any more" in browser.get(f"/mailings/{mailing.id}/draft/confirm/checks").text


@pytest.mark.parametrize("nonsense", ["999999", "x", "99999999999999999999999"])
def test_a_type_that_does_not_exist_is_refused(signed_in: SignIn, nonsense: str) -> None:
    mailing = make_draft()
    data = SETUP | {"subscription_type_id": nonsense}
    answer = signed_in().post(f"/mailings/{mailing.id}/draft/setup", data=data)
    assert answer.status_code == 422
    assert mailing.subscription_type_id is None


def test_a_line_break_in_the_subject_becomes_a_space(signed_in: SignIn) -> None:
    mailing = make_draft()
    data = SETUP | {"subject": "Meet\r\nBcc: everybody@x.example"}
    signed_in().post(f"/mailings/{mailing.id}/draft/setup", data=data)
    assert mailing.subject == "Meet Bcc: everybody@x.example"


def test_saving_while_writing_does_not_ask_for_the_subject_yet(signed_in: SignIn) -> None:
    mailing = make_draft()
    url = f"/mailings/{mailing.id}/draft/setup"
    answer = signed_in().post(url, data=SETUP | {"subject": ""}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'id="saved" hx-swap-oob' in answer.text
    assert mailing.name == "Lumo for professionals"


def test_what_is_typed_is_saved_before_the_field_is_left(signed_in_page: SignInPage) -> None:
    mailing = make_draft()
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/draft/setup")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Subject", exact=True).press_sequentially(" for you")
    db.session.rollback()
    assert "for you" in mailing.subject


def test_setup_saves_as_you_go(signed_in_page: SignInPage) -> None:
    mailing = make_draft(content=None)
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/draft/setup")
    page.get_by_label("Subject", exact=True).fill("Hi [[customer.fristname]]")
    page.get_by_label("Preheader", exact=True).fill("The lamp that dims with the day")
    expect(page.get_by_text("Did you mean customer.firstname?")).to_be_visible()
    page.get_by_label("Subject", exact=True).fill("Hi ")
    page.locator(".tag-picker summary").first.click()
    page.get_by_role("button", name="First name").first.click()
    expect(page.get_by_label("Subject", exact=True)).to_have_value("Hi [[customer.firstname]]")
    expect(page.get_by_text("Did you mean")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Preheader", exact=True)).to_have_value(
        "The lamp that dims with the day"
    )
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/draft/template")


def test_setup_leads_to_the_content_when_something_is_written(signed_in: SignIn) -> None:
    mailing = make_draft(content=make_content())
    answer = signed_in().post(f"/mailings/{mailing.id}/draft/setup", data=SETUP | {"go_on": "yes"})
    assert answer.headers["Location"] == f"/mailings/{mailing.id}/draft/content"


def read(browser: FlaskClient, url: str) -> str:
    """What a page that is open there sends along."""
    found = re.search(r'name="read" type="hidden" value="([^"]+)"', browser.get(url).text)
    assert found
    return unescape(found.group(1))


def test_of_two_people_at_once_each_saves_what_they_changed(signed_in: SignIn) -> None:
    lamps = selections.create("Lamps", None)
    mailing, browser = make_draft(), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    browser.post(url, data=SETUP)
    old = SETUP | {"read": read(browser, url)}
    browser.post(url, data=old | {"subject": "Theirs", "goal": "event", "selection": "Lamps"})
    answer = browser.post(url, data=old | {"name": "Mine"}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'value="Theirs"' in answer.text
    assert 'value="Lamps"' in answer.text
    assert '<h1 id="wizard-name" hx-swap-oob="true">Mine</h1>' in answer.text
    assert (mailing.name, mailing.subject, mailing.goal) == ("Mine", "Theirs", Goal.EVENT)
    assert mailing.selection == lamps


def test_who_changes_the_same_field_is_told_first(signed_in: SignIn) -> None:
    dealers, lamps = selections.create("Dealers", None), selections.create("Lamps", None)
    mailing, browser = make_draft(), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    browser.post(url, data=SETUP)
    old = SETUP | {"read": read(browser, url)}
    theirs = {"subject": "Theirs", "goal": "event", "track_opens": "", "selection": "Lamps"}
    browser.post(url, data=old | theirs)
    mine = SETUP | {"subject": "Mine", "goal": "loyalty", "selection": "Dealers"}
    answer = browser.post(url, data=old | mine | {"go_on": "yes"})
    assert answer.status_code == 422
    for saved in ("Theirs", "Event", "Lamps"):
        assert f"Saved meanwhile: {saved}" in answer.text
    for typed in ("Mine", "Dealers"):
        assert f'value="{typed}"' in answer.text
    assert (mailing.subject, mailing.selection) == ("Theirs", lamps)
    found = re.search(r'name="read" type="hidden" value="([^"]+)"', answer.text)
    assert found
    browser.post(url, data=mine | {"track_opens": "", "read": unescape(found.group(1))})
    assert (mailing.subject, mailing.selection, mailing.track_opens) == ("Mine", dealers, False)


def test_a_mistake_does_not_hide_what_somebody_else_saves(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    url = f"/mailings/{mailing.id}/draft/setup"
    browser.post(url, data=SETUP)
    old = SETUP | {"read": read(browser, url)}
    browser.post(url, data=old | {"reply_to": "them@fjordlys.dk"})
    answer = browser.post(url, data=old | {"reply_to": "me at home"})
    found = re.search(r'name="read" type="hidden" value="([^"]+)"', answer.text)
    assert found
    later = {"reply_to": "me@fjordlys.dk", "read": unescape(found.group(1))}
    answer = browser.post(url, data=SETUP | later)
    assert "Saved meanwhile: them@fjordlys.dk" in answer.text


def test_setup_shows_what_somebody_else_saves_and_keeps_what_is_typed(
    signed_in: SignIn, signed_in_page: SignInPage
) -> None:
    mailing = make_draft(subject="First")
    url = f"/mailings/{mailing.id}/draft/setup"
    page = signed_in_page()
    page.goto(url)
    name, subject = page.get_by_label("Name", exact=True), page.get_by_label("Subject", exact=True)
    subject.fill("Mine")
    name.fill("Lamps")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lumo")
    name.blur()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamps")
    browser = signed_in()
    theirs = {"name": "Lamps", "subject": "Theirs", "read": read(browser, url)}
    browser.post(url, data=SETUP | theirs)
    page.get_by_label("Preheader", exact=True).fill("Of light")
    page.get_by_label("From, name", exact=True).click()
    expect(subject).to_have_value("Theirs")
    expect(page.get_by_label("Preheader", exact=True)).to_have_value("Of light")
    name.fill("Lamps for all")
    name.blur()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lamps for all")
    assert mailing.subject == "Theirs"
