"""A server that thinks 100 ms about each message: are all connections kept busy?

smtp-sink can only wait for whole seconds, so the sink is our own.
"""

from collections.abc import Iterator

from benchmarks import audience, sinks
from benchmarks.desk import Bench, say
from benchmarks.figures import Better, Figure
from benchmarks.sending import rate

DELAY = 0.1
CONNECTIONS = 20
"""Of each sender."""
SECONDS = 60
"""That it would take at best."""


def measure(bench: Bench) -> Iterator[Figure]:
    senders = bench.options.senders
    best = senders * CONNECTIONS / DELAY
    people = round(best * bench.options.size(SECONDS, 10))
    ours = []
    with bench.desk("delay") as desk:
        desk.set_connections(CONNECTIONS)
        audience.make_people(people)
        selection = audience.make_selection("Everybody", people)
        audience.tidy_up()
        for turn in range(bench.options.runs):
            mailing = audience.make_mailing(selection)
            with (
                sinks.our_own(bench.folder, delay=DELAY) as sink,
                desk.senders(senders, sink.port),
            ):
                took = desk.send(mailing, people)
            ours.append(rate(sink, people, took))
            say(f"  run {turn + 1}: {ours[-1]:,.0f} a second, of {best:,.0f}")
    connections = f"{senders * CONNECTIONS} connections ÷ {DELAY * 1000:.0f} ms"
    yield Figure("delay", ours, "messages/s", connections, [best], 0.9, Better.HIGHER)
