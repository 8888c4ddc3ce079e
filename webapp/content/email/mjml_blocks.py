"""Each kind of block as MJML: a function from the chosen values to an element."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any, TypeAlias

from lxml.html import HtmlElement

from webapp.content.addresses import absolute, encoded, is_link, is_web
from webapp.content.document.blocks import FONTS, NETWORKS
from webapp.content.email.colours import contrast
from webapp.content.email.dark import DarkStyles
from webapp.content.html.branches import around, without_bare_elements
from webapp.content.html.sanitize import html_tree, rich_text, to_xml
from webapp.content.tags.logic.grammar import StepKind
from webapp.content.tags.problems import Problem, bad_address, low_contrast, no_address, no_picture
from webapp.content.tags.words import Words
from webapp.platform.locales import _

Chosen: TypeAlias = dict[str, Any]

HEADING_SIZES = {1: 30, 2: 24, 3: 19}
_BUTTON_SIZES = {"s": ("10px 18px", "14px"), "m": ("13px 26px", "16px"), "l": ("17px 36px", "18px")}
_LEAST_CONTRAST = 3.0
"""Below it words are hard to read for many; WCAG asks for that of large ones."""
SOCIAL_PICTURES = "/static/img/social"


@dataclass
class Page:
    """What all blocks of one e-mail share."""

    body: Chosen
    words: Words
    public_url: str
    marked: bool
    dark: DarkStyles = field(default_factory=DarkStyles)
    problems: list[Problem] = field(default_factory=list)

    def font(self) -> str:
        return FONTS[self.body["font"]]

    def mark(self, kind: str, name: str) -> str | None:
        return f"{kind}-{name}" if self.marked else None

    def note(self, words: str, **common: str | None) -> str:
        """What stands on the canvas for a block that the e-mail leaves out."""
        if not self.marked:
            return ""
        look = {"align": "center", "color": "#52525b"}
        return element("mj-text", escape(words), **(common | look | {_BEHIND: "#e4e4e7"}))

    def address(self, address: str, where: str) -> str | None:
        """The address as it may stand in a link; None, and a problem, when it leads nowhere."""
        if not address:
            return None
        if special := self.words.special(address):
            return special
        if all(map(is_link, self.words.variants(address))):
            return encoded(address)
        self.problems.append(bad_address(where, self.words.as_typed(address)))
        return None

    def picture(self, address: str, where: str) -> str | None:
        """The whole address of a picture; None when there is none, with a problem when it is no
        address."""
        words = absolute(self.words.of_text(address, where), self.public_url)
        if all(map(is_web, self.words.variants(words))):
            return encoded(words)
        if words:
            self.problems.append(bad_address(where, address))
        return None

    def check_contrast(self, where: str, words: str, behind: str) -> None:
        if contrast(words, behind) < _LEAST_CONTRAST:
            self.problems.append(low_contrast(where))


@dataclass
class Box:
    """Where a block stands."""

    where: str
    """Its id."""
    inner: int
    """The width that is left for it, in pixels."""
    stacks: bool
    """Its column goes below the other on a phone, and is as wide as the phone."""
    background: str
    common: dict[str, str | None]
    """Attributes that every block has: padding, background, classes."""

    def with_class(self, name: str) -> dict[str, str | None]:
        classes = " ".join(filter(None, (self.common.get("css_class"), name)))
        return self.common | {"css_class": classes}


Shape: TypeAlias = Callable[[Page, Chosen, Box], str]

_BEHIND = "container_background_color"


def element(name: str, content: str, **attributes: str | None) -> str:
    """`content` is XML already; the attributes are escaped, and left out when None."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>"


def raw(marks: str) -> str:
    """Between rows and blocks, whatever is chosen by the marks is whole."""
    return f"<mj-raw>{marks}</mj-raw>" if marks else ""


def _heading(page: Page, chosen: Chosen, box: Box) -> str:
    level = chosen["level"]
    words = escape(page.words.of_text(chosen["text"], box.where))
    size = HEADING_SIZES[level]
    style = f"margin:0;font-size:{size}px;line-height:1.25;font-weight:700;"
    colour = chosen["color"] or page.body["heading_color"] or page.body["text_color"]
    page.check_contrast(box.where, colour, box.background)
    return element(
        "mj-text",
        f'<h{level} style="{style}">{words}</h{level}>',
        align=chosen["align"],
        color=colour,
        font_family=FONTS.get(page.body["heading_font"]),
        font_size=f"{size}px",
        line_height="1.25",
        **box.with_class(page.dark.words(colour)),
    )


def _text(page: Page, chosen: Chosen, box: Box) -> str:
    before, typed, after = _choices_around(page, chosen["html"], box)
    if (before or after) and not typed:
        return _logic(page, before + after, box)
    colour = chosen["color"] or page.body["text_color"]
    page.check_contrast(box.where, colour, box.background)
    text = element(
        "mj-text",
        _words(page, typed, box.where),
        align=chosen["align"],
        color=colour,
        font_size=f"{chosen['size']}px",
        line_height="1.5",
        **box.with_class(page.dark.words(colour)),
    )
    return raw(before) + text + raw(after)


def _choices_around(page: Page, html: str, box: Box) -> tuple[str, str, str]:
    """What is chosen by that begins or ends here and goes on in other blocks, before and after the
    rest."""
    typed = without_bare_elements(page.words.of_html(html, box.where), page.words)
    return around(typed, page.words)


def _logic(page: Page, marks: str, box: Box) -> str:
    """A block of nothing else; on the canvas it can be seen, whatever is chosen."""
    note = page.note(page.words.as_typed(marks), **box.common)
    ends = page.words.step_of(page.words.marks.findall(marks)[-1]).kind is StepKind.ENDIF
    return raw(marks) + note if ends else note + raw(marks)


def _quote(page: Page, chosen: Chosen, box: Box) -> str:
    colour = chosen["color"] or page.body["text_color"]
    bar = chosen["accent"] or page.body["button_color"]
    page.check_contrast(box.where, colour, box.background)
    author = escape(page.words.of_text(chosen["author"], box.where))
    typed = page.words.whole(page.words.of_html(chosen["html"], box.where))
    said = _words(page, typed, box.where)
    by = f'<p style="margin:10px 0 0;font-size:14px;line-height:1.4">{author}</p>' if author else ""
    return element(
        "mj-text",
        f'<div style="border-left:3px solid {bar};padding-left:18px">{said}{by}</div>',
        color=colour,
        font_family=FONTS.get(page.body["heading_font"]),
        font_size=f"{chosen['size']}px",
        line_height="1.45",
        **box.with_class(page.dark.words(colour)),
    )


def _image(page: Page, chosen: Chosen, box: Box) -> str:
    if not chosen["src"]:
        page.problems.append(no_picture(box.where))
    src = page.picture(chosen["src"], box.where)
    if src is None:
        return page.note(_("No image yet"), **box.common)
    return element(
        "mj-image",
        "",
        src=src,
        alt=page.words.of_text(chosen["alt"], box.where),
        width=f"{max(1, box.inner * chosen['width'] // 100)}px",
        fluid_on_mobile="true" if box.stacks and chosen["width"] == 100 else None,
        align=chosen["align"],
        border_radius=f"{chosen['radius']}px" if chosen["radius"] else None,
        href=page.address(page.words.of_text(chosen["link"], box.where), box.where),
        **box.common,
    )


def _button(page: Page, chosen: Chosen, box: Box) -> str:
    url = page.words.of_text(chosen["url"], box.where)
    if not url:
        page.problems.append(no_address(box.where))
    colour = chosen["color"] or page.body["button_color"]
    page.check_contrast(box.where, chosen["text_color"], colour)
    padding, size = _BUTTON_SIZES[chosen["size"]]
    return element(
        "mj-button",
        escape(page.words.of_text(chosen["label"], box.where)),
        href=page.address(url, box.where),
        background_color=colour,
        color=chosen["text_color"],
        align=chosen["align"],
        border_radius=f"{chosen['radius']}px",
        width="100%" if chosen["full_width"] else None,
        inner_padding=padding,
        font_size=size,
        font_weight="600",
        **box.common,
    )


def _divider(page: Page, chosen: Chosen, box: Box) -> str:
    return element(
        "mj-divider",
        "",
        border_color=chosen["color"],
        border_width=f"{chosen['thickness']}px",
        border_style=chosen["line"],
        width=f"{chosen['width']}%",
        **box.with_class(page.dark.line(chosen["color"])),
    )


def _spacer(_page: Page, chosen: Chosen, box: Box) -> str:
    return element("mj-spacer", "", height=f"{chosen['height']}px", **box.common)


def _menu(page: Page, chosen: Chosen, box: Box) -> str:
    colour = chosen["color"] or page.body["link_color"]
    style = f"color:{colour};text-decoration:none;font-weight:600;white-space:nowrap"
    links = [
        f'<a href="{escape(address)}" class="{page.dark.words(colour)}" style="{style}">'
        f"{escape(page.words.of_text(item['label'], box.where))}</a>"
        for item in chosen["items"]
        if (address := _item_address(page, item, box.where))
    ]
    if not links:
        return page.note(_("No links yet"), **box.common)
    return element(
        "mj-text",
        " &#160;&#160; ".join(links),
        align=chosen["align"],
        font_size=f"{chosen['size']}px",
        line_height="1.9",
        **box.common,
    )


def _social(page: Page, chosen: Chosen, box: Box) -> str:
    size = chosen["size"]
    icons = [
        f'<a href="{escape(address)}" style="text-decoration:none">'
        f'<img src="{_icon(page, item["network"], chosen["look"])}"'
        f' alt="{escape(str(NETWORKS[item["network"]]))}" width="{size}" height="{size}"'
        ' style="border:0;vertical-align:middle"/></a>'
        for item in chosen["items"]
        if (address := _item_address(page, item, box.where))
    ]
    if not icons:
        return page.note(_("No profiles yet"), **box.common)
    between = " &#160; "
    return element("mj-text", between.join(icons), align=chosen["align"], **box.common)


def _icon(page: Page, network: str, look: str) -> str:
    return escape(absolute(f"{SOCIAL_PICTURES}/{network}-{look}.png", page.public_url))


def _item_address(page: Page, item: Chosen, where: str) -> str | None:
    return page.address(page.words.of_text(item["url"], where), where)


def _html(page: Page, chosen: Chosen, box: Box) -> str:
    before, typed, after = _choices_around(page, chosen["html"], box)
    if (before or after) and not typed:
        return _logic(page, before + after, box)
    tree = html_tree(typed)
    if not len(tree) and not (tree.text or "").strip():
        return page.note(_("No HTML yet"), **box.common)
    for link in list(tree.iter("a")):
        _finish_address(page, link, box.where)
    for image in tree.iter("img"):
        image.set("src", page.picture(image.get("src", ""), box.where) or "")
    look = {"color": page.body["text_color"], "font_size": "16px", "line_height": "1.5"}
    return raw(before) + element("mj-text", to_xml(tree), **(box.common | look)) + raw(after)


def _words(page: Page, html: str, where: str) -> str:
    """Rich text, its tags words already, as XML; its links, paragraphs and colours finished."""
    tree = rich_text(html)
    for link in list(tree.iter("a")):
        _finish_link(page, link, where)
    for coloured in tree.iter("span"):
        _mark_colour(page, coloured)
    _space_paragraphs(tree)
    return to_xml(tree)


def _finish_link(page: Page, link: HtmlElement, where: str) -> None:
    if _finish_address(page, link, where):
        colour = page.body["link_color"]
        link.set("style", f"color:{colour};text-decoration:underline")
        link.set("class", page.dark.words(colour))


def _finish_address(page: Page, link: HtmlElement, where: str) -> bool:
    """Takes the link away when it leads nowhere."""
    address = page.address(page.words.whole(link.get("href", "")), where)
    if address is None:
        link.drop_tag()
        return False
    link.set("href", address)
    return True


def _mark_colour(page: Page, element: HtmlElement) -> None:
    colour = element.get("style", "").partition("color:#")[2][:6]
    if len(colour) == 6:
        element.set("class", page.dark.words(f"#{colour}"))


def _space_paragraphs(tree: HtmlElement) -> None:
    """Mail clients disagree about margins unless each paragraph states its own."""
    for each in tree.iter("p", "ul", "ol"):
        is_last = each is tree[-1] and not each.tail
        margin = "margin:0" if is_last else "margin:0 0 12px"
        indent = "" if each.tag == "p" else "padding-left:24px"
        styles = (margin, indent, each.get("style"))
        each.set("style", ";".join(style for style in styles if style))


SHAPES: dict[str, Shape] = {
    "heading": _heading,
    "text": _text,
    "image": _image,
    "button": _button,
    "divider": _divider,
    "spacer": _spacer,
    "menu": _menu,
    "social": _social,
    "quote": _quote,
    "html": _html,
}
