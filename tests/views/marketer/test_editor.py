import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories import make_company, make_contact, make_mailing, make_recipient
from webapp.accounts.models import Role
from webapp.content.document.parts import all_blocks, find_part
from webapp.content.own_html.message import from_html
from webapp.mailings import contents
from webapp.mailings.models import Mailing, RecipientState, State
from webapp.people.models import Contact
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}
SHOWN = {"on_desktop": "on", "on_mobile": "on"}


def make_draft(**values: object) -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT, **values)


def blocks(mailing: Mailing) -> list[dict[str, object]]:
    db.session.refresh(mailing)
    return list(all_blocks(mailing.content or {}))


def types(mailing: Mailing) -> list[object]:
    return [block["type"] for block in blocks(mailing)]


def block_of(mailing: Mailing, kind: str) -> str:
    return next(str(block["id"]) for block in blocks(mailing) if block["type"] == kind)


def url_of(mailing: Mailing, rest: str = "content") -> str:
    return f"/mailings/{mailing.id}/draft/{rest}"


def test_the_canvas_is_the_marked_message_under_its_own_policy(signed_in: SignIn) -> None:
    mailing = make_draft()
    contact = make_contact("Åse Nørgaard", company=make_company())
    answer = signed_in().get(url_of(mailing, f"canvas?as={contact.id}"))
    assert f"block-{block_of(mailing, 'button')}" in answer.text
    assert "Hi Åse," in answer.text
    assert "https://www.fjordlys.example/lumo" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin" in policy


def test_without_scripts_a_block_is_chosen_changed_and_added_by_links_and_forms(
    signed_in: SignIn,
) -> None:
    mailing = make_draft()
    browser = signed_in()
    button = block_of(mailing, "button")
    page = browser.get(url_of(mailing, f"content?part={button}")).text
    assert 'value="See it"' in page
    answer = browser.post(
        url_of(mailing, f"parts/{button}"),
        data={"version": 0, "label": "Meet Lumo", "url": "fjordlys.dk/lumo", "full_width": "on"},
    )
    assert answer.headers["Location"].endswith(f"content?part={button}")
    changed = blocks(mailing)[2]
    assert (changed["label"], changed["url"]) == ("Meet Lumo", "https://fjordlys.dk/lumo")
    assert changed["full_width"] is True
    browser.post(url_of(mailing, "parts"), data={"version": 1, "type": "divider", "below": button})
    assert types(mailing) == ["heading", "text", "button", "divider", "text"]


def test_blocks_are_moved_duplicated_and_deleted(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    button = block_of(mailing, "button")
    url = url_of(mailing, f"parts/{button}/move")
    for version in range(2):
        browser.post(url, data={"version": version, "direction": "up"})
    assert types(mailing) == ["button", "heading", "text", "text"]
    browser.post(url_of(mailing, f"parts/{button}/duplicate"), data={"version": 2})
    assert types(mailing).count("button") == 2
    answer = browser.post(url_of(mailing, f"parts/{button}/delete"), data={"version": 3})
    assert answer.headers["Location"] == url_of(mailing)
    assert types(mailing).count("button") == 1


def test_an_unticked_box_is_off_and_a_colour_of_ones_own_is_taken(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    browser = signed_in()
    url = url_of(mailing, f"parts/{button}")
    browser.post(url, data={"version": 0, "full_width": "on"})
    browser.post(url, data={"version": 1, "color": "own", "color.own": "#AA3355"})
    db.session.refresh(mailing)
    block = find_part(mailing.content or {}, button)
    assert block["full_width"] is False
    assert block["color"] == "#aa3355"


def test_the_style_of_the_whole_email_is_changed(signed_in: SignIn) -> None:
    mailing = make_draft()
    signed_in().post(url_of(mailing, "style"), data={"version": 0, "font": "georgia", "width": 640})
    db.session.refresh(mailing)
    assert mailing.content is not None
    assert (mailing.content["body"]["font"], mailing.content["body"]["width"]) == ("georgia", 640)


def test_text_is_cleaned_of_what_no_email_may_hold(signed_in: SignIn) -> None:
    mailing = make_draft()
    text = block_of(mailing, "text")
    html = '<p onclick="x()">Hi <b>you</b><script>alert(1)</script></p>'
    signed_in().post(url_of(mailing, f"parts/{text}"), data={"version": 0, "html": html})
    assert blocks(mailing)[1]["html"] == "<p>Hi <strong>you</strong></p>"


def test_whose_change_of_one_block_is_to_stay_is_asked(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    browser = signed_in()
    url = url_of(mailing, f"parts/{button}")
    browser.post(url, data={"version": 0, "label": "First"})
    mine = {"version": 0, "label": "Late"}
    late = browser.post(url, data=mine, headers=FRAGMENT)
    assert late.status_code == 422
    assert late.headers["HX-Retarget"] == "#refused"
    assert "Whose is to stay?" in late.text
    assert blocks(mailing)[2]["label"] == "First"
    over = re.search(r'name="over" value="(\d+)"', late.text)
    assert over
    browser.post(url, data=mine | {"over": over[1]}, headers=FRAGMENT)
    assert blocks(mailing)[2]["label"] == "Late"


def test_a_block_that_somebody_else_wrote_in_is_not_deleted_unseen(signed_in: SignIn) -> None:
    mailing = make_draft()
    url = url_of(mailing, f"parts/{block_of(mailing, 'button')}")
    signed_in().post(url, data={"version": 0, "label": "First"})
    answer = signed_in().post(f"{url}/delete", data={"version": 0}, headers=FRAGMENT)
    assert answer.status_code == 422
    assert "Load the page again" in answer.text
    assert blocks(mailing)[2]["label"] == "First"


def test_a_block_that_is_gone_leads_back_to_the_content(signed_in: SignIn) -> None:
    mailing = make_draft()
    answer = signed_in().get(url_of(mailing, "content?part=gone"))
    assert answer.headers["Location"] == url_of(mailing)


def test_saving_a_value_does_not_send_the_form_back(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    answer = signed_in().post(
        url_of(mailing, f"parts/{button}"),
        data={"version": 0, "url": "x y", **SHOWN},
        headers=FRAGMENT,
    )
    assert '"version": 1' in answer.headers["HX-Trigger"]
    assert 'id="properties"' not in answer.text
    assert "A link cannot lead to" in answer.text


def test_content_begins_at_the_template(signed_in: SignIn) -> None:
    mailing = make_draft(content=None)
    answer = signed_in().get(url_of(mailing))
    assert answer.headers["Location"] == url_of(mailing, "template")


def test_the_email_is_shown_as_anybody_that_is_searched_for(signed_in: SignIn) -> None:
    contact = make_contact("Åse Nørgaard")
    mailing = make_draft()
    found = signed_in().get(url_of(mailing, "people?q=nør"), headers=FRAGMENT)
    assert f"as={contact.id}" in found.text


def test_one_recipient_after_another_reads_it(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    first, _other, last = (
        make_contact(name, email=f"{name}@example.com") for name in ("anna", "bo", "camilla")
    )
    for person in (first, last):
        make_recipient(mailing, person, state=RecipientState.READY)

    def after(person: Contact, back: str = "") -> str:
        answer = browser.get(url_of(mailing, f"reader?as={person.id}&dark=yes{back}"))
        return answer.headers["Location"].partition("?")[2]

    assert after(first) == f"as={last.id}&dark=yes"
    assert after(last) == f"as={first.id}&dark=yes"
    assert after(last, "&back=yes") == f"as={first.id}&dark=yes"


@pytest.mark.parametrize("kind", ["nonsense", "", "saved:x", "saved:" + "9" * 5000])
def test_a_block_of_an_unknown_kind_is_refused_above_the_canvas(
    signed_in: SignIn, kind: str
) -> None:
    """So that the panel stays: a colleague may just have deleted the saved block."""
    mailing = make_draft()
    before = blocks(mailing)
    data = {"version": 0, "type": kind}
    answer = signed_in().post(url_of(mailing, "parts"), data=data, headers=FRAGMENT)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#refused"
    assert blocks(mailing) == before


@pytest.mark.parametrize("rest", ["content", "canvas", "text", "code"])
def test_without_a_mailing_there_is_no_editor(signed_in: SignIn, rest: str) -> None:
    """And no way to it, which would lead here again."""
    assert signed_in().get(f"/mailings/999999/draft/{rest}").status_code == 404


def post(browser: FlaskClient, mailing: Mailing, rest: str, **values: object) -> None:
    """With the newest version, as the page carries it."""
    db.session.refresh(mailing)
    data = {"version": mailing.content_version, **values}
    answer = browser.post(url_of(mailing, rest), data=data)
    assert answer.status_code == 303, answer.text


def test_a_block_is_dropped_before_or_after_another_or_into_a_column(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    button = block_of(mailing, "button")
    post(browser, mailing, "parts", type="quote", before=button)
    assert types(mailing) == ["heading", "text", "quote", "button", "text"]
    post(browser, mailing, "parts", type="row:1-1", after=button)
    db.session.refresh(mailing)
    row = next(each for each in (mailing.content or {})["rows"] if len(each["columns"]) == 2)
    post(browser, mailing, f"parts/{button}/move", row=row["id"], column=1)
    db.session.refresh(mailing)
    rows = (mailing.content or {})["rows"]
    moved = next(each for each in rows if each["id"] == row["id"])["columns"][1]["blocks"]
    assert [block["id"] for block in moved] == [button]


def test_a_row_has_other_columns_and_a_look_of_its_own(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    row = (mailing.content or {})["rows"][0]["id"]
    page = browser.get(url_of(mailing, f"content?part={row}")).text
    assert "Columns" in page
    post(browser, mailing, f"parts/{row}/layout", layout="1-2")
    post(browser, mailing, f"parts/{row}", background="own", **{"background.own": "#123456"})
    db.session.refresh(mailing)
    changed = (mailing.content or {})["rows"][0]
    assert [column["width"] for column in changed["columns"]] == [33, 67]
    assert changed["background"] == "#123456"


def test_the_links_of_a_menu_are_entered_line_by_line(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    post(browser, mailing, "parts", type="menu")
    menu = block_of(mailing, "menu")
    entered = {"items.label": ["Lamps", "", "Shop"], "items.url": ["fjordlys.dk", "", "x.dk/shop"]}
    post(browser, mailing, f"parts/{menu}", **entered)
    block = next(block for block in blocks(mailing) if block["id"] == menu)
    assert block["items"] == [
        {"label": "Lamps", "url": "https://fjordlys.dk"},
        {"label": "Shop", "url": "https://x.dk/shop"},
    ]


def test_what_was_done_is_undone_and_done_again(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    before = types(mailing)
    post(browser, mailing, "parts", type="divider")
    post(browser, mailing, "undo")
    assert types(mailing) == before
    post(browser, mailing, "redo")
    assert "divider" in types(mailing)


def test_undo_shows_what_it_undid(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    button, text = block_of(mailing, "button"), block_of(mailing, "text")
    post(browser, mailing, f"parts/{button}", label="Meet Lumo")
    db.session.refresh(mailing)
    data = {"version": mailing.content_version, "part": text}
    answer = browser.post(url_of(mailing, "undo"), data=data, headers=FRAGMENT)
    assert answer.headers["HX-Push-Url"].endswith(f"part={button}")
    assert f'id="block-frame" data-part="{button}"' in answer.text


def test_undo_leads_back_from_own_html_and_to_it(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    contents.save(mailing, from_html("<p>Hi</p>")[0], version=0)
    page = browser.get(url_of(mailing, "source")).text
    assert url_of(mailing, "undo") in page
    for version, way in [(1, "undo"), (2, "redo")]:
        data = {"version": version}
        answer = browser.post(url_of(mailing, way), data=data, headers=FRAGMENT)
        assert answer.headers["HX-Redirect"] == url_of(mailing)


@pytest.mark.parametrize("stored", [[1, 2], "text", 5, {"rows": 5}])
def test_broken_content_is_opened_with_the_fault_shown(signed_in: SignIn, stored: object) -> None:
    page = signed_in().get(url_of(make_draft(content=stored)))
    assert page.status_code == 200
    assert "The content of this e-mail cannot be read." in page.text


def test_words_that_mean_something_elsewhere_are_words(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    button = block_of(mailing, "button")
    post(browser, mailing, f"parts/{button}", label="own")
    assert blocks(mailing)[2]["label"] == "own"


def test_a_block_put_aside_is_there_for_every_mailing(signed_in: SignIn) -> None:
    mailing, other, browser = make_draft(), make_draft(), signed_in()
    button = block_of(mailing, "button")
    post(browser, mailing, f"parts/{button}/put-aside", name="The green button")
    page = browser.get(url_of(other)).text
    assert "The green button" in page
    saved_id = page.partition('value="saved:')[2].partition('"')[0]
    post(browser, other, "parts", type=f"saved:{saved_id}")
    copies = [block for block in blocks(other) if block["type"] == "button"]
    assert len({block["id"] for block in copies}) == 2
    post(browser, other, f"saved/{saved_id}/delete")
    assert "saved:" not in browser.get(url_of(mailing)).text


def test_the_text_part_is_written_by_hand_or_generated_again(signed_in: SignIn) -> None:
    mailing, browser = make_draft(), signed_in()
    generated = browser.get(url_of(mailing, "text")).text
    assert "[[customer.firstname|&#34;there&#34;]]" in generated
    post(browser, mailing, "text", text="Hi [[customer.firstname]], read https://x.dk")
    db.session.refresh(mailing)
    assert (mailing.content or {})["text"].startswith("Hi [[customer.firstname]]")
    post(browser, mailing, "text", text="anything", generate="yes")
    db.session.refresh(mailing)
    assert "text" not in (mailing.content or {})


def test_the_source_shows_what_is_sent(signed_in: SignIn) -> None:
    assert "&lt;!doctype html&gt;" in signed_in().get(url_of(make_draft(), "code")).text


def test_two_people_in_one_mailing_are_told_of_each_other(signed_in: SignIn) -> None:
    mailing = make_draft()
    first, second = signed_in(), signed_in(Role.MARKETER)
    first.get(url_of(mailing))
    assert "Mette Administrator is in this e-mail too" in second.get(url_of(mailing)).text
    for step in ("setup", "recipients", "confirm"):
        assert "Mette Administrator is in" in second.get(url_of(mailing, step)).text
    post(second, mailing, "parts", type="divider")
    told = first.get(url_of(mailing, "others?version=0")).text
    assert "Mette Marketer is in this e-mail too" in told
    assert "show the newest" in told


def test_a_text_that_is_too_long_is_refused_whole_and_can_be_generated_anew(
    signed_in: SignIn,
) -> None:
    mailing, browser = make_mailing(state=State.DRAFT), signed_in()
    url, long = f"/mailings/{mailing.id}/draft/text", "x" * 100_001
    answer = browser.post(url, data={"version": 0, "text": long})
    assert answer.status_code == 422
    assert long in answer.text
    assert "maxlength" not in answer.text
    data = {"version": 0, "text": long, "generate": "yes"}
    assert browser.post(url, data=data).status_code == 303
