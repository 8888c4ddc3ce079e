import re
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from tests.conftest import PASSWORD, make_user
from tests.factories import make_contact
from tests.support.smtp import ScriptedSmtp
from webapp.accounts import users
from webapp.accounts.models import User
from webapp.mailings import audience, preflight
from webapp.mailings.models import Mailing, MailingLink, Recipient, RecipientState, State
from webapp.people.models import (
    Company,
    Consent,
    ConsentEntry,
    Contact,
    ContactInterest,
    Suppression,
)
from webapp.platform.database import db, utcnow
from webapp.response import statistics
from webapp.response.models import Hit, HitKind
from webapp.targets.models import Project, ProjectMember, Selection

# Recipients whose first times are not those of their hits; HEAD is a machine's.
DIFFERING = text(
    """
SELECT count(*)
  FROM recipient
  LEFT JOIN (SELECT recipient_id, min(at) AS opened,
                    min(at) FILTER (WHERE kind = 'click') AS clicked
               FROM hit WHERE method <> 'HEAD' GROUP BY recipient_id) AS seen
    ON seen.recipient_id = recipient.id
 WHERE (opened_at, clicked_at) IS DISTINCT FROM (seen.opened, seen.clicked)
"""
)


def demo(app: Flask) -> Result:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["demo"])
    db.session.expire_all()
    return result


def count(thing: type, *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(thing).where(*conditions)) or 0


def sent_mailings() -> list[Mailing]:
    finished = select(Mailing).where(Mailing.finished_at.is_not(None)).order_by(Mailing.started_at)
    return list(db.session.scalars(finished))


def test_the_numbers_of_the_demo_add_up(app: Flask) -> None:
    assert demo(app).exit_code == 0
    assert 380 <= count(Contact) <= 420
    assert count(Company) == 120
    assert count(Selection) == 5
    assert count(Contact, Contact.category_id.is_not(None)) > 380
    assert count(ContactInterest) > 150
    assert count(Contact, Contact.fields != {}) > 80
    assert count(Company, Company.fields != {}) > 40
    assert 12 <= count(ProjectMember) <= 40
    assert (
        count(
            ProjectMember,
            ProjectMember.added_at < Contact.created_at,
            ProjectMember.contact_id == Contact.id,
        )
        == 0
    )
    assert db.session.scalar(DIFFERING) == 0
    assert count(Hit, Hit.at > utcnow()) == 0
    assert count(Hit, Hit.at < select(func.min(Mailing.started_at)).scalar_subquery()) == 0
    for mailing in sent_mailings():
        figures = statistics.of(mailing.id)
        people = count(Recipient, Recipient.mailing_id == mailing.id)
        assert sum(figures.states.values()) == people
        assert figures.sent > 80
        assert 0.25 < figures.opened / figures.delivered < 0.7
        assert 0.05 < figures.clicked / figures.delivered < 0.35
        assert 1 <= figures.unsubscribed <= 3
        clicks = statistics.hits(mailing.id)[HitKind.CLICK]
        assert clicks == sum(link.clicks for link in statistics.links(mailing.id))
        assert clicks >= figures.clicked


def test_the_demo_tells_one_story(app: Flask) -> None:
    """Who left is not mailed again, what is evidence has its date, and the draft can be sent."""
    demo(app)
    first, *later = sent_mailings()
    assert [first.state, *(mailing.state for mailing in later)] == [
        State.SENT_WITH_ERRORS,
        State.SENT,
        State.SENT_WITH_ERRORS,
    ]
    left = select(Recipient.email).where(
        Recipient.mailing_id == first.id, Recipient.unsubscribed_at.is_not(None)
    )
    mailed_again = count(
        Recipient,
        Recipient.mailing_id.in_([mailing.id for mailing in later]),
        Recipient.email.in_(left),
        Recipient.state != RecipientState.LEFT_OUT,
    )
    assert mailed_again == 0
    newest = select(func.max(ConsentEntry.given_at)).where(ConsentEntry.state == Consent.WITHDRAWN)
    assert db.session.scalar(newest) == db.session.scalar(
        select(func.max(Suppression.created_at)).where(Suppression.reason == "unsubscribed")
    )
    assert count(Contact, Contact.updated_at < Contact.created_at) == 0
    draft = db.session.scalars(select(Mailing).where(Mailing.state == State.DRAFT)).one()
    report = preflight.check(draft)
    assert report.errors == []
    assert str(report.warnings[0].text) == "There is no preheader"
    assert audience.count(draft).mailed > 150


def test_the_demo_makes_nothing_twice_and_sends_nothing(
    app: Flask, smtp: ScriptedSmtp, run_jobs: Callable[[], int]
) -> None:
    demo(app)
    before = {thing: count(thing) for thing in (User, Contact, Mailing, MailingLink, Hit)}
    again = demo(app)
    assert again.exit_code == 1
    assert "the demo needs an empty one" in again.output
    assert {thing: count(thing) for thing in before} == before
    assert run_jobs() == 0
    assert smtp.count_by_recipient() == {}


def test_the_demo_refuses_a_database_with_people(app: Flask) -> None:
    make_contact()
    assert demo(app).exit_code == 1
    assert count(Contact) == 1
    assert count(User) == 0


def test_the_first_administrator_keeps_the_password_and_owns_the_demo(app: Flask) -> None:
    mette = make_user()
    result = demo(app)
    assert mette.email in result.output
    assert "password" not in result.output
    assert users.authenticate(mette.email, PASSWORD) == mette
    assert {mailing.owner_id for mailing in sent_mailings()} == {mette.id}


@pytest.fixture
def at_the_desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Signed in with what the command said."""
    said = re.search(r"Sign in as (\S+) with the password (\S+)", demo(app).output)
    assert said is not None
    form = {"email": said[1], "password": said[2]}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def test_the_pages_of_the_demo_open(at_the_desk: FlaskClient) -> None:
    karen = db.session.scalars(select(Contact).where(Contact.first_name == "Karen")).first()
    newsletter = sent_mailings()[-1]
    draft = db.session.scalars(select(Mailing).where(Mailing.state == State.DRAFT)).one()
    selection = db.session.scalars(select(Selection).order_by(Selection.id)).first()
    assert karen is not None
    project = db.session.scalars(select(Project)).one()
    assert selection is not None
    for page, words in {
        "/": newsletter.name,
        "/mailings": draft.name,
        f"/mailings/{newsletter.id}": "1 unknown",
        f"/mailings/{newsletter.id}/recipients": "Refused",
        f"/mailings/{newsletter.id}/links": "See the Lumo collection",
        f"/mailings/{newsletter.id}/content": newsletter.name,
        f"/mailings/{draft.id}/draft/setup": draft.subject.split()[-1],
        f"/mailings/{draft.id}/draft/content": draft.name,
        f"/mailings/{draft.id}/draft/recipients": "Dealers",
        f"/mailings/{draft.id}/draft/confirm/checks": "There is no preheader",
        "/contacts": "1–",
        f"/contacts/{karen.id}": "Prefers a call before noon.",
        "/companies": "Aarhus",
        "/links": "Lumo collection",
        "/selections": selection.name,
        f"/selections/{selection.id}": selection.name,
        f"/selections/{selection.id}/mailings": "Opened",
        "/projects": project.name,
        f"/projects/{project.id}": "Speaker",
        f"/projects/{project.id}/activities": "Showroom evening, invitation",
    }.items():
        answer = at_the_desk.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        assert words.casefold() in answer.text.casefold(), page
