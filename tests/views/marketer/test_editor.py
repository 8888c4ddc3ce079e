from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests.factories import make_company, make_contact, make_mailing
from webapp.content.document import all_blocks, find_block
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}


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
    page = browser.get(url_of(mailing, f"content?block={button}")).text
    assert 'value="See it"' in page
    answer = browser.post(
        url_of(mailing, f"blocks/{button}"),
        data={"version": 0, "label": "Meet Lumo", "url": "fjordlys.dk/lumo", "full_width": "on"},
    )
    assert answer.headers["Location"].endswith(f"content?block={button}")
    changed = blocks(mailing)[2]
    assert (changed["label"], changed["url"]) == ("Meet Lumo", "https://fjordlys.dk/lumo")
    assert changed["full_width"] is True
    browser.post(url_of(mailing, "blocks"), data={"version": 1, "type": "divider", "after": button})
    assert types(mailing) == ["heading", "text", "button", "divider", "text"]


def test_blocks_are_moved_duplicated_and_deleted(signed_in: SignIn) -> None:
    mailing = make_draft()
    browser = signed_in()
    button = block_of(mailing, "button")
    url = url_of(mailing, f"blocks/{button}/move")
    for version in range(2):
        browser.post(url, data={"version": version, "direction": "up"})
    assert types(mailing) == ["heading", "button", "text", "text"]
    browser.post(url_of(mailing, f"blocks/{button}/duplicate"), data={"version": 2})
    assert types(mailing).count("button") == 2
    answer = browser.post(url_of(mailing, f"blocks/{button}/delete"), data={"version": 3})
    assert answer.headers["Location"] == url_of(mailing)
    assert types(mailing).count("button") == 1


def test_an_unticked_box_is_off_and_a_colour_of_ones_own_is_taken(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    browser = signed_in()
    url = url_of(mailing, f"blocks/{button}")
    browser.post(url, data={"version": 0, "full_width": "on"})
    browser.post(url, data={"version": 1, "color": "own", "color.own": "#AA3355"})
    db.session.refresh(mailing)
    block = find_block(mailing.content or {}, button)
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
    signed_in().post(url_of(mailing, f"blocks/{text}"), data={"version": 0, "html": html})
    assert blocks(mailing)[1]["html"] == "<p>Hi <strong>you</strong></p>"


def test_a_late_edit_is_refused_with_a_way_on(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    browser = signed_in()
    url = url_of(mailing, f"blocks/{button}")
    browser.post(url, data={"version": 0, "label": "First"})
    late = browser.post(url, data={"version": 0, "label": "Late"}, headers=FRAGMENT)
    assert late.status_code == 422
    assert late.headers["HX-Retarget"] == "#refused"
    assert "Somebody else changed this e-mail meanwhile" in late.text
    assert blocks(mailing)[2]["label"] == "First"


def test_a_block_that_is_gone_leads_back_to_the_content(signed_in: SignIn) -> None:
    mailing = make_draft()
    answer = signed_in().get(url_of(mailing, "content?block=gone"))
    assert answer.headers["Location"] == url_of(mailing)


def test_saving_a_value_does_not_send_the_form_back(signed_in: SignIn) -> None:
    mailing = make_draft()
    button = block_of(mailing, "button")
    answer = signed_in().post(
        url_of(mailing, f"blocks/{button}"), data={"version": 0, "url": "x y"}, headers=FRAGMENT
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


@pytest.mark.parametrize("kind", ["nonsense", ""])
def test_there_is_no_block_of_an_unknown_kind(signed_in: SignIn, kind: str) -> None:
    mailing = make_draft()
    answer = signed_in().post(url_of(mailing, "blocks"), data={"version": 0, "type": kind})
    assert answer.status_code == 422


def test_writing_on_the_canvas(signed_in_page: SignInPage) -> None:
    mailing = make_draft()
    page = signed_in_page()
    page.goto(url_of(mailing))
    canvas = page.frame_locator("#canvas")
    canvas.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", name="Button")).to_be_visible()
    expect(page.locator("#block-frame")).to_be_visible()
    page.get_by_label("Words on it").fill("Meet Lumo")
    expect(canvas.get_by_text("Meet Lumo")).to_be_visible()
    page.locator("#block-frame").get_by_role("button", name="Duplicate").click()
    expect(canvas.get_by_text("Meet Lumo")).to_have_count(2)
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.get_by_role("textbox", name="Text", exact=True)
    words.press("End")
    words.press_sequentially(" It dims.")
    expect(canvas.get_by_text("It dims.")).to_be_visible()
    page.get_by_role("button", name="Heading").click()
    expect(canvas.get_by_text("A heading")).to_be_visible()
    expect(page.locator("#refused")).to_be_empty()
    page.reload()
    expect(canvas.get_by_text("Meet Lumo")).to_have_count(2)
