"""What a benchmark yields: a figure beside its reference, both taken in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median


class CannotMeasure(Exception):
    """A figure could not be taken; the message says why."""


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Figure:
    """`runs` and `reference_runs` hold a value for each time it was measured."""

    name: str
    runs: Sequence[float]
    unit: str
    reference: str
    reference_runs: Sequence[float]
    goal: float
    """Of the ratio."""
    better: Better

    @property
    def value(self) -> float:
        return median(self.runs)

    @property
    def reference_value(self) -> float:
        return median(self.reference_runs)

    @property
    def ratio(self) -> float:
        return self.value / self.reference_value

    @property
    def met(self) -> bool:
        higher = self.better is Better.HIGHER
        return self.ratio >= self.goal if higher else self.ratio <= self.goal

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "reference": self.reference,
            "reference_value": self.reference_value,
            "ratio": self.ratio,
            "goal": self.goal,
            "better": self.better.value,
            "met": self.met,
        }


def table(figures: Sequence[Figure]) -> str:
    """In Markdown, which reads well in a terminal too. A range is that of the single runs."""
    heads = ["figure", "value (median)", "range", "against", "its value", "range"]
    rows = [[*heads, "ratio", "goal", "met"], *map(_cells, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cells(figure: Figure) -> list[str]:
    return [
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        _range(figure.runs),
        figure.reference,
        f"{_number(figure.reference_value)} {figure.unit}",
        _range(figure.reference_runs),
        f"{figure.ratio:.2f}",
        f"{'≥' if figure.better is Better.HIGHER else '≤'} {figure.goal:g}",
        "yes" if figure.met else "no",
    ]


def _range(runs: Sequence[float]) -> str:
    return f"{_number(min(runs))} … {_number(max(runs))}" if len(runs) > 1 else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
