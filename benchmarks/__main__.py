"""script/bench [--json FILE] [--quick] [--profile] [name …]: the figures, each against a reference
taken in the same run."""

import argparse
import json
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import (
    delay,
    gathering,
    import_contacts,
    lists,
    machine,
    memory,
    profiling,
    sending,
)
from benchmarks.desk import Bench, Options, bench, say
from benchmarks.figures import CannotMeasure, Figure, table
from webapp.platform.development.embedded import EmbeddedServerError

MEASURES: dict[str, Callable[[Bench], Iterable[Figure]]] = {
    "sending": sending.measure,
    "delay": delay.measure,
    "audience": gathering.measure,
    "memory": memory.measure,
    "import": import_contacts.measure,
    "lists": lists.measure,
}


@dataclass
class Taken:
    figures: list[Figure] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    """By the name of the benchmark: why not all of its figures could be taken."""


def main(words: Sequence[str] | None = None) -> int:
    chosen = parsed(words)
    # So that a plain `kill` too leaves no servers and no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    options = Options(chosen.senders, chosen.connections, chosen.runs, chosen.quick)
    try:
        with bench(options) as made:
            print("\n".join(machine.described(made.folder)), flush=True)
            if chosen.profile:
                profiling.show(made)
                return 0
            names = chosen.names or MEASURES
            taken = take({name: partial(MEASURES[name], made) for name in names})
    except (EmbeddedServerError, CannotMeasure) as error:
        say(f"Nothing can be measured: {error}")
        return 1
    return report(taken, chosen.json, quick=chosen.quick)


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(MEASURES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    parser.add_argument("--profile", action="store_true", help="where a sender's time goes")
    parser.add_argument("--runs", type=_count, default=3, help="of each figure of sending")
    parser.add_argument("--senders", type=_count, default=2, help="sender processes")
    parser.add_argument("--connections", type=_count, default=4, help="SMTP, of each sender")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.names) - set(MEASURES):
        parser.error(f"there is no benchmark called {', '.join(sorted(unknown))}")
    if chosen.json and not chosen.json.absolute().parent.is_dir():
        parser.error(f"there is no folder {chosen.json.parent}")
    return chosen


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def take(measures: Mapping[str, Callable[[], Iterable[Figure]]]) -> Taken:
    """Each in turn; one that fails does not keep the others from being taken."""
    taken = Taken()
    for name, measure in measures.items():
        say(f"{name}…")
        try:
            for figure in measure():
                taken.figures.append(figure)
        except CannotMeasure as error:
            taken.missing[name] = str(error)
        except Exception as error:
            traceback.print_exc()
            taken.missing[name] = repr(error)
    return taken


def report(taken: Taken, file: Path | None, *, quick: bool) -> int:
    """Prints and writes; the exit code. A goal that was missed is a result like any other."""
    if quick:
        print("\nQUICK: sizes are too small for figures that mean anything.")
    if taken.figures:
        print("\n" + table(taken.figures))
    if file:
        figures = [figure.as_json() for figure in taken.figures]
        file.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, reason in taken.missing.items():
        say(f"COULD NOT BE TAKEN: {name}: {reason}")
    return 1 if taken.missing else 0


if __name__ == "__main__":
    sys.exit(main())
