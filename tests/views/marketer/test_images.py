import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories import make_folder, make_image, make_mailing
from tests.support.pictures import animation, picture
from webapp.accounts.rights import Role
from webapp.content.images.models import Image
from webapp.content.models import Folder, FolderOf
from webapp.mailings.models import State
from webapp.platform.database import db
from webapp.views.marketer.images import TILES
from webapp.views.security import UPLOADS

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]

FRAGMENT = {"HX-Request": "true"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def upload(
    browser: FlaskClient, *files: tuple[str, bytes], folder: Folder | None = None, **fields: str
) -> TestResponse:
    return browser.post(
        "/images/upload",
        data={
            "file": [(BytesIO(content), name) for name, content in files],
            "folder": str(folder.id) if folder else "",
            **fields,
        },
        follow_redirects=True,
    )


def names() -> list[str]:
    found = select(Image.name).where(Image.deleted_at.is_(None)).order_by(Image.id)
    return list(db.session.scalars(found))


def test_an_empty_library_says_what_it_is_for(signed_in: SignIn) -> None:
    page = signed_in().get("/images/").text
    assert "The pictures of your mailings" in page
    assert 'type="file"' in page
    viewer = signed_in(Role.VIEWER).get("/images/").text
    assert 'type="file"' not in viewer


def test_several_are_uploaded_and_the_bad_ones_do_not_hold_up_the_good(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    page = upload(
        signed_in(Role.AUTHOR),
        ("lamp.jpg", picture("JPEG", (3200, 1800))),
        ("logo.svg", SVG),
        ("empty.png", b""),
        ("moving.gif", animation()),
        folder=folder,
    ).text
    assert names() == ["lamp", "moving"]
    assert "2 images are added." in page
    assert "“logo.svg” is an SVG drawing" in page
    assert "“empty.png” is empty." in page
    assert "1,600 × 900" in page
    assert 'aria-current="true"' in page


def test_many_bad_ones_are_counted(signed_in: SignIn) -> None:
    page = upload(signed_in(), *((f"{number}.png", b"") for number in range(30))).text
    assert "“7.png” is empty." in page
    assert "“8.png” is empty." not in page
    assert "And 22 more files." in page


def test_a_form_without_a_file_asks_for_one(signed_in: SignIn) -> None:
    assert "Choose the images to upload." in upload(signed_in(), ("", b"")).text


def test_what_is_too_large_to_be_read_says_so(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(UPLOADS, "images.upload", 50_000)
    page = upload(signed_in(), ("film.png", b"x" * 60_000)).text
    assert "These are more than 50 KB together." in page


def test_a_name_is_shown_as_text(signed_in: SignIn) -> None:
    image = make_image('<img src=x onerror="x()">')
    page = signed_in().get("/images/").text + signed_in().get(f"/images/{image.id}").text
    assert "<img src=x" not in page


def test_the_library_is_searched_sorted_and_paged(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    make_image("Table", size=(8, 8), folder=folder)
    for number in range(TILES + 1):
        make_image(f"Lamp {number:02}", size=(8, 8))
    browser = signed_in()
    assert f"1–{TILES} of {TILES + 2}" in browser.get("/images/").text
    last = browser.get("/images/?page=2&sort=name", headers=FRAGMENT).text
    assert "Table" in last
    assert "<html" not in last
    assert "Lamp 03" in browser.get("/images/?q=lamp+03").text
    inside = browser.get(f"/images/?folder={folder.id}").text
    assert "Table" in inside
    assert "Lamp 03" not in inside
    assert "No image fits this search." in browser.get("/images/?q=nothing").text


def test_name_alt_text_and_folder_are_changed(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    image = make_image()
    browser = signed_in()
    answer = browser.post(
        f"/images/{image.id}/edit",
        data={"name": "Lumo", "alt": "A green lamp", "folder_id": str(folder.id)},
    )
    assert answer.location == f"/images/{image.id}"
    db.session.refresh(image)
    assert (image.name, image.alt, image.folder_id) == ("Lumo", "A green lamp", folder.id)
    answer = browser.post(f"/images/{image.id}/edit", data={"name": " "})
    assert answer.status_code == 422
    assert "An image needs a name." in answer.text


def test_an_image_tells_where_it_is_used_and_where_it_is(signed_in: SignIn) -> None:
    image = make_image()
    html = {"kind": "html", "html": f'<img src="{image.address}">'}
    draft = make_mailing("In the works", state=State.DRAFT, content=html)
    page = signed_in(Role.VIEWER).get(f"/images/{image.id}").text
    assert f'href="/mailings/{draft.id}/draft/content"' in page
    assert f"http://localhost{image.address}" in page
    assert "/edit" not in page


def test_a_heavy_image_says_what_makes_it_lighter(signed_in: SignIn) -> None:
    image = make_image()
    browser = signed_in()
    assert "Heavy for an e-mail" not in browser.get(f"/images/{image.id}").text
    image.size = 1_000_001
    assert "Heavy for an e-mail" in browser.get(f"/images/{image.id}").text


def test_a_part_is_made_an_image_by_numbers(signed_in: SignIn) -> None:
    image = make_image(size=(100, 60))
    browser = signed_in()
    numbers = {"left": 10, "top": 5, "width": 50, "height": 20, "new_width": 25}
    answer = browser.post(f"/images/{image.id}/crop", data=numbers)
    part = db.session.scalars(select(Image).order_by(Image.id.desc())).first()
    assert answer.location == f"/images/{part.id}"
    assert (part.width, part.height) == (25, 10)
    answer = browser.post(f"/images/{image.id}/crop", data={**numbers, "left": 100})
    assert answer.status_code == 422
    assert "Choose a part that lies within the image." in answer.text
    assert browser.post(f"/images/{image.id}/crop", data={"left": "x"}).status_code == 422


def test_ticked_ones_are_moved_deleted_and_brought_back(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    ids = [str(make_image(name).id) for name in ("One", "Two")]
    browser = signed_in()
    page = browser.post(
        "/images/move", data={"image": ids, "folder": str(folder.id)}, follow_redirects=True
    ).text
    assert "2 images are moved." in page
    page = browser.post(
        "/images/delete", data={"image": ids, "shown": str(folder.id)}, follow_redirects=True
    ).text
    assert "2 images are deleted." in page
    assert names() == []
    undo = re.search(r'action="(/deleted/image/restore[^"]+)"', page)
    assert undo
    browser.post(unescape(undo[1]))
    assert names() == ["One", "Two"]


def test_the_picker_offers_what_the_query_asks_for_and_uploads(signed_in: SignIn) -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    image = make_image("Lumo", alt="A lamp", folder=folder)
    make_image("Table")
    browser = signed_in()
    dialog = browser.get("/images/pick?field=src&alt=alt&q=lum", headers=FRAGMENT).text
    assert dialog.startswith("<dialog")
    assert f'data-picks="{image.address}"' in dialog
    assert 'data-into="src" data-alt-into="alt"' in dialog
    assert "Table" not in dialog
    answer = upload(browser, ("new.png", picture()), ("bad.png", b""), folder=folder, field="src")
    assert answer.status_code == 422
    assert "“bad.png” is empty." in answer.text
    assert 'id="pick"' in answer.text
    assert "new" in names()


def test_images_are_dropped_chosen_and_put_into_an_email(
    signed_in_page: SignInPage, tmp_path: Path
) -> None:
    make_image("Lumo", size=(900, 600), alt="A green lamp")
    draft = make_mailing(
        state=State.DRAFT,
        content={"kind": "html", "html": "<body><a href='[[link.unsubscribe]]'>Leave</a></body>"},
    )
    db.session.commit()
    (tmp_path / "table.png").write_bytes(picture(size=(300, 200)))
    (tmp_path / "logo.svg").write_bytes(SVG)
    page = signed_in_page()

    page.goto("/images/")
    page.locator("#image-files").set_input_files([tmp_path / "table.png", tmp_path / "logo.svg"])
    expect(page.get_by_role("alert")).to_contain_text("“logo.svg” is an SVG drawing")
    expect(page.get_by_role("link", name="table")).to_be_visible()
    page.wait_for_load_state()
    drop(page, "floor.png", picture(size=(60, 40), colour=(0, 90, 90)))
    expect(page.get_by_role("link", name="floor")).to_be_visible()

    page.goto(f"/mailings/{draft.id}/draft/source")
    page.get_by_role("link", name="Put in an image").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("lumo")
    expect(dialog.get_by_role("button", name="table")).to_have_count(0)
    dialog.get_by_role("button", name="Lumo").click()
    expect(page.get_by_label("HTML")).to_have_value(re.compile('alt="A green lamp" width="600"'))
    expect(page.locator("#editor-saved")).to_contain_text("Saved")

    page.get_by_role("link", name="Put in an image").click()
    expect(dialog.get_by_role("button", name="Lumo")).to_be_visible()
    expect(page.locator(".htmx-settling")).to_have_count(0)
    dialog.locator("input[type=file]").set_input_files(tmp_path / "table.png")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("HTML")).to_have_value(re.compile('width="300"'))

    shown = page.frame_locator("[data-look] iframe").get_by_alt_text("A green lamp")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("complete", True)
    expect(shown).to_have_js_property("naturalWidth", 900)


def test_a_part_is_chosen_with_the_pointer(signed_in_page: SignInPage) -> None:
    image = make_image(size=(400, 200))
    db.session.commit()
    page = signed_in_page()
    page.goto(f"/images/{image.id}/crop")
    box = page.locator("[data-crop-area]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    expect(page.locator("[data-crop-frame]")).to_be_visible()
    page.get_by_label("Width", exact=True).fill("10")
    page.get_by_label("Height", exact=True).fill("10")
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.get_by_label("From the left")).to_have_value("100")
    expect(page.get_by_label("Width", exact=True)).to_have_value("200")
    page.get_by_role("button", name="Make the image").click()
    page.get_by_role("heading", name="Lamp, part").wait_for()
    part = db.session.scalars(select(Image).order_by(Image.id.desc())).first()
    assert (part.width, part.height) == (200, 100)


def drop(page: Page, name: str, content: bytes) -> None:
    """As somebody drags a file from their desktop."""
    transfer = page.evaluate_handle(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
          return transfer;
        }""",
        [name, list(content)],
    )
    page.dispatch_event("[data-file-drop]", "drop", {"dataTransfer": transfer})
