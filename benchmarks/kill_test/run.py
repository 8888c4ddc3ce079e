"""One run: mailings that are always on their way, senders that are struck, and the books."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, insert, literal, select
from sqlalchemy.exc import OperationalError

from benchmarks import audience
from benchmarks.desk import Bench, Desk
from benchmarks.figures import CannotMeasure
from benchmarks.kill_test.crew import Crew, Horse, crew, wait_until
from benchmarks.kill_test.sink import Witness, witness
from benchmarks.kill_test.verdict import KEEP_HISTORY, Verdict, judged
from webapp.delivery import invariant
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch, Mailing
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.targets import selections
from webapp.targets.models import SelectionMember

AT_ONCE = 4
"""Mailings that are under way."""
END = 180.0
"""Seconds in which everything has to come to its end after the last blow."""


@dataclass(frozen=True)
class Size:
    people: int
    """Of one mailing."""
    mailings: int
    """That there are people for."""
    longest_wait: float
    """Seconds between two blows."""
    connections: int = 4


@dataclass
class Run:
    bench: Bench
    crew: Crew
    witness: Witness
    size: Size
    blows: int
    limit: int
    """Unknown recipients for each sender that is lost."""
    journals: Path
    struck: int = 0
    broken: list[str] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    """The process numbers of the work horses that may leave doubts."""
    _started: int = 0

    def turns(self) -> Iterator[int]:
        """A turn for each blow, at a random moment of the work; then looks at what it left."""
        for turn in range(self.blows):
            self.crew.horse()
            self.keep_busy()
            time.sleep(random.uniform(0, self.size.longest_wait))  # noqa: S311
            yield turn
            self.struck += 1
            self.crew.revive()
            self.look()

    def horse(self) -> Horse:
        self.keep_busy()
        return self.crew.horse()

    def look(self) -> None:
        """The invariant holds at every moment."""
        for found in invariant.violations():
            self.broken.append(
                f"the invariant of mailing {found.mailing_id} after blow {self.struck}:"
                f" {found.what} ({found.count})"
            )
        db.session.rollback()

    def keep_busy(self) -> None:
        unfinished = self._unfinished()
        while unfinished < AT_ONCE and self._started < self.size.mailings:
            self._start_mailing()
            unfinished += 1
        if not unfinished:
            raise CannotMeasure(f"there are too few people for {self.blows} blows")

    def end(self) -> None:
        """Everything has to come to its end by itself."""
        try:
            wait_until(
                lambda: not self._unfinished(),
                "the mailings do not come to an end",
                self.crew.revive,
                seconds=END,
            )
        except CannotMeasure as error:
            self.broken.append(str(error))
        self.look()

    def judged(self) -> Verdict:
        """When the senders have been stopped."""
        verdict = judged(self.struck, self.witness.count_by_recipient(), self.lost, self.limit)
        verdict.broken += self.broken
        if left := [file.name for file in self.journals.iterdir()]:
            verdict.broken.append(f"journals that nobody settled: {left}")
        return verdict

    def held_by(self, horse: Horse) -> int:
        """How many batches are in its hands, as far as the database knows."""
        held = select(func.count()).where(
            Batch.sender.endswith(f" {horse.pid}"), Batch.token.is_not(None)
        )
        number = db.session.scalar(held) or 0
        db.session.rollback()
        return number

    def when_there_is_a_database(self, action: Callable[[], object]) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                action()
            except OperationalError:
                db.session.rollback()
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _unfinished(self) -> int:
        unfinished = select(func.count(Mailing.id)).where(Mailing.finished_at.is_(None))
        number = db.session.scalar(unfinished) or 0
        db.session.rollback()
        return number

    def _start_mailing(self) -> None:
        """To people who are in no other one: an address that is counted twice was mailed twice."""
        selection = selections.create(f"Group {self._started}", owner_id=None)
        group = (
            select(literal(selection.id), Contact.id)
            .order_by(Contact.id)
            .offset(self._started * self.size.people)
            .limit(self.size.people)
        )
        members = insert(SelectionMember).from_select(["selection_id", "contact_id"], group)
        db.session.execute(members)
        db.session.commit()
        lifecycle.start(audience.make_mailing(selection), by=None)
        self._started += 1


@contextmanager
def running(bench: Bench, size: Size, blows: int, limit: int, *, hasty: bool) -> Iterator[Run]:
    """On an empty Brevdue, with its people, the senders and the sink."""
    with ExitStack() as stack:
        desk = stack.enter_context(bench.desk("kills"))
        desk.set_connections(size.connections)
        audience.make_people(size.people * size.mailings)
        db.session.execute(KEEP_HISTORY)
        db.session.commit()
        sink = stack.enter_context(witness(bench.folder))
        environ = {**desk.environ, "MAIL_PORT": str(sink.port)}
        senders = bench.options.senders
        people = stack.enter_context(crew(bench.folder, environ, senders=senders, hasty=hasty))
        yield Run(bench, people, sink, size, blows, limit, folder(desk))


def folder(desk: Desk) -> Path:
    return Path(desk.environ["JOURNAL_DIR"])
