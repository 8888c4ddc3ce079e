"""Merge tags on their way through HTML parsers and MJML: each travels as an opaque word.

The word is plain ASCII that no parser changes and, since it holds a hash of everything typed, that
nobody can have typed. Afterwards each word is told where it stands and becomes a slot, and those of
logic, the marks, become choices.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from html import escape, unescape
from urllib.parse import unquote

from webapp.content.addresses import encoded
from webapp.content.tags.logic.expressions import LANGUAGE, TRUE, Call, Expression, Name, names
from webapp.content.tags.logic.grammar import Step, StepKind
from webapp.content.tags.logic.pairing import Pairing
from webapp.content.tags.logic.variables import TooLarge, Variables
from webapp.content.tags.merge_tags import known_tag
from webapp.content.tags.problems import Problem, misplaced_tag, too_large, unfit_choice
from webapp.content.tags.segments import (
    Choice,
    Escape,
    Part,
    Segments,
    escape_value,
    joined,
    placed,
)
from webapp.content.tags.tag_parsing import Tag, parse

_BROWSER_ENCODED = re.compile(r"%5B%5B[^\s<>]{1,200}?%5D%5D", re.IGNORECASE)
_SAFE = re.compile(r"\s*(?:https?://|mailto:|tel:|[/#?])", re.IGNORECASE)
_SCHEME = re.compile(r"[^/?#:]*:")
_FORMATTING = re.compile(r"</?[a-z][^<>]{0,200}>", re.IGNORECASE)


@dataclass(frozen=True)
class _Entry:
    tag: Tag
    where: str
    escape: Escape = Escape.HTML
    value: Expression | None = None
    """With what was SET put in; None until that is done."""

    @property
    def step(self) -> Step:
        """What a tag with a name does, too."""
        if self.tag.step is not None:
            return self.tag.step
        name = Name(self.tag.name)
        value = Call("otherwise", (name, self.tag.fallback)) if self.tag.fallback else name
        return Step(StepKind.VALUE, value)


class Words:
    """The tags of one content. `typed` is everything a person typed into it, `language` the one
    it is written in."""

    def __init__(self, typed: str, language: str = "en") -> None:
        digest = blake2b(typed.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._prefix = f"zq{digest}n"
        self._entries: list[_Entry] = []
        self._language = language
        self._variables: set[str] = set()
        self.pattern = re.compile(rf"{self._prefix}(\d+)_?z")
        # With the underscore, which no scheme of an address has, one that begins with a mark is
        # kept by whoever looks at its scheme.
        self.marks = re.compile(rf"{self._prefix}\d+_z")
        self.has_marks = False
        self.problems: list[Problem] = []
        self._addresses: dict[str, str] = {}

    def of_line(self, text: str, where: str) -> str:
        """The subject or the preheader: what is SET in it holds nowhere else."""
        self._variables = set()
        line = self.of_text(text, where)
        self._variables = set()
        self.settle(line)
        return line

    def of_text(self, text: str, where: str) -> str:
        """`text` with words for its tags, and its problems noted. Its choices end in it."""
        return self.whole(self._of(text, where, str))

    def of_html(self, source: str, where: str) -> str:
        """The same for HTML source, where tags may hold entities and formatting, and choices may go
        on behind it."""
        plain = _BROWSER_ENCODED.sub(_decoded_tag, source)
        return self._of(plain, where, lambda body: unescape(_FORMATTING.sub("", body)))

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

    def whole(self, text: str) -> str:
        """`text` without marks that belong to nothing in it."""
        return self.dropping(text, self._paired(text)) if self.has_marks else text

    def dropping(self, text: str, pairing: Pairing) -> str:
        """`text` without the marks that do not fit, which are problems."""
        for mark, fault in pairing.faults:
            tag = self._named(mark).tag
            self.problems.append(unfit_choice(fault, tag.where, tag.written, tag.position))
        if not pairing.unfit:
            return text
        return self.marks.sub(lambda mark: "" if mark[0] in pairing.unfit else mark[0], text)

    def is_whole(self, text: str) -> bool:
        return not (self.has_marks and self._paired(text).unfit)

    def step_of(self, word: str) -> Step:
        return self._named(word).step

    def settle(self, text: str) -> None:
        """Puts in what was SET, in the order of reading: after this every word has its value."""
        variables = Variables({LANGUAGE: self._language})
        for match in self.pattern.finditer(text):
            entry = self._entry(match)
            if entry.value is not None or not (entry.tag.name or entry.tag.step):
                continue
            try:
                value = variables.take(entry.step)
            except TooLarge:
                self.problems.append(too_large(entry.where, entry.tag.written, entry.tag.position))
                value = ""
            self._entries[int(match[1])] = replace(entry, value=value)

    def variants(self, address: str) -> list[str]:
        """What an address can be: each branch of its choices once, and without any."""
        tree = self._tree(address, _itself)
        return [_variant(tree, number) for number in range(_widest(tree) + 1)]

    def is_safe(self, address: str) -> bool:
        """Whether the address begins as one that runs no code, whatever its words come to: no
        value stands before the colon of a scheme, and every choice leaves it safe."""
        if any(self._in_scheme(variant) for variant in self.variants(address)):
            self.without(address)
            return False
        if not self.marks.search(address):
            return True
        if _begins_safely(self._tree(address, _itself)):
            return True
        self.without(address)
        return False

    def _in_scheme(self, address: str) -> bool:
        scheme = _SCHEME.match(address)
        return scheme is not None and self.pattern.search(scheme[0]) is not None

    def special(self, address: str) -> str | None:
        """The word of a tag that is an address by itself, such as `[[link.unsubscribe]]`.

        Editors like to put https:// in front of it.
        """
        bare = address.removeprefix("https://").removeprefix("http://")
        match = self.pattern.fullmatch(bare)
        known = known_tag(self._entry(match).tag.name) if match else None
        return bare if known is not None and known.is_address else None

    def registered(self, address: str) -> Tag | None:
        """The tag that an address is, when it stands for one that is kept elsewhere."""
        word = self.special(address)
        tag = self._named(word).tag if word else None
        return tag if tag is not None and tag.leads_to else None

    def behind(self, tag: Tag) -> str:
        """The address that such a tag stands for, with words for the tags in it."""
        if tag.name not in self._addresses:
            address = encoded(self.of_text(tag.leads_to, tag.where))
            self.settle(address)
            self._addresses[tag.name] = address
        return self._addresses[tag.name]

    def in_it(self, text: str) -> bool:
        """Whether any word stands in `text`."""
        return self._prefix in text

    def uses(self, name: str) -> bool:
        return any(name in names(entry.step.value) for entry in self._entries)

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
        """The literals, slots and choices of `text`.

        In a text without markup, words are written as `plain` says, save those inside addresses.
        """
        return self._tree(text, lambda match: self._parts(self._entry(match), plain))

    def _tree(self, text: str, written: Callable[[re.Match[str]], Segments]) -> Segments:
        """`written` says what a word that is no mark becomes."""
        growing = [_Growing()]
        done = 0
        for match in self.pattern.finditer(text):
            growing[-1].parts.append(text[done : match.start()])
            done = match.end()
            entry = self._entry(match)
            if entry.tag.is_mark:
                self._branch(growing, entry)
            else:
                growing[-1].parts += written(match)
        growing[-1].parts.append(text[done:])
        while len(growing) > 1:
            _grown(growing)
        return joined(growing[0].parts)

    def _branch(self, growing: list["_Growing"], entry: _Entry) -> None:
        condition = entry.step.value if entry.value is None else entry.value
        match entry.step.kind:
            case StepKind.IF:
                growing.append(_Growing(condition))
            case StepKind.ELSEIF | StepKind.ELSE if len(growing) > 1:
                growing[-1].next(condition)
            case StepKind.ENDIF if len(growing) > 1:
                _grown(growing)

    def _parts(self, entry: _Entry, plain: Escape | None) -> Segments:
        escape = plain if plain and entry.escape is not Escape.URL else entry.escape
        if not (entry.tag.name or entry.tag.step):
            return (escape_value(entry.tag.written, escape),)
        if entry.tag.leads_to:
            address = escape_value(self.behind(entry.tag), escape)
            return self.segments(self.at(address, Escape.URL))
        return (placed(entry.step.value if entry.value is None else entry.value, escape),)

    def _of(self, text: str, where: str, decode: Callable[[str], str]) -> str:
        return "".join(
            piece if isinstance(piece, str) else self._note(piece, where)
            for piece in parse(text, where, decode, self._variables)
        )

    def _paired(self, text: str) -> Pairing:
        pairing = Pairing()
        for mark in self.marks.findall(text):
            pairing.take(mark, self.step_of(mark).kind)
        pairing.end()
        return pairing

    def _note(self, tag: Tag, where: str) -> str:
        if tag.problem is not None:
            self.problems.append(tag.problem)
        return self._add(_Entry(tag, where))

    def _add(self, entry: _Entry) -> str:
        self._entries.append(entry)
        self.has_marks = self.has_marks or entry.tag.is_mark
        return f"{self._prefix}{len(self._entries) - 1}{'_' if entry.tag.is_mark else ''}z"

    def _entry(self, match: re.Match[str]) -> _Entry:
        return self._entries[int(match[1])]

    def _named(self, word: str) -> _Entry:
        match = self.pattern.fullmatch(word)
        assert match, word
        return self._entry(match)


def _itself(match: re.Match[str]) -> Segments:
    return (match[0],)


@dataclass
class _Growing:
    """A text under way, or a branch of a choice with those before it."""

    condition: Expression = ""
    parts: list[Part] = field(default_factory=list)
    branches: list[tuple[Expression, Segments]] = field(default_factory=list)

    def next(self, condition: Expression) -> None:
        self.branches.append((self.condition, joined(self.parts)))
        self.condition, self.parts = condition, []


def _grown(growing: list[_Growing]) -> None:
    choice = growing.pop()
    choice.next("")
    growing[-1].parts.append(Choice(tuple(choice.branches)))


def _begins_safely(segments: Segments, after: bool = True) -> bool:
    """`after`: whether what follows does, should there be nothing here."""
    if not segments:
        return after
    first, rest = segments[0], segments[1:]
    if not isinstance(first, Choice):
        return _SAFE.match(unescape(str(first))) is not None
    behind = _begins_safely(rest, after)
    branches = all(_begins_safely(inner, behind) for _condition, inner in first.branches)
    return branches and (behind or first.branches[-1][0] == TRUE)


def _widest(segments: Segments) -> int:
    """Branches of the choice that has most."""
    return max((_branches(part) for part in segments if isinstance(part, Choice)), default=0)


def _branches(choice: Choice) -> int:
    return max(len(choice.branches), *(_widest(inner) for _condition, inner in choice.branches))


def _variant(segments: Segments, number: int) -> str:
    """With the branches of this number, or else with those that are read otherwise."""
    return "".join(
        part if isinstance(part, str) else _variant(_of_number(part, number), number)
        for part in segments
        if isinstance(part, str | Choice)
    )


def _of_number(choice: Choice, number: int) -> Segments:
    if number < len(choice.branches):
        return choice.branches[number][1]
    condition, last = choice.branches[-1]
    return last if condition == TRUE else ()


def _decoded_tag(encoded: re.Match[str]) -> str:
    return escape(unquote(encoded[0]), quote=True)
