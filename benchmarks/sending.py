"""Personalised messages per second, end to end: from “Send now” until everybody has an outcome.

PostgreSQL, Valkey, senders and the sink share the machine. Two references are taken in turn with
it: the naive loop, and what smtp-source gets out of the same sink.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import audience, naive, sinks
from benchmarks.desk import Bench, Desk, say
from benchmarks.figures import Better, CannotMeasure, Figure
from benchmarks.sinks import Postfix, Sink
from webapp.targets.models import Selection

PEOPLE = 20_000
LOOP = 2_000
"""Messages of the naive loop."""
SAMPLE = 20


def measure(bench: Bench) -> Iterator[Figure]:
    people, loop = bench.options.size(PEOPLE, 3_000), bench.options.size(LOOP, 500)
    ours, naives, ceilings = [], [], []
    with bench.desk("sending") as desk:
        desk.set_connections(bench.options.connections)
        audience.make_people(people)
        selection = audience.make_selection("Everybody", people)
        message = sample(bench, desk)
        say(f"  The sink is {sinks.name_of_fastest()}.")
        theirs = sinks.postfix()
        audience.tidy_up()
        for turn in range(bench.options.runs):
            naives.append(_naive(bench, selection, loop))
            if theirs:
                ceilings.append(_ceiling(bench, theirs, message, people))
            ours.append(_ours(bench, desk, selection, people))
            say(f"  run {turn + 1}: {ours[-1]:,.0f} a second; the loop {naives[-1]:,.0f}")
    unit, higher = "messages/s", Better.HIGHER
    yield Figure("sending-loop", ours, unit, "naive Flask-Mail loop", naives, 12, higher)
    if not theirs:
        raise CannotMeasure(
            "the ceiling needs smtp-source and smtp-sink: install Debian's package postfix, or"
            " unpack it and name the folder in SMTP_SINK_DIR"
        )
    yield Figure("sending-ceiling", ours, unit, "smtp-source -d", ceilings, 0.6, higher)


def sample(bench: Bench, desk: Desk) -> Path:
    """A file with a message as it goes out; sending a few also warms everything up."""
    kept = bench.folder / "message.eml"
    mailing = audience.make_mailing(audience.make_selection("A few", SAMPLE))
    with (
        sinks.our_own(bench.folder, keep=kept) as sink,
        desk.senders(bench.options.senders, sink.port),
    ):
        desk.send(mailing, SAMPLE)
    content = kept.read_bytes()
    say(f"  A message has {len(content):,} bytes.")
    # smtp-source ends the lines itself.
    kept.write_bytes(content.replace(b"\r\n", b"\n"))
    return kept


def _ours(bench: Bench, desk: Desk, selection: Selection, people: int) -> float:
    mailing = audience.make_mailing(selection)
    with (
        sinks.fastest(bench.folder) as sink,
        desk.senders(bench.options.senders, sink.port) as senders,
    ):
        before = bench.processor_times(senders, sink.pid)
        took = desk.send(mailing, people)
        after = bench.processor_times(senders, sink.pid)
    shares = [f"{name} {(after[name] - before[name]) / people * 1e6:.0f}" for name in after]
    say(f"  Processor time of a message, in µs: {', '.join(shares)}")
    return rate(sink, people, took)


def _naive(bench: Bench, selection: Selection, people: int) -> float:
    mailing = audience.make_mailing(selection)
    with sinks.fastest(bench.folder) as sink:
        took = naive.send(mailing, people, sink.port)
    return rate(sink, people, took)


def _ceiling(bench: Bench, theirs: Postfix, message: Path, count: int) -> float:
    connections = bench.options.senders * bench.options.connections
    with theirs.sink(bench.folder) as sink:
        took = theirs.flood(sink, message, count, connections)
    return rate(sink, count, took)


def rate(sink: Sink, messages: int, seconds: float) -> float:
    """Per second. Raises CannotMeasure when the sink counted another number."""
    if sink.messages() != messages:
        raise CannotMeasure(f"the sink took {sink.messages()} messages instead of {messages}")
    return messages / seconds
