"""Merge tags: `[[customer.firstname]]`, or `[[customer.firstname|"there"]]` with a fallback.

A text is parsed once into literals and tags. Names are compared without regard to case. Upper
floors `register` the tags they have values for; tags that come and go while the program runs are
asked for each time (`register_family`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from flask_babel import LazyString

from webapp.content.problems import Problem, ProblemKind
from webapp.platform.locales import _l

LONGEST = 300
"""Characters from `[[` to `]]`; a tag that has not ended by then was never closed."""


@dataclass(frozen=True)
class KnownTag:
    name: str
    label: LazyString | str
    sample: str
    is_address: bool = False
    """The value is a whole address (https://…), made by Brevdue, that a link may lead to."""
    retired: bool = False
    """It still has a value where it is written, but nothing new may be sent with it."""


@dataclass(frozen=True)
class TagFamily:
    """Tags that come and go, all with names that begin alike."""

    prefix: str
    find: Callable[[str], KnownTag | None]
    """The tag whose name, in lower case, ends so; also a retired one."""
    offered: Callable[[], Sequence[KnownTag]]


@dataclass(frozen=True)
class Tag:
    """A tag as it was found, with the problem if there is one; without a name when it stands for
    nothing."""

    source: str
    name: str
    fallback: str
    problem: Problem | None = None

    @property
    def written(self) -> str:
        """The tag in its plainest form; one with a problem as it was typed."""
        if self.problem is not None:
            return self.source
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


def sample_values() -> dict[str, str]:
    """By name, what the tags could be for some recipient: for a preview without one."""
    return {tag.name: tag.sample for tag in known_tags()}


_QUOTE = r"(?:\"|“|”|„|&quot;|&#34;)"
_BODY = re.compile(rf"(?:{_QUOTE}(?:(?!{_QUOTE}).)*+{_QUOTE}|[^\[\]\n]|\](?!\])|\[(?!\[))*+\]\]")
_NAME_AND_FALLBACK = re.compile(
    rf"\s*(?P<name>[^|]*?)\s*(?:\|\s*{_QUOTE}(?P<fallback>.*){_QUOTE}\s*)?", re.DOTALL
)


def parse(text: str, where: str, decode: Callable[[str], str] = str) -> list[str | Tag]:
    """The literals and tags of `text`, in order.

    `decode` turns what stands between the brackets into plain text (HTML source needs it).
    """
    pieces: list[str | Tag] = []
    done = 0
    while (start := text.find("[[", done)) >= 0:
        pieces.append(text[done:start])
        body = _BODY.match(text, start + 2, start + LONGEST)
        done = body.end() if body else start + 2
        pieces.append(
            _tag(text[start:done], decode(text[start + 2 : done - 2]), where, start)
            if body
            else _unclosed(text, start, where)
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
    known = known_tag(piece.name)
    return f"‹{known.label}›" if known else piece.source


def _tag(source: str, body: str, where: str, position: int) -> Tag:
    match = _NAME_AND_FALLBACK.fullmatch(body)
    name = match["name"] if match else body.split("|")[0].strip()
    known = known_tag(name)
    if known is None:
        return Tag(source, "", "", _unknown(source, name, where, position))
    if match is None:
        return Tag(source, "", "", _bad_fallback(source, known.name, where, position))
    problem = _retired(source, known, where, position) if known.retired else None
    return Tag(source, known.name, match["fallback"] or "", problem)


def _unclosed(text: str, start: int, where: str) -> Tag:
    problem = Problem(
        ProblemKind.UNCLOSED_TAG,
        _l("A merge tag begins with [[ but never ends with ]]."),
        where,
        text=text[start : start + 40],
        position=start,
        hint=_l("Write ]] where the tag ends."),
    )
    return Tag("[[", "", "", problem)


def _unknown(source: str, name: str, where: str, position: int) -> Problem:
    meant = suggestion(name)
    return Problem(
        ProblemKind.UNKNOWN_TAG,
        _l("There is no merge tag called “%(name)s”.", name=name[:60]),
        where,
        text=source,
        position=position,
        hint=_l("Did you mean %(name)s?", name=meant) if meant else "",
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
    KnownTag("customer.title", _l("Title"), "Buyer"),
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
    KnownTag("date.today", _l("Today's date"), "12 May 2026"),
    KnownTag("link.unsubscribe", _l("Unsubscribe"), "https://example.com/u", is_address=True),
    KnownTag("link.viewShipmentMessage", _l("View online"), "https://example.com/v", True),
)
