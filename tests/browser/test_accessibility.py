"""No page breaks a rule that axe-core can check: light at a desk, dark on a phone."""

from collections.abc import Callable, Sequence
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from tests.factories import make_image, make_mailing, make_tracked_link
from webapp.content.images.models import Image
from webapp.mailings.models import Mailing, State
from webapp.people.models import Company, Contact
from webapp.platform.database import db
from webapp.targets.models import Project, Selection

SignedInPage = Callable[..., Page]

AXE = (Path(__file__).parent.parent / "support" / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 200)}`);
}"""

LOOKS = {"light at a desk": ("light", 1440, 900), "dark on a phone": ("dark", 390, 844)}


def test_no_page_breaks_a_rule(app: Flask, signed_in_page: SignedInPage) -> None:
    page = signed_in_page()
    assert app.test_cli_runner().invoke(args=["demo"]).exit_code == 0

    broken = {}
    for address in addresses():
        page.goto(address)
        page.evaluate(AXE)
        for name, (theme, width, height) in LOOKS.items():
            # Without motion, so that no colour is on its way to another.
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": height})
            if found := page.evaluate(VIOLATIONS, RULES):
                broken[f"{address}, {name}"] = found

    assert broken == {}


def test_no_dialog_breaks_a_rule(app: Flask, signed_in_page: SignedInPage) -> None:
    page = signed_in_page()
    assert app.test_cli_runner().invoke(args=["demo"]).exit_code == 0
    page.emulate_media(color_scheme="dark")
    draft = f"/mailings/{first_draft().id}/draft"

    page.goto("/mailings/?as=tiles")
    page.get_by_role("link", name="New folder").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []
    page.goto("/mailings/?folder=1&state=draft")
    page.locator("#filter-state").click()
    assert violations(page) == []

    page.goto(f"{draft}/template")
    page.get_by_role("link", name="Look at “Newsletter”").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []

    page.goto(f"{draft}/content")
    page.frame_locator("#canvas").get_by_role("heading").first.click()
    page.get_by_label("Words").first.wait_for()
    assert violations(page) == []
    page.get_by_role("link", name="Send test").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []

    for source in ("Selection…", "Project…", "Contact…", "Pasted addresses…", "File…"):
        page.goto(f"{draft}/recipients")
        page.locator("summary").filter(has_text="Add").first.click()
        page.get_by_role("link", name=source).click()
        page.get_by_role("dialog").wait_for()
        assert violations(page) == []

    page.goto(f"{draft}/confirm")
    page.get_by_role("button", name="Send now").click()
    page.get_by_role("dialog").wait_for()
    assert violations(page) == []


def test_choosing_an_image_breaks_no_rule(app: Flask, signed_in_page: SignedInPage) -> None:
    image = make_image(alt="A lamp")
    draft = make_mailing(state=State.DRAFT, content={"kind": "html", "html": "<body>Hi</body>"})
    page = signed_in_page()
    page.goto(f"/mailings/{draft.id}/draft/source")
    assert violations(page) == []
    page.get_by_role("link", name="Put in an image").click()
    page.get_by_role("dialog").wait_for()
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert violations(page) == []
    page.goto("/images/")
    page.get_by_role("checkbox", name=f"Choose {image.name}").check()
    assert violations(page) == []
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert violations(page) == []


def addresses() -> list[str]:
    """One of each page that a marketer sees."""
    sent = f"/mailings/{mailing_that(State.SENT).id}"
    draft = f"/mailings/{first_draft().id}/draft"
    contact, other = first_two(Contact)
    company, sister = first_two(Company)
    return [
        *(
            "/",
            "/mailings/?as=list",
            "/mailings/?as=tiles",
            "/mailings/?folder=1&shelf=scheduled",
            "/mailings/move?mailing=1",
            "/folders/mailing/1/rename",
            "/contacts/",
            "/companies/",
            "/selections/",
            "/projects/",
            "/settings/",
        ),
        "/settings/health/",
        *(f"/settings/servers/{part}" for part in ("", "1", "new")),
        *(f"{sent}{part}" for part in ("", "/content", "/recipients", "/links")),
        *(f"{draft}/{step}" for step in ("setup", "template", "content", "recipients", "confirm")),
        f"{draft}/confirm/checks",
        "/templates/",
        *(f"/settings/subscriptions/{part}" for part in ("", "1", "new")),
        *(
            f"/contacts/{contact}{part}"
            for part in (
                *("", "/activities", "/selections", "/projects", "/privacy"),
                *("/edit", "/consent", "/block", "/merge", f"/merge/{other}"),
            )
        ),
        *(
            f"/companies/{company}{part}"
            for part in (
                *("", "/people", "/activities"),
                *("/edit", "/merge", f"/merge/{sister}"),
            )
        ),
        *(f"/contacts/duplicates{part}" for part in ("", "?by=name", "?by=mobile", "/not")),
        *(f"/settings/fields/{part}" for part in ("", "new", "1", "1/delete")),
        *(f"/settings/lists/{part}" for part in ("", "category", "items/1")),
        *(
            f"/contacts/update?everybody=1{part}"
            for part in ("", "&what=e_marketing", "&what=interest")
        ),
        f"/selections/{first(Selection)}",
        f"/contacts/update?everybody=1&selection={first(Selection)}&what=project",
        *(f"/projects/{first(Project)}{part}" for part in ("", "/activities", "/add", "/edit")),
        *("/links/", "/links/new", f"/links/{make_tracked_link().id}"),
        "/images/",
        *(f"/images/{first(Image)}{part}" for part in ("", "/crop")),
        f"{draft}/html",
        *("/contacts/imports/", "/contacts/imports/new", "/nowhere"),
    ]


def first_draft() -> Mailing:
    return mailing_that(State.DRAFT)


def mailing_that(state: State) -> Mailing:
    return db.session.scalars(select(Mailing).where(Mailing.state == state)).first()


def first(model: type[Contact | Company | Image | Project | Selection]) -> int:
    return db.session.scalars(select(model.id).order_by(model.id)).first()


def first_two(model: type[Contact | Company]) -> Sequence[int]:
    return db.session.scalars(select(model.id).order_by(model.id).limit(2)).all()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(VIOLATIONS, RULES)
