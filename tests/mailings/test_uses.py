from sqlalchemy import select

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.mailings import audience, gathering, sources, uses
from webapp.mailings.models import Mailing, MailingSource, Recipient, SourceKind, State
from webapp.mailings.uses import Target, Uses
from webapp.platform.database import db, utcnow
from webapp.targets import projects, selections
from webapp.targets.models import Project, Selection
from webapp.targets.projects import ProjectDetails


def _dealers() -> Selection:
    return selections.create("Dealers", None)


def _fair() -> Project:
    return projects.create(ProjectDetails(name="Fair"))


def _names(target: Target, **sort: str) -> list[str]:
    return [mailing.name for mailing in db.session.scalars(uses.find_mailings(target, **sort))]


def _sent_to(project: Project, mailing: Mailing) -> None:
    db.session.add(
        MailingSource(mailing_id=mailing.id, kind=SourceKind.PROJECT, project_id=project.id)
    )
    db.session.flush()


def test_a_selection_has_the_mailings_linked_to_it_or_sent_to_it() -> None:
    dealers = _dealers()
    make_mailing("Linked", selection=dealers)
    sources.add_selection(make_mailing("Draft to it", state=State.DRAFT), dealers)
    both = make_mailing("Both", state=State.DRAFT, selection=dealers)
    sources.add_selection(both, dealers)
    make_mailing("About the project", project=_fair())
    make_mailing("Deleted", selection=dealers, deleted_at=utcnow())
    assert sorted(_names(dealers)) == ["Both", "Draft to it", "Linked"]
    assert _names(dealers, sort="name") == ["Both", "Draft to it", "Linked"]


def test_a_project_has_its_mailings_the_newest_first() -> None:
    fair = _fair()
    make_mailing("Invitation", project=fair)
    _sent_to(fair, make_mailing("Thanks", state=State.DRAFT))
    assert _names(fair) == ["Thanks", "Invitation"]


def test_uses_are_counted_once_for_each_mailing() -> None:
    dealers, guests = _dealers(), selections.create("Guests", None)
    make_mailing("Sent", selection=dealers)
    make_mailing("Planned", state=State.SCHEDULED, selection=dealers)
    both = make_mailing("Both", state=State.DRAFT, selection=dealers)
    sources.add_selection(both, dealers)
    make_mailing("Deleted", selection=dealers, deleted_at=utcnow())
    assert uses.count([dealers, guests]) == {
        dealers.id: Uses(open=2, settled=1),
        guests.id: Uses(),
    }
    assert uses.count([]) == {}


def test_a_selection_and_a_project_of_one_id_are_told_apart() -> None:
    dealers, fair = _dealers(), _fair()
    make_mailing(project=fair, selection=None)
    assert uses.count([dealers])[dealers.id] == Uses()
    assert uses.count([fair])[fair.id] == Uses(settled=1)


def test_deleting_a_selection_takes_its_people_out_of_drafts() -> None:
    dealers, karen = _dealers(), make_contact()
    selections.add_members(dealers.id, [karen.id])
    draft = make_mailing(state=State.DRAFT, selection=dealers)
    sources.add_selection(draft, dealers)
    audience.resolve(draft)
    assert audience.count(draft).mailed == 1
    uses.remove(dealers, by=None)
    db.session.expire_all()
    assert (draft.sources, draft.selection) == ([], None)
    gathering.bring_up_to_date(draft)
    assert audience.count(draft).total == 0


def test_deleting_a_project_leaves_the_recipients_of_what_was_sent() -> None:
    fair = _fair()
    mailing = make_mailing(project=fair)
    _sent_to(fair, mailing)
    make_recipient(mailing, make_contact())
    changed = mailing.updated_at
    uses.remove(fair, by=None)
    db.session.expire_all()
    assert (mailing.project, mailing.sources, mailing.sources_changed_at) == (None, [], None)
    assert mailing.updated_at == changed
    assert len(db.session.scalars(select(Recipient)).all()) == 1
