from tests.factories import make_mailing
from webapp.mailings import overview
from webapp.mailings.models import State
from webapp.platform.database import db


def test_a_draft_without_content_is_no_earlier_mailing_to_begin_from() -> None:
    mailing = make_mailing("This one", state=State.DRAFT)
    make_mailing("Empty", state=State.DRAFT, content=None)
    earlier = make_mailing("October newsletter")
    assert db.session.scalars(overview.find_earlier(mailing, "")).all() == [earlier]
    assert db.session.scalars(overview.find_earlier(mailing, "november")).all() == []
