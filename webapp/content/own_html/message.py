"""HTML of one's own: sent as given, save for what mail programs would take out anyway."""

import re
from collections.abc import Iterator
from html import unescape
from typing import TypeAlias

from flask_babel import LazyString

from webapp.accounts.organisation import organisation
from webapp.content.document.opening import Document
from webapp.content.html.markup import ADDRESSES, ATTRIBUTE, TOKEN, insert_before_body_end, unquoted
from webapp.content.html.reading import is_read_whole
from webapp.content.tags.words import Words
from webapp.content.texts import CONTROLS
from webapp.platform.errors import DomainError
from webapp.platform.locales import LANGUAGES, _, _l, speaking

Note: TypeAlias = LazyString | str

LARGEST = 1_000_000
"""Characters; ten times what mail programs show."""
DEEPEST = 50
"""Comments that begin within one another: each is looked through for those inside."""

_SCRIPTS = {"script", "noscript"}
_FORMS = {"form", "input", "button", "select", "option", "optgroup", "textarea", "fieldset"}
# Frames and plug-ins; elements whose content browsers read by other rules than HTML; and what
# would send the reader, or every relative address, somewhere else.
_FOREIGN = {
    *("iframe", "frame", "frameset", "noframes", "object", "embed", "noembed", "applet"),
    *("svg", "math", "xmp", "plaintext", "base"),
}
_NOTES: dict[str, Note] = {
    "script": _l("Scripts were removed: mail programs do not run them."),
    "form": _l("Form fields were removed: mail programs do not show them. Use a link instead."),
    "foreign": _l("Frames and embedded objects were removed: mail programs do not show them."),
    "footer": _l(
        "There was no unsubscribe link, so a small footer with your company's name, its address "
        "and the link was added."
    ),
}
_FORBIDDEN = re.compile(r"javascript:|vbscript:|data:(?!image/(?:png|gif|jpe?g|webp)[;,])", re.I)
_SPACE = re.compile(r"[\x00-\x20]+")
# All but tab, line feed and carriage return.
_UNPRINTABLE = re.compile(f"(?![\t\n\r])[{CONTROLS}]")


class EmptyHtml(DomainError):
    message = _l("There is no HTML in this file.")


class HtmlTooLarge(DomainError):
    message = _l("This HTML is too large for an e-mail. Keep it under 100 KB.")


class BrokenHtml(DomainError):
    message = _l(
        "This HTML is too broken to be read: comments or elements begin in one another, and many of"
        " them have no end."
    )


def checked(html: str) -> str:
    """What can be looked at in a time that grows with its length alone.

    Raises `HtmlTooLarge` or `BrokenHtml`.
    """
    if len(html) > LARGEST:
        raise HtmlTooLarge
    if max(between.count("<!--") for between in html.split("-->")) > DEEPEST:
        raise BrokenHtml
    return html


def from_html(html: str) -> tuple[Document, list[Note]]:
    """A document of HTML of one's own, and what was changed in it, for the user to read.

    Raises `EmptyHtml`, and what `checked` does.
    """
    html = checked(html)
    cleaner = _Cleaner()
    clean = _whole(cleaner.clean(html.removeprefix("\ufeff").strip()))
    if not html.strip():
        raise EmptyHtml
    if not is_read_whole(clean):
        raise BrokenHtml
    notes = [_NOTES[what] for what in _NOTES if what in cleaner.removed]
    words = Words(clean)
    words.of_html(clean, "html")
    if not (words.uses("link.unsubscribe") or words.uses("link.subscription")):
        clean = insert_before_body_end(clean, _footer(language_of(clean)))
        notes.append(_NOTES["footer"])
    return {"kind": "html", "html": clean}, notes


def without_active_parts(html: str) -> str:
    """Without scripts, event handlers, forms, frames and addresses that run code."""
    return _Cleaner().clean(html)


class _Cleaner:
    """`removed` says what kinds of thing were taken out."""

    def __init__(self) -> None:
        self.removed: set[str] = set()

    def clean(self, html: str) -> str:
        return TOKEN.sub(self._token, _UNPRINTABLE.sub(" ", html))

    def _token(self, token: re.Match[str]) -> str:
        if (token["comment"] or "").startswith("[if"):
            return f"<!--{TOKEN.sub(self._token, token['comment'])}"
        tag = (token["tag"] or token["raw"] or "").lower()
        if kind := _kind(tag, token):
            self.removed.add(kind)
            # A space keeps a bare < from becoming a tag with what follows.
            return " " if token.string[token.start() - 1 : token.start()] == "<" else ""
        if not token["tag"] or token["slash"]:
            return _closed(token)
        attributes = ATTRIBUTE.sub(self._attribute, token["attributes"])
        return f"<{token['tag']}{attributes}>"

    def _attribute(self, attribute: re.Match[str]) -> str:
        name, value = attribute[1].lower(), attribute[2]
        if name.startswith("on") or name in {"srcdoc", "formaction"} or _runs_code(name, value):
            self.removed.add("script")
            return ""
        return attribute[0]


def _closed(token: re.Match[str]) -> str:
    """What was never closed, closed: it must not swallow what is added behind it."""
    text = token[0]
    if token["broken"]:
        return text.replace("<", "&lt;")
    if token["comment"] and not text.endswith(">"):
        return f"{text}-->"
    if token["raw"] and not text.endswith(">"):
        return f"{text}</{token['raw']}>"
    return text


def _kind(tag: str, token: re.Match[str]) -> str:
    """What kind of thing to take out it is, or an empty text."""
    if tag in _SCRIPTS:
        return "script"
    if tag in _FORMS:
        return "form"
    refreshes = tag == "meta" and "refresh" in unescape(token["attributes"] or "").lower()
    return "foreign" if tag in _FOREIGN or refreshes else ""


def _runs_code(name: str, value: str | None) -> bool:
    if value is None or name not in ADDRESSES:
        return False
    return _FORBIDDEN.match(_SPACE.sub("", unescape(unquoted(value)[0]))) is not None


def _whole(html: str) -> str:
    """A full document, whatever part of one was given."""
    tags = {(token["tag"] or "").lower() for token in TOKEN.finditer(html)}
    if tags & {"html", "body"}:
        return html
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title></title></head><body>{html}</body></html>"
    )


def language_of(html: str) -> str:
    """That which it says it is in, where it is one of ours; else that of the organisation."""
    for token in TOKEN.finditer(html):
        if (token["tag"] or "").lower() == "html":
            said = dict(_named(token["attributes"])).get("lang", "").lower()[:2]
            return said if said in LANGUAGES else organisation().language
    return organisation().language


def _named(attributes: str) -> Iterator[tuple[str, str]]:
    for name, value in ATTRIBUTE.findall(attributes):
        yield name.lower(), unquoted(value)[0] if value else ""


def _footer(language: str) -> str:
    with speaking(language):
        unsubscribe = _("Unsubscribe")
    style = "padding:24px 16px;text-align:center;font:13px/1.5 Arial,sans-serif;color:#6b6b70"
    return (
        f'<div style="{style}">[[config.companyName]]<br>[[config.companyAddress]]<br>'
        f'<a href="[[link.unsubscribe]]" style="color:#6b6b70">{unsubscribe}</a></div>'
    )
