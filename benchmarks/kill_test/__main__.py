"""script/kill [--kills NUMBER] [--variant NAME …] [--json FILE]: is anybody lost, or mailed twice?

Mailings run while senders, their journals and the servers under them are struck at random moments.
Every message is counted where it arrives, and held against the books. It ends with an error when a
promise was broken, and tells which and how that came about.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import machine
from benchmarks.desk import Bench, Options, bench, say
from benchmarks.figures import CannotMeasure
from benchmarks.kill_test.run import Size, running
from benchmarks.kill_test.variants import VARIANTS, Variant
from benchmarks.kill_test.verdict import Verdict
from webapp.platform.development.embedded import EmbeddedServerError

KILLS = 200
PEOPLE = 2_000
"""Of one mailing."""

HEADS = (
    "blows",
    "people",
    "counted",
    "twice",
    "lost",
    "unknown",
    "worst",
    "lines",
    "kept",
)


def main(words: Sequence[str] | None = None) -> int:
    chosen = parsed(words)
    # So that a plain `kill` too leaves no servers and no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    verdicts: dict[str, Verdict] = {}
    missing: dict[str, str] = {}
    try:
        with bench(Options()) as made:
            print("\n".join(machine.described(made.folder)), flush=True)
            for name in chosen.variant or VARIANTS:
                try:
                    verdicts[name] = take(made, name, VARIANTS[name], chosen.kills)
                except CannotMeasure as error:
                    missing[name] = str(error)
    except (EmbeddedServerError, CannotMeasure) as error:
        say(f"It cannot be tried: {error}")
        return 1
    return report(verdicts, missing, chosen.json)


def parsed(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/kill", description=__doc__)
    parser.add_argument("--kills", type=_count, default=KILLS, help="the other blows in proportion")
    parser.add_argument("--variant", action="append", choices=VARIANTS, help="only this one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts there")
    chosen = parser.parse_args(words)
    if chosen.json and not chosen.json.absolute().parent.is_dir():
        parser.error(f"there is no folder {chosen.json.parent}")
    return chosen


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def take(made: Bench, name: str, variant: Variant, kills: int) -> Verdict:
    blows = variant.blows(kills)
    say(f"{name}: {variant.words}, {blows} times…")
    size = Size(PEOPLE, variant.at_once, longest_wait=1.5)
    begun = time.monotonic()
    with running(made, size, hasty=variant.hasty) as run:
        variant.strike(run, blows)
        verdict = run.ended()
    say(f"  {time.monotonic() - begun:.0f} s, {'kept' if verdict.kept else 'BROKEN'}")
    return verdict


def report(verdicts: Mapping[str, Verdict], missing: Mapping[str, str], file: Path | None) -> int:
    """Prints and writes; the exit code."""
    print("\n" + table(verdicts))
    if file:
        found = [{"variant": name, **verdict.as_json()} for name, verdict in verdicts.items()]
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
    for name, verdict in verdicts.items():
        for promise in verdict.broken:
            say(f"BROKEN: {name}: {promise}")
    for name, reason in missing.items():
        say(f"NOT TRIED TO THE END: {name}: {reason}")
    return 0 if not missing and all(verdict.kept for verdict in verdicts.values()) else 1


def table(verdicts: Mapping[str, Verdict]) -> str:
    rows = [["variant", *HEADS]]
    for name, verdict in verdicts.items():
        cells = [f"{verdict.as_json()[head]:,}" for head in HEADS[:-1]]
        rows.append([name, *cells, "yes" if verdict.kept else "no"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
