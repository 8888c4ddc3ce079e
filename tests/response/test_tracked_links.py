from datetime import timedelta

from tests.factories import make_link, make_mailing, make_recipient, make_tracked_link
from webapp.content.links import tracked_links
from webapp.content.models import TrackedLink
from webapp.mailings.models import Recipient
from webapp.platform.database import db, utcnow
from webapp.response.models import Hit, HitKind
from webapp.response.tracked_links import Clicks, clicks_of


def mailing_to(link: TrackedLink, people: int, *numbers: int) -> list[Recipient]:
    mailing = make_mailing()
    for number in numbers:
        make_link(mailing, number).tracked_link_id = link.id
    make_link(mailing, max(numbers) + 1)
    return [make_recipient(mailing, email=f"{each}@x.dk") for each in range(people)]


def click(who: Recipient, number: int = 1, *, method: str = "GET", hours_ago: int = 0) -> None:
    at = utcnow() - timedelta(hours=hours_ago)
    hit = Hit(
        mailing_id=who.mailing_id,
        recipient_id=who.id,
        kind=HitKind.CLICK,
        link_number=number,
        at=at,
        method=method,
        user_agent="",
    )
    db.session.add(hit)
    db.session.flush()


def test_clicks_are_summed_over_mailings_and_people_counted_once_in_each() -> None:
    link = make_tracked_link()
    ann, bo = mailing_to(link, 2, 1, 2)
    [cy] = mailing_to(link, 1, 1)
    for who, number in [(ann, 1), (ann, 1), (ann, 2), (bo, 2), (cy, 1)]:
        click(who, number)
    click(bo, 3)
    click(bo, 1, method="HEAD")
    assert clicks_of([link.id]) == {link.id: Clicks(clicks=5, people=3)}


def test_nobody_clicked_a_link_that_is_new() -> None:
    link = make_tracked_link()
    mailing_to(link, 1, 1)
    assert clicks_of([link.id]) == {}


def test_a_link_that_was_reset_counts_from_then_on() -> None:
    link = make_tracked_link()
    ann, bo = mailing_to(link, 2, 1)
    click(ann, hours_ago=2)
    tracked_links.reset(link, by=None)
    db.session.flush()
    assert clicks_of([link.id]) == {}
    click(bo, hours_ago=-1)
    assert clicks_of([link.id]) == {link.id: Clicks(1, 1)}
