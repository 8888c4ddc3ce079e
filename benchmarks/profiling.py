"""Where a sender's time goes: its work done in this process, slice by slice.

First what its parts take by themselves, then all of it under cProfile. A sender is one thread, so
all of it is seen; PostgreSQL and the sink work beside it, and waiting for them counts as time of
`wait` and `poll`.
"""

import cProfile
import pstats
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import current_app
from sqlalchemy import select

from benchmarks import audience, sinks
from benchmarks.desk import Bench
from webapp.delivery import engine
from webapp.delivery.message import Message, MessageWriter
from webapp.delivery.models import SendingServer
from webapp.delivery.outcomes import Outcome
from webapp.delivery.pool import Pool
from webapp.mailings import lifecycle
from webapp.mailings.models import Mailing, Recipient, State
from webapp.platform import mail
from webapp.platform.database import db

PEOPLE = 10_000
LINES = 25


def show(bench: Bench) -> None:
    people = bench.options.size(PEOPLE, 2_000)
    with bench.desk("profile") as desk, sinks.fastest(bench.folder) as sink:
        desk.set_connections(bench.options.connections)
        environment = replace(mail.of_environment(), port=sink.port)
        current_app.extensions["mail_config"] = environment
        audience.make_people(people)
        selection = audience.make_selection("Everybody", people)
        audience.tidy_up()
        whole, mailing = audience.make_mailing(selection), audience.make_mailing(selection)
        print("Processor time of the sender for a message, not under the profiler:")
        print(f"  all of it         {_each(lambda: _send(whole), people):4.0f} µs")
        _show_parts(whole, bench.options.connections)
        profile, begun = cProfile.Profile(), time.perf_counter()
        profile.runcall(_send, mailing)
        took = time.perf_counter() - begun
    print(f"{people:,} messages in {took:.1f} s under the profiler")
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(LINES)


def _send(mailing: Mailing) -> None:
    lifecycle.start(mailing, by=None)
    while mailing.state in {State.PREPARING, State.SENDING}:
        engine.work_slice(mailing.id, 0)
        db.session.refresh(mailing)


def _show_parts(mailing: Mailing, connections: int) -> None:
    writer = MessageWriter(mailing)
    everybody = writer.reading.people().where(Recipient.mailing_id == mailing.id)
    rows = db.session.execute(everybody).all()
    written: list[Message] = []
    took = _each(lambda: written.extend(map(writer.message_for, rows)), len(rows))
    print(f"  writing it        {took:4.0f} µs")
    took = _each(lambda: _converse(written, connections), len(rows))
    print(f"  the conversation  {took:4.0f} µs")


def _each(action: Callable[[], object], number: int) -> float:
    """Processor time of this process, in µs, divided by a number."""
    begun = time.process_time()
    action()
    return (time.process_time() - begun) / number * 1e6


def _converse(messages: Sequence[Message], connections: int) -> None:
    """Send them, with no database and no journal."""
    server = db.session.scalars(select(SendingServer)).one()
    config = mail.of_environment()
    Pool(config, _Ready(messages), most=connections, per_line=server.messages_per_connection).run()


class _Ready:
    """Feeds a pool with messages that are written already."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = iter(messages)
        self._left = len(messages)

    def next(self) -> Message | None:
        self._left -= 1
        return next(self._messages, None)

    def waiting(self) -> int:
        return max(0, self._left)

    def goes_on(self) -> bool:
        return True

    def may_begin(self, message: Message) -> bool:
        return bool(message)

    def settle(self, message: Message, outcome: Outcome) -> None:
        pass
