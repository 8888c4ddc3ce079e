"""The Content step as a marketer uses it: on the canvas, with mouse and keyboard."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from tests.factories import make_contact, make_image, make_mailing
from tests.support.smtp import ScriptedSmtp
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db

SignInPage = Callable[..., Page]


@pytest.fixture
def mailing() -> Mailing:
    return make_mailing("Lumo", state=State.DRAFT)


@pytest.fixture
def page(page: Page, signed_in_page: SignInPage, mailing: Mailing) -> Page:
    opened = signed_in_page()
    opened.set_viewport_size({"width": 1280, "height": 1300})
    opened.goto(f"/mailings/{mailing.id}/draft/content")
    expect(opened.frame_locator("#canvas").get_by_role("link", name="See it")).to_be_visible()
    return opened


@pytest.fixture
def canvas(page: Page) -> FrameLocator:
    return page.frame_locator("#canvas")


def drag(page: Page, source: Locator, target: Locator, below: float = 0) -> None:
    """With a real mouse; Playwright's own cannot cross a frame that runs no scripts."""
    mouse = page.context.new_cdp_session(page)

    def send(kind: str, x: float, y: float) -> None:
        held = {"button": "left", "buttons": 1, "clickCount": 1}
        mouse.send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **held})

    start, end = (each.bounding_box() for each in (source, target))
    assert start is not None
    assert end is not None
    x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    across = end["x"] + end["width"] / 2 - x
    down = end["y"] + end["height"] / 2 + below - y
    send("mousePressed", x, y)
    for part in (0.25, 0.5, 0.75, 1):
        send("mouseMoved", x + across * part, y + down * part)
    send("mouseReleased", x + across, y + down)


def contents(page: Page) -> Locator:
    return page.locator("#contents .contents-entry")


def test_words_are_written_where_they_stand(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.locator("#in-place")
    expect(words).to_contain_text('[[customer.firstname|"there"]]')
    words.press("Control+End")
    words.press_sequentially(" It dims.")
    expect(canvas.get_by_text("It dims.")).to_be_attached()
    page.reload()
    expect(words).to_contain_text("It dims.")


def test_the_first_press_puts_the_caret_where_it_is(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("heading", name="Your heading").click(position={"x": 60, "y": 10})
    words = page.locator("#in-place")
    expect(words).to_be_focused()
    page.keyboard.type("|")
    expect(words).to_have_text(re.compile(r"^Y.*\|.*heading$"))


def test_what_is_typed_after_a_double_press_on_a_slow_line_is_kept(
    page: Page, canvas: FrameLocator
) -> None:
    slow = page.context.new_cdp_session(page)
    conditions = {"offline": False, "latency": 400, "downloadThroughput": -1}
    slow.send("Network.emulateNetworkConditions", conditions | {"uploadThroughput": -1})
    canvas.get_by_role("heading", name="Your heading").dblclick()
    words = page.locator("#in-place")
    expect(words).to_be_focused()
    page.keyboard.type("Now ", delay=200)
    expect(words).to_contain_text("Now ")
    expect(contents(page).nth(0)).to_contain_text("Now ")


def test_what_is_typed_over_marked_words_keeps_their_look(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.locator("#in-place")
    expect(words).to_be_focused()
    words.press("Control+a")
    words.press("Delete")
    words.press_sequentially("When Thursday")
    for _letter in "Thursday":
        words.press("Shift+ArrowLeft")
    words.press("Control+b")
    words.press_sequentially("Friday 17")
    expect(canvas.locator("strong", has_text="Friday 17")).to_be_attached()
    expect(canvas.get_by_text("When Friday 17")).to_be_attached()
    expect(words.locator("b, strong")).to_have_text("Friday 17")


def test_a_press_on_a_merge_tag_chooses_its_fallback(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.locator("#in-place")
    expect(words).to_be_focused()
    tag = words.get_by_text("[[customer.firstname")
    tag.click(position={"x": 60, "y": 10})
    page.keyboard.type("friend")
    expect(words).to_contain_text('[[customer.firstname|"friend"]]')


def test_marked_words_get_a_look(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.locator("#in-place")
    words.press("Control+a")
    page.get_by_role("button", name="Bold").click()
    expect(canvas.locator("strong", has_text="Write here")).to_be_attached()
    page.get_by_role("button", name="Link").click()
    page.get_by_label("Where the link leads").fill("https://www.fjordlys.example/new")
    page.get_by_role("button", name="Set").click()
    expect(canvas.locator("a[href='https://www.fjordlys.example/new']").first).to_be_attached()


def test_words_are_kept_when_something_else_is_pressed_at_once(
    page: Page, canvas: FrameLocator
) -> None:
    words = page.locator("#in-place")
    canvas.get_by_role("heading", name="Your heading").click()
    words.press_sequentially(" by day")
    contents(page).nth(1).click()
    expect(contents(page).nth(1)).to_have_attribute("aria-current", "true")
    expect(contents(page).nth(0)).to_contain_text("Your heading by day")
    words.press_sequentially("And so on. ")
    canvas.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", name="Button", exact=True)).to_be_visible()
    contents(page).nth(0).click()
    expect(words).to_have_text("Your heading by day")
    words.press_sequentially("Now: ")
    page.locator("#block-frame").get_by_role("button", name="Duplicate").click()
    expect(contents(page)).to_have_count(5)
    page.reload()
    expect(canvas.locator("h1", has_text="Now: Your heading by day")).to_have_count(2)
    expect(canvas.get_by_text("And so on. ")).to_be_attached()


def test_colour_size_and_place_are_seen_at_once(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_text("Write here what you want to tell.").click()
    words = page.locator("#in-place")
    tools = page.get_by_role("toolbar", name="Format")
    expect(tools).to_be_visible()
    expect(words).to_be_focused()
    words.press("Control+a")
    # Until the editor has heard which words are marked.
    page.evaluate("() => new Promise(requestAnimationFrame)")
    tools.get_by_label("Colour").fill("#aa3355")
    tools.get_by_label("Size").select_option("24")
    tools.get_by_role("button", name="Centre").click()
    for shown in (words, canvas.locator("body")):
        span = shown.get_by_text("Write here what you want to tell.")
        expect(span).to_have_css("color", "rgb(170, 51, 85)")
        expect(span).to_have_css("font-size", "24px")
        expect(span).to_have_css("text-align", "center")
    words.press("Control+b")
    words.press("Control+z")
    expect(words.get_by_text("Write here")).to_have_css("color", "rgb(170, 51, 85)")
    page.reload()
    expect(words.get_by_text("Write here")).to_have_css("color", "rgb(170, 51, 85)")


def test_a_heading_and_a_button_are_written_on_the_canvas(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("link", name="See it").click()
    expect(page.get_by_role("heading", name="Button", exact=True)).to_be_visible()
    page.locator("#in-place").press("Control+a")
    page.locator("#in-place").press_sequentially("Meet Lumo")
    expect(page.locator("#panel").get_by_label("Words on it")).to_have_value("Meet Lumo")
    expect(canvas.get_by_text("Meet Lumo")).to_be_attached()


def test_a_block_is_dragged_in_and_then_to_another_place(page: Page, canvas: FrameLocator) -> None:
    drag(
        page,
        page.locator(".editor-side [data-drags=quote]"),
        canvas.get_by_role("link", name="See it"),
        18,
    )
    expect(contents(page).nth(3)).to_contain_text("Quote")
    expect(canvas.get_by_text("What somebody said.")).to_be_attached()
    drag(page, contents(page).nth(3), canvas.get_by_role("heading", name="Your heading"), -8)
    expect(contents(page).nth(0)).to_contain_text("Quote")
    expect(page.locator("#refused")).to_be_empty()


def test_an_entry_is_dragged_within_the_contents(page: Page, canvas: FrameLocator) -> None:
    drag(page, contents(page).nth(2), contents(page).nth(0), -8)
    expect(contents(page).nth(0)).to_contain_text("See it")
    # The buttons lie on the e-mail, and move with it when it is drawn anew.
    expect(page.locator("iframe.is-coming")).to_have_count(0)
    page.locator("#block-frame").get_by_role("button", name="Move down").click()
    expect(contents(page).nth(1)).to_contain_text("See it")
    page.get_by_role("button", name="Undo").click()
    expect(contents(page).nth(0)).to_contain_text("See it")
    expect(contents(page).nth(0)).to_have_attribute("aria-current", "true")


def test_what_was_done_is_undone_also_after_a_reload(page: Page, canvas: FrameLocator) -> None:
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    page.get_by_role("button", name="Divider").click()
    expect(contents(page)).to_have_count(5)
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(contents(page)).to_have_count(4)
    page.keyboard.press("Control+Shift+z")
    expect(contents(page)).to_have_count(5)
    page.keyboard.press("Control+z")
    expect(contents(page)).to_have_count(4)


def test_undo_waits_for_what_is_still_on_its_way(page: Page, canvas: FrameLocator) -> None:
    held: list[Route] = []
    page.route("**/draft/parts", lambda route: held.append(route))
    drag(
        page,
        page.locator(".editor-side [data-drags=quote]"),
        canvas.get_by_role("link", name="See it"),
        18,
    )
    page.keyboard.press("Control+z")
    page.wait_for_function("document.querySelector('[data-editor].htmx-request')")
    held[0].continue_()
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    expect(contents(page)).to_have_count(4)
    expect(canvas.get_by_text("What somebody said.")).not_to_be_attached()


def test_a_second_quick_press_counts(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("link", name="See it").click()
    page.locator("#block-frame").get_by_role("button", name="Move up").wait_for()

    held: list[Route] = []
    page.route("**/move*", lambda route: route.continue_() if held else held.append(route))
    twice = "for (const press of [1, 2]) document.querySelector('%s').requestSubmit()"
    page.evaluate(twice % "#block-up")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()

    expect(contents(page).nth(0)).to_contain_text("See it")
    page.evaluate(twice % "#block-duplicate")
    expect(contents(page)).to_have_count(6)


def test_a_block_is_added_where_the_plus_stands(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("heading", name="Your heading").click()
    adds = page.locator("#block-frame details")
    adds.get_by_title("Add below").click()
    page.keyboard.press("Escape")
    expect(adds).not_to_have_attribute("open", "")
    expect(page.get_by_role("heading", name="Heading", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    adds.get_by_title("Add below").click()
    adds.get_by_role("button", name="Divider").click()
    expect(contents(page).nth(1)).to_contain_text("Divider")


def test_words_stay_in_their_place_when_the_window_changes(
    page: Page, canvas: FrameLocator
) -> None:
    canvas.get_by_role("heading", name="Your heading").click()
    expect(page.locator("#in-place")).to_be_focused()

    page.route("**/draft/others*", lambda asked: asked.abort())  # Its answer puts things right too.
    page.set_viewport_size({"width": 500, "height": 900})

    page.wait_for_function("""() => {
        const canvas = document.getElementById("canvas");
        const beneath = canvas.contentDocument.querySelector("h1").getBoundingClientRect();
        const { left, top } = canvas.getBoundingClientRect();
        const words = document.querySelector(".in-place").getBoundingClientRect();
        const apart = [words.x - left - beneath.x, words.y - top - beneath.y,
                       words.width - beneath.width];
        return innerWidth === 500 && apart.every((each) => Math.abs(each) < 1);
    }""")


def test_what_was_moved_or_undone_comes_into_sight(page: Page, canvas: FrameLocator) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    footer = canvas.locator("a", has_text="Unsubscribe")
    contents(page).nth(3).click()
    expect(footer).to_be_in_viewport()
    expect(page.get_by_role("button", name="Undo")).to_be_in_viewport()
    for place in (2, 1, 0):
        page.locator(".panel [form=block-up]").click()
        expect(contents(page).nth(place)).to_contain_text("Unsubscribe")
    expect(footer).to_be_in_viewport()
    page.locator(".panel [form=block-delete]").click()
    expect(contents(page)).to_have_count(3)
    contents(page).nth(2).click()
    page.get_by_role("button", name="Undo").click()
    expect(footer).to_be_in_viewport()
    expect(contents(page).nth(0)).to_have_attribute("aria-current", "true")


def test_a_press_on_the_empty_canvas_leaves_what_is_chosen(
    page: Page, canvas: FrameLocator
) -> None:
    for empty in (canvas.locator("body"), page.locator("[data-canvas]")):
        contents(page).nth(0).click()
        expect(page.get_by_role("heading", name="Heading", exact=True)).to_be_visible()
        empty.click(position={"x": 3, "y": 60})
        expect(page.get_by_role("heading", name="E-mail style")).to_be_visible()
        expect(contents(page).nth(0)).not_to_have_attribute("aria-current", "true")


def test_everything_goes_by_keyboard(page: Page, canvas: FrameLocator) -> None:
    contents(page).nth(1).press("Enter")
    expect(page.get_by_role("heading", name="Text", exact=True)).to_be_visible()
    contents(page).nth(1).press("Alt+ArrowUp")
    expect(contents(page).nth(0)).to_contain_text("Text")
    contents(page).nth(0).press("Control+d")
    expect(contents(page)).to_have_count(5)
    page.locator("#contents [aria-current]").press("Delete")
    expect(contents(page)).to_have_count(4)


def test_a_row_of_columns_takes_blocks_and_changes_its_widths(
    page: Page, canvas: FrameLocator
) -> None:
    page.get_by_role("button", name="Two columns").click()
    expect(page.get_by_role("heading", name="Row", exact=True)).to_be_visible()
    row = page.locator("#block-frame").get_attribute("data-part")
    drag(page, page.locator(".editor-side [data-drags=image]"), canvas.locator(f".column-{row}-1"))
    expect(contents(page).filter(has_text="Image")).to_have_class("contents-entry is-within")
    page.get_by_role("link", name="Row", exact=True).click()
    page.get_by_label("Columns", exact=True).select_option("Narrow and wide")
    expect(contents(page).filter(has_text="Narrow and wide")).to_be_visible()


def test_it_is_looked_at_on_a_phone_and_in_the_dark(page: Page, canvas: FrameLocator) -> None:
    page.get_by_role("link", name="Mobile").click()
    expect(page.locator("[data-paper]")).to_have_class("canvas-paper is-mobile")
    page.get_by_role("link", name="Dark").click()
    page.wait_for_url("**/content?width=mobile&dark=yes")
    expect(page.locator("[data-paper]")).to_have_class("canvas-paper is-mobile")
    expect(canvas.locator("body")).not_to_have_css("background-color", "rgb(243, 241, 236)")
    page.get_by_role("link", name="Dark").click()
    expect(canvas.locator("body")).to_have_css("background-color", "rgb(243, 241, 236)")


def test_a_test_goes_out_as_the_person_that_is_looked_at(
    page: Page, canvas: FrameLocator, smtp: ScriptedSmtp
) -> None:
    make_contact("Karen Blichfeldt")
    db.session.commit()
    page.get_by_role("link", name="Next recipient").click()
    page.wait_for_url("**?as=*")
    expect(canvas.get_by_text("Hi Karen,")).to_be_visible()
    page.get_by_role("link", name="Send test").click()
    page.get_by_label("To", exact=True).fill("me@fjordlys.example, you@fjordlys.example")
    page.get_by_role("dialog").get_by_role("button", name="Send test").click()
    expect(page.get_by_text("The test is on its way")).to_be_visible()
    assert smtp.count_by_recipient() == {"me@fjordlys.example": 1, "you@fjordlys.example": 1}
    message = message_from_bytes(smtp.messages[0].content, policy=policy.default)
    text = message.get_body(("plain",))
    assert text is not None
    assert "Hi Karen," in text.get_content()


def test_a_picture_of_the_library_is_chosen_for_an_image(page: Page, canvas: FrameLocator) -> None:
    make_image("Lumo over the table", alt="A green pendant")
    db.session.commit()
    page.get_by_role("button", name="Image", exact=True).click()
    page.get_by_role("link", name="Choose image").click()
    page.get_by_role("dialog").get_by_text("Lumo over the table").click()
    expect(canvas.get_by_role("img", name="A green pendant")).to_be_visible()


def test_a_picture_is_made_as_wide_as_the_e_mail(page: Page, canvas: FrameLocator) -> None:
    canvas.get_by_role("heading", name="Your heading").click()
    page.locator(".editor-side").get_by_role("button", name="Image").click()
    page.locator("#property-src").fill("https://www.fjordlys.example/lamp.png")
    picture = canvas.locator("img[src$='lamp.png']")
    expect(picture).to_be_attached()
    page.get_by_role("button", name="Make it as wide as the e-mail").click()
    expect(page.get_by_role("button", name="Make it as wide as the e-mail")).to_be_hidden()
    expect(picture).to_have_attribute("width", "600")


def test_a_colour_chosen_for_one_thing_is_offered_for_the_others(
    page: Page, canvas: FrameLocator
) -> None:
    headings = page.get_by_role("group", name="Headings")
    headings.get_by_label("Another colour").last.fill("#0b5c4a")
    buttons = page.get_by_role("group", name="Buttons")
    buttons.get_by_label("#0b5c4a").check(force=True)
    expect(canvas.locator("a", has_text="See it").locator("xpath=..")).to_have_css(
        "background-color", "rgb(11, 92, 74)"
    )
    expect(canvas.locator("h1")).to_have_css("color", "rgb(11, 92, 74)")


def test_whoever_goes_on_while_writing_waits_until_it_is_saved(page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda question: (asked.append(question.type), question.accept()))
    contents(page).filter(has_text="See it").click()
    page.route("**/draft/parts/*", lambda change: change.fulfill(response=change.fetch()))
    page.get_by_label("Words on it").fill("See the lamps")
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url("**/recipients")
    page.go_back()
    expect(contents(page).filter(has_text="See the lamps")).to_be_attached()
    assert asked == []


def test_whoever_goes_on_though_it_cannot_be_saved_is_asked(page: Page) -> None:
    contents(page).filter(has_text="See it").click()
    page.route("**/draft/parts/*", lambda change: change.abort())
    page.get_by_label("Words on it").fill("See the lamps")
    expect(page.locator("#editor-saved")).to_have_text("Not saved")
    asked: list[str] = []
    page.on("dialog", lambda question: (asked.append(question.type), question.accept()))
    page.get_by_role("link", name="Continue").click()
    page.wait_for_url("**/recipients")
    assert asked == ["beforeunload"]


def test_a_failure_is_told_over_the_e_mail_until_something_is_saved(page: Page) -> None:
    contents(page).filter(has_text="See it").click()
    page.route("**/draft/parts/*", lambda change: change.abort())
    page.get_by_label("Words on it").fill("See the lamps")
    notice = page.locator("[data-failure]")
    expect(notice).to_be_in_viewport()
    paper, told = page.locator("#canvas").bounding_box(), notice.bounding_box()
    assert paper is not None
    assert told is not None
    assert paper["width"] >= 600
    assert told["height"] < 100
    page.unroute("**/draft/parts/*")
    page.get_by_label("Words on it").fill("See all lamps")
    expect(notice).to_have_count(0)


def test_two_people_write_in_different_blocks_and_are_asked_about_the_same(
    page: Page, canvas: FrameLocator
) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    for each, block in ((page, "See it"), (other, "Your heading")):
        contents(each).filter(has_text=block).click()
    save(page, "Words on it", "Mine")
    save(other, "Words", "Theirs")
    page.reload()
    expect(canvas.get_by_text("Mine")).to_be_attached()
    expect(canvas.get_by_role("heading", name="Theirs")).to_be_attached()

    contents(page).filter(has_text="Theirs").click()
    save(page, "Words", "Lumo")
    save(other, "Words", "Lumo dims")
    asked = other.locator("#refused")
    expect(asked).to_contain_text("Whose is to stay?")
    asked.get_by_role("button", name="Keep mine").click()
    expect(asked).to_be_empty()
    page.reload()
    expect(canvas.get_by_text("Lumo dims")).to_be_attached()


def save(page: Page, field: str, words: str) -> None:
    with page.expect_response("**/draft/parts/*"):
        page.locator("#properties").get_by_label(field, exact=True).fill(words)
