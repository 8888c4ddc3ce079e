"""Merge tags: `[[customer.firstname]]`, or `[[customer.firstname|"there"]]` with a fallback, or logic
(`webapp.content.logic.grammar`).

A text is parsed once into literals and tags. Names are compared without regard to case. Upper
floors `register` the tags they have values for; tags that come and go while the program runs are
asked for each time (`register_family`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from flask_babel import LazyString

from webapp.content.logic.expressions import Worded, names
from webapp.content.logic.grammar import (
    Mistake,
    Step,
    StepKind,
    UnknownName,
    parse_step,
    step_kind,
)
from webapp.content.logic.scanning import QUOTE, tag_end
from webapp.content.problems import Problem, ProblemKind
from webapp.platform.locales import _l

MOST = 1_000
"""Tags in one text; what comes after them stays text."""


class TagGroup(StrEnum):
    """What a tag is about."""

    PERSON = "person"
    COMPANY = "company"
    OUR_CONTACT = "our_contact"
    CUSTOM = "custom"
    MAILING = "mailing"
    LINKS = "links"


GROUP_NAMES: dict[TagGroup, LazyString] = {
    TagGroup.PERSON: _l("Person"),
    TagGroup.COMPANY: _l("Company"),
    TagGroup.OUR_CONTACT: _l("Our contact"),
    TagGroup.CUSTOM: _l("Custom fields"),
    TagGroup.MAILING: _l("Mailing and you"),
    TagGroup.LINKS: _l("Links"),
}
_GROUPS = {
    "customer.field.": TagGroup.CUSTOM,
    "company.field.": TagGroup.CUSTOM,
    "company.ourContact.": TagGroup.OUR_CONTACT,
    "ourContact.": TagGroup.OUR_CONTACT,
    "customer.": TagGroup.PERSON,
    "company.": TagGroup.COMPANY,
    "link.": TagGroup.LINKS,
}
"""By how a name begins: the first that fits, or else the mailing."""


@dataclass(frozen=True)
class KnownTag:
    name: str
    label: LazyString | str
    sample: str
    is_address: bool = False
    """The value is a whole address (https://…), made by Brevdue, that a link may lead to."""
    retired: bool = False
    """It still has a value where it is written, but nothing new may be sent with it."""

    @property
    def group(self) -> TagGroup:
        begins = (group for prefix, group in _GROUPS.items() if self.name.startswith(prefix))
        return next(begins, TagGroup.MAILING)


@dataclass(frozen=True)
class TagFamily:
    """Tags that come and go, all with names that begin alike."""

    prefix: str
    find: Callable[[str], KnownTag | None]
    """The tag whose name, in lower case, ends so; also a retired one."""
    offered: Callable[[], Sequence[KnownTag]]


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


KNOWN_TAGS: dict[str, KnownTag] = {}
_FAMILIES: dict[str, TagFamily] = {}


def register(*tags: KnownTag) -> None:
    KNOWN_TAGS.update((tag.name.lower(), tag) for tag in tags)


def register_family(family: TagFamily) -> None:
    _FAMILIES[family.prefix] = family


def known_tags() -> list[KnownTag]:
    """Those to choose from."""
    of_families = [tag for family in _FAMILIES.values() for tag in family.offered()]
    return [*KNOWN_TAGS.values(), *of_families]


def known_tag(name: str) -> KnownTag | None:
    """Also one that is retired."""
    key = name.lower()
    for prefix, family in _FAMILIES.items():
        if key.startswith(prefix):
            return family.find(key.removeprefix(prefix))
    return KNOWN_TAGS.get(key)


def by_group(tags: Sequence[KnownTag]) -> list[tuple[LazyString, list[KnownTag]]]:
    """With what each group is called; only those that have a tag."""
    groups = [(name, [tag for tag in tags if tag.group is g]) for g, name in GROUP_NAMES.items()]
    return [(name, members) for name, members in groups if members]


def sample_values() -> dict[str, str]:
    """By name, what the tags could be for some recipient: for a preview without one."""
    return {tag.name: tag.sample for tag in known_tags()}


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
        return Tag(source, known.name, fallback, problem, None, body, self.where, position)

    def _step(self, source: str, body: str, position: int) -> Tag:
        kind, step, problem = step_kind(body), None, None
        try:
            step = parse_step(body, self._find)
            problem = self._retired_in(step, source, position)
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

    def _retired_in(self, step: Step, source: str, position: int) -> Problem | None:
        for name in names(step.value):
            known = known_tag(name)
            if known is not None and known.retired:
                return _retired(source, known, self.where, position)
        return None

    def _unknown(self, source: str, body: str, name: str, position: int) -> Problem:
        """Of a tag without logic, all that stands before the fallback is the name."""
        if step_kind(body) is None and "[[" not in body:
            name = body.split("|")[0].strip()
            if known := known_tag(name):
                return _bad_fallback(source, known.name, self.where, position)
        return _unknown(source, name, self.where, position)

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


def _unknown(source: str, name: str, where: str, position: int) -> Problem:
    meant = suggestion(name)
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
    return Problem(
        ProblemKind.RETIRED_TAG,
        _l("The field “%(label)s” is deleted.", label=known.label),
        where,
        text=source,
        position=position,
        hint=_l("Take its merge tag out, or ask an administrator to bring the field back."),
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


def suggestion(name: str) -> str:
    """The known tag that was probably meant, or an empty text."""
    wanted = name.lower()[:60]
    names = {tag.name.lower(): tag.name for tag in known_tags()}
    for key, written in names.items():
        if wanted and key.endswith(f".{wanted}"):
            return written
    close = get_close_matches(wanted, names, n=1, cutoff=0.6)
    return names[close[0]] if close else ""


register(
    KnownTag("customer.name", _l("Name"), "Karen Blichfeldt"),
    KnownTag("customer.firstname", _l("First name"), "Karen"),
    KnownTag("customer.middlename", _l("Middle name"), "Marie"),
    KnownTag("customer.lastname", _l("Last name"), "Blichfeldt"),
    KnownTag("customer.title", _l("Title"), "Ms"),
    KnownTag("customer.mrmrs", _l("Mr or Ms"), "Ms"),
    KnownTag("customer.salutation", _l("Greeting"), "Dear Karen"),
    KnownTag("customer.email", _l("E-mail address"), "karen@example.com"),
    KnownTag("customer.cellphone", _l("Mobile"), "+45 20 12 34 56"),
    KnownTag("customer.phone", _l("Phone"), "+45 70 12 34 56"),
    KnownTag("customer.language", _l("Language"), "da"),
    KnownTag("customer.note", _l("Note"), "Prefers a call before noon."),
    KnownTag("customer.id", _l("Number in your contacts"), "1204"),
    KnownTag("company.name", _l("The recipient's company"), "Nordlys Interiør ApS"),
    KnownTag("company.adr", _l("The company's address"), "Havnegade 12, 8000 Aarhus C"),
    KnownTag("company.phone", _l("The company's phone"), "+45 86 12 34 56"),
    KnownTag("company.domain", _l("The company's domain"), "nordlys.example"),
    KnownTag("company.note", _l("The company's note"), "Orders twice a year."),
    KnownTag("company.id", _l("The company's number in your companies"), "311"),
    KnownTag("ourContact.name", _l("Our contact"), "Jonas Bæk"),
    KnownTag("ourContact.email", _l("Our contact's e-mail"), "jonas@fjordlys.example"),
    KnownTag("ourContact.phone", _l("Our contact's phone"), "+45 86 12 34 00"),
    KnownTag("ourContact.cellphone", _l("Our contact's mobile"), "+45 20 12 34 00"),
    KnownTag("company.ourContact.name", _l("The company's contact with us"), "Jonas Bæk"),
    KnownTag(
        "company.ourContact.email",
        _l("E-mail of the company's contact with us"),
        "jonas@fjordlys.example",
    ),
    KnownTag(
        "company.ourContact.phone", _l("Phone of the company's contact with us"), "+45 86 12 34 00"
    ),
    KnownTag(
        "company.ourContact.cellphone",
        _l("Mobile of the company's contact with us"),
        "+45 20 12 34 00",
    ),
    KnownTag("config.companyName", _l("Your company"), "Fjordlys A/S"),
    KnownTag("config.companyAddress", _l("Your address"), "Kajen 4, 5000 Odense C"),
    KnownTag("mailing.name", _l("Name of the mailing"), "Spring news"),
    KnownTag("project.name", _l("The mailing's project"), "Lumo at Formex"),
    KnownTag("project.number", _l("The project's number"), "27"),
    KnownTag("project.type", _l("The project's type"), "Trade fair"),
    KnownTag("project.begin", _l("The project begins"), Worded("18 August 2026", "2026-08-18")),
    KnownTag("project.end", _l("The project ends"), Worded("21 August 2026", "2026-08-21")),
    KnownTag("date.today", _l("Today's date"), Worded("12 May 2026", "2026-05-12")),
    KnownTag("link.subscription", _l("Subscriptions"), "https://example.com/u", is_address=True),
    KnownTag("link.unsubscribe", _l("Unsubscribe"), "https://example.com/u", is_address=True),
    KnownTag("link.viewShipmentMessage", _l("View online"), "https://example.com/v", True),
)
