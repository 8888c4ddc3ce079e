from sqlalchemy import func, select

from benchmarks import audience
from webapp.content.tags.segments import slots
from webapp.mailings import audience as audiences
from webapp.mailings.compiling import compiled
from webapp.people.models import ConsentEntry
from webapp.platform.database import db


def test_everybody_in_the_selection_would_be_mailed() -> None:
    audience.make_people(30)
    mailing = audience.make_mailing(audience.make_selection("Some", 20))
    audiences.resolve(mailing)
    assert audiences.count(mailing) == audiences.Audience(mailed=20, left_out={})
    assert db.session.scalar(select(func.count()).select_from(ConsentEntry)) == 30


def test_the_newsletter_has_the_tags_and_links_that_the_figures_speak_of() -> None:
    audience.make_people(1)
    content = compiled(audience.make_mailing(audience.make_selection("One", 1)))
    tags = [slot.name for part in (content.subject, content.html) for slot in slots(part)]
    assert sum(tag.startswith(("customer.", "company.")) for tag in tags) == 6
    assert len(content.links) == 10
    assert content.problems == ()
