"""The second step of a draft: what it begins from."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import make_content, make_mailing, make_template
from webapp.content.templates.designs import DESIGNS
from webapp.mailings import beginnings, contents
from webapp.mailings.beginnings import ORIGIN
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def draft() -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT, content=None, subject="")


def step(mailing: Mailing) -> str:
    return f"/mailings/{mailing.id}/draft/template"


def offered(page: str) -> list[str]:
    return re.findall(r'class="lead-text"><strong>([^<]+)<', page)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_supplied_template_can_be_looked_at_and_becomes_the_content(
    signed_in: SignIn, draft: Mailing, name: str
) -> None:
    browser = signed_in()
    look = browser.get(f"/templates/supplied/{name}")
    assert "sandbox" in look.headers["Content-Security-Policy"]
    assert "</html>" in look.text
    answer = browser.post(step(draft), data={"design": name})
    assert answer.headers["Location"] == f"/mailings/{draft.id}/draft/content"
    db.session.refresh(draft)
    assert draft.content == DESIGNS[name].document("da") | {ORIGIN: {"design": name}}


def test_each_shelf_shows_what_it_has(signed_in: SignIn, draft: Mailing) -> None:
    make_template("Our spring")
    make_mailing("October newsletter")
    browser = signed_in()
    shelves = {
        "": ["Blank", *(str(each.label) for each in DESIGNS.values())],
        "?shelf=ours": ["Our spring"],
        "?shelf=earlier": ["October newsletter"],
        "?shelf=html": [],
        "?q=blank": ["Blank"],
        "?q=news": ["Newsletter", "Product news", "October newsletter"],
        "?q=our+spring": ["Our spring"],
    }
    for query, names in shelves.items():
        assert offered(browser.get(step(draft) + query).text) == names
    assert "<html" not in browser.get(step(draft) + "?q=x", headers=FRAGMENT).text
    assert "Nothing here is called “zzz”." in browser.get(step(draft) + "?q=zzz").text


def test_one_is_shown_larger_before_it_is_chosen(signed_in: SignIn, draft: Mailing) -> None:
    browser = signed_in()
    dialog = browser.get(f"{step(draft)}/preview?design=offer", headers=FRAGMENT).text
    assert 'src="/templates/supplied/offer"' in dialog
    assert "data-confirm" not in dialog
    assert "data-phone" in browser.get(f"{step(draft)}/preview?blank=1").text
    for query in ("", "?design=none", "?template=999999", "?mailing=999999"):
        assert browser.get(f"{step(draft)}/preview{query}").status_code == 404


def test_a_template_lends_its_subject_where_there_is_none(
    signed_in: SignIn, draft: Mailing
) -> None:
    template = make_template(subject="Buds", preheader="Leaves")
    draft.preheader = "Mine"
    signed_in().post(step(draft), data={"template": template.id})
    db.session.refresh(draft)
    assert (draft.subject, draft.preheader) == ("Buds", "Mine")
    assert draft.content == template.document | {ORIGIN: {"template": template.id}}


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ("mailing", "October"),
        ("template", "Spring"),
        ("blank", "Blank"),
        ("design", "Plain letter"),
    ],
)
def test_it_is_known_what_a_mailing_began_from_until_that_is_undone(
    signed_in: SignIn, chosen: str, name: str
) -> None:
    draft = make_mailing("Lumo", state=State.DRAFT, content=make_content())
    values: dict[str, Any] = {
        "mailing": make_mailing("October").id,
        "template": make_template("Spring").id,
        "blank": 1,
        "design": "letter",
    }
    browser, mark = signed_in(), "Chosen"
    page = f"{step(draft)}?q={name}"
    assert mark not in browser.get(page).text
    browser.post(step(draft), data={chosen: values[chosen]})
    assert browser.get(page).text.count(mark) == 1
    confirm = browser.get(f"/mailings/{draft.id}/draft/confirm").text
    assert f'<span class="fact-value">{name}</span>' in confirm
    db.session.refresh(draft)
    template = beginnings.copy_to_template(draft, "Copy", None, by=None)
    assert ORIGIN not in template.document
    contents.undo(draft, version=draft.content_version)
    assert mark not in browser.get(page).text


@pytest.mark.parametrize("chosen", ["mailing", "template", "blank", "design"])
def test_beginning_anew_asks_and_can_be_undone(signed_in: SignIn, chosen: str) -> None:
    written = make_content(label="Mine")
    draft = make_mailing("Lumo", state=State.DRAFT, content=written)
    values: dict[str, Any] = {
        "mailing": make_mailing("October").id,
        "template": make_template().id,
        "blank": 1,
        "design": "letter",
    }
    browser = signed_in()
    assert "Begin anew from" in browser.get(step(draft)).text
    browser.post(step(draft), data={chosen: values[chosen]})
    db.session.refresh(draft)
    assert draft.content not in (None, written)
    contents.undo(draft, version=draft.content_version)
    assert draft.content == written


def test_a_mailing_that_is_sent_begins_from_nothing_any_more(signed_in: SignIn) -> None:
    sent = make_mailing()
    signed_in().post(step(sent), data={"design": "offer"})
    assert sent.content != DESIGNS["offer"].document("da")
