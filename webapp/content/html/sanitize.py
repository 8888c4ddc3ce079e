"""HTML as a marketer may write it: a small set of it for rich text, and for a block of HTML
whatever an e-mail can hold that does not run."""

import re
from collections.abc import Callable
from html import escape

import nh3
from lxml import html as lxml_html
from lxml.html import HtmlElement

from webapp.content.addresses import tidy
from webapp.content.tags.words import Words
from webapp.content.texts import without_controls

LONGEST = 100_000
"""Characters of HTML in one block."""

_RENAMED = {"b": "strong", "i": "em", "strike": "s", "del": "s", "ins": "u"}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_KEPT = {"a", "br", "em", "li", "ol", "p", "s", "span", "strong", "u", "ul"}
_BLOCKS = {"p", "div", "ul", "ol", "li"}
_STYLES = {
    "color": re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?|rgb\(\d{1,3}, ?\d{1,3}, ?\d{1,3}\)", re.I),
    "font-size": re.compile(r"[1-9]\d?(?:\.\d{1,2})?px"),
    "text-align": re.compile(r"left|center|right"),
}


def clean_rich_text(source: str) -> str:
    """The text as it is stored: allowed HTML only, merge tags and unknown words untouched."""
    words = Words(source)
    tree = rich_text(words.of_html(source, ""))
    return words.as_typed(_inside(tree, "html"), lambda tag: escape(tag, quote=True))


def clean_html(source: str) -> str:
    """The same for a block of HTML."""
    words = Words(source)
    tree = html_tree(words.of_html(source, ""))
    return words.as_typed(_inside(tree, "html"), lambda tag: escape(tag, quote=True))


def rich_text(source: str) -> HtmlElement:
    """The allowed part of `source` (merge tags already words) as the children of a div.

    libxml2 cuts off what is nested more than 250 deep; deeper nesting would overflow the stack of
    the MJML compiler.
    """
    tree = _tree(_RICH_TEXT.clean(without_controls(source[:LONGEST])))
    for element in list(tree.iterdescendants()):
        _simplify(element)
    return tree


def html_tree(source: str) -> HtmlElement:
    """The same for a block of HTML, in which tables, pictures and styles are allowed."""
    return _tree(_HTML.clean(without_controls(source[:LONGEST])))


def _tree(clean: str) -> HtmlElement:
    tree: HtmlElement = lxml_html.fragment_fromstring(clean, create_parent="div")
    return tree


def to_xml(tree: HtmlElement) -> str:
    return _inside(tree, "xml")


def _simplify(element: HtmlElement) -> None:
    """One name for each thing: `b` is `strong`, and every line of an editor is a `p`."""
    tag = str(element.tag)
    if tag in _HEADINGS:
        element.tag = "p"
    elif tag == "div" and any(child.tag in _BLOCKS for child in element):
        element.drop_tag()
    elif tag == "div":
        element.tag = "p"
    elif tag in _RENAMED:
        element.tag = _RENAMED[tag]


def _inside(tree: HtmlElement, method: str) -> str:
    whole: str = lxml_html.tostring(tree, method=method, encoding="unicode")
    return whole.removeprefix("<div>").removesuffix("</div>").removesuffix("<div/>")


def _kept_attribute(_tag: str, name: str, value: str) -> str | None:
    keep: Callable[[str], str] = tidy if name == "href" else _kept_styles
    return keep(value) or None


def _kept_styles(style: str) -> str:
    declarations = (part.partition(":")[::2] for part in style.split(";"))
    return ";".join(
        f"{name}:{_hex(value.strip())}"
        for name, value in ((name.strip().lower(), value) for name, value in declarations)
        if name in _STYLES and _STYLES[name].fullmatch(value.strip())
    )


def _hex(value: str) -> str:
    """A colour in one spelling, however the browser wrote it."""
    found = re.fullmatch(r"rgb\((\d+), ?(\d+), ?(\d+)\)", value, re.IGNORECASE)
    if found is None:
        return value
    return "#" + "".join(f"{min(int(each), 255):02x}" for each in found.groups())


def _harmless_attribute(_tag: str, name: str, value: str) -> str | None:
    if name in {"href", "src"}:
        return tidy(value) or None
    return (_harmless_styles(value) or None) if name == "style" else value


def _harmless_styles(style: str) -> str:
    # Browsers read what comments are put into as if they were not there.
    declarations = (part.strip() for part in _COMMENT.sub(" ", style).split(";"))
    return ";".join(each for each in declarations if each and not _TROUBLE.search(each))


_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SCHEMES = {"http", "https", "mailto", "tel"}
_TROUBLE = re.compile(r"url\s*\(|expression|behavior|binding|@|\\|^\s*position", re.IGNORECASE)
"""Of a style: what fetches, runs, or leaves its place on the canvas."""

_RICH_TEXT = nh3.Cleaner(
    tags=_KEPT | _HEADINGS | _RENAMED.keys() | {"div"},
    attributes={"a": {"href"}, "span": {"style"}, "p": {"style"}, "div": {"style"}},
    attribute_filter=_kept_attribute,
    url_schemes=_SCHEMES,
    link_rel=None,
)
_CELL = {"width", "height", "align", "valign", "bgcolor", "colspan", "rowspan"}
_HTML = nh3.Cleaner(
    tags=_KEPT
    | _HEADINGS
    | _RENAMED.keys()
    | {"div", "img", "hr", "blockquote", "pre", "code", "center", "font", "sup", "sub", "small"}
    | {"table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"},
    attributes={
        "*": {"style", "dir", "lang", "title"},
        "a": {"href"},
        "img": {"src", "alt", "width", "height", "border", "align"},
        "font": {"color", "face", "size"},
        "table": {"border", "cellpadding", "cellspacing", "role", *_CELL},
        "tr": _CELL,
        "td": _CELL,
        "th": _CELL,
    },
    attribute_filter=_harmless_attribute,
    url_schemes=_SCHEMES,
    link_rel=None,
)
