"""The last pass over the HTML of an e-mail: where each merge tag stands, which links are tracked,
and what they tell the site that they lead to.

It changes nothing else, so that HTML of one's own is sent as it was given. Mark-up is recognised
as the HTML standard tells browsers to; where it is too broken for that, no value is put into it.
"""

import re
from dataclasses import dataclass
from html import escape, unescape

from webapp.content.addresses import encoded, is_web
from webapp.content.links.link_tracking import CampaignTags, LinkTracking
from webapp.content.tags.merge_tags import known_tag
from webapp.content.tags.segments import Escape, Segments
from webapp.content.tags.tag_parsing import Tag
from webapp.content.tags.words import Words

LONGEST_LABEL = 200

_NAME = r"[^\s/>][^\s/>=]*+"
_VALUE = r"""\s*+=\s*+(?:"[^"]*"|'[^']*'|[^\s>"'][^\s>]*+|)"""
_USUAL = r'\s[a-z:-]++="[^"]*"'  # Nothing but a short cut: it halves the time.
ATTRIBUTE = re.compile(rf"({_NAME})({_VALUE})?+", re.DOTALL)
TOKEN = re.compile(
    r"<!--(?P<comment>-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<raw>script|style|title)(?=[\s/>])[^>]*+>.*?(?:</(?P=raw)(?=[\s/>])[^>]*+>?|\Z)"
    rf"|<(?P<slash>/?)(?P<tag>[a-z][^\s/>]*+)"
    rf"(?P<attributes>(?:{_USUAL}|[\s/]++|{_NAME}(?:{_VALUE})?+)*+)>"
    r"|<(?:[!?]|/(?![a-z]))[^>]*+>"
    r"|(?P<broken><(?=[a-z!?/]).*+)",
    re.DOTALL | re.IGNORECASE,
)
"""What is broken begins like a tag and has no end: browsers take all that follows for a part of it,
and so it is one token, lest an end be looked for from every place in it."""
_ADDRESS_IN_TEXT = r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]"
ADDRESSES = {"href", "src", "background", "action", "cite", "poster", "srcset", "xlink:href"}
_LINKS = ("a", "v:")
"""Of `<a>` and `<area>`, and of the buttons that Outlook draws."""
_CODE = re.compile(r"style|on.*", re.IGNORECASE)
_BODY_END = re.compile(r"</body", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


@dataclass(frozen=True)
class CompiledLink:
    """One that is tracked."""

    number: int
    """From 1, in the order of the HTML."""
    url: Segments
    label: str
    """The words it stands on, or its image's alt text, or the name of the registered link; at most
    200 characters."""
    tag: str
    """Of the registered link that it leads to; empty when it is an address of its own."""


class Marker:
    """Tells the words of one HTML text where they stand, and makes of its links to the web what is
    asked for."""

    def __init__(
        self, html: str, words: Words, track: LinkTracking, campaign: CampaignTags | None
    ) -> None:
        self._words = words
        self._track = track
        self._campaign = campaign
        self._changes_links = campaign is not None or track is not LinkTracking.NONE
        self.links: list[CompiledLink] = []
        self._numbers: dict[str, int] = {}
        self.html = TOKEN.sub(self._token, html)

    def in_text(self, text: str) -> str:
        """The text part, with its addresses followed as those of the HTML are."""
        found = re.compile(rf"{_ADDRESS_IN_TEXT}|{self._words.pattern.pattern}")
        return found.sub(lambda match: self._followed(match[0]), text)

    def _followed(self, address: str) -> str:
        tag, target = self.target(address)
        if not target:
            return address
        number = self._numbers.get(tag.name if tag else target)
        return self._words.of_slot(f"click.{number}") if number else target

    def _token(self, token: re.Match[str]) -> str:
        text = token[0]
        if not (self._words.in_it(text) or (self._changes_links and "href" in text.lower())):
            return text
        if (token["comment"] or "").startswith("[if"):  # Outlook reads what is inside.
            return f"<!--{TOKEN.sub(self._token, token['comment'])}"
        if not token["tag"] or token["slash"]:
            return self._beside_tags(token)
        if self._words.in_it(token["tag"]):
            return self._dropped(text)
        links = self._changes_links and token["tag"].lower().startswith(_LINKS)
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
            if links and name.lower() == "href" and (link := self._link(address, token)):
                return f'{name}="{link}"'
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

    def _link(self, address: str, token: re.Match[str]) -> str:
        """What a link to the web is to lead to; nothing for any other, which stays as it is."""
        tag, target = self.target(address)
        if not target:
            return ""
        tracked = self._track is LinkTracking.ALL or (tag and self._track is not LinkTracking.NONE)
        url = self._words.at(target, Escape.URL)
        return self._tracked(tag, target, url, token) if tracked else escape(url)

    def target(self, address: str) -> tuple[Tag | None, str]:
        """Where a link to the web leads in the end, and the tag of the registered one that it is;
        nowhere when it is of another kind."""
        tag = self._words.registered(address)
        target = self._words.behind(tag) if tag else encoded(address)
        variants = self._words.variants(target)
        if not all(map(is_web, variants)) or (tag is None and self._words.special(address)):
            return tag, ""
        return tag, self._with_campaign(target)

    def _with_campaign(self, address: str) -> str:
        """Where choices decide about query or fragment, there is no one place for the tags."""
        chosen = self._words.marks.search(address) and re.search("[?#]", address)
        return address if chosen or not self._campaign else self._campaign.added_to(address)

    def _tracked(self, tag: Tag | None, target: str, url: str, token: re.Match[str]) -> str:
        number, name = len(self.links) + 1, tag.name if tag else ""
        label = self._label(token) or (str(known.label) if (known := known_tag(name)) else "")
        self.links.append(CompiledLink(number, self._words.segments(url), label, name))
        self._numbers.setdefault(name or target, number)
        return self._words.of_slot(f"click.{number}")

    def _label(self, token: re.Match[str]) -> str:
        """What stands between the tag and its end; for an image its alt text."""
        following = token.string[token.end() : token.end() + 5000]
        inside = re.split(rf"</{re.escape(token['tag'])}\b", following, maxsplit=1, flags=re.I)[0]
        alt = _ALT.search(inside)
        words = _TAGS.sub(" ", inside).strip() or (alt and (alt[1] or alt[2])) or ""
        return " ".join(self._words.as_typed(unescape(words)).split())[:LONGEST_LABEL]


def address_of(url: str, campaign: CampaignTags | None) -> Segments:
    """What is tracked of a link to this address."""
    words = Words(url)
    address = words.of_text(url, "")
    words.settle(address)
    _tag, target = Marker("", words, LinkTracking.ALL, campaign).target(address)
    return words.segments(words.at(target, Escape.URL))


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
