from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import make_contact, make_mailing
from webapp.mailings import audience, sources
from webapp.mailings.models import Mailing, PastedAddress, State
from webapp.mailings.sources import FileTooLong, NothingInFile, Statement
from webapp.people.imports.files import UnreadableFile
from webapp.people.models import Basis, Consent
from webapp.platform.database import db
from webapp.targets import projects, selections
from webapp.targets.models import Project, Selection
from webapp.targets.projects import ProjectDetails

STATEMENT = Statement(Basis.CONSENT, "Autumn fair, stand 12", by=None)

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(text: str) -> Path:
        path = tmp_path / "guests.csv"
        path.write_text(text, "utf-8")
        return path

    return write


def draft(**values: object) -> Mailing:
    return make_mailing(state=State.DRAFT, **values)


def addresses() -> dict[str, str]:
    rows = db.session.execute(select(PastedAddress.email, PastedAddress.name)).all()
    return dict(rows)


def mailed(mailing: Mailing) -> int:
    audience.resolve(mailing)
    return audience.count(mailing).mailed


def test_a_file_brings_its_people_with_names_and_their_consent(written: Written) -> None:
    mailing = draft()
    path = written("Fornavn;Efternavn;E-mail\nBo;Ørsted;bo@x.dk\nIda;Friis;IDA@x.dk\n")
    taken = sources.add_file(mailing, path, "C:\\lists\\guests.csv", STATEMENT)
    assert taken == sources.Taken(2, [])
    assert addresses() == {"bo@x.dk": "Bo Ørsted", "IDA@x.dk": "Ida Friis"}
    [source] = mailing.sources
    assert (source.file_name, source.basis) == ("guests.csv", Basis.CONSENT)
    assert source.consent_source == "Autumn fair, stand 12"
    assert mailed(mailing) == 2


def test_rows_without_an_address_or_with_a_no_are_told_and_not_taken(written: Written) -> None:
    path = written("name,email,consent\nBo,bo@x.dk,yes\nIda,ida@x.dk,no\nEmil,emil at x,yes\n")
    taken = sources.add_file(draft(), path, "guests.csv", STATEMENT)
    assert (taken.number, [row for row, _why in taken.rejected]) == (1, ["3", "4"])
    assert list(addresses()) == ["bo@x.dk"]


def test_an_address_of_a_file_that_a_contact_has_follows_the_contacts_rules(
    written: Written,
) -> None:
    make_contact(email="bo@x.dk", e_marketing=Consent.WITHDRAWN)
    mailing = draft()
    sources.add_file(mailing, written("email\nbo@x.dk\nnew@x.dk\n"), "guests.csv", STATEMENT)
    assert mailed(mailing) == 1


@pytest.mark.parametrize("text", ["name,phone\nBo,12345678\n", "email\nnobody\n"])
def test_a_file_without_addresses_adds_nothing(written: Written, text: str) -> None:
    mailing = draft()
    with pytest.raises(NothingInFile):
        sources.add_file(mailing, written(text), "guests.csv", STATEMENT)
    assert mailing.sources == []


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    with pytest.raises(UnreadableFile):
        sources.add_file(draft(), path, "picture.csv", STATEMENT)


def test_a_list_that_is_too_long_for_a_source_is_better_imported(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_ROWS", 2)
    with pytest.raises(FileTooLong):
        sources.add_file(draft(), written("email\na@x.dk\nb@x.dk\nc@x.dk\n"), "x", STATEMENT)


def guests() -> Selection:
    selection = selections.create("Guests", None)
    selections.add_members(selection.id, [make_contact("In selection", "selected@x.dk").id])
    return selection


def evening() -> Project:
    project = projects.create(ProjectDetails(name="Showroom evening"))
    projects.add_members(project.id, [make_contact("In project", "project@x.dk").id])
    return project


def test_the_people_of_a_project_are_mailed() -> None:
    mailing, project = draft(), evening()
    sources.add_project(mailing, project)
    sources.add_project(mailing, project)
    assert (len(mailing.sources), mailed(mailing)) == (1, 1)
    assert audience.source_size(mailing.sources[0]) == 1


def linked(mailing: Mailing) -> list[str]:
    return [(source.selection or source.project).name for source in mailing.sources]


def test_a_link_brings_its_people() -> None:
    mailing, project = draft(), evening()
    sources.link(mailing, None, project)
    assert (linked(mailing), mailing.project) == (["Showroom evening"], project)
    assert sources.left_project(mailing) is None


def test_with_both_linked_only_the_selections_people_are_added_until_somebody_asks() -> None:
    mailing, project, selection = draft(), evening(), guests()
    sources.link(mailing, None, project)
    sources.link(mailing, selection, project)
    assert (linked(mailing), sources.left_project(mailing)) == (["Guests"], project)
    assert mailed(mailing) == 1
    sources.add_project(mailing, project)
    assert sources.left_project(mailing) is None
    assert mailed(mailing) == 2


def test_what_a_mailing_is_no_longer_about_takes_its_people_with_it() -> None:
    mailing, selection = draft(), guests()
    karen = make_contact("Karen", "karen@x.dk")
    sources.add_contact(mailing, karen)
    sources.link(mailing, selection, None)
    sources.link(mailing, None, None)
    assert [source.contact for source in mailing.sources] == [karen]
