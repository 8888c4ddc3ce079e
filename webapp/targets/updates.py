"""Changing many people at once: whom, asked for by somebody, and done at once or by a worker.

What was asked for and what came of it are entries of the audit log. It is done in one transaction,
in which everybody is changed or nobody; whoever works at it holds an advisory lock that ends with
that transaction, so doing it again after a worker was killed is harmless.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from redis import RedisError
from sqlalchemy import BigInteger, Select, any_, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.accounts.models import AuditEntry
from webapp.people import updates
from webapp.people.models import Contact
from webapp.people.search import find_contacts
from webapp.people.standing import Standing
from webapp.people.updates import Forecast, Update
from webapp.platform import stopping
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l
from webapp.platform.queueing import connection, enqueue
from webapp.targets import selections

AT_ONCE = 2_000
"""People whose change takes well under a second; more are a worker's."""
PATIENCE = 60
"""Seconds to wait for a worker before ringing (again)."""
LOCKS = 0x62726577
"""The space of our advisory locks; the number in it is that of the request."""

ASKED, DONE, FAILED = "people update asked for", "people updated", "people update failed"

HOLD = text("SELECT pg_try_advisory_xact_lock(:space, :id)")

# Asked for a while ago, without an outcome, and nobody works at it.
STUCK = text(
    """
SELECT asked.id
  FROM audit_entry AS asked
 WHERE asked.action = :asked AND asked.at > now() - interval '1 day'
   AND asked.at < now() - make_interval(secs => :patience)
   AND NOT EXISTS (
        SELECT FROM audit_entry AS outcome
         WHERE outcome.at >= asked.at AND outcome.action IN (:done, :failed)
           AND cast(outcome.detail->>'request' AS bigint) = asked.id
       )
   AND NOT EXISTS (
        SELECT FROM pg_locks
          JOIN pg_database ON pg_database.oid = pg_locks.database
         WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
           AND classid = :space AND objid = asked.id AND granted
       )
"""
)


class NobodyChosen(DomainError):
    message = _l("Nobody is chosen. Tick people in the list first.")


class NoSuchUpdate(NotFound):
    message = _l("This change was never asked for.")


@dataclass(frozen=True)
class Whom:
    """The ticked ones, or everybody whom the search and filter of a list find: of all contacts,
    or of one selection."""

    contacts: Sequence[int] = ()
    everybody: bool = False
    selection: int | None = None
    q: str = ""
    only: str = ""

    def people(self) -> Select[int]:
        """Raises NobodyChosen and NoSuchSelection."""
        if self.everybody:
            return self._found().with_only_columns(Contact.id).order_by(None)
        if not self.contacts:
            raise NobodyChosen
        ticked = any_(literal(list(self.contacts), ARRAY(BigInteger)))
        return select(Contact.id).where(Contact.id == ticked)

    def _found(self) -> Select[Contact]:
        if self.selection is not None:
            return selections.members(selections.get(self.selection).id, self.q)
        only = Standing(self.only) if self.only in set(Standing) else None
        return find_contacts(self.q, only=only)


@dataclass(frozen=True)
class Outcome:
    """How far it is, and once it is done or failed, what came of it."""

    change: Update
    people: int
    through: int
    changed: int | None = None
    failed: bool = False


def size(whom: Whom) -> int:
    return db.session.scalar(select(func.count()).select_from(whom.people().subquery())) or 0


def forecast(change: Update, whom: Whom) -> Forecast:
    return updates.forecast(change, whom.people())


def ask(change: Update, whom: Whom, *, people: int, by: int | None) -> int:
    """Answers the number of the request. After the commit, `begin` it."""
    detail = {"update": updates.stored(change), "whom": asdict(whom), "people": people}
    asked = AuditEntry(action=ASKED, user_id=by, detail=detail)
    db.session.add(asked)
    db.session.flush()
    return asked.id


def begin(request_id: int) -> None:
    """At once when they are few, else by a worker."""
    if _request(request_id).detail["people"] > AT_ONCE:
        ring(request_id)
    else:
        run(request_id)


def ring(request_id: int) -> None:
    enqueue("jobs.updates.run", request_id)


def run(request_id: int) -> None:
    """Commits. Does nothing when it is done, or another worker is at it."""
    hold = {"space": LOCKS, "id": request_id}
    if not db.session.scalar(HOLD, hold) or _outcome(request_id) is not None:
        db.session.rollback()
        return
    try:
        if _carry_out(_request(request_id)):
            db.session.commit()
        else:
            db.session.rollback()
            ring(request_id)
    except BaseException as error:
        db.session.rollback()
        _note(request_id, FAILED, error=type(error).__name__)
        db.session.commit()
        raise


def outcome(request_id: int) -> Outcome:
    """Raises NoSuchUpdate."""
    asked, came = _request(request_id), _outcome(request_id)
    change, people = updates.loaded(asked.detail["update"]), int(asked.detail["people"])
    if came is None:
        return Outcome(change, people, _through(request_id))
    return Outcome(change, people, people, came.detail.get("count"), came.action == FAILED)


def stuck() -> list[int]:
    """Requests that nobody works at; ring for each. Each is named once in a while."""
    values = {"asked": ASKED, "done": DONE, "failed": FAILED, "space": LOCKS, "patience": PATIENCE}
    waiting = db.session.scalars(STUCK, values).all()
    db.session.commit()
    return [request_id for request_id in waiting if _not_rung_for(request_id)]


def _carry_out(asked: AuditEntry) -> bool:
    """False when the process is to stop before it is done."""
    change = updates.loaded(asked.detail["update"])
    people = Whom(**asked.detail["whom"]).people()
    changed = 0
    for through, changed_so_far in updates.carry_out(change, people, by=asked.user_id):
        changed = changed_so_far
        with suppress(RedisError):
            connection().set(_key("through", asked.id), through, ex=3600)
        if stopping.requested():
            return False
    _note(asked.id, DONE, count=changed, kind=asked.detail["update"]["kind"])
    return True


def _note(request_id: int, action: str, **detail: Any) -> None:
    asked = _request(request_id)
    entry = AuditEntry(
        action=action, user_id=asked.user_id, detail={"request": request_id, **detail}
    )
    db.session.add(entry)


def _request(request_id: int) -> AuditEntry:
    asked = db.session.get(AuditEntry, request_id)
    if asked is None or asked.action != ASKED:
        raise NoSuchUpdate
    return asked


def _outcome(request_id: int) -> AuditEntry | None:
    return db.session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.id > request_id,
            AuditEntry.action.in_([DONE, FAILED]),
            AuditEntry.detail["request"].as_integer() == request_id,
        )
        .order_by(AuditEntry.id)
        .limit(1)
    )


def _through(request_id: int) -> int:
    with suppress(RedisError):
        return int(connection().get(_key("through", request_id)) or 0)
    return 0


def _not_rung_for(request_id: int) -> bool:
    with suppress(RedisError):
        return bool(connection().set(_key("rung", request_id), 1, nx=True, ex=PATIENCE))
    return False


def _key(what: str, request_id: int) -> str:
    return f"people-update:{request_id}:{what}"
