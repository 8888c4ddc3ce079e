from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import make_user
from tests.factories import make_contact, make_contacts
from webapp.accounts.models import AuditEntry
from webapp.people.models import Contact
from webapp.people.updates import SetColumn
from webapp.platform.database import db, utcnow
from webapp.targets import selections, updates
from webapp.targets.selections import NoSuchSelection
from webapp.targets.updates import ASKED, DONE, FAILED, NobodyChosen, NoSuchUpdate, Whom

LANGUAGE = SetColumn("language", "da", "Language", "Danish")
EVERYBODY = Whom(everybody=True)


def test_the_ticked_ones_are_meant_whoever_else_there_is() -> None:
    first, _second = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    assert _ids(Whom([first.id, 999_999, 2**70 % 2**62])) == [first.id]


def test_nobody_ticked_is_told_so() -> None:
    with pytest.raises(NobodyChosen):
        Whom().people()


def test_everybody_whom_the_list_finds_is_meant() -> None:
    ib = make_contact("Ib Dam", "ib@dam.example", no_mailings=True)
    bo = make_contact("Bo Dam", "bo@dam.example")
    eva = make_contact("Eva Voss", "eva@voss.example", no_mailings=True)
    assert _ids(EVERYBODY) == [ib.id, bo.id, eva.id]
    assert _ids(Whom(everybody=True, q="dam")) == [ib.id, bo.id]
    assert _ids(Whom(everybody=True, q="dam", only="no_mailings")) == [ib.id]
    assert _ids(Whom(everybody=True, only="nonsense")) == [ib.id, bo.id, eva.id]


def test_the_members_of_a_selection_are_meant() -> None:
    ib, bo = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    make_contact("Eva Voss", "eva@voss.example")
    selection = selections.create("Dealers", None)
    selections.add_members(selection.id, [ib.id, bo.id])
    assert _ids(Whom(everybody=True, selection=selection.id)) == [ib.id, bo.id]
    assert _ids(Whom(everybody=True, selection=selection.id, q="bo")) == [bo.id]
    with pytest.raises(NoSuchSelection):
        Whom(everybody=True, selection=999_999).people()


def test_few_are_changed_at_once_and_audited_once_with_the_count() -> None:
    user = make_user()
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    make_contact(language="da")
    asked = _asked(by=user.id)
    updates.begin(asked)
    assert _languages() == {"da"}
    outcome = updates.outcome(asked)
    assert (outcome.changed, outcome.people, outcome.failed) == (2, 3, False)
    [done] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == DONE))
    assert (done.user_id, done.detail["count"], done.detail["kind"]) == (user.id, 2, "set_column")


def test_doing_it_again_does_nothing() -> None:
    make_contact()
    asked = _asked()
    updates.run(asked)
    make_contact("Eva Voss", "eva@voss.example")
    db.session.commit()
    updates.run(asked)
    assert _languages() == {"", "da"}
    assert len(db.session.scalars(select(AuditEntry)).all()) == 2


def test_many_are_a_workers(monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]) -> None:
    monkeypatch.setattr(updates, "AT_ONCE", 1)
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    asked = _asked()
    updates.begin(asked)
    assert updates.outcome(asked).changed is None
    assert run_jobs() == 1
    assert updates.outcome(asked).changed == 2


def test_a_worker_that_is_to_stop_changes_nobody_and_rings_for_another(
    monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    make_contact()
    asked = _asked()
    monkeypatch.setattr(updates.stopping, "requested", lambda: True)
    updates.run(asked)
    assert _languages() == {""}
    assert updates.outcome(asked).changed is None
    monkeypatch.undo()
    assert run_jobs() == 1
    assert _languages() == {"da"}


def test_when_it_fails_nobody_is_changed_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    monkeypatch.setattr(updates.updates, "CHUNK", 1)
    asked = _asked()
    apply, calls = SetColumn.apply, []

    def second_time_fails(*args: object, **kwargs: object) -> int:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError
        return apply(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(SetColumn, "apply", second_time_fails)
    with pytest.raises(RuntimeError):
        updates.run(asked)
    assert _languages() == {""}
    assert updates.outcome(asked).failed
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == [ASKED, FAILED]


def test_what_nobody_works_at_is_rung_for_once_in_a_while() -> None:
    make_contact()
    asked = _asked()
    assert updates.stuck() == []
    entry = db.session.get(AuditEntry, asked)
    assert entry
    entry.at = utcnow() - timedelta(minutes=5)
    db.session.commit()
    assert updates.stuck() == [asked]
    assert updates.stuck() == []


def test_what_is_done_is_not_stuck() -> None:
    make_contact()
    asked = _asked()
    updates.run(asked)
    entry = db.session.get(AuditEntry, asked)
    assert entry
    entry.at = utcnow() - timedelta(minutes=5)
    db.session.commit()
    assert updates.stuck() == []


@pytest.mark.parametrize("entry", [None, DONE])
def test_only_a_request_has_an_outcome(entry: str | None) -> None:
    number = 999_999
    if entry:
        audited = AuditEntry(action=entry)
        db.session.add(audited)
        db.session.flush()
        number = audited.id
    with pytest.raises(NoSuchUpdate):
        updates.outcome(number)


def _asked(by: int | None = None) -> int:
    people = updates.size(EVERYBODY)
    asked = updates.ask(LANGUAGE, EVERYBODY, people=people, by=by)
    db.session.commit()
    return asked


def _ids(whom: Whom) -> list[int]:
    return sorted(db.session.scalars(whom.people()))


def _languages() -> set[str]:
    db.session.expire_all()
    return set(db.session.scalars(select(Contact.language)))
