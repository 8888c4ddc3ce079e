"""Peak memory of a sender's work horse: it must not grow with the audience."""

from collections.abc import Iterator

from benchmarks import audience, machine, sinks
from benchmarks.desk import Bench, Desk, say
from benchmarks.figures import Better, CannotMeasure, Figure
from webapp.targets.models import Selection

FEW, MANY = 10_000, 1_000_000
SAME = 1.1
"""Memory comes in pages and allocators keep some; this much more is still the same."""


def measure(bench: Bench) -> Iterator[Figure]:
    few, many = bench.options.size(FEW, 1_000), bench.options.size(MANY, 20_000)
    machine.peak_memory("self")
    with bench.desk("memory") as desk:
        desk.set_connections(bench.options.connections)
        audience.make_people(many)
        selections = [audience.make_selection(f"{size}", size) for size in (few, many)]
        audience.tidy_up()
        small = _peak(bench, desk, selections[0], few)
        large = _peak(bench, desk, selections[1], many)
    reference = f"{few:,} instead of {many:,} recipients"
    yield Figure("memory", [large], "MB", reference, [small], SAME, Better.LOWER)


def _peak(bench: Bench, desk: Desk, selection: Selection, people: int) -> float:
    """Of the largest of all work horses; each works for a slice and is looked at all the time."""
    peaks: dict[int, float] = {}
    mailing = audience.make_mailing(selection)
    with (
        sinks.fastest(bench.folder) as sink,
        desk.senders(bench.options.senders, sink.port) as senders,
    ):

        def watch() -> None:
            for sender in senders:
                for horse in machine.children(sender):
                    peaks[horse] = max(machine.peak_memory(horse), peaks.get(horse, 0.0))

        took = desk.send(mailing, people, watch)
    if not peaks:
        raise CannotMeasure("no work horse was seen at work")
    say(f"  {people:,} recipients in {took:.0f} s: {max(peaks.values()):.1f} MB")
    return max(peaks.values())
