"""Merge tags on their way through HTML parsers and MJML: each travels as an opaque word.

The word is plain ASCII that no parser changes and, since it holds a hash of everything typed, that
nobody can have typed. Afterwards each word is told where it stands and becomes a slot.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from html import escape, unescape
from urllib.parse import unquote

from webapp.content.merge_tags import Tag, known_tag, parse
from webapp.content.problems import Problem, misplaced_tag
from webapp.content.segments import Escape, Segments, Slot, escape_value, joined

_BROWSER_ENCODED = re.compile(r"%5B%5B[^\s<>]{1,200}?%5D%5D", re.IGNORECASE)
_FORMATTING = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)


@dataclass(frozen=True)
class _Entry:
    tag: Tag
    where: str
    escape: Escape = Escape.HTML


class Words:
    """The tags of one content. `typed` is everything a person typed into it."""

    def __init__(self, typed: str) -> None:
        digest = blake2b(typed.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._prefix = f"zq{digest}n"
        self._entries: list[_Entry] = []
        self.pattern = re.compile(rf"{self._prefix}(\d+)z")
        self.problems: list[Problem] = []

    def of_text(self, text: str, where: str, decode: Callable[[str], str] = str) -> str:
        """`text` with words for its tags, and its problems noted."""
        return "".join(
            piece if isinstance(piece, str) else self._note(piece, where)
            for piece in parse(text, where, decode)
        )

    def of_html(self, source: str, where: str) -> str:
        """The same for HTML source, where tags may hold entities and formatting."""
        plain = _BROWSER_ENCODED.sub(_decoded_tag, source)
        return self.of_text(plain, where, lambda body: unescape(_FORMATTING.sub("", body)))

    def of_slot(self, name: str) -> str:
        """A word for an address that delivery fills in."""
        return self._add(_Entry(Tag("", name, ""), "", Escape.ATTRIBUTE))

    def at(self, text: str, escape: Escape) -> str:
        """`text` with its words marked as standing where `escape` says."""

        def placed(match: re.Match[str]) -> str:
            entry = self._entry(match)
            return match[0] if entry.escape is escape else self._add(replace(entry, escape=escape))

        return self.pattern.sub(placed, text)

    def in_address(self, address: str) -> str:
        """An address with its words marked: percent-encoded, unless the tag is the address."""
        special = self.special(address)
        return self.at(special, Escape.ATTRIBUTE) if special else self.at(address, Escape.URL)

    def special(self, address: str) -> str | None:
        """The word of a tag that is an address by itself, such as `[[link.unsubscribe]]`.

        Editors like to put https:// in front of it.
        """
        bare = address.removeprefix("https://").removeprefix("http://")
        match = self.pattern.fullmatch(bare)
        known = known_tag(self._entry(match).tag.name) if match else None
        return bare if known is not None and known.is_address else None

    def in_it(self, text: str) -> bool:
        """Whether any word stands in `text`."""
        return self._prefix in text

    def uses(self, name: str) -> bool:
        return any(entry.tag.name == name for entry in self._entries)

    def without(self, text: str) -> str:
        """`text` without its words: they stand where no value may, which is a problem.

        An underscore takes the place, lest what is left and right of it become mark-up together.
        """

        def dropped(match: re.Match[str]) -> str:
            entry = self._entry(match)
            if entry.tag.problem is None:
                self.problems.append(misplaced_tag(entry.where, entry.tag.written))
            return "_"

        return self.pattern.sub(dropped, text)

    def as_typed(self, text: str, written: Callable[[str], str] = str) -> str:
        """`text` with the tags themselves in place of their words."""
        return self.pattern.sub(lambda match: written(self._entry(match).tag.written), text)

    def segments(self, text: str, plain: Escape | None = None) -> Segments:
        """The literals and slots of `text`.

        In a text without markup, words are written as `plain` says, save those inside addresses.
        """
        parts: list[str | Slot] = []
        done = 0
        for match in self.pattern.finditer(text):
            parts += [text[done : match.start()], self._part(self._entry(match), plain)]
            done = match.end()
        return joined([*parts, text[done:]])

    def _part(self, entry: _Entry, plain: Escape | None) -> str | Slot:
        escape = plain if plain and entry.escape is not Escape.URL else entry.escape
        if not entry.tag.name:
            return escape_value(entry.tag.source, escape)
        return Slot(entry.tag.name, entry.tag.fallback, escape)

    def _note(self, tag: Tag, where: str) -> str:
        if tag.problem is not None:
            self.problems.append(tag.problem)
        return self._add(_Entry(tag, where))

    def _add(self, entry: _Entry) -> str:
        self._entries.append(entry)
        return f"{self._prefix}{len(self._entries) - 1}z"

    def _entry(self, match: re.Match[str]) -> _Entry:
        return self._entries[int(match[1])]


def _decoded_tag(encoded: re.Match[str]) -> str:
    return escape(unquote(encoded[0]), quote=True)
