import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.conftest import make_user
from tests.factories import (
    make_contact,
    make_field,
    make_folder,
    make_mailing,
    make_recipient,
    make_type,
    newsletter,
)
from webapp.accounts.rights import Role
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings import overview
from webapp.mailings.models import Goal, Mailing, Recipient, State
from webapp.platform.database import db, utcnow
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


def test_the_list_shows_each_mailing_with_its_figures(signed_in: SignIn) -> None:
    mailing = make_mailing("October newsletter")
    make_recipient(mailing)
    make_draft()
    page = signed_in().get("/mailings/").text
    assert "October newsletter" in page
    assert ">1</td>" in page
    assert "0.0%" in page
    assert f'href="/mailings/{mailing.id}"' in page
    assert "1–2 of 2" in page


def test_the_list_is_narrowed_by_words_state_and_shelf(signed_in: SignIn) -> None:
    make_mailing("October newsletter")
    make_mailing("November newsletter", state=State.SENDING)
    make_draft(subject="Meet the lamp")
    browser = signed_in()
    found = {
        query: [
            name
            for name in ("October", "November", "Lumo")
            if name in browser.get(f"/mailings/?{query}", headers=FRAGMENT).text
        ]
        for query in (
            "q=newsletter+oct",
            "q=lamp",
            "state=sending",
            "state=sending&state=draft",
            "kind=sms",
            "state=nonsense&owner=x",
            "shelf=running",
            "shelf=mine",
        )
    }
    assert found == {
        "q=newsletter+oct": ["October"],
        "q=lamp": ["Lumo"],
        "state=sending": ["November"],
        "state=sending&state=draft": ["November", "Lumo"],
        "kind=sms": [],
        "state=nonsense&owner=x": ["October", "November", "Lumo"],
        "shelf=running": ["November"],
        "shelf=mine": [],
    }


def test_the_list_is_narrowed_by_owner_by_choice_and_by_words(signed_in: SignIn) -> None:
    jonas = make_user(Role.AUTHOR, "jonas@fjordlys.example")
    make_mailing("Dealer news", owner=jonas)
    make_mailing("October newsletter")
    browser = signed_in()
    for query in (f"owner={jonas.id}", "q=author", "q=news+author"):
        page = browser.get(f"/mailings/?{query}", headers=FRAGMENT).text
        assert "Dealer news" in page
        assert "October" not in page


@pytest.mark.parametrize("sort", sorted(overview.ORDERS))
@pytest.mark.parametrize("way", ["", "-"])
def test_the_list_is_sorted_by_each_column(signed_in: SignIn, sort: str, way: str) -> None:
    mailing = make_mailing("October newsletter")
    make_recipient(mailing, opened_at=utcnow())
    make_draft()
    page = signed_in().get(f"/mailings/?sort={way}{sort}").text
    assert "1–2 of 2" in page


def test_the_most_opened_comes_first_and_what_was_never_sent_last(signed_in: SignIn) -> None:
    half, whole = make_mailing("Half"), make_mailing("Whole")
    make_draft()
    for number in range(2):
        opened = {"opened_at": utcnow()}
        make_recipient(half, email=f"{number}@a.example", **(opened if number else {}))
        make_recipient(whole, email=f"{number}@b.example", **opened)
    browser = signed_in()

    def names(sort: str) -> list[str]:
        page = browser.get(f"/mailings/?sort={sort}", headers=FRAGMENT).text
        return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)

    assert names("-opened") == ["Whole", "Half", "Lumo"]
    assert names("opened") == ["Half", "Whole", "Lumo"]


def test_a_folder_shows_what_is_in_it_and_below_it(signed_in: SignIn) -> None:
    top = make_folder("Newsletters")
    make_mailing("In the top one", folder=top)
    make_mailing("Further down", folder=make_folder("Danish", top))
    make_mailing("Elsewhere")
    page = signed_in().get(f"/mailings/?folder={top.id}").text
    assert "In the top one" in page
    assert "Further down" in page
    assert "Elsewhere" not in page
    assert re.search(r'All folders</span><span class="folder-count">3<', page)
    assert re.search(r'Newsletters</span><span class="folder-count">2<', page)
    assert re.search(r'Danish</span><span class="folder-count">1<', page)


def test_a_folder_that_is_gone_shows_everything(signed_in: SignIn) -> None:
    make_mailing("October newsletter")
    assert "October newsletter" in signed_in().get("/mailings/?folder=404").text


def test_a_mailing_made_in_a_folder_lies_in_it_and_so_does_its_copy(signed_in: SignIn) -> None:
    folder, browser = make_folder(), signed_in()
    assert (
        f'name="folder" value="{folder.id}"' in browser.get(f"/mailings/?folder={folder.id}").text
    )
    browser.post("/mailings/new", data={"folder": folder.id})
    mailing = db.session.scalars(select(Mailing)).one()
    browser.post(f"/mailings/{mailing.id}/duplicate")
    assert db.session.scalars(select(Mailing.folder_id)).all() == [folder.id, folder.id]


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


def test_tiles_are_remembered(signed_in: SignIn) -> None:
    make_mailing()
    browser = signed_in()
    assert "mailing-tile" in browser.get("/mailings/?as=tiles").text
    assert "mailing-tile" in browser.get("/mailings/").text
    assert "mailing-tile" not in browser.get("/mailings/?as=list").text
    assert "mailing-tile" not in browser.get("/mailings/").text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Nothing was changed within 90 days."),
        ("shelf=mine", "No mailing here is yours."),
        ("shelf=scheduled", "Nothing is scheduled."),
        ("shelf=running", "Nothing is being sent just now."),
        ("folder={folder}", "This folder is empty."),
        ("q=moon", "No mailing here has “moon” in its name, subject or owner."),
        ("shelf=all&state=draft", "No mailing here fits these filters."),
    ],
)
def test_an_empty_place_says_what_would_be_there(signed_in: SignIn, query: str, words: str) -> None:
    make_mailing("Long ago", updated_at=utcnow() - timedelta(days=91))
    page = signed_in().get("/mailings/?" + query.format(folder=make_folder().id)).text
    assert words in page
    assert "Show all" in page


def test_a_preview_is_compiled_once_as_long_as_nothing_changes(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    address = re.search(
        rf'src="(/mailings/{mailing.id}/preview[^"]+)"', browser.get("/mailings/").text
    ).group(1)
    first = browser.get(address)
    assert first.headers["Cache-Control"] == "private, max-age=86400"
    known = {"If-None-Match": first.headers["ETag"]}
    again = browser.get(f"/mailings/{mailing.id}/preview", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "private, no-cache"
    # What a browser keeps goes by the newest headers.
    policy = "Content-Security-Policy"
    assert again.headers[policy] == first.headers[policy]
    mailing.content_version += 1
    assert browser.get(address, headers=known).status_code == 200


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
    assert (mailing.name, mailing.selection, mailing.project) == (SETUP["name"], None, fair)


def test_a_new_mailing_is_a_draft_at_once(signed_in: SignIn) -> None:
    answer = signed_in().post("/mailings/new")
    mailing = db.session.scalars(select(Mailing)).one()
    assert answer.headers["Location"] == f"/mailings/{mailing.id}/draft/setup"
    assert mailing.state == State.DRAFT
    assert mailing.from_address
    assert mailing.owner_id


def test_a_mailing_made_from_a_selection_goes_to_its_people(signed_in: SignIn) -> None:
    selection = selections.create("Dealers", None)
    selections.add_members(selection.id, [make_contact().id])
    signed_in().post(f"/mailings/new?selection={selection.id}")
    mailing = db.session.scalars(select(Mailing)).one()
    assert mailing.name == "Dealers"
    assert [source.selection_id for source in mailing.sources] == [selection.id]
    assert mailing.selection == selection


def test_setup_is_saved_and_leads_on(signed_in: SignIn) -> None:
    mailing = make_draft()
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


def test_the_type_goes_with_a_copy_and_stands_on_the_sent_mailing(signed_in: SignIn) -> None:
    mailing = make_mailing(subscription_type_id=newsletter().id)
    browser = signed_in()
    assert "Newsletter" in browser.get(f"/mailings/{mailing.id}/content").text
    browser.post(f"/mailings/{mailing.id}/duplicate")
    copy = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert copy
    assert copy.subscription_type_id == newsletter().id


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


def test_a_copy_is_a_draft_without_recipients(signed_in: SignIn) -> None:
    mailing = make_mailing("October newsletter")
    make_recipient(mailing)
    signed_in().post(f"/mailings/{mailing.id}/duplicate")
    copy = db.session.scalars(select(Mailing).where(Mailing.id != mailing.id)).one()
    assert (copy.state, copy.name) == (State.DRAFT, "October newsletter (copy)")
    of_copy = select(func.count()).where(Recipient.mailing_id == copy.id)
    assert db.session.scalar(of_copy) == 0


@pytest.mark.parametrize("step", ["setup", "template", "content", "recipients", "confirm"])
def test_the_steps_of_a_sent_mailing_lead_to_its_summary(signed_in: SignIn, step: str) -> None:
    mailing = make_mailing()
    answer = signed_in().get(f"/mailings/{mailing.id}/draft/{step}")
    assert answer.headers["Location"] == f"/mailings/{mailing.id}"


@pytest.mark.parametrize("step", ["setup", "template", "content", "recipients", "confirm"])
def test_a_viewer_cannot_write(signed_in: SignIn, step: str) -> None:
    mailing = make_draft()
    assert signed_in(Role.VIEWER).get(f"/mailings/{mailing.id}/draft/{step}").status_code == 403


def test_setup_saves_as_you_go(signed_in_page: SignInPage) -> None:
    mailing = make_draft()
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
