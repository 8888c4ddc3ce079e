"""The readable text part of an e-mail, from its HTML."""

import re

from lxml.html import HtmlElement

from webapp.content.document.blocks import ONLY_MOBILE
from webapp.content.html.reading import tree_of

_SKIPPED = {"head", "script", "style", "title", "noscript", "template"}
_PARAGRAPHS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "hr", "table"),
}
_LINES = {"div", "li", "tr", "td", "th", "section", "article", "header", "footer", "address"}
# Marks in the text under way: the edge of a line, of a paragraph, and the end of a bullet.
_LINE, _PARAGRAPH, _BULLET = "\x01", "\x02", "\x03"
_EDGES = re.compile(f"[ {_LINE}{_PARAGRAPH}]*[{_LINE}{_PARAGRAPH}][ {_LINE}{_PARAGRAPH}]*")
_AFTER_BULLET = re.compile(f"{_BULLET}[ \n{_LINE}{_PARAGRAPH}]*")
_SPACES = re.compile(r"[\s\u00a0\u200b-\u200d\ufeff\u034f\u2007\x00-\x1f]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def plain_text(html: str) -> str:
    """Paragraphs apart, list items with a dash, links as "label: address", images by their alt."""
    tree = tree_of(html)
    if tree is None:
        return ""
    writer = _Writer()
    writer.element(tree)
    return writer.finished()


class _Writer:
    def __init__(self) -> None:
        self._parts: list[str] = []

    def element(self, element: HtmlElement, number: int = 1) -> None:
        """`number` is its place among the elements around it."""
        tag = str(element.tag)
        if tag in _SKIPPED or _is_hidden(element):
            return
        edge = _PARAGRAPH if tag in _PARAGRAPHS else _LINE if tag in _LINES else ""
        self._parts.append(edge)
        self._content(element, tag, number)
        self._parts.append(edge)

    def _content(self, element: HtmlElement, tag: str, number: int) -> None:
        match tag:
            case "br":
                self._parts.append("\n")
            case "img":
                self._parts.append(_flat(element.get("alt", "")))
            case "a":
                self._link(element)
            case _:
                self._parts.append(_bullet(element, number) if tag == "li" else "")
                self._children(element)

    def _children(self, element: HtmlElement) -> None:
        self._parts.append(_flat(element.text or ""))
        for number, child in enumerate(element, 1):
            self.element(child, number)
            self._parts.append(_flat(child.tail or ""))

    def _link(self, element: HtmlElement) -> None:
        inner = _Writer()
        inner._children(element)
        label = " ".join(inner.finished().split())
        address = element.get("href", "").strip()
        shown = address.removeprefix("mailto:").removeprefix("tel:")
        if not shown or shown.startswith("#") or shown == label:
            self._parts.append(label)
        else:
            self._parts.append(f"{label}: {shown}" if label else shown)

    def finished(self) -> str:
        text = _AFTER_BULLET.sub("", re.sub(" +", " ", "".join(self._parts)))
        text = _EDGES.sub(lambda edges: "\n\n" if _PARAGRAPH in edges[0] else "\n", text)
        return re.sub(r"\n{3,}", "\n\n", re.sub(" *\n *", "\n", text)).strip()


def _is_hidden(element: HtmlElement) -> bool:
    """What only phones show says once more what the others show."""
    style = element.get("style", "")
    only_mobile = ONLY_MOBILE in element.get("class", "").split()
    return only_mobile or (bool(style) and _HIDDEN.search(style) is not None)


def _bullet(item: HtmlElement, number: int) -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return f"- {_BULLET}"
    return f"{number}. {_BULLET}"


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text) if text else text
