"""What was SET: put in place where it is used, so that every text can be worked out by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webapp.content.tags.logic.expressions import Call, Expression, bind
from webapp.content.tags.logic.grammar import Step, StepKind

LARGEST = 500
"""Parts of one expression with everything that was SET put in."""
DEEPEST = 60

Known = dict[str, Expression]


class TooLarge(Exception):
    """What was SET grew beyond bounds by holding itself again and again."""


@dataclass
class _Choice:
    before: Known
    condition: Expression
    branches: list[tuple[Expression, Known]] = field(default_factory=list)


class Variables:
    """Takes the steps of a text in the order of reading."""

    def __init__(self, known: Mapping[str, Expression]) -> None:
        self._known: Known = dict(known)
        self._open: list[_Choice] = []

    def take(self, step: Step) -> Expression:
        """The value of the step in itself. Raises TooLarge."""
        if step.kind in {StepKind.ELSEIF, StepKind.ELSE, StepKind.ENDIF}:
            self._end_branch(step.kind)
        value = self._bound(step.value)
        if step.kind is StepKind.SET:
            self._known[step.name] = value
        elif step.kind is StepKind.IF:
            self._open.append(_Choice(dict(self._known), value))
        elif step.kind in {StepKind.ELSEIF, StepKind.ELSE} and self._open:
            self._open[-1].condition = value
        return value

    def _bound(self, value: Expression) -> Expression:
        whole = bind(value, self._known)
        if isinstance(whole, Call) and (whole.size > LARGEST or whole.depth > DEEPEST):
            raise TooLarge
        return whole

    def _end_branch(self, kind: StepKind) -> None:
        if not self._open:
            return
        choice = self._open[-1]
        choice.branches.append((choice.condition, self._known))
        self._known = dict(choice.before)
        if kind is StepKind.ENDIF:
            self._open.pop()
            self._known |= _merged(choice)


def _merged(choice: _Choice) -> Known:
    """What holds after a choice: in each branch something else may have been SET."""
    before, branches = choice.before, choice.branches
    changed = {
        name
        for _condition, known in branches
        for name, value in known.items()
        if value is not before.get(name)
    }
    return {
        name: Call(
            "case",
            (
                *(part for test, known in branches for part in (test, known.get(name, ""))),
                before.get(name, ""),
            ),
        )
        for name in changed
    }
