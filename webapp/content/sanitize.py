"""Rich text as a marketer may write it: a small set of HTML, and nothing else."""

import re
from collections.abc import Callable
from html import escape

import nh3
from lxml import html as lxml_html
from lxml.html import HtmlElement

from webapp.content.addresses import tidy
from webapp.content.segments import without_controls
from webapp.content.words import Words

LONGEST = 100_000
"""Characters of HTML in one text block."""

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


def rich_text(source: str) -> HtmlElement:
    """The allowed part of `source` (merge tags already words) as the children of a div.

    libxml2 cuts off what is nested more than 250 deep; deeper nesting would overflow the stack of
    the MJML compiler.
    """
    clean = _CLEANER.clean(without_controls(source[:LONGEST]))
    tree: HtmlElement = lxml_html.fragment_fromstring(clean, create_parent="div")
    for element in list(tree.iterdescendants()):
        _simplify(element)
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
        f"{name}:{value.strip()}"
        for name, value in ((name.strip().lower(), value) for name, value in declarations)
        if name in _STYLES and _STYLES[name].fullmatch(value.strip())
    )


_CLEANER = nh3.Cleaner(
    tags=_KEPT | _HEADINGS | _RENAMED.keys() | {"div"},
    attributes={"a": {"href"}, "span": {"style"}, "p": {"style"}, "div": {"style"}},
    attribute_filter=_kept_attribute,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
