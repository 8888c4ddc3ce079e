"""The last pass over finished HTML: where each merge tag stands, and which links are tracked.

It changes nothing else, so that HTML of one's own is sent as it was given. Mark-up is recognised
as the HTML standard tells browsers to; where it is too broken for that, no value is put into it.
"""

import re
from dataclasses import dataclass
from html import escape, unescape

from webapp.content.addresses import encoded, is_web
from webapp.content.segments import Escape, Segments
from webapp.content.words import Words

LONGEST_LABEL = 200

_NAME = r"[^\s/>][^\s/>=]*+"
_VALUE = r"""\s*+=\s*+(?:"[^"]*"|'[^']*'|[^\s>"'][^\s>]*+|)"""
_USUAL = r'\s[a-z:-]++="[^"]*"'  # Nothing but a short cut: it halves the time.
ATTRIBUTE = re.compile(rf"({_NAME})({_VALUE})?+", re.DOTALL)
TOKEN = re.compile(
    r"<!--(?P<comment>-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<raw>script|style|title)(?=[\s/>])[^>]*+>.*?(?:</(?P=raw)(?=[\s/>])[^>]*+>|\Z)"
    rf"|<(?P<slash>/?)(?P<tag>[a-z][^\s/>]*+)"
    rf"(?P<attributes>(?:{_USUAL}|[\s/]++|{_NAME}(?:{_VALUE})?+)*+)>"
    r"|<[!?/][^>]*+>"
    r"|(?P<broken><(?=[a-z])[^<]*+)",
    re.DOTALL | re.IGNORECASE,
)
ADDRESSES = {"href", "src", "background", "action", "cite", "poster", "srcset", "xlink:href"}
_LINKS = ("a", "v:")
"""Of `<a>` and `<area>`, and of the buttons that Outlook draws."""
_CODE = re.compile(r"style|on.*", re.IGNORECASE)
_BODY_END = re.compile(r"</body", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True)
class TrackedLink:
    number: int
    """From 1, in the order of the HTML."""
    url: Segments
    label: str
    """The words it stands on, or its image's alt text; at most 200 characters."""


class Marker:
    """Tells the words of one HTML text where they stand, and tracks its links if asked to."""

    def __init__(self, html: str, words: Words, *, track_links: bool) -> None:
        self._words = words
        self._track = track_links
        self.links: list[TrackedLink] = []
        self._numbers: dict[str, int] = {}
        self.html = TOKEN.sub(self._token, html)

    def tracked(self, address: str) -> str:
        """The address by which the text part follows a link of the HTML, if it is tracked."""
        number = self._numbers.get(encoded(address))
        return self._words.of_slot(f"click.{number}") if number else address

    def _token(self, token: re.Match[str]) -> str:
        text = token[0]
        if not (self._words.in_it(text) or (self._track and "href" in text.lower())):
            return text
        if (token["comment"] or "").startswith("[if"):  # Outlook reads what is inside.
            return f"<!--{TOKEN.sub(self._token, token['comment'])}"
        if not token["tag"] or token["slash"]:
            return self._beside_tags(token)
        if self._words.in_it(token["tag"]):
            return self._dropped(text)
        links = self._track and token["tag"].lower().startswith(_LINKS)
        return f"<{token['tag']}{self._attributes(token, links)}>"

    def _beside_tags(self, token: re.Match[str]) -> str:
        is_text = token["comment"] or (token["raw"] or "").lower() == "title"
        return token[0] if is_text else self._words.without(token[0])

    def _dropped(self, text: str) -> str:
        """Nothing: without its words, a name could become that of something that runs."""
        self._words.without(text)
        return ""

    def _attributes(self, token: re.Match[str], links: bool) -> str:
        def one(attribute: re.Match[str]) -> str:
            name, value = attribute[1], attribute[2]
            if self._words.in_it(name):
                return self._dropped(attribute[0])
            if value is None:
                return name
            inner, quote = unquoted(value)
            address = unescape(inner).strip()
            if links and name.lower() == "href" and self._is_tracked(address):
                return f'{name}="{self._tracked(address, token)}"'
            if not self._words.in_it(value):
                return name + value
            return f"{name}={quote}{self._placed(name, inner)}{quote}"

        return ATTRIBUTE.sub(one, token["attributes"])

    def _placed(self, name: str, value: str) -> str:
        if _CODE.fullmatch(name):
            return self._words.without(value)
        if name.lower() in ADDRESSES:
            return self._words.in_address(value) if self._words.is_safe(value) else "#"
        return self._words.at(value, Escape.ATTRIBUTE)

    def _is_tracked(self, address: str) -> bool:
        variants = self._words.variants(address)
        return all(map(is_web, variants)) and self._words.special(address) is None

    def _tracked(self, address: str, token: re.Match[str]) -> str:
        number = len(self.links) + 1
        url = self._words.segments(self._words.at(encoded(address), Escape.URL))
        self.links.append(TrackedLink(number, url, self._label(token)))
        self._numbers.setdefault(encoded(address), number)
        return self._words.of_slot(f"click.{number}")

    def _label(self, token: re.Match[str]) -> str:
        """What stands between the tag and its end; for an image its alt text."""
        following = token.string[token.end() : token.end() + 5000]
        inside = re.split(rf"</{re.escape(token['tag'])}\b", following, maxsplit=1, flags=re.I)[0]
        alt = _ALT.search(inside)
        words = _TAGS.sub(" ", inside).strip() or (alt and (alt[1] or alt[2])) or ""
        return " ".join(self._words.as_typed(unescape(words)).split())[:LONGEST_LABEL]


def unquoted(value: str) -> tuple[str, str]:
    """What stands after the equals sign without its quotes, and the quote to put around it."""
    inner = value.strip()[1:].strip()
    if inner[:1] in {'"', "'"}:
        return inner[1:-1], inner[0]
    return inner.replace('"', "&quot;"), '"'


def insert_before_body_end(html: str, addition: str) -> str:
    end = max((found.start() for found in _BODY_END.finditer(html)), default=len(html))
    return html[:end] + addition + html[end:]


def insert_after_body_start(html: str, addition: str) -> str:
    for token in TOKEN.finditer(html):
        if (token["tag"] or "").lower() == "body":
            return html[: token.end()] + addition + html[token.end() :]
    return addition + html


def hidden_preheader(words: str, padding: str) -> str:
    """A first line that only lists of messages show."""
    style = "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px"
    return f'<div style="{style}">{escape(words)} {padding}</div>'
