import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select

from tests.factories import (
    make_company,
    make_contact,
    make_link,
    make_mailing,
    make_recipient,
    make_tracked_link,
)
from webapp.accounts.rights import Role
from webapp.mailings.models import LeftOut, Mailing, RecipientState, State
from webapp.people.models import Contact
from webapp.platform.database import db, utcnow
from webapp.response.models import Hit, HitKind
from webapp.targets import projects, selections
from webapp.targets.models import Selection, SelectionMember

SignedIn = Callable[..., FlaskClient]
FRAGMENT = {"HX-Request": "true"}


def test_a_draft_leads_to_its_wizard(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.DRAFT)
    client = signed_in()

    for page in ("", "/content", "/recipients", "/links"):
        answer = client.get(f"/mailings/{mailing.id}{page}")
        assert answer.status_code == 303
        assert f"/mailings/{mailing.id}/draft" in answer.location


def test_an_unknown_mailing_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in().get("/mailings/987654").status_code == 404


def test_every_page_of_it_names_the_selection_and_project_that_it_is_about(
    signed_in: SignedIn,
) -> None:
    dealers, fair = selections.create("Dealers", None), projects.named("Fair", None)
    mailing, client = make_mailing(selection=dealers, project=fair), signed_in()
    for page in ("", "/content", "/recipients", "/links"):
        text = client.get(f"/mailings/{mailing.id}{page}").text
        assert f'<a href="/selections/{dealers.id}">Dealers</a>' in text
        assert f'<a href="/projects/{fair.id}">Fair</a>' in text


def test_the_summary_shows_progress_and_figures(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SENDING, started_at=utcnow() - timedelta(minutes=1))
    now = utcnow()
    make_recipient(mailing, email="a@kunde.example", opened_at=now, clicked_at=now)
    make_recipient(mailing, email="b@kunde.example", opened_at=now)
    make_recipient(mailing, email="c@kunde.example", unsubscribed_at=now)
    make_recipient(mailing, email="d@kunde.example", state=RecipientState.READY)
    make_recipient(mailing, email="e@kunde.example", reason=LeftOut.NO_CONSENT)

    page = _words(signed_in().get(f"/mailings/{mailing.id}").text)

    assert "75% 3 of 4" in page
    assert "3 a minute" in page
    assert "Opened 66.7% 2 people" in page
    assert "Clicked 33.3% 1 person" in page
    assert "Unsubscribed 33.33% 1 person" in page
    assert "1 was left out. See why" in page


def asked_next(page: str) -> str:
    found = re.search(r'<[^>]*hx-get="([^"]+)"[^>]*hx-trigger="every', page)
    assert found is not None
    return unescape(found[1])


def test_a_running_mailing_asks_every_two_seconds_and_slower_while_nothing_changes(
    signed_in: SignedIn,
) -> None:
    mailing = make_mailing(state=State.SENDING)
    client = signed_in()
    page = client.get(f"/mailings/{mailing.id}").text
    assert 'hx-trigger="every 2s"' in page

    seconds = []
    for _ in range(6):
        page = client.get(asked_next(page), headers=FRAGMENT).text
        seconds.append(int(page.split("every ")[1].split("s")[0]))
    assert seconds == [4, 8, 16, 30, 30, 30]

    make_recipient(mailing)
    assert 'hx-trigger="every 2s"' in client.get(asked_next(page), headers=FRAGMENT).text


def test_an_old_mailing_does_not_ask_any_more(signed_in: SignedIn) -> None:
    mailing = make_mailing(finished_at=utcnow() - timedelta(days=8))

    assert "every " not in signed_in().get(f"/mailings/{mailing.id}").text


def test_the_reason_of_a_pause_is_shown_with_the_way_on(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.PAUSED, state_reason="535 authentication failed")
    path = f"/mailings/{mailing.id}"

    assert "535 authentication failed" in signed_in(Role.VIEWER).get(path).text
    assert "Go on sending" not in signed_in(Role.AUTHOR).get(path).text
    client = signed_in(Role.MARKETER)
    assert "Go on sending" in client.get(path).text

    assert client.post(f"{path}/resume").status_code == 303

    db.session.refresh(mailing)
    assert mailing.state == State.SENDING


def test_links_are_listed_with_people_and_clicks(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    make_link(mailing, label="See the Lumo collection")
    recipient = make_recipient(mailing, clicked_at=utcnow())
    for _ in range(2):
        db.session.add(
            Hit(
                mailing_id=mailing.id,
                recipient_id=recipient.id,
                kind=HitKind.CLICK,
                link_number=1,
                at=utcnow(),
                method="GET",
                user_agent="",
            )
        )

    page = _words(signed_in().get(f"/mailings/{mailing.id}/links").text)

    assert "See the Lumo collection https://www.fjordlys.example/lumo 1 100.0% 1/1 2" in page


def test_recipients_are_filtered_by_state_and_reason(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    make_recipient(mailing, make_contact("Sent Person", "sent@kunde.example"))
    make_recipient(
        mailing,
        make_contact("Refused Person", "refused@kunde.example"),
        state=RecipientState.FAILED,
        reply="550 5.1.1 User unknown",
    )
    make_recipient(mailing, make_contact("Double", "x@kunde.example"), reason=LeftOut.DUPLICATE)
    make_recipient(mailing, make_contact("Silent", "y@kunde.example"), reason=LeftOut.NO_CONSENT)
    client, path = signed_in(), f"/mailings/{mailing.id}/recipients"

    assert _names(client, path) == {"Sent Person", "Refused Person"}
    assert _names(client, f"{path}?which=sent") == {"Sent Person"}
    assert "550 5.1.1 User unknown" in client.get(f"{path}?which=failed").text
    assert _names(client, f"{path}?which=left_out") == {"Double", "Silent"}
    assert _names(client, f"{path}?which=left_out&reason=duplicate") == {"Double"}
    assert _names(client, f"{path}?which=nonsense") == {"Sent Person", "Refused Person"}


def test_recipients_are_filtered_by_what_they_did(signed_in: SignedIn) -> None:
    mailing, now = make_mailing(), utcnow()
    make_recipient(mailing, make_contact("Opener", "o@kunde.example"), opened_at=now)
    make_recipient(
        mailing, make_contact("Clicker", "c@kunde.example"), opened_at=now, clicked_at=now
    )
    make_recipient(mailing, make_contact("Leaver", "l@kunde.example"), unsubscribed_at=now)
    client, path = signed_in(), f"/mailings/{mailing.id}/recipients"

    assert _names(client, f"{path}?which=opened") == {"Opener", "Clicker"}
    assert _names(client, f"{path}?which=clicked") == {"Clicker"}
    assert _names(client, f"{path}?which=unsubscribed") == {"Leaver"}


def test_recipients_are_found_by_name_company_and_address_also_bare_ones(
    signed_in: SignedIn,
) -> None:
    mailing = make_mailing()
    company = make_company("Lampehuset")
    make_recipient(
        mailing, make_contact("Karen Blichfeldt", "kb@first.example", company_id=company.id)
    )
    make_recipient(mailing, make_contact("Mads Ørsted", "mads@second.example"))
    make_recipient(mailing, email="bare@third.example", name="Nobody’s Contact")
    other = make_mailing("Other")
    make_recipient(other, make_contact("Karen Other", "other@first.example"))
    client, path = signed_in(), f"/mailings/{mailing.id}/recipients"

    assert _names(client, f"{path}?q=kar") == {"Karen Blichfeldt"}
    assert _names(client, f"{path}?q=lampe") == {"Karen Blichfeldt"}
    assert _names(client, f"{path}?q=mads@second.example") == {"Mads Ørsted"}
    assert _names(client, f"{path}?q=third") == {"Nobody’s Contact"}
    assert _names(client, f"{path}?q=100%25") == set()


def test_ticked_recipients_are_added_to_a_selection_or_project(signed_in: SignedIn) -> None:
    mailing, other = make_mailing(), make_mailing("Other")
    karen = make_contact()
    ticked = make_recipient(mailing, karen, clicked_at=utcnow())
    bare = make_recipient(mailing, email="bare@kunde.example")
    foreign = make_recipient(other, make_contact("Foreign", "f@kunde.example"))
    make_recipient(mailing, make_contact("Not ticked", "n@kunde.example"))
    client = signed_in()
    form = _bulk_bar(client, f"/mailings/{mailing.id}/recipients?which=clicked")

    step = client.post(form["Add to…"], data={"recipient": [ticked.id, bare.id, foreign.id]})
    assert "Add 1 person" in client.get(step.location).text
    client.post(step.location, data={"selection": "Those who clicked", "go": "yes"})
    to_project = step.location.replace("what=selection", "what=project")
    back = client.post(to_project, data={"project": "Calls", "go": "yes"})

    assert back.location == f"/mailings/{mailing.id}/recipients?which=clicked"
    assert _members("Those who clicked") == [karen.id]
    assert list(db.session.scalars(projects.member_ids(projects.named("Calls", None).id))) == [
        karen.id
    ]


def test_bare_addresses_alone_are_nobody_to_add(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    bare = make_recipient(mailing, email="bare@kunde.example")
    url = f"/contacts/update/ticked?mailing={mailing.id}&what=selection"
    answer = signed_in().post(url, data={"recipient": bare.id})
    assert answer.status_code == 422
    assert "Nobody is chosen" in answer.text


def test_all_that_the_list_shows_are_added_to_a_selection(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    opener = make_contact("Opener", "o@kunde.example")
    make_recipient(mailing, opener, opened_at=utcnow())
    make_recipient(mailing, make_contact("Sleeper", "s@kunde.example"))
    selections.create("Warm", None)
    client = signed_in()
    url = f"/contacts/update?everybody=1&what=selection&mailing={mailing.id}&which=opened"
    shown = client.get(f"/mailings/{mailing.id}/recipients?which=opened").text
    assert url.replace("&", "&amp;") in shown

    answer = client.post(url, data={"selection": "warm", "go": "yes"})

    assert answer.location == f"/mailings/{mailing.id}/recipients?which=opened"
    assert _members("Warm") == [opener.id]
    assert client.get(url.replace(f"={mailing.id}&", "=999999&")).status_code == 404


def test_who_may_only_look_adds_nobody(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    make_recipient(mailing, make_contact())
    page = signed_in(Role.VIEWER).get(f"/mailings/{mailing.id}/recipients").text

    assert "data-row" not in page
    assert "Add to…" not in page


def test_the_message_is_shown_as_a_recipient_got_it_without_counting(signed_in: SignedIn) -> None:
    mailing = make_mailing()
    recipient = make_recipient(mailing, make_contact("Karen Blichfeldt"))
    client = signed_in()

    page = client.get(f"/mailings/{mailing.id}/content?as={recipient.id}").text
    frame = client.get(f"/mailings/{mailing.id}/message?as={recipient.id}")

    assert f"/mailings/{mailing.id}/message?as={recipient.id}" in page
    assert "Hi Karen," in frame.text
    assert "/c/" not in frame.text
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]


def test_a_recipient_of_another_mailing_is_not_shown(signed_in: SignedIn) -> None:
    foreign = make_recipient(make_mailing("Other"), make_contact())
    mailing: Mailing = make_mailing()

    assert signed_in().get(f"/mailings/{mailing.id}/message?as={foreign.id}").status_code == 404


def _words(html: str) -> str:
    """The words of a page, without its markup."""
    inside = "".join(f" {piece.partition('>')[2]} " for piece in html.split("<"))
    return " ".join(inside.replace("\N{NO-BREAK SPACE}", " ").split())


def _names(client: FlaskClient, path: str) -> set[str]:
    """Who stands in the list."""
    answer = client.get(path, headers=FRAGMENT)
    assert answer.status_code == 200
    return set(re.findall(r'class="row-(?:link|name)"[^>]*>([^<]+)<', answer.text))


def _bulk_bar(client: FlaskClient, path: str) -> dict[str, str]:
    """Where each of its buttons leads."""
    page = html.fromstring(client.get(path).text)
    buttons = page.xpath("//form[@id='chosen']//button[@formaction]")
    return {button.text_content().strip(): button.get("formaction") for button in buttons}


def _members(name: str) -> list[int]:
    return list(
        db.session.scalars(
            select(Contact.id)
            .join(SelectionMember, SelectionMember.contact_id == Contact.id)
            .join(Selection, Selection.id == SelectionMember.selection_id)
            .where(Selection.name == name)
        )
    )


def test_a_registered_link_stands_under_its_name(signed_in: SignedIn) -> None:
    mailing = make_mailing(prepared_at=utcnow())
    link = make_link(mailing, label="Sign me up")
    link.tracked_link_id = make_tracked_link("Sign up for the winter evening").id
    browser = signed_in()
    for address in (f"/mailings/{mailing.id}", f"/mailings/{mailing.id}/links"):
        page = browser.get(address).text
        assert "Sign up for the winter evening" in page
        assert "“Sign me up”" in page


def test_the_links_of_a_scheduled_mailing_are_counted_later(signed_in: SignedIn) -> None:
    mailing = make_mailing(state=State.SCHEDULED, scheduled_at=utcnow(), scheduled_zone="UTC")
    page = signed_in().get(f"/mailings/{mailing.id}/links").text
    assert "counted once it is sent" in page
