"""Each kind of block and row as it comes out in the e-mail."""

import re
from typing import Any

import pytest

from tests.content.compiling import compiled, of_blocks, shown
from webapp.content.document.operations import Document
from webapp.content.email.colours import contrast, dark_background, dark_words
from webapp.content.email.dark import seen_in
from webapp.content.tags.problems import ProblemKind


def in_row(*columns: list[dict[str, Any]], **row: Any) -> Document:
    width = 100 // len(columns)
    rows = [{"id": "r", **row, "columns": [{"width": width, "blocks": each} for each in columns]}]
    return {"kind": "blocks", "version": 1, "body": {}, "rows": rows}


def problems(document: Document) -> list[ProblemKind]:
    return [problem.kind for problem in compiled(document).problems]


def test_a_menu_is_a_line_of_tracked_links() -> None:
    items = [
        {"label": "Lamps", "url": "https://x.dk/1"},
        {"label": "Shop", "url": "https://x.dk/2"},
    ]
    content = compiled(of_blocks({"type": "menu", "items": items}))
    assert [link.label for link in content.links] == ["Lamps", "Shop"]


def test_social_icons_come_from_our_own_address_and_say_what_they_are() -> None:
    items = [{"network": "linkedin", "url": "https://linkedin.com/company/fjordlys"}]
    html = shown(compiled(of_blocks({"type": "social", "items": items, "look": "dark"})))
    assert 'src="https://post.example/static/img/social/linkedin-dark.png"' in html
    assert 'alt="LinkedIn"' in html


def test_a_quote_has_a_bar_and_says_who_said_it() -> None:
    html = shown(compiled(of_blocks({"type": "quote", "html": "<p>Bright!</p>", "author": "Åse"})))
    assert "border-left:3px solid" in html
    assert "Åse" in html


def test_html_of_ones_own_keeps_its_tables_and_loses_what_runs() -> None:
    typed = (
        '<table><tr><td style="color:red;background:url(x)" onclick="x()">Hi [[customer.name]]'
        "<script>alert(1)</script></td></tr></table><form><input></form>"
        '<a href="javascript:x">x</a>'
    )
    html = shown(compiled(of_blocks({"type": "html", "html": typed})), **{"customer.name": "<b>"})
    assert re.search(r'<td style="color:red">Hi &lt;b&gt;</td>', html)
    assert not re.search(r"alert|onclick|<form|<input|javascript|url\(x", html)


def test_a_block_has_space_around_it_and_a_background() -> None:
    html = shown(
        compiled(
            of_blocks({"type": "text", "html": "<p>x</p>", "space_top": 40, "background": "#abc"})
        )
    )
    assert re.search(r"<td[^>]+background:#abc;[^>]*padding:40px 32px 10px 32px", html)


def test_a_row_without_margins_lets_a_picture_reach_the_edges() -> None:
    image = {"id": "i", "type": "image", "src": "https://x.dk/a.png", "space_top": 0}
    assert 'width="600"' in shown(compiled(in_row([image], edge=True)))
    assert 'width="536"' in shown(compiled(in_row([image])))


def test_a_row_has_a_picture_behind_it() -> None:
    text = {"id": "t", "type": "text", "html": "<p>x</p>"}
    html = shown(compiled(in_row([text], picture="/i/abc/sky.png", full_width=True)))
    assert "url('https://post.example/i/abc/sky.png')" in html
    assert "v:fill" in html
    assert problems(in_row([text], picture="no address")) == [ProblemKind.BAD_ADDRESS]


def test_columns_stand_side_by_side_on_a_phone_when_they_are_not_to_stack() -> None:
    text = {"type": "text", "html": "<p>x</p>"}
    columns = [[{"id": "a", **text}], [{"id": "b", **text}]]
    assert "mj-outlook-group-fix" in shown(compiled(in_row(*columns)))
    assert "width:50%;" in shown(compiled(in_row(*columns, stack=False)))


@pytest.mark.parametrize(
    ("chosen", "css_class"),
    [({"on_mobile": False}, "only-desktop"), ({"on_desktop": False}, "only-mobile")],
)
def test_a_block_or_row_is_hidden_on_phones_or_elsewhere(chosen: Any, css_class: str) -> None:
    block = {"id": "t", "type": "text", "html": "<p>x</p>"}
    for document in (of_blocks({**block, **chosen}), in_row([block], **chosen)):
        html = shown(compiled(document))
        assert re.search(rf'class="[^"]*{css_class}', html)
        assert f".{css_class}{{display:none!important}}" in html


def test_what_only_phones_show_is_not_in_the_text_part() -> None:
    blocks = [
        {"type": "text", "html": "<p>Wide</p>", "on_mobile": False},
        {"type": "text", "html": "<p>Narrow</p>", "on_desktop": False},
    ]
    assert compiled(of_blocks(*blocks)).text == ("Wide",)


def test_what_is_shown_nowhere_is_left_out_and_reported() -> None:
    document = of_blocks(
        {"type": "text", "html": "<p>Gone</p>", "on_desktop": False, "on_mobile": False}
    )
    assert "Gone" not in shown(compiled(document))
    assert "Gone" in shown(compiled(document, marked=True))
    assert problems(document) == [ProblemKind.SHOWN_NOWHERE]


def test_words_that_are_hard_to_read_are_reported() -> None:
    pale = {"type": "text", "html": "<p>x</p>", "color": "#dddddd"}
    assert problems(of_blocks(pale)) == [ProblemKind.LOW_CONTRAST]
    assert problems(of_blocks({**pale, "background": "#111111"})) == []


def test_a_text_part_of_ones_own_follows_the_same_tracked_links() -> None:
    document = of_blocks({"type": "button", "label": "See", "url": "https://x.dk/a?b=1&c=2"})
    own = "Hi [[customer.name]],\nhttps://x.dk/a?b=1&c=2.\nhttps://x.dk/other"
    content = compiled(document | {"text": own})
    names = [part.name for part in content.text if not isinstance(part, str)]
    assert names == ["customer.name", "click.1"]
    assert content.text[-1] == ".\nhttps://x.dk/other"


def test_every_colour_of_the_mail_has_one_for_the_dark() -> None:
    html = shown(compiled(of_blocks({"type": "text", "html": "<p>Hi</p>"}, text_color="#222222")))
    rules = re.search(r"@media \(prefers-color-scheme:dark\)\{(.*?)\}\}", html)
    assert rules is not None
    assert dark_words("#222222") in rules[1]
    assert dark_background("#ffffff") in rules[1]
    for dark in (True, False):
        assert "prefers-color-scheme" not in seen_in(html, dark=dark)


@pytest.mark.parametrize("words", ["#000", "#27272a", "#0f766e", "#6b6b70", "#7a1f1f"])
@pytest.mark.parametrize("behind", ["#fff", "#f3f1ec", "#e4f1ef", "#f5c04f", "#ffd9d9"])
def test_dark_words_can_be_read_on_dark_backgrounds(words: str, behind: str) -> None:
    assert contrast(dark_words(words), dark_background(behind)) >= 4.5
