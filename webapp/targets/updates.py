"""Changing many people at once: whom, asked for by somebody, and done at once or by a worker.

Whom is settled when it is asked for, since what changes may be what they were searched by. They
are kept in parts, and a part goes in the transaction that changes its people. So nobody waits long
for a person who is being changed, everybody sees how far it is, and after a worker was killed the
next one goes on where it stopped. Two at once share the parts.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp.accounts.audit import audit
from webapp.people import updates
from webapp.people.models import Contact
from webapp.people.search import find_contacts
from webapp.people.standing import Standing
from webapp.people.updates import Update
from webapp.platform import stopping
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _, _l, speaking
from webapp.platform.queueing import enqueue
from webapp.targets import joining, projects, selections
from webapp.targets.membership import one_of
from webapp.targets.models import PeopleUpdate, PeopleUpdatePart, UpdateState

PART = 5_000
"""People who are changed in one transaction, which takes about a second."""
AT_ONCE = 2_000
"""People whose change a page waits for; more are a worker's."""
PATIENCE = timedelta(seconds=60)
"""How long nothing may be heard of a worker before we ring (again)."""

ASKED, DONE, FAILED = "people update asked for", "people updated", "people update failed"
RETRIED = "people update tried again"

KINDS: dict[str, type[Any]] = {
    "grant_consent": updates.GrantConsent,
    "withdraw_consent": updates.WithdrawConsent,
    "subscribe": updates.Subscribe,
    "leave": updates.Leave,
    "set_column": updates.SetColumn,
    "set_field": updates.SetField,
    "add_interest": updates.AddInterest,
    "remove_interest": updates.RemoveInterest,
    "join_selection": joining.JoinSelection,
    "join_project": joining.JoinProject,
}


class NobodyChosen(DomainError):
    message = _l("Nobody is chosen. Tick people in the list first.")


class NoSuchUpdate(NotFound):
    message = _l("This change was never asked for.")


class GoneMeanwhile(DomainError):
    message = _l("What was to be set has been deleted since.")


@dataclass(frozen=True)
class Whom:
    """The ticked ones, or everybody whom the search and filter of a list find: of all contacts, of
    one selection or of one project."""

    contacts: Sequence[int] = ()
    everybody: bool = False
    selection: int | None = None
    project: int | None = None
    q: str = ""
    only: str = ""

    def people(self) -> Select[int]:
        """Raises NobodyChosen, NoSuchSelection and NoSuchProject."""
        if self.everybody:
            return self._found().with_only_columns(Contact.id).order_by(None)
        if not self.contacts:
            raise NobodyChosen
        return select(Contact.id).where(Contact.id == one_of(self.contacts))

    def _found(self) -> Select[Contact]:
        if self.selection is not None:
            return selections.members(selections.get(self.selection).id, self.q)
        if self.project is not None:
            return projects.members(projects.get(self.project).id, self.q)
        only = Standing(self.only) if self.only in set(Standing) else None
        return find_contacts(self.q, only=only)


def stored(change: Update) -> dict[str, Any]:
    """As JSON, to be done later by somebody else."""
    kind = next(kind for kind, class_ in KINDS.items() if type(change) is class_)
    return {"kind": kind, **asdict(change)}  # type: ignore[call-overload]


def loaded(json: dict[str, Any]) -> Update:
    values = {name: value for name, value in json.items() if name != "kind"}
    change: Update = KINDS[json["kind"]](**values)
    return change


def size(people: Select[int]) -> int:
    return db.session.scalar(select(func.count()).select_from(people.subquery())) or 0


def get(update_id: int) -> PeopleUpdate:
    """As it is now. Raises NoSuchUpdate."""
    found = db.session.get(PeopleUpdate, update_id, populate_existing=True)
    if found is None:
        raise NoSuchUpdate
    return found


def ask(change: Update, people: Select[int], *, by: int | None) -> PeopleUpdate:
    """Raises NobodyChosen. After the commit, `begin` it."""
    asked = PeopleUpdate(change=stored(change), people=0, asked_by_id=by)
    db.session.add(asked)
    db.session.flush()
    asked.people = _keep(asked.id, people)
    if not asked.people:
        raise NobodyChosen
    audit(ASKED, by=by, update=asked.id, kind=asked.change["kind"], people=asked.people)
    return asked


def retry(failed: PeopleUpdate, *, by: int | None) -> bool:
    """With those who are left. False if it had not failed, or somebody else was quicker. After the
    commit, `begin` it."""
    now = utcnow()
    anew = {"error": "", "finished_at": None, "heard_at": now, "rung_at": now}
    if not _move(failed.id, UpdateState.FAILED, UpdateState.ASKED, **anew):
        return False
    audit(RETRIED, by=by, update=failed.id)
    return True


def begin(asked: PeopleUpdate) -> None:
    """At once when they are few, else by a worker."""
    if asked.people - asked.through > AT_ONCE:
        ring(asked.id)
    else:
        run(asked.id)


def ring(update_id: int) -> None:
    enqueue("jobs.updates.run", update_id)


def run(update_id: int) -> None:
    """Commits. Does nothing when it is done or has failed."""
    _move(update_id, UpdateState.ASKED, UpdateState.RUNNING, heard_at=utcnow())
    db.session.commit()
    request = get(update_id)
    if request.state != UpdateState.RUNNING:
        return
    with speaking(request.asked_by.language if request.asked_by else "en"):
        try:
            _work(update_id, loaded(request.change), request.asked_by_id)
        except OperationalError:
            # The database went away or ended a deadlock: the clock rings for what is left.
            db.session.rollback()
            raise
        except DomainError as error:
            _fail(update_id, str(error))
        except Exception:
            _fail(update_id, _("Something went wrong on our side."))
            raise


def stuck() -> list[int]:
    """Those that nobody gets on with. Commits; ring for each."""
    silent = (
        update(PeopleUpdate)
        .where(
            PeopleUpdate.state.in_([UpdateState.ASKED, UpdateState.RUNNING]),
            PeopleUpdate.heard_at < utcnow() - PATIENCE,
            PeopleUpdate.rung_at < utcnow() - PATIENCE,
        )
        .values(rung_at=utcnow())
        .returning(PeopleUpdate.id)
    )
    found = db.session.scalars(silent).all()
    db.session.commit()
    return list(found)


def _keep(update_id: int, people: Select[int]) -> int:
    """In parts, in the order of their ids; answers how many they are."""
    found = people.order_by(None).subquery().c[0]
    place = func.row_number(type_=BigInteger).over(order_by=found) - 1
    numbered = select(found.label("id"), (place // PART).label("number")).subquery()
    in_order = aggregate_order_by(numbered.c.id, numbered.c.id)
    parts = select(literal(update_id, BigInteger), numbered.c.number, func.array_agg(in_order))
    kept = (
        insert(PeopleUpdatePart)
        .from_select(["update_id", "number", "contacts"], parts.group_by(numbered.c.number))
        .returning(func.cardinality(PeopleUpdatePart.contacts))
    )
    return sum(db.session.scalars(kept))


def _work(update_id: int, change: Update, by: int | None) -> None:
    while _do_part(update_id, change, by):
        if stopping.requested():
            ring(update_id)
            return
    _finish(update_id, by)


def _do_part(update_id: int, change: Update, by: int | None) -> bool:
    """Commits. False when none is left to take, or the update has failed meanwhile."""
    contacts = _take(update_id)
    if contacts is None:
        return False
    try:
        changed = change.apply(Contact.id == one_of(contacts), by=by)
    except IntegrityError as error:
        raise GoneMeanwhile from error
    going_on = _move(
        update_id,
        UpdateState.RUNNING,
        UpdateState.RUNNING,
        through=PeopleUpdate.through + len(contacts),
        changed=PeopleUpdate.changed + changed,
        heard_at=utcnow(),
    )
    if not going_on:
        db.session.rollback()
        return False
    db.session.commit()
    return True


def _take(update_id: int) -> list[int] | None:
    """The first part that nobody else is at."""
    of_update = PeopleUpdatePart.update_id == update_id
    free = (
        select(PeopleUpdatePart.number)
        .where(of_update)
        .order_by(PeopleUpdatePart.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    first = PeopleUpdatePart.number == free.scalar_subquery()
    taken = delete(PeopleUpdatePart).where(of_update, first)
    return db.session.scalar(taken.returning(PeopleUpdatePart.contacts))


def _finish(update_id: int, by: int | None) -> None:
    """Unless another worker is still at a part: then that one does it."""
    left = exists().where(PeopleUpdatePart.update_id == update_id)
    if _move(update_id, UpdateState.RUNNING, UpdateState.DONE, ~left, finished_at=utcnow()):
        audit(DONE, by=by, update=update_id, changed=get(update_id).changed)
    db.session.commit()


def _fail(update_id: int, why: str) -> None:
    """What was changed before stays so."""
    db.session.rollback()
    failing = {"error": why, "finished_at": utcnow()}
    if _move(update_id, UpdateState.RUNNING, UpdateState.FAILED, **failing):
        failed = get(update_id)
        audit(FAILED, by=failed.asked_by_id, update=update_id, changed=failed.changed)
    db.session.commit()


def _move(
    update_id: int,
    before: UpdateState,
    after: UpdateState,
    *conditions: ColumnElement[bool],
    **values: object,
) -> bool:
    """False when it was not in that state any more."""
    moved = (
        update(PeopleUpdate)
        .where(PeopleUpdate.id == update_id, PeopleUpdate.state == before, *conditions)
        .values(state=after, **values)
    )
    return db.session.connection().execute(moved).rowcount == 1
