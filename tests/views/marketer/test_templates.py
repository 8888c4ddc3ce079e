import json
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_folder, make_mailing, make_template
from webapp.content.models import FolderOf, Template
from webapp.mailings.beginnings import ORIGIN
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}


def names(page: str) -> list[str]:
    return re.findall(r'class="row-name" title="([^"]+)"', page)


def test_the_list_shows_a_folder_or_what_is_searched(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    make_template("Easter", folder=folder)
    make_template("Summer sale")
    browser = signed_in()
    assert names(browser.get("/templates/").text) == ["Easter", "Summer sale"]
    assert names(browser.get(f"/templates/?folder={folder.id}").text) == ["Easter"]
    fragment = browser.get("/templates/?q=sale", headers=FRAGMENT).text
    assert names(fragment) == ["Summer sale"]
    assert "<html" not in fragment
    assert "No template here is called “winter”." in browser.get("/templates/?q=winter").text


def test_without_any_the_page_says_how_to_get_one(signed_in: SignIn) -> None:
    assert "Keep what you will need again" in signed_in().get("/templates/").text


def test_its_picture_is_compiled_once(signed_in: SignIn) -> None:
    template, browser = make_template(), signed_in()
    address = f"/templates/{template.id}/preview"
    look = browser.get(address)
    assert "sandbox" in look.headers["Content-Security-Policy"]
    assert "See it" in look.text
    again = browser.get(address, headers={"If-None-Match": look.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")


def test_a_mailing_is_copied_to_a_template(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    mailing, browser = make_mailing("Easter", preheader="Eggs"), signed_in()
    address = f"/templates/from-mailing/{mailing.id}"
    assert 'value="Easter"' in browser.get(address, headers=FRAGMENT).text
    assert browser.post(address, data={"name": " "}).status_code == 422
    browser.post(address, data={"name": "Every Easter", "folder": folder.id})
    template = db.session.scalars(select(Template)).one()
    assert (template.name, template.folder, template.preheader) == ("Every Easter", folder, "Eggs")
    assert template.document == mailing.content


def test_a_mailing_takes_the_place_of_a_template(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    old, mailing, browser = make_template("Old", folder=folder), make_mailing(), signed_in()
    address = f"/templates/from-mailing/{mailing.id}"
    browser.post(address, data={"name": "New", "replaced": old.id})
    assert names(browser.get(f"/templates/?folder={folder.id}").text) == ["New"]
    assert old.deleted_at is not None


def test_an_empty_mailing_makes_no_template(signed_in: SignIn) -> None:
    mailing = make_mailing("Easter", state=State.DRAFT, content=None)
    answer = signed_in().get(f"/templates/from-mailing/{mailing.id}")
    assert "Nothing is written in “Easter” yet." in answer.text


def test_a_mailing_is_made_of_a_template(signed_in: SignIn) -> None:
    template = make_template("Spring", subject="Buds", preheader="Leaves")
    signed_in().post("/mailings/new", data={"template": template.id})
    mailing = db.session.scalars(select(Mailing)).one()
    assert (mailing.name, mailing.subject, mailing.preheader) == ("Spring", "Buds", "Leaves")
    assert mailing.content == template.document | {ORIGIN: {"template": template.id}}


def test_a_template_is_renamed_copied_moved_deleted_and_brought_back(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    template, browser = make_template("Old"), signed_in()
    url = f"/templates/{template.id}"
    browser.post(f"{url}/rename", data={"name": "New"})
    browser.post(f"{url}/copy")
    browser.post(f"{url}/move", data={"folder": folder.id})
    assert template.folder == folder
    assert names(browser.get("/templates/").text) == ["New", "New (copy)"]
    browser.post(f"{url}/delete")
    page = browser.get("/templates/").text
    assert names(page) == ["New (copy)"]
    assert f'action="/deleted/template/restore?id={template.id}"' in page
    browser.post(f"/deleted/template/restore?id={template.id}")
    assert names(browser.get("/templates/").text) == ["New", "New (copy)"]


def test_deleting_its_folder_leaves_a_template_at_the_top(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    template = make_template(folder=folder)
    signed_in().post(f"/folders/template/{folder.id}/delete")
    assert template.folder_id is None


def test_a_template_goes_out_and_comes_back_as_a_file(signed_in: SignIn) -> None:
    folder = make_folder("Spring", of=FolderOf.TEMPLATE)
    template, browser = make_template('Påske / "2026"'), signed_in()
    answer = browser.get(f"/templates/{template.id}/file")
    assert answer.mimetype == "application/json"
    assert "2026.brevdue.json" in answer.headers["Content-Disposition"]
    assert json.loads(answer.data)["name"] == 'Påske / "2026"'
    file = (BytesIO(answer.data), "paaske.brevdue.json")
    browser.post(f"/templates/import?folder={folder.id}", data={"file": file})
    again = db.session.scalars(select(Template).where(Template.id != template.id)).one()
    assert (again.name, again.folder) == (template.name, folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"GIF89a", "This is no template."), (b" " * 2_000_001, "too large for a template")],
)
def test_a_file_that_is_none_is_refused_at_the_field(
    signed_in: SignIn, content: bytes, words: str
) -> None:
    browser = signed_in()
    answer = browser.post(
        "/templates/import", data={"file": (BytesIO(content), "x.json")}, headers=FRAGMENT
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert browser.post("/templates/import").status_code == 422
