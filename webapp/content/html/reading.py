"""HTML as a tree, to see what is in it."""

from lxml import html as lxml_html
from lxml.etree import ParserError
from lxml.html import HtmlElement

_PARSER = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


def tree_of(html: str) -> HtmlElement | None:
    """None when there is nothing in it. XHTML may say its encoding, which bytes alone may do."""
    try:
        tree: HtmlElement = lxml_html.document_fromstring(html.encode(), parser=_PARSER)
    except ParserError:
        return None
    return tree
