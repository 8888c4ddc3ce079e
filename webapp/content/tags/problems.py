"""What is wrong with a content, in words a marketer understands."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString

from webapp.content.tags.logic.pairing import DEEPEST, Fault
from webapp.platform.locales import _l


class ProblemKind(StrEnum):
    UNKNOWN_TAG = "unknown_tag"
    RETIRED_TAG = "retired_tag"
    UNCLOSED_TAG = "unclosed_tag"
    MISPLACED_TAG = "misplaced_tag"
    BAD_LOGIC = "bad_logic"
    BROKEN_BLOCK = "broken_block"
    BAD_ADDRESS = "bad_address"
    NO_ADDRESS = "no_address"
    NO_PICTURE = "no_picture"
    LOW_CONTRAST = "low_contrast"
    SHOWN_NOWHERE = "shown_nowhere"


_WARNINGS = {
    ProblemKind.BAD_ADDRESS,
    ProblemKind.NO_PICTURE,
    ProblemKind.LOW_CONTRAST,
    ProblemKind.SHOWN_NOWHERE,
}


@dataclass(frozen=True)
class Problem:
    kind: ProblemKind
    message: LazyString | str
    where: str
    """A block's id, or "subject", "preheader", "html", "document"."""
    text: str = ""
    """The offending words as they were typed."""
    position: int | None = None
    """Characters into the text (of a text block: into its HTML)."""
    hint: LazyString | str = ""
    name: str = ""
    """Of an unknown tag: what it was called."""

    @property
    def blocking(self) -> bool:
        """Whether the mailing must not be sent like this."""
        return self.kind not in _WARNINGS


def broken_block(where: str) -> Problem:
    return Problem(
        ProblemKind.BROKEN_BLOCK,
        _l("This block cannot be shown."),
        where,
        hint=_l("Delete it, or put a new one in its place."),
    )


def broken_document() -> Problem:
    return Problem(
        ProblemKind.BROKEN_BLOCK, _l("The content of this e-mail cannot be read."), "document"
    )


def bad_address(where: str, address: str) -> Problem:
    return Problem(
        ProblemKind.BAD_ADDRESS,
        _l("A link cannot lead to “%(address)s”.", address=address[:80]),
        where,
        text=address,
        hint=_l("Write the whole address, for example https://www.example.com."),
    )


def no_address(where: str) -> Problem:
    """No warning: nobody sends a button that does nothing on purpose."""
    return Problem(
        ProblemKind.NO_ADDRESS,
        _l("The button leads nowhere yet."),
        where,
        hint=_l("Say what it opens, or delete it."),
    )


def no_picture(where: str) -> Problem:
    return Problem(
        ProblemKind.NO_PICTURE,
        _l("The image has no address yet, so it is left out."),
        where,
    )


def low_contrast(where: str) -> Problem:
    return Problem(
        ProblemKind.LOW_CONTRAST,
        _l("The words are hard to read on this background."),
        where,
        hint=_l("Choose a darker or a lighter colour."),
    )


def shown_nowhere(where: str) -> Problem:
    return Problem(
        ProblemKind.SHOWN_NOWHERE,
        _l("This is shown neither on computers nor on phones, so it is left out."),
        where,
        hint=_l("Turn one of them on, or delete it."),
    )


def misplaced_tag(where: str, tag: str) -> Problem:
    return Problem(
        ProblemKind.MISPLACED_TAG,
        _l("%(tag)s stands inside the code of the e-mail, where it cannot be filled in.", tag=tag),
        where,
        text=tag,
        hint=_l("Move it into the text or into a link."),
    )


_UNFIT: dict[Fault, tuple[Callable[[str], LazyString], LazyString]] = {
    Fault.OPEN: (
        lambda tag: _l("%(tag)s never ends.", tag=tag),
        _l("Write [[ENDIF]] where what it decides about ends."),
    ),
    Fault.STRAY: (
        lambda tag: _l("%(tag)s stands there without its IF.", tag=tag),
        _l("Write [[IF:…]] before it, or take it out."),
    ),
    Fault.ORDER: (
        lambda tag: _l("Another ELSE or ELSEIF comes after the ELSE of %(tag)s.", tag=tag),
        _l("ELSE comes last, once."),
    ),
    Fault.DEEP: (
        lambda _tag: _l("More than %(most)s IFs stand inside each other.", most=DEEPEST),
        _l("Put conditions together with AND."),
    ),
    Fault.CUT: (
        lambda tag: _l(
            "%(tag)s begins in one column, cell or paragraph and ends in another.", tag=tag
        ),
        _l("Let IF and ENDIF stand in the same text, or each alone in a line or block of its own."),
    ),
}


def unfit_choice(fault: Fault, where: str, tag: str, position: int) -> Problem:
    message, hint = _UNFIT[fault]
    return Problem(
        ProblemKind.BAD_LOGIC, message(tag[:80]), where, text=tag, position=position, hint=hint
    )


def too_large(where: str, tag: str, position: int) -> Problem:
    return Problem(
        ProblemKind.BAD_LOGIC,
        _l("What is SET grows too large here."),
        where,
        text=tag,
        position=position,
        hint=_l("SET a value with fewer others in it."),
    )
