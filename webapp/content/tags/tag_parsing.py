"""Finding the merge tags in a text: `[[customer.firstname]]`, or `[[customer.firstname|"there"]]`
with a fallback, or logic (`webapp.content.tags.logic.grammar`).

A text is parsed once into literals and tags.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.content.tags.logic.expressions import names
from webapp.content.tags.logic.grammar import (
    Mistake,
    Step,
    StepKind,
    UnknownName,
    parse_step,
    step_kind,
)
from webapp.content.tags.logic.scanning import QUOTE, tag_end
from webapp.content.tags.merge_tags import KnownTag, known_tag, suggestion
from webapp.content.tags.problems import Problem, ProblemKind
from webapp.platform.locales import _l

MOST = 1_000
"""Tags in one text; what comes after them stays text."""

MOST_SUGGESTED = 20
"""Unknown names in one text for which it is looked up what was meant."""


@dataclass(frozen=True)
class Tag:
    """A tag as it was found, with the problem if there is one.

    It stands for the value that `name` has, or does what `step` says, or stands for nothing.
    """

    source: str
    name: str = ""
    fallback: str = ""
    problem: Problem | None = None
    step: Step | None = None
    body: str = field(default="", compare=False)
    """What stands between the brackets, as plain text."""
    where: str = field(default="", compare=False)
    position: int = field(default=0, compare=False)
    leads_to: str = field(default="", compare=False)
    """Of a tag that is an address that people wrote: what it is."""

    @property
    def is_mark(self) -> bool:
        """Whether it begins, divides or ends a choice, or sets a value, and writes nothing."""
        return self.step is not None and self.step.is_mark

    @property
    def written(self) -> str:
        """The tag in its plainest form; one with a problem as it was typed."""
        if self.problem is not None or self.step is not None:
            return f"[[{self.body}]]" if self.body else self.source
        return f'[[{self.name}|"{self.fallback}"]]' if self.fallback else f"[[{self.name}]]"


_TAG = re.compile(r"\[\[.*\]\]", re.DOTALL)
_NAME_AND_FALLBACK = re.compile(
    rf"\s*(?P<name>[^|]*?)\s*(?:\|\s*{QUOTE}(?P<fallback>.*){QUOTE}\s*)?", re.DOTALL
)


def parse(
    text: str,
    where: str,
    decode: Callable[[str], str] = str,
    variables: set[str] | None = None,
) -> list[str | Tag]:
    """The literals and tags of `text`, in order.

    `decode` turns what stands between the brackets into plain text (HTML source needs it).
    `variables` are the names SET before, and takes in those SET here.
    """
    parser = _TagParser(where, set() if variables is None else variables)
    pieces: list[str | Tag] = []
    done = found = 0
    while (start := text.find("[[", done)) >= 0:
        pieces.append(text[done:start])
        found += 1
        if found > MOST:
            pieces.append(_too_many(where, start))
            done = start + 2
            break
        end = tag_end(text, start)
        done = end or start + 2
        body = decode(text[start + 2 : end - 2]) if end else ""
        pieces.append(
            parser.parsed(text[start:done], body, start) if end else _unclosed(text, start, where)
        )
    pieces.append(text[done:])
    return [piece for piece in pieces if piece]


def named(text: str) -> str:
    """For people to read, with the labels of the tags: “Hi ‹First name›”.

    A tag with a problem stays as it was typed, so that it can be found.
    """
    return "".join(_named(piece) for piece in parse(text, ""))


def _named(piece: str | Tag) -> str:
    if isinstance(piece, str):
        return piece
    if piece.step is None:
        known = known_tag(piece.name)
        return f"‹{known.label}›" if known else piece.source
    if piece.step.kind in {StepKind.ELSEIF, StepKind.ELSE}:
        return " / "
    if piece.step.is_mark:
        return ""
    labels = [known.label if (known := known_tag(name)) else name for name in _tags_in(piece.step)]
    return f"‹{labels[0] if labels else '…'}›"


def _tags_in(step: Step) -> list[str]:
    """Without what the language itself puts in."""
    return [name for name in names(step.value) if not name.startswith("content.")]


@dataclass
class _TagParser:
    """Of the tags of one text."""

    where: str
    variables: set[str]
    suggested: int = 0

    def parsed(self, source: str, body: str, position: int) -> Tag:
        return self._simple(source, body, position) or self._step(source, body, position)

    def _simple(self, source: str, body: str, position: int) -> Tag | None:
        """A known name, alone or with a text as its fallback."""
        match = _NAME_AND_FALLBACK.fullmatch(body)
        known = known_tag(match["name"]) if match else None
        if match is None or known is None or _TAG.search(match["fallback"] or ""):
            return None
        problem = _retired(source, known, self.where, position) if known.retired else None
        fallback = match["fallback"] or ""
        return Tag(
            *(source, known.name, fallback, problem, None, body),
            self.where,
            position,
            known.leads_to,
        )

    def _step(self, source: str, body: str, position: int) -> Tag:
        kind, step, problem = step_kind(body), None, None
        try:
            step = parse_step(body, self._find)
            problem = self._problem_in(step, source, body, position)
        except UnknownName as unknown:
            problem = self._unknown(source, body, str(unknown), position)
        except Mistake as mistake:
            problem = self._mistaken(source, body, mistake, position)
        if kind is None and step is not None and isinstance(step.value, str):
            # Just a number or a text, as in a footnote: [[1]].
            step, problem = None, self._unknown(source, body, body, position)
        if step is None and kind not in {None, StepKind.VALUE}:
            # It has its place in a choice, or its name, whatever is wrong inside.
            step = Step(kind)
        if step is not None and step.kind is StepKind.SET and step.name:
            self.variables.add(step.name)
        return Tag(source, "", "", problem, step, body, self.where, position)

    def _find(self, name: str) -> str | None:
        if name.lower() in self.variables:
            return name.lower()
        known = known_tag(name)
        return known.name if known else None

    def _problem_in(self, step: Step, source: str, body: str, position: int) -> Problem | None:
        for name in names(step.value):
            known = known_tag(name)
            if known is not None and known.retired:
                return _retired(source, known, self.where, position)
            if known is not None and known.is_address:
                # Each recipient's own is only made where it is written.
                return self._mistaken(source, body, _link_inside(known), position)
        return None

    def _unknown(self, source: str, body: str, name: str, position: int) -> Problem:
        """Of a tag without logic, all that stands before the fallback is the name."""
        if step_kind(body) is None and "[[" not in body:
            name = body.split("|")[0].strip()
            if known := known_tag(name):
                return _bad_fallback(source, known.name, self.where, position)
        self.suggested += 1
        meant = suggestion(name) if self.suggested <= MOST_SUGGESTED else ""
        return _unknown(source, name, meant, self.where, position)

    def _mistaken(self, source: str, body: str, mistake: Mistake, position: int) -> Problem:
        if step_kind(body) is None:
            return self._unknown(source, body, body, position)
        return Problem(
            ProblemKind.BAD_LOGIC,
            mistake.message,
            self.where,
            text=source,
            position=position,
            hint=mistake.hint,
        )


def _link_inside(known: KnownTag) -> Mistake:
    return Mistake(
        _l("“%(name)s” cannot stand inside another merge tag.", name=known.name),
        _l("Put it between IF and ENDIF."),
    )


def _too_many(where: str, start: int) -> Tag:
    problem = Problem(
        ProblemKind.BAD_LOGIC,
        _l("There are more than %(most)s merge tags in this text.", most=MOST),
        where,
        position=start,
        hint=_l("Those after them are not filled in. Shorten the text."),
    )
    return Tag("[[", problem=problem, where=where, position=start)


def _unclosed(text: str, start: int, where: str) -> Tag:
    problem = Problem(
        ProblemKind.UNCLOSED_TAG,
        _l("A merge tag begins with [[ but never ends with ]]."),
        where,
        text=text[start : start + 40],
        position=start,
        hint=_l("Write ]] where the tag ends."),
    )
    return Tag("[[", problem=problem, where=where, position=start)


def _unknown(source: str, name: str, meant: str, where: str, position: int) -> Problem:
    return Problem(
        ProblemKind.UNKNOWN_TAG,
        _l("There is no merge tag called “%(name)s”.", name=name[:60]),
        where,
        text=source,
        position=position,
        hint=_l("Did you mean %(name)s?", name=meant) if meant else "",
        name=name,
    )


def _retired(source: str, known: KnownTag, where: str, position: int) -> Problem:
    message = _l("The field “%(label)s” is deleted.", label=known.label)
    hint = _l("Take its merge tag out, or ask an administrator to bring the field back.")
    if known.leads_to:
        message = _l("The tracked link “%(name)s” is deleted.", name=known.label)
        hint = _l("Choose where it leads instead.")
    return Problem(
        ProblemKind.RETIRED_TAG, message, where, text=source, position=position, hint=hint
    )


def _bad_fallback(source: str, name: str, where: str, position: int) -> Problem:
    return Problem(
        ProblemKind.UNKNOWN_TAG,
        _l("The fallback of a merge tag stands in quotes."),
        where,
        text=source,
        position=position,
        hint=_l("Write it like this: %(tag)s", tag=f'[[{name}|"…"]]'),
    )
