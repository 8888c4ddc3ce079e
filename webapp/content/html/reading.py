"""HTML as a tree, to see what is in it."""

from contextlib import suppress

from lxml import html as lxml_html
from lxml.etree import ErrorTypes, ParserError
from lxml.html import HtmlElement, HTMLParser


def tree_of(html: str) -> HtmlElement | None:
    """None when there is nothing in it. XHTML may say its encoding, which bytes alone may do."""
    with suppress(ParserError):
        return _read(html, _parser())
    return None


def is_read_whole(html: str) -> bool:
    """Whether the tree holds all of it: nothing is read any more from where 256 elements stand in
    one another, to keep the time short that looking for the ends of many takes."""
    parser = _parser()
    with suppress(ParserError):
        _read(html, parser)
    return not any(error.type == ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log)


def _parser() -> HTMLParser:
    return HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


def _read(html: str, parser: HTMLParser) -> HtmlElement:
    tree: HtmlElement = lxml_html.document_fromstring(html.encode(), parser=parser)
    return tree
