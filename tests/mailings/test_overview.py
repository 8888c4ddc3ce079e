from sqlalchemy import event

from tests.factories import make_mailing, make_recipient
from webapp.mailings import overview
from webapp.mailings.models import RecipientState, State
from webapp.mailings.overview import Figures
from webapp.platform.database import db, utcnow


def test_figures_count_people_of_those_it_was_sent_to() -> None:
    mailing = make_mailing()
    now = utcnow()
    make_recipient(mailing, email="a@x.example", opened_at=now, clicked_at=now)
    make_recipient(mailing, email="b@x.example", opened_at=now)
    make_recipient(mailing, email="c@x.example")
    make_recipient(mailing, email="d@x.example", state=RecipientState.FAILED)
    draft = make_mailing("A draft", state=State.DRAFT)
    known = overview.figures([mailing.id, draft.id])
    assert known == {mailing.id: Figures(sent=3, opened=2, clicked=1)}


def test_figures_of_a_whole_page_are_one_query() -> None:
    mailings = [make_mailing(f"Week {number}") for number in range(5)]
    for mailing in mailings:
        make_recipient(mailing)
    statements: list[str] = []

    def count(*seen: object) -> None:
        statements.append(str(seen[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert len(overview.figures([mailing.id for mailing in mailings])) == 5
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(statements) == 1


def test_a_draft_without_content_is_no_earlier_mailing_to_begin_from() -> None:
    mailing = make_mailing("This one", state=State.DRAFT)
    make_mailing("Empty", state=State.DRAFT, content=None)
    earlier = make_mailing("October newsletter")
    assert db.session.scalars(overview.find_earlier(mailing, "")).all() == [earlier]
    assert db.session.scalars(overview.find_earlier(mailing, "november")).all() == []
