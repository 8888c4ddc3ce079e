from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_company, make_contact, make_content, make_mailing
from webapp.accounts.models import AuditEntry
from webapp.accounts.rights import Role
from webapp.mailings import audience, gathering, sources
from webapp.mailings.models import LeftOut, Mailing, State
from webapp.mailings.sources import Statement
from webapp.people.models import Basis, Consent
from webapp.platform.database import db
from webapp.targets import projects, selections
from webapp.targets.projects import ProjectDetails

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}


def make_draft(**values: object) -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT, **values)


def make_selection(name: str = "Dealers") -> int:
    selection = selections.create(name, None)
    people = [
        make_contact("Anders Thygesen", "anders@lys.example", company=make_company()),
        make_contact("Bente Østergaard", "bente@lys.example", e_marketing=Consent.WITHDRAWN),
        make_contact("Carl Løvstrøm", ""),
        make_contact("Ditte Mølgaard", "anders@lys.example"),
    ]
    selections.add_members(selection.id, [person.id for person in people])
    return selection.id


def url_of(mailing: Mailing, rest: str = "") -> str:
    return f"/mailings/{mailing.id}/draft/recipients{rest}"


def test_everybody_in_a_selection_is_accounted_for(signed_in: SignIn) -> None:
    mailing, selection = make_draft(), make_selection()
    browser = signed_in()
    answer = browser.post(url_of(mailing, "/add/selection"), data={"id": selection})
    assert answer.headers["Location"] == url_of(mailing)
    page = browser.get(url_of(mailing)).text
    for name in ("Anders", "Bente", "Carl", "Ditte"):
        assert name in page
    assert audience.count(mailing) == audience.Audience(
        mailed=1,
        left_out={LeftOut.NO_ADDRESS: 1, LeftOut.NO_CONSENT: 1, LeftOut.DUPLICATE: 1},
    )
    assert "3 will not" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("show=mailed", {"Anders"}),
        ("show=no_consent", {"Bente"}),
        ("show=no_address", {"Carl"}),
        ("q=anders", {"Anders", "Ditte"}),
        ("q=blichfeldt", {"Anders"}),
        ("q=mølg", {"Ditte"}),
        ("show=no_consent&q=anders", set()),
    ],
)
def test_the_list_is_filtered_by_reason_and_words(
    signed_in: SignIn, query: str, names: set[str]
) -> None:
    mailing = make_draft()
    sources.add_selection(mailing, selections.get(make_selection()))
    page = signed_in().get(f"{url_of(mailing)}?{query}", headers=FRAGMENT).text
    assert {name for name in ("Anders", "Bente", "Carl", "Ditte") if f"{name} " in page} == names


def test_one_message_per_address_can_be_turned_off(signed_in: SignIn) -> None:
    mailing = make_draft()
    sources.add_selection(mailing, selections.get(make_selection()))
    browser = signed_in()
    browser.post(url_of(mailing, "/options"))
    db.session.refresh(mailing)
    assert audience.count(mailing).mailed == 2
    browser.post(url_of(mailing, "/options"), data={"one_per_address": "on"})
    assert audience.count(mailing).mailed == 1


def test_a_single_contact_is_found_and_added(signed_in: SignIn) -> None:
    mailing, contact = make_draft(), make_contact("Åse Nørgaard")
    browser = signed_in()
    found = browser.get(url_of(mailing, "/add/contact?q=nørg"), headers=FRAGMENT).text
    assert f'name="id" value="{contact.id}"' in found
    browser.post(url_of(mailing, "/add/contact"), data={"id": contact.id})
    assert audience.count(mailing).mailed == 1
    again = browser.get(url_of(mailing, "/add/contact"), headers=FRAGMENT).text
    assert "Added" in again


def test_pasted_addresses_need_a_basis_and_a_source(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    text = "Bo Ørsted <bo@fair.example>\nnot an address\nbo@fair.example"
    answer = browser.post(url_of(mailing, "/add/pasted"), data={"addresses": text})
    assert answer.status_code == 422
    assert "Say where you have them from." in answer.text
    assert "Say on what basis we may write to them." in answer.text
    assert mailing.sources == []
    data = {"addresses": text, "basis": "consent", "consent_source": "Guests at the fair"}
    page = browser.post(url_of(mailing, "/add/pasted"), data=data, follow_redirects=True).text
    assert "1 entry was left out" in page
    [source] = mailing.sources
    assert (source.basis, source.consent_source) == (Basis.CONSENT, "Guests at the fair")
    assert source.stated_by_id is not None
    assert audience.count(mailing).mailed == 1


def test_a_text_without_addresses_is_told_at_the_field(signed_in: SignIn) -> None:
    mailing = make_draft()
    data = {"addresses": "nobody here", "basis": "consent", "consent_source": "A list"}
    answer = signed_in().post(url_of(mailing, "/add/pasted"), data=data)
    assert answer.status_code == 422
    assert "There is no e-mail address in this text" in answer.text


def test_pasted_addresses_that_lack_what_the_content_uses_are_warned_about(
    signed_in: SignIn,
) -> None:
    mailing = make_draft(content=make_content())
    sources.add_pasted(mailing, "bo@fair.example", Statement(Basis.CONSENT, "A fair", by=None))
    page = signed_in().get(url_of(mailing)).text
    assert "<code>customer.firstname</code>, which 1 pasted address does not have." in page
    assert "“there”" in page


def test_a_removed_source_takes_its_people_with_it(signed_in: SignIn) -> None:
    mailing = make_draft()
    sources.add_selection(mailing, selections.get(make_selection()))
    audience.resolve(mailing)
    [source] = mailing.sources
    signed_in().post(url_of(mailing, f"/sources/{source.id}/remove"))
    db.session.refresh(mailing)
    assert mailing.sources == []
    assert audience.count(mailing).total == 0


def test_updating_the_list_reads_the_selections_again(signed_in: SignIn) -> None:
    mailing, selection = make_draft(), make_selection()
    sources.add_selection(mailing, selections.get(selection))
    audience.resolve(mailing)
    selections.add_members(selection, [make_contact("Emil", "emil@lys.example").id])
    signed_in().post(url_of(mailing, "/update"))
    assert audience.count(mailing).total == 5


def test_a_viewer_adds_nobody(signed_in: SignIn) -> None:
    mailing, selection = make_draft(), make_selection()
    browser = signed_in(Role.VIEWER)
    answer = browser.post(url_of(mailing, "/add/selection"), data={"id": selection})
    assert answer.status_code == 403
    assert mailing.sources == []


def test_adding_a_selection_in_its_dialogue(signed_in_page: SignInPage) -> None:
    mailing = make_draft()
    make_selection("Dealers and architects")
    make_selection_of_nobody = selections.create("Showroom", None)
    assert make_selection_of_nobody.id
    page = signed_in_page()
    page.goto(url_of(mailing))
    page.get_by_role("button", name="Add recipients").or_(
        page.get_by_text("Add recipients")
    ).click()
    page.get_by_role("link", name="Selection…").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").press_sequentially("deal")
    expect(dialog.get_by_text("Showroom")).to_have_count(0)
    dialog.get_by_role("button", name="Add Dealers and architects").click()
    expect(page.get_by_text("person will receive it")).to_be_visible()
    page.get_by_role("link", name="No consent").click()
    expect(page.get_by_text("Bente Østergaard")).to_be_visible()
    expect(page.get_by_text("Anders Thygesen")).to_have_count(0)


def test_a_project_is_a_source(signed_in: SignIn) -> None:
    mailing, project = make_draft(), projects.create(ProjectDetails(name="Showroom evening"))
    projects.add_members(project.id, [make_contact("Emil", "emil@lys.example").id])
    browser = signed_in()
    offered = browser.get(url_of(mailing, "/add/project?q=show"), headers=FRAGMENT).text
    assert "Showroom evening" in offered
    browser.post(url_of(mailing, "/add/project"), data={"id": project.id})
    assert "Showroom evening" in browser.get(url_of(mailing)).text
    assert audience.count(mailing).mailed == 1


def test_a_project_that_does_not_exist_any_more_says_so(signed_in: SignIn) -> None:
    answer = signed_in().post(url_of(make_draft(), "/add/project"), data={"id": 999})
    assert answer.status_code == 404


def send_file(browser: FlaskClient, mailing: Mailing, content: str, **data: str) -> TestResponse:
    given = {"basis": "consent", "consent_source": "A fair"} | data
    file = (BytesIO(content.encode()), "guests.csv")
    return browser.post(url_of(mailing, "/add/file"), data={**given, "file": file})


def test_a_file_is_a_source(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    send_file(browser, mailing, "name,email\nBo,bo@fair.example\nIda,nowhere\n")
    page = browser.get(url_of(mailing)).text
    assert "guests.csv" in page
    assert audience.count(mailing).mailed == 1


@pytest.mark.parametrize(
    ("content", "data", "words"),
    [
        ("name\nBo\n", {}, "There is no e-mail address in this file"),
        ("", {}, "This file is empty"),
        ("email\nbo@fair.example\n", {"consent_source": " "}, "Say where you have them from."),
        ("email\nbo@fair.example\n", {"basis": ""}, "Say on what basis"),
    ],
)
def test_a_file_that_cannot_be_a_source_says_why(
    signed_in: SignIn, content: str, data: dict[str, str], words: str
) -> None:
    mailing = make_draft()
    answer = send_file(signed_in(), mailing, content, **data)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert audience.count(mailing).total == 0


def test_options_are_kept(signed_in: SignIn) -> None:
    mailing = make_draft()
    chosen = {"include_companies": "on", "prefer_company": "on"}
    signed_in().post(url_of(mailing, "/options"), data=chosen)
    db.session.refresh(mailing)
    assert (mailing.include_companies, mailing.prefer_company) == (True, True)
    assert (mailing.one_per_address, mailing.update_when_sending) == (False, False)


def test_consent_is_overridden_with_a_reason_by_those_who_may(signed_in: SignIn) -> None:
    mailing = make_draft()
    sources.add_selection(mailing, selections.get(make_selection()))
    browser = signed_in(Role.ADMINISTRATOR)
    refused = browser.post(url_of(mailing, "/override"), data={"reason": "  "})
    assert (refused.status_code, "Say why this mailing may go" in refused.text) == (422, True)
    browser.post(url_of(mailing, "/override"), data={"reason": "Recall of Lumo"})
    assert LeftOut.NO_CONSENT not in audience.count(mailing).left_out
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.detail["reason"]) == ("consent overridden", "Recall of Lumo")
    assert "Recall of Lumo" in browser.get(url_of(mailing)).text
    browser.post(url_of(mailing, "/override/end"))
    assert audience.count(mailing).left_out[LeftOut.NO_CONSENT] == 1


def test_a_marketer_overrides_nothing(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in(Role.MARKETER)
    assert "Override consent" not in browser.get(url_of(mailing)).text
    answer = browser.post(url_of(mailing, "/override"), data={"reason": "I want to"})
    assert answer.status_code == 403


def test_with_selection_and_project_linked_the_page_says_whose_people_are_added(
    signed_in: SignIn,
) -> None:
    project = projects.create(ProjectDetails(name="Showroom evening"))
    projects.add_members(project.id, [make_contact("Emil", "emil@lys.example").id])
    mailing = make_draft()
    sources.link(mailing, selections.get(make_selection()), project)
    browser = signed_in()
    page = browser.get(url_of(mailing)).text
    assert "only the selection's people are added" in page
    assert "Add Showroom evening too" in page
    browser.post(url_of(mailing, "/add/project"), data={"id": project.id})
    assert "Add Showroom evening too" not in browser.get(url_of(mailing)).text
    assert audience.count(mailing).mailed == 2


def test_a_large_audience_shows_how_far_it_is_and_can_be_given_up(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    monkeypatch.setattr(gathering, "WAITED_FOR", 1)
    mailing = make_draft()
    sources.add_selection(mailing, selections.get(make_selection()))
    browser = signed_in()
    assert "The recipients are being gathered" in browser.get(url_of(mailing)).text
    with gathering.told(mailing.id) as tell:
        tell(3, 4)
    db.session.rollback()
    part = browser.get(url_of(mailing, "/gathering"), headers=FRAGMENT).text
    assert "3 of 4 people" in part
    browser.post(url_of(mailing, "/gathering/give-up"))
    assert "its update was given up" in browser.get(url_of(mailing)).text
    browser.post(url_of(mailing, "/update"))
    run_jobs()
    gone = browser.get(url_of(mailing, "/gathering"), headers=FRAGMENT)
    assert gone.headers["HX-Redirect"] == url_of(mailing)
    assert audience.count(mailing).total == 4
