from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.exc import OperationalError

from tests.conftest import make_user
from tests.factories import make_contact, make_contacts, make_item, newsletter
from webapp.accounts.models import AuditEntry
from webapp.people import lists, subscriptions
from webapp.people.models import Basis, Contact, ListName, Purpose
from webapp.people.updates import (
    AddInterest,
    GrantConsent,
    SetColumn,
    SetField,
    Subscribe,
    Update,
)
from webapp.platform.database import db, utcnow
from webapp.targets import projects, selections, updates
from webapp.targets.joining import JoinProject, JoinSelection
from webapp.targets.models import PeopleUpdate, PeopleUpdatePart, UpdateState
from webapp.targets.selections import NoSuchSelection
from webapp.targets.updates import (
    ASKED,
    DONE,
    FAILED,
    RETRIED,
    NobodyChosen,
    NoSuchUpdate,
    Whom,
)

Apply = Callable[..., int]

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


def test_the_members_of_a_project_are_meant() -> None:
    ib, bo = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    make_contact("Eva Voss", "eva@voss.example")
    project = projects.named("Fair", None)
    projects.add_members(project.id, [ib.id, bo.id])
    assert _ids(Whom(everybody=True, project=project.id, q="bo")) == [bo.id]


@pytest.mark.parametrize(
    "change",
    [
        LANGUAGE,
        GrantConsent(Purpose.E_MARKETING, Basis.CUSTOMER, "Orders"),
        Subscribe(1, "Fair"),
        SetField("colours", ["Red"], "Colours", "Red"),
        AddInterest(1, "Lamps"),
        JoinProject(1, "Fair", "Guest"),
    ],
)
def test_a_change_is_kept_as_json(change: Update) -> None:
    make_contact()
    asked = _asked(change)
    db.session.expire_all()
    assert updates.loaded(asked.change) == change


def test_few_are_changed_at_once_and_audited_with_the_count() -> None:
    user = make_user()
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    make_contact(language="da")
    asked = _asked(by=user.id)
    updates.begin(asked)
    assert _languages() == {"da"}
    assert (asked.state, asked.people, asked.through, asked.changed) == (UpdateState.DONE, 3, 3, 2)
    assert asked.finished_at
    before, after = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    assert (before.action, before.user_id, before.detail["kind"]) == (ASKED, user.id, "set_column")
    assert (after.action, after.user_id, after.detail["changed"]) == (DONE, user.id, 2)


def test_nobody_found_is_nobody_to_change() -> None:
    with pytest.raises(NobodyChosen):
        updates.ask(LANGUAGE, EVERYBODY.people(), by=None)


def test_doing_it_again_does_nothing() -> None:
    make_contact()
    asked = _asked()
    updates.run(asked.id)
    make_contact("Eva Voss", "eva@voss.example")
    db.session.commit()
    updates.run(asked.id)
    assert _languages() == {"", "da"}
    assert len(db.session.scalars(select(AuditEntry)).all()) == 2


def test_the_people_are_those_who_were_found_when_it_was_asked_for(small_parts: None) -> None:
    _five()
    nobody_speaks = Whom(everybody=True).people().where(Contact.language == "")
    asked = _asked(whom=nobody_speaks)
    make_contact("Eva Voss", "eva@voss.example")
    db.session.commit()
    updates.run(asked.id)
    assert (asked.through, asked.changed) == (5, 5)
    assert _languages() == {"", "da"}


def test_many_are_a_workers(monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]) -> None:
    monkeypatch.setattr(updates, "AT_ONCE", 1)
    make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    asked = _asked()
    updates.begin(asked)
    assert updates.get(asked.id).state == UpdateState.ASKED
    assert run_jobs() == 1
    assert (updates.get(asked.id).state, asked.changed) == (UpdateState.DONE, 2)


def test_others_see_how_far_it_is(
    small_parts: None, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    _five()
    seen: list[tuple[UpdateState, int]] = []

    def look() -> None:
        with app.app_context():
            now = updates.get(asked.id)
            seen.append((now.state, now.through))

    asked = _asked()
    _before_each_part(monkeypatch, lambda _number: _elsewhere(look))
    updates.run(asked.id)
    assert seen == [(UpdateState.RUNNING, through) for through in (0, 2, 4)]


def test_a_worker_that_is_to_stop_rings_for_another_who_goes_on(
    small_parts: None, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    _five()
    asked = _asked()
    monkeypatch.setattr(updates.stopping, "requested", lambda: True)
    updates.run(asked.id)
    assert (updates.get(asked.id).state, asked.through) == (UpdateState.RUNNING, 2)
    monkeypatch.undo()
    assert run_jobs() == 1
    assert (updates.get(asked.id).state, asked.changed) == (UpdateState.DONE, 5)


@pytest.mark.parametrize("death", [SystemExit, OperationalError("", {}, Exception())])
def test_after_a_worker_died_the_next_goes_on_where_it_stopped(
    small_parts: None, monkeypatch: pytest.MonkeyPatch, death: BaseException
) -> None:
    _five()
    selection = selections.create("Dealers", None)
    asked = _asked(JoinSelection(selection.id, selection.name))

    def die(number: int) -> None:
        if number == 2:
            raise death

    seen = _before_each_part(monkeypatch, die, JoinSelection)
    with pytest.raises((SystemExit, OperationalError)):
        updates.run(asked.id)
    db.session.rollback()
    assert (updates.get(asked.id).state, asked.through) == (UpdateState.RUNNING, 2)
    updates.run(asked.id)
    assert (updates.get(asked.id).state, asked.through, asked.changed) == (UpdateState.DONE, 5, 5)
    assert [len(part) for part in seen] == [2, 2, 2, 1]
    assert seen[1] == seen[2]


def test_two_workers_share_the_work(
    small_parts: None, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    _five()
    asked = _asked()

    def other_worker() -> None:
        with app.app_context():
            updates.run(asked.id)

    _before_each_part(monkeypatch, lambda number: _elsewhere(other_worker) if number == 1 else None)
    updates.run(asked.id)
    assert (updates.get(asked.id).state, asked.through, asked.changed) == (UpdateState.DONE, 5, 5)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [ASKED, DONE]


def test_when_it_fails_it_says_how_far_it_came_and_can_be_tried_again(
    small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _five()
    asked = _asked()

    def fail(number: int) -> None:
        if number == 2:
            raise RuntimeError

    _before_each_part(monkeypatch, fail)
    with pytest.raises(RuntimeError):
        updates.run(asked.id)
    assert (updates.get(asked.id).state, asked.through, asked.changed) == (UpdateState.FAILED, 2, 2)
    assert asked.error == "Something went wrong on our side."
    updates.run(asked.id)
    assert _languages() == {"", "da"}
    assert updates.retry(asked, by=None)
    assert not updates.retry(asked, by=None)
    db.session.commit()
    updates.begin(asked)
    assert (updates.get(asked.id).state, asked.changed, asked.error) == (UpdateState.DONE, 5, "")
    assert _languages() == {"da"}
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [ASKED, FAILED, RETRIED, DONE]


@pytest.mark.parametrize("gone", ["type", "interest", "category", "selection", "project"])
def test_what_was_deleted_before_it_was_done_is_told(gone: str) -> None:
    make_contact()
    type_ = newsletter()
    lamps, dealer = make_item("Lamps"), make_item("Dealer", ListName.CATEGORY)
    selection, project = selections.create("Dealers", None), projects.named("Fair", None)
    change: Update
    change, words = {
        "type": (Subscribe(type_.id, "Fair"), "subscription type"),
        "interest": (AddInterest(lamps.id, "Lamps"), "list"),
        "category": (SetColumn("category", dealer.id, "Category", "Dealer"), "deleted since"),
        "selection": (JoinSelection(selection.id, "Dealers"), "selection"),
        "project": (JoinProject(project.id, "Fair"), "project"),
    }[gone]
    asked = _asked(change)
    subscriptions.remove(type_, by=None)
    for item in (lamps, dealer):
        lists.remove(item, by=None)
    selections.remove(selection, by=None)
    projects.remove(project, by=None)
    db.session.commit()
    updates.run(asked.id)
    assert updates.get(asked.id).state == UpdateState.FAILED
    assert words in asked.error
    assert updates.loaded(asked.change).words()


def test_a_failure_is_told_in_the_language_of_whoever_asked() -> None:
    make_contact()
    user = make_user()
    user.language = "da"
    asked = _asked(Subscribe(999_999, "Fair"), by=user.id)
    updates.run(asked.id)
    assert "abonnementstype" in updates.get(asked.id).error


def test_a_contact_deleted_meanwhile_is_passed_over() -> None:
    contact, _other = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    selection = selections.create("Dealers", None)
    asked = _asked(JoinSelection(selection.id, "Dealers"))
    db.session.delete(contact)
    db.session.commit()
    updates.run(asked.id)
    assert (updates.get(asked.id).through, asked.changed) == (2, 1)


def test_people_join_a_selection_or_a_project_once() -> None:
    ib, _bo = make_contacts({"a@dam.example": "Ib Dam", "b@dam.example": "Bo Dam"})
    selection, project = selections.create("Dealers", None), projects.named("Fair", None)
    projects.add_members(project.id, [ib.id], role="Speaker")
    for change, joined in (
        (JoinSelection(selection.id, "Dealers"), 2),
        (JoinProject(project.id, "Fair", "Guest"), 1),
    ):
        asked = _asked(change)
        updates.run(asked.id)
        assert updates.get(asked.id).changed == joined
        expected = updates.updates.forecast(change, EVERYBODY.people())
        assert (expected.changed, expected.so_already) == (0, 2)
    assert selections.size(selection.id) == 2
    assert projects.roles_among(project.id, [ib.id]) == {ib.id: "Speaker"}


def test_what_nobody_gets_on_with_is_rung_for_once_in_a_while() -> None:
    make_contact()
    asked = _asked()
    assert updates.stuck() == []
    asked.heard_at = asked.rung_at = utcnow() - timedelta(minutes=5)
    db.session.commit()
    assert updates.stuck() == [asked.id]
    assert updates.stuck() == []


def test_what_is_done_is_not_stuck_and_leaves_no_parts() -> None:
    make_contact()
    asked = _asked()
    updates.run(asked.id)
    asked.heard_at = asked.rung_at = utcnow() - timedelta(minutes=5)
    db.session.commit()
    assert updates.stuck() == []
    assert db.session.scalars(select(PeopleUpdatePart)).all() == []


def test_what_was_never_asked_for_is_not_found() -> None:
    with pytest.raises(NoSuchUpdate):
        updates.get(999_999)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Five people come in three parts."""
    with monkeypatch.context() as patch:
        patch.setattr(updates, "PART", 2)
        yield


def _five() -> None:
    make_contacts({f"p{number}@dam.example": "Ib Dam" for number in range(5)})


def _asked(
    change: Update = LANGUAGE, *, whom: Select[int] | None = None, by: int | None = None
) -> PeopleUpdate:
    people = EVERYBODY.people() if whom is None else whom
    asked = updates.ask(change, people, by=by)
    db.session.commit()
    return asked


def _before_each_part(
    monkeypatch: pytest.MonkeyPatch,
    do: Callable[[int], None],
    kind: type[SetColumn] | type[JoinSelection] = SetColumn,
) -> list[list[int]]:
    """`do` is given the number of the part, from 1. Answers whom each part has, as they come."""
    seen: list[list[int]] = []
    apply: Apply = kind.apply

    def watched(change: Update, people: ColumnElement[bool], *, by: int | None) -> int:
        seen.append(list(db.session.scalars(select(Contact.id).where(people))))
        do(len(seen))
        return apply(change, people, by=by)

    monkeypatch.setattr(kind, "apply", watched)
    return seen


def _elsewhere(do: Callable[[], None]) -> None:
    """By a process of its own, as far as the database knows."""
    thread = Thread(target=do)
    thread.start()
    thread.join()


def _ids(whom: Whom) -> list[int]:
    return sorted(db.session.scalars(whom.people()))


def _languages() -> set[str]:
    db.session.expire_all()
    return set(db.session.scalars(select(Contact.language)))
