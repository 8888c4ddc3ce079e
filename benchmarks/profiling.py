"""Where a sender's time goes: its work done in this process, slice by slice, under cProfile.

A sender is one thread, so all of it is seen; PostgreSQL and the sink work beside it, and waiting
for them counts as time of `wait` and `poll`.
"""

import cProfile
import pstats
import time
from dataclasses import replace

from flask import current_app

from benchmarks import audience, sinks
from benchmarks.desk import Bench
from webapp.delivery import engine
from webapp.mailings import lifecycle
from webapp.mailings.models import State
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
        mailing = audience.make_mailing(audience.make_selection("Everybody", people))
        audience.tidy_up()
        lifecycle.start(mailing, by=None)
        profile, begun = cProfile.Profile(), time.perf_counter()
        while mailing.state in {State.PREPARING, State.SENDING}:
            profile.runcall(engine.work_slice, mailing.id, 0)
            db.session.refresh(mailing)
        took = time.perf_counter() - begun
    print(f"{sink.messages():,} messages in {took:.1f} s, slowed down by the profiler")
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(LINES)
