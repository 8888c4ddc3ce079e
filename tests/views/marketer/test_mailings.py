import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import make_user
from tests.factories import (
    make_contact,
    make_folder,
    make_mailing,
    make_recipient,
    newsletter,
)
from webapp.accounts.rights import Role
from webapp.mailings import overview
from webapp.mailings.models import Mailing, Recipient, State
from webapp.platform.database import db, utcnow
from webapp.targets import selections

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}


def make_draft(**values: object) -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT, **values)


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


def test_the_type_goes_with_a_copy_and_stands_on_the_sent_mailing(signed_in: SignIn) -> None:
    mailing = make_mailing(subscription_type_id=newsletter().id)
    browser = signed_in()
    assert "Newsletter" in browser.get(f"/mailings/{mailing.id}/content").text
    browser.post(f"/mailings/{mailing.id}/duplicate")
    copy = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert copy
    assert copy.subscription_type_id == newsletter().id


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
