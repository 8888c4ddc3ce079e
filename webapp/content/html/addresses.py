"""The addresses that stand in HTML, exchanged for others; nothing else changes."""

import re
from collections.abc import Callable
from html import escape, unescape

from webapp.content.addresses import absolute
from webapp.content.html.markup import ATTRIBUTE, TOKEN, unquoted

Change = Callable[[str, bool], str]
"""The new address; told the old one, and whether it is loaded with the page, not linked to."""

_LOADED = {"src", "background", "poster"}
_QUOTES = {'"': "&quot;", "'": "&#39;"}
_CSS = re.compile(r"""(url\(\s*)("[^"]*"|'[^']*'|[^\s"'()]+)(\s*\))""", re.IGNORECASE)
_IN_SET = re.compile(r"(^|,)(\s*)([^\s,]+)")


def with_addresses(html: str, change: Change) -> str:
    """Those of links and images, of backgrounds, in styles, and where only Outlook looks."""

    def one(token: re.Match[str]) -> str:
        if (token["comment"] or "").startswith("[if"):
            return f"<!--{TOKEN.sub(one, token['comment'])}"
        if (token["raw"] or "").lower() == "style":
            return _in_css(token[0], change)
        if not token["tag"] or token["slash"]:
            return token[0]
        tag = token["tag"]
        attributes = ATTRIBUTE.sub(
            lambda each: _in_attribute(each, tag.lower(), change), token["attributes"]
        )
        return f"<{tag}{attributes}>"

    return TOKEN.sub(one, html)


def with_absolute_addresses(html: str, public_url: str) -> str:
    """As it is sent: what is ours is found from everywhere."""
    return with_addresses(html, lambda address, _loaded: absolute(address, public_url))


def _in_attribute(attribute: re.Match[str], tag: str, change: Change) -> str:
    if not attribute[2]:
        return attribute[0]
    inner, quote = unquoted(attribute[2])
    old = unescape(inner)
    new = _in_value(attribute[1].lower(), old, tag, change)
    if new == old:
        return attribute[0]
    written = escape(new, quote=False).replace(quote, _QUOTES[quote])
    return f"{attribute[1]}={quote}{written}{quote}"


def _in_value(name: str, old: str, tag: str, change: Change) -> str:
    if name == "style":
        return _in_css(old, change)
    if name == "srcset" and "data:" not in old:
        return _IN_SET.sub(lambda part: part[1] + part[2] + change(part[3], True), old)
    if name == "href" or name in _LOADED:
        new = change(old.strip(), name != "href" or tag == "link")
        return old if new == old.strip() else new
    return old


def _in_css(css: str, change: Change) -> str:
    def one(found: re.Match[str]) -> str:
        written = found[2]
        quote = written[0] if written[0] in "\"'" else ""
        old = written.strip("\"'") if quote else written
        new = change(old, True)
        return found[0] if new == old else f"{found[1]}{quote}{new}{quote}{found[3]}"

    return _CSS.sub(one, css)
