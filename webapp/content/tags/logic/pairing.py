"""Which IF, ELSE and ENDIF belong together, and what is wrong with those that do not fit."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum

from webapp.content.tags.logic.grammar import StepKind

DEEPEST = 10
"""Choices inside each other."""


class Fault(StrEnum):
    OPEN = "open"
    """An IF without its ENDIF."""
    STRAY = "stray"
    """An ELSE or ENDIF without its IF."""
    ORDER = "order"
    """Something after ELSE that is not ENDIF."""
    DEEP = "deep"
    CUT = "cut"
    """It begins in one element and goes on in another."""


@dataclass
class _Choice:
    marks: list[str]
    place: Hashable
    fault: Fault | None = None
    has_else: bool = False


class Pairing:
    """Takes the marks of a text in the order of reading."""

    def __init__(self) -> None:
        self._open: list[_Choice] = []
        self.faults: list[tuple[str, Fault]] = []
        """Each with the mark where it begins."""
        self.unfit: set[str] = set()
        """Marks that can have no effect."""

    def take(self, mark: str, kind: StepKind, place: Hashable = None) -> None:
        """`place` is the element that it stands in."""
        if kind is StepKind.SET:
            return
        if kind is StepKind.IF:
            fault = Fault.DEEP if len(self._open) >= DEEPEST else None
            self._open.append(_Choice([mark], place, fault))
        elif not self._open:
            self._drop([mark], Fault.STRAY)
        else:
            self._go_on(self._open[-1], mark, kind, place)

    def end(self) -> None:
        for choice in self._open:
            self._drop(choice.marks, Fault.OPEN)

    def _go_on(self, choice: _Choice, mark: str, kind: StepKind, place: Hashable) -> None:
        choice.marks.append(mark)
        if place != choice.place:
            choice.fault = choice.fault or Fault.CUT
        if choice.has_else and kind is not StepKind.ENDIF:
            choice.fault = choice.fault or Fault.ORDER
        choice.has_else = choice.has_else or kind is StepKind.ELSE
        if kind is StepKind.ENDIF:
            self._open.pop()
            if choice.fault:
                self._drop(choice.marks, choice.fault)

    def _drop(self, marks: list[str], fault: Fault) -> None:
        self.faults.append((marks[0], fault))
        self.unfit |= set(marks)
