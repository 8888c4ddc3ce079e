from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.factories import make_folder, make_mailing
from webapp.accounts.rights import Role
from webapp.content import folders
from webapp.content.models import FolderOf
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]

FRAGMENT = {"HX-Request": "true"}


def labels() -> list[str]:
    return [branch.label for branch in folders.tree(FolderOf.MAILING)]


def test_a_folder_is_made_where_one_stands(signed_in: SignIn) -> None:
    browser = signed_in(Role.AUTHOR)
    browser.post("/folders/mailing/new", data={"name": " News\nletters "})
    (top,) = folders.tree(FolderOf.MAILING)
    url = f"/folders/mailing/new?within={top.folder.id}"
    assert "New folder in “News letters”" in browser.get(url).text
    answer = browser.post(url, data={"name": "Danish"})
    assert labels() == ["News letters", "News letters / Danish"]
    made = folders.tree(FolderOf.MAILING)[1].folder
    assert answer.headers["Location"] == f"/mailings/?folder={made.id}"


def test_a_dialogue_says_what_is_wrong_and_keeps_what_was_typed(signed_in: SignIn) -> None:
    make_folder("Dealers")
    browser = signed_in()
    answer = browser.post("/folders/mailing/new", data={"name": "dealers"}, headers=FRAGMENT)
    assert answer.status_code == 422
    assert "There is already a folder called “dealers” there." in answer.text
    assert 'value="dealers"' in answer.text
    assert answer.text.startswith("<dialog")
    assert "A folder needs a name." in browser.post("/folders/mailing/new").text
    assert "too long" in browser.post("/folders/mailing/new", data={"name": "x" * 101}).text


def test_a_folder_is_renamed_moved_and_deleted(signed_in: SignIn) -> None:
    folder, archive = make_folder("Dealers"), make_folder("Archive")
    mailing = make_mailing(folder=folder)
    browser, url = signed_in(), f"/folders/mailing/{folder.id}"
    browser.post(f"{url}/rename", data={"name": "Shops"})
    form = browser.get(f"{url}/move").text
    assert f'value="{archive.id}"' in form
    assert f'value="{folder.id}"' not in form
    browser.post(f"{url}/move", data={"folder": str(archive.id)})
    assert labels() == ["Archive", "Archive / Shops"]
    answer = browser.post(f"{url}/delete")
    assert answer.headers["Location"] == f"/mailings/?folder={archive.id}"
    db.session.refresh(mailing)
    assert mailing.folder == archive


def test_a_folder_that_cannot_go_there_stays_where_it_is(signed_in: SignIn) -> None:
    folder = make_folder("Dealers")
    below = make_folder("Danish", folder)
    browser = signed_in()
    answer = browser.post(f"/folders/mailing/{folder.id}/move", data={"folder": str(below.id)})
    assert answer.status_code == 422
    make_folder("Danish")
    answer = browser.post(f"/folders/mailing/{below.id}/move", data={"folder": ""})
    assert "There is already a folder called “Danish” there." in answer.text
    assert labels() == ["Danish", "Dealers", "Dealers / Danish"]


@pytest.mark.parametrize(
    "address",
    ["/folders/nothing/new", "/folders/mailing/1/rename", "/folders/mailing/new?within=1"],
)
def test_what_does_not_exist_has_no_page(signed_in: SignIn, address: str) -> None:
    assert signed_in().get(address).status_code == 404
