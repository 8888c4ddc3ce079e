from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.factories import make_content, make_mailing
from webapp.mailings import contents, history, lifecycle
from webapp.mailings.history import MOST
from webapp.mailings.models import ContentState, Mailing, State
from webapp.platform.database import db


@pytest.fixture
def mailing(app: Any) -> Mailing:
    return make_mailing(state=State.DRAFT, content=make_content(label="0"))


def write(mailing: Mailing, label: str, of: str = "") -> None:
    document = {**make_content(label=label), "said": label}
    contents.save(mailing, document, version=mailing.content_version, of=of, in_one_go=True)


def said(mailing: Mailing) -> str:
    return str((mailing.content or {}).get("said", "0"))


def undo(mailing: Mailing) -> str:
    contents.undo(mailing, version=mailing.content_version)
    return said(mailing)


def redo(mailing: Mailing) -> str:
    contents.redo(mailing, version=mailing.content_version)
    return said(mailing)


def test_changes_are_undone_one_by_one_back_to_the_beginning(mailing: Mailing) -> None:
    write(mailing, "1")
    write(mailing, "2")
    assert [undo(mailing), undo(mailing), undo(mailing)] == ["1", "0", "0"]
    assert [redo(mailing), redo(mailing), redo(mailing)] == ["1", "2", "2"]


def test_it_says_which_ways_are_open(mailing: Mailing) -> None:
    assert history.ways(mailing) == (False, False)
    write(mailing, "1")
    assert history.ways(mailing) == (True, False)
    undo(mailing)
    assert history.ways(mailing) == (False, True)


def test_a_new_change_ends_what_was_undone(mailing: Mailing) -> None:
    write(mailing, "1")
    undo(mailing)
    write(mailing, "2")
    assert redo(mailing) == "2"
    assert undo(mailing) == "0"


def test_what_was_gone_back_to_is_kept_by_the_next_change(mailing: Mailing) -> None:
    write(mailing, "First", of="heading")
    write(mailing, "First, and a divider")
    undo(mailing)
    write(mailing, "Second", of="heading")
    assert undo(mailing) == "First"


def test_nothing_is_kept_of_a_mailing_that_is_started(mailing: Mailing) -> None:
    other = make_mailing(state=State.DRAFT, content=make_content(label="0"))
    for each in (mailing, other):
        write(each, "1")
    lifecycle.start(mailing, None)
    kept = db.session.scalars(select(ContentState.mailing_id)).all()
    assert set(kept) == {other.id}
    assert history.ways(mailing) == (False, False)


def test_the_letters_of_a_word_are_undone_together(mailing: Mailing) -> None:
    for label in ("L", "Lu", "Lumo"):
        write(mailing, label, of="block")
    assert undo(mailing) == "0"


def test_what_was_written_after_a_pause_or_elsewhere_is_undone_by_itself(mailing: Mailing) -> None:
    write(mailing, "Lumo", of="block")
    db.session.execute(
        update(ContentState).values(began_at=ContentState.began_at - timedelta(seconds=11))
    )
    db.session.expire_all()
    write(mailing, "Lumo dims", of="block")
    write(mailing, "and shines", of="another")
    assert [undo(mailing), undo(mailing)] == ["Lumo dims", "Lumo"]


def test_an_undo_of_an_old_version_is_refused(mailing: Mailing) -> None:
    write(mailing, "1")
    with pytest.raises(contents.ChangedMeanwhile):
        contents.undo(mailing, version=0)


def test_the_history_does_not_grow_for_ever(mailing: Mailing) -> None:
    for number in range(MOST + 20):
        write(mailing, str(number))
    assert db.session.scalar(select(func.count()).select_from(ContentState)) == MOST


def test_the_first_template_is_the_beginning(app: Any) -> None:
    mailing = make_mailing(state=State.DRAFT, content=None)
    write(mailing, "1")
    assert history.ways(mailing) == (False, False)
