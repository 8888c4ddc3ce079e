"""Choices in HTML: whatever branch somebody reads, every element in it is whole."""

import re
from collections import Counter

from webapp.content.html.markup import ATTRIBUTE, TOKEN, unquoted
from webapp.content.tags.logic.grammar import StepKind
from webapp.content.tags.logic.pairing import Pairing
from webapp.content.tags.words import Words

_ROUNDS = 10
_VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}
_ENDED_BY = {
    "li": {"li"},
    "p": {"p"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": {"tr", "td", "th"},
    "tbody": {"thead", "tbody", "tfoot", "tr", "td", "th"},
    "tfoot": {"thead", "tbody", "tr", "td", "th"},
}
"""Elements that need no end tag: which of them end when another begins."""


def whole_choices(html: str, words: Words) -> str:
    """Without the choices that cut through elements: those are problems."""
    if not words.has_marks:
        return html
    html = without_bare_elements(html, words)
    html = TOKEN.sub(lambda token: _inside(token, words), html)
    return words.dropping(html, _paired(html, words))


def without_bare_elements(html: str, words: Words) -> str:
    """A line that holds nothing but logic is no line of the e-mail."""
    bare = re.compile(
        r"<(?P<tag>p|div|h[1-6]|ul|ol|li|span|strong|b|em|i|u|s|font|a|center|td|tr|table|tbody)"
        rf"(?=[\s>])(?P<attributes>[^<>]*+)>(?P<inner>(?:\s|\u00a0|&nbsp;|&\#160;|<br\s*/?>|{words.marks.pattern})++)"
        r"</(?P=tag)\s*>",
        re.IGNORECASE,
    )

    def shown(match: re.Match[str]) -> str:
        if words.in_it(match["attributes"]):
            return match[0]
        return "".join(words.marks.findall(match["inner"])) or match[0]

    for _round in range(_ROUNDS):
        smaller = bare.sub(shown, html)
        if smaller == html:
            break
        html = smaller
    return html


def around(html: str, words: Words) -> tuple[str, str, str]:
    """The marks before everything else, what is between, and the marks behind it: those that may as
    well stand around the element that holds this. None where choices go on from the middle."""
    if not words.has_marks:
        return "", html, ""
    mark = rf"(?:<mj-raw>)?({words.marks.pattern})(?:</mj-raw>)?"
    start = re.match(rf"(?:\s|{mark})*+", html)
    begin = start.end() if start else 0
    end = len(html)
    for found in reversed(list(re.finditer(mark, html[begin:]))):
        end = begin + len(html[begin:end].rstrip())
        if begin + found.end() != end:
            break
        end = begin + found.start()
    middle = html[begin:end].strip()
    if not words.is_whole(middle):
        return "", html, ""
    before, after = (words.marks.findall(part) for part in (html[:begin], html[end:]))
    return "".join(before), middle, "".join(after)


def closed_up(text: str, words: Words) -> str:
    """A plain text whose line breaks before a choice stand in its branches, so that one that is
    left out leaves no gap."""
    if not words.has_marks:
        return text
    breaks: list[str | None] = []
    last = 0

    def moved(match: re.Match[str]) -> str:
        nonlocal last
        follows, last = match.start() == last, match.end()
        before, mark, after = match["before"], match["mark"], match["after"]
        match words.step_of(mark).kind:
            case StepKind.IF:
                alone = before or follows
                breaks.append(before if alone else None)
                return mark + (before if alone else after)
            case StepKind.ENDIF:
                if breaks:
                    breaks.pop()
                return mark + (after or before)
            case StepKind.SET:
                return mark + ("" if follows else before or after)
        in_line = not breaks or breaks[-1] is None
        return before + mark + after if in_line else mark + str(breaks[-1])

    pattern = rf"(?P<before>\n*)(?P<mark>{words.marks.pattern})(?P<after>\n*)"
    return re.sub(pattern, moved, text)


def _inside(token: re.Match[str], words: Words) -> str:
    """The token, with whole choices in each value, title and comment."""
    text = token[0]
    if not words.in_it(text):
        return text
    if (token["comment"] or "").startswith("[if"):
        return f"<!--{whole_choices(token['comment'], words)}"
    if token["comment"] or (token["raw"] or "").lower() == "title":
        return words.whole(text)
    if not token["tag"] or token["slash"]:
        return text
    attributes = ATTRIBUTE.sub(lambda attribute: _value(attribute, words), token["attributes"])
    return f"<{token['tag']}{attributes}>"


def _value(attribute: re.Match[str], words: Words) -> str:
    name, value = attribute[1], attribute[2]
    if value is None or not words.in_it(value):
        return attribute[0]
    inner, quote = unquoted(value)
    return f"{name}={quote}{words.whole(inner)}{quote}"


def _paired(html: str, words: Words) -> Pairing:
    pairing, elements = Pairing(), _Elements()
    either = re.compile(f"{TOKEN.pattern}|(?P<mark>{words.marks.pattern})", TOKEN.flags)
    for token in either.finditer(html):
        if token["mark"]:
            pairing.take(token["mark"], words.step_of(token["mark"]).kind, elements.place())
        elif token["tag"] and token["slash"]:
            elements.close(token["tag"].lower())
        elif token["tag"]:
            elements.open(token["tag"].lower(), closed=token["attributes"].endswith("/"))
    pairing.end()
    return pairing


class _Elements:
    """Those that are open at some place of a text, each with a number of its own."""

    def __init__(self) -> None:
        self._open: list[tuple[str, int]] = [("", 0)]
        self._names: Counter[str] = Counter()
        self._last = 0

    def place(self) -> tuple[int, int]:
        return len(self._open), self._open[-1][1]

    def open(self, name: str, *, closed: bool) -> None:
        if name in _VOID or (closed and ":" in name):
            return
        while self._open[-1][0] in _ENDED_BY.get(name, ()):
            self._names[self._open.pop()[0]] -= 1
        self._last += 1
        self._open.append((name, self._last))
        self._names[name] += 1

    def close(self, name: str) -> None:
        while self._names[name]:
            closed = self._open.pop()[0]
            self._names[closed] -= 1
            if closed == name:
                break
