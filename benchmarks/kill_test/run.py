"""One run: mailings that are always on their way, senders that are struck, and the books."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, insert, literal, select

from benchmarks import audience
from benchmarks.desk import Bench
from benchmarks.figures import CannotMeasure
from benchmarks.kill_test.crew import Crew, Horse, crew, wait_until
from benchmarks.kill_test.sink import Witness, witness
from benchmarks.kill_test.verdict import HORSES, KEEP_HISTORY, UNFINISHED, Verdict, judged
from webapp.accounts.organisation import fingerprint
from webapp.delivery import invariant
from webapp.delivery.models import SendingServer
from webapp.mailings import lifecycle
from webapp.mailings.models import Batch, Mailing
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.targets import selections
from webapp.targets.models import SelectionMember

END = 180.0
"""Seconds in which everything has to come to its end after the last blow."""


@dataclass(frozen=True)
class Size:
    people: int
    """Of one mailing."""
    at_once: int
    """Mailings that are under way: the place of a killed sender is rung for again after a while,
    and the places of the others are work until then."""
    longest_wait: float
    """Seconds between two blows."""
    connections: int = 4


@dataclass
class Run:
    bench: Bench
    crew: Crew
    witness: Witness
    size: Size
    journals: Path
    blows: int = 0
    """Of the variant that has its turn."""
    limit: int = 0
    """Its unknown recipients for each sender that is lost."""
    struck: int = 0
    broken: list[str] = field(default_factory=list)
    lost: dict[int, int] = field(default_factory=dict)
    """By the process number of a work horse that was lost: how many it may leave unknown."""
    _people: int = 0

    def victims(self, *, holding: bool = False) -> Iterator[Horse]:
        """One for each blow, at a random moment of its work, or one at which it has a batch in
        hand; then looks at what the blow left."""
        for _blow in range(self.blows):
            yield self.victim(holding=holding)
            self.struck += 1
            self.crew.revive()
            self.look()

    def victim(self, *, holding: bool = False) -> Horse:
        while True:
            self.keep_busy()
            try:
                horse = self.crew.horse(self.keep_busy)
            except CannotMeasure as error:
                raise CannotMeasure(f"{error}; {self._what_stands_still()}") from error
            # Short waits more often: much happens when a batch is taken up.
            time.sleep(self.size.longest_wait * random.random() ** 2)  # noqa: S311
            if horse.alive and (self.held_by(horse) or not holding):
                return horse

    def look(self) -> None:
        """The invariant holds at every moment."""
        for found in invariant.violations():
            self.broken.append(
                f"the invariant of mailing {found.mailing_id} after blow {self.struck}:"
                f" {found.what} ({found.count})"
            )
        db.session.rollback()

    def keep_busy(self) -> None:
        for _mailing in range(self.size.at_once - self._unfinished()):
            self._start_mailing()

    def lose(self, horse: Horse) -> None:
        """It may leave doubts from now on."""
        self.lost[horse.pid] = self.limit

    def ended(self) -> Verdict:
        """Everything has to come to its end by itself, then the senders are stopped."""
        try:
            wait_until(
                self._is_over,
                "the mailings do not come to an end",
                self.crew.revive,
                seconds=END,
            )
        except CannotMeasure as error:
            self.broken.append(f"{error}; {self._what_stands_still()}")
        self.look()
        self.crew.stop()
        return self._verdict()

    def _verdict(self) -> Verdict:
        verdict = judged(self.struck, self.witness.count_by_recipient(), self.lost)
        verdict.lines = self.witness.connections()
        verdict.broken += self.broken
        if verdict.lines > (most := self._most_lines(verdict.counted)):
            verdict.broken.append(f"the sink was called {verdict.lines} times instead of {most}")
        # One without its name yet says nothing, and is thrown away after a while.
        if left := [file.name for file in self.journals.iterdir() if file.suffix != ".new"]:
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

    def _is_over(self) -> bool:
        # The journals first: one that is settled may have set a mailing going again.
        return not any(self.journals.glob("*.journal")) and not self._unfinished()

    def _most_lines(self, messages: int) -> int:
        """A sender keeps its lines open until the server has had enough on one; this one always
        has room, so there is no reason to call again."""
        horses = db.session.scalar(HORSES) or 0
        per_line = db.session.scalar(select(SendingServer.messages_per_connection)) or 1
        db.session.rollback()
        return horses * self.size.connections + messages // per_line

    def _unfinished(self) -> int:
        unfinished = select(func.count(Mailing.id)).where(Mailing.finished_at.is_(None))
        number = db.session.scalar(unfinished) or 0
        db.session.rollback()
        return number

    def _what_stands_still(self) -> str:
        lines = [", ".join(map(str, row)) for row in db.session.execute(UNFINISHED)]
        db.session.rollback()
        return "\n".join(["what is not finished:", *lines])

    def _start_mailing(self) -> None:
        """To people who are in no other one: an address that is counted twice was mailed twice."""
        people = range(self._people, self._people + self.size.people)
        audience.copy_contacts(PERSON, [_person(number) for number in people])
        self._people += self.size.people
        selection = selections.create(f"The people from {people.start} on", owner_id=None)
        new = Contact.id.not_in(select(SelectionMember.contact_id))
        group = select(literal(selection.id), Contact.id).where(new)
        members = insert(SelectionMember).from_select(["selection_id", "contact_id"], group)
        db.session.execute(members)
        db.session.commit()
        lifecycle.start(audience.make_mailing(selection), by=None)


PERSON = ("first_name", "email", "email_key", "email_hash")


def _person(number: int) -> tuple[object, ...]:
    email = f"karen.{number}@kunde{number % 97}.example"
    return f"Karen {number}", email, email, fingerprint(email)


@contextmanager
def running(bench: Bench, size: Size, *, hasty: bool) -> Iterator[Run]:
    """On an empty Brevdue, with its people, the senders and the sink."""
    with ExitStack() as stack:
        desk = stack.enter_context(bench.desk("kills"))
        desk.set_connections(size.connections)
        db.session.execute(KEEP_HISTORY)
        db.session.commit()
        sink = stack.enter_context(witness(bench.folder))
        environ = {**desk.environ, "MAIL_PORT": str(sink.port)}
        senders = bench.options.senders
        people = stack.enter_context(crew(bench.folder, environ, senders=senders, hasty=hasty))
        yield Run(bench, people, sink, size, Path(desk.environ["JOURNAL_DIR"]))
