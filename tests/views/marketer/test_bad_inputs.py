"""What people paste, press twice or write in other scripts: nothing breaks, and nothing is lost."""

import re
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.factories import make_company, make_contact, make_field, make_item
from webapp.people import lists
from webapp.people.models import Company, Contact, FieldKind, FieldOf, ListName
from webapp.people.texts import MAX_NOTE
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

TEXTS = re.compile(r'<(?:input|textarea)(?![^>]*type="(?:hidden|radio|checkbox|search)")[^>]*>')
NAME = re.compile(r' name="([^"]+)"')
# NUL, escape, a mark that turns the direction of writing, and half of a surrogate pair.
UNSEEN = "A%00%1B%E2%80%AE%ED%A0%80B"
FORMS = (
    "/contacts/new",
    "/contacts/{contact}/edit",
    "/contacts/{contact}/consent",
    "/contacts/{contact}/block",
    "/companies/new",
    "/companies/{company}/edit",
    "/settings/fields/new",
    "/settings/lists/category",
    "/settings/subscriptions/new",
    "/selections/new",
    "/projects/new",
)
NAMES = ("محمد الأحمدي", "🎉 Karen 🎈 Dam", "מרים לוי", "Ōe Kenzaburō", "Nguyễn Thị Ánh")


@pytest.mark.parametrize("form", FORMS)
def test_characters_that_nobody_sees_do_no_harm(signed_in: SignIn, form: str) -> None:
    make_field("Motto", FieldKind.TEXT)
    make_field("Motto", FieldKind.TEXT, of=FieldOf.COMPANY)
    browser, contact = signed_in(), make_contact(company=make_company())
    url = form.format(contact=contact.id, company=contact.company_id)
    names = [name for tag in TEXTS.findall(browser.get(url).text) for name in NAME.findall(tag)]
    assert names
    body = "&".join(f"{name}={UNSEEN}" for name in names)
    answer = browser.post(url, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 303, 422}


def test_what_nobody_sees_is_not_kept(signed_in: SignIn) -> None:
    body = f"first_name={UNSEEN}&note={UNSEEN}%0D%0A{UNSEEN}&email=a%00b@dam.example"
    signed_in().post("/contacts/new", data=body, content_type="application/x-www-form-urlencoded")
    contact = db.session.scalars(select(Contact)).one()
    assert contact.first_name.isprintable()
    assert [line.isprintable() for line in contact.note.splitlines()] == [True, True]
    assert contact.email == "ab@dam.example"


def test_a_note_is_kept_whole_up_to_the_limit(signed_in: SignIn) -> None:
    browser = signed_in()
    longest = ("å🎉 " * MAX_NOTE)[: MAX_NOTE - 1] + "x"
    browser.post("/contacts/new", data={"first_name": "Karen", "note": longest})
    assert db.session.scalars(select(Contact.note)).one() == longest

    answer = browser.post("/contacts/new", data={"first_name": "Ole", "note": longest + "y"})
    assert answer.status_code == 422
    assert "keep it under 50000 characters" in answer.text
    assert longest + "y" in answer.text


def test_what_is_too_long_is_told_in_the_browser_and_not_cut(signed_in_page: SignInPage) -> None:
    page = signed_in_page()
    page.goto("/companies/new")
    page.get_by_label("Name").fill("Fjordlys")
    page.get_by_label("City").fill("x" * 201)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("keep it under 200 characters")).to_be_visible()
    expect(page.get_by_label("City")).to_be_focused()
    expect(page.get_by_label("City")).to_have_value("x" * 201)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_script_is_listed_found_and_sorted(signed_in: SignIn, name: str) -> None:
    browser = signed_in()
    company = f"{name} 12 A/S"
    data = {"first_name": name, "company": company, "position": "مدير (A/S)", "city": name}
    browser.post("/contacts/new", data=data)
    contact = db.session.scalars(select(Contact)).one()
    assert contact.name == name
    assert contact.initials.isalnum()
    word = next(word for word in name.split() if word.isalpha())
    for url in ("/contacts/", "/companies/"):
        found = browser.get(f"{url}?q={quote_plus(word)}&sort=-name").text
        assert name in found
        assert name not in browser.get(f"{url}?q=zzz").text
    assert f"<h1><bdi>{name}</bdi>" in browser.get(f"/contacts/{contact.id}").text
    assert f"<bdi>{company}</bdi>" in browser.get(f"/contacts/{contact.id}").text


@pytest.mark.parametrize(
    ("url", "field"), [("/contacts/new", "last_name"), ("/companies/new", "name")]
)
def test_a_button_pressed_twice_makes_one_card(signed_in: SignIn, url: str, field: str) -> None:
    browser = signed_in()
    model = Contact if "contacts" in url else Company
    typed = {field: "Dam", "note": "Rings back", "phone": "20 14 88 36"}
    first, second = (browser.post(url, data=typed) for _time in range(2))
    assert first.location == second.location
    browser.post(url, data=typed | {"city": "Odense"})
    assert db.session.scalar(select(func.count()).select_from(model)) == 2


def test_what_was_deleted_from_a_list_meanwhile_is_told(signed_in: SignIn) -> None:
    lamps, dealers = make_item("Lamps"), make_item("Dealers", ListName.CATEGORY)
    gone = (lamps.id, dealers.id)
    for item in (lamps, dealers):
        lists.remove(item, by=None)
    browser = signed_in()
    typed = {"first_name": "Karen", "interests": gone[0]}
    answer = browser.post("/contacts/new", data=typed | {"category_id": gone[1]})
    assert answer.status_code == 422
    assert "This is not on the list any more." in answer.text
    assert 'value="Karen"' in answer.text
    assert browser.post("/contacts/new", data=typed).status_code == 303


LOOKS = ((1280, 800), (390, 844))


def test_long_words_make_no_page_wider_than_its_window(signed_in_page: SignInPage) -> None:
    word = "Langtnavnudenmellemrum" * 9
    make_field(word[:60], FieldKind.ONE_OF, word[:200])
    lamps = make_item(word[:100])
    company = make_company(word[:200], domain=word[:60] + ".dk", note=word)
    contact, other = (
        make_contact(
            f"{word[:100]} {word[:100]}",
            f"{word[:60]}@{word[:60]}.dk",
            company=company,
            position=word[:200],
            note=word,
            fields={word[:40].lower(): word[:200]},
        )
        for _time in range(2)
    )
    lists.add_interests(contact.id, [lamps.id])
    page = signed_in_page()
    card, firm = f"/contacts/{contact.id}", f"/companies/{company.id}"
    wider = {}
    for url in (
        *("/contacts/", "/companies/", "/contacts/duplicates", "/settings/fields/"),
        *(f"{card}{tab}" for tab in ("", "/edit", "/privacy", "/consent", "/merge")),
        *(f"{firm}{tab}" for tab in ("", "/edit", "/people", "/activities", "/merge")),
        *(f"{card}/merge/{other.id}", "/settings/lists/"),
    ):
        page.goto(url)
        for width, height in LOOKS:
            page.set_viewport_size({"width": width, "height": height})
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if over > 0:
                wider[f"{url} at {width}"] = over
    assert wider == {}
