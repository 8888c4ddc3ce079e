from sqlalchemy import func, select

from tests.people.imports.importing import begin, upload
from webapp.people.imports import dry_run, uploads
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.targets import imports, selections
from webapp.targets.models import Selection

PEOPLE = "Name;E-mail\nKaren Dam;karen@lys.example.dk\nOle Voss;ole@voss.example.dk\nBo;\n"


def bring(text: str, selection_name: str = "Fair") -> Import:
    import_ = upload(text)
    begin(import_, selection_name=selection_name)
    imports.take_up(import_.id)
    return import_


def test_imported_people_are_a_selection() -> None:
    import_ = bring(PEOPLE)
    selection = db.session.scalars(select(Selection)).one()
    assert (selection.name, selection.id) == ("Fair", import_.selection_id)
    assert selections.size(selection.id) == 2


def test_the_same_name_again_adds_to_the_selection() -> None:
    bring(PEOPLE)
    second = bring("E-mail\nkaren@lys.example.dk\neva@lys.example.dk\n", "fair")
    assert db.session.scalar(select(func.count()).select_from(Selection)) == 1
    assert second.selection_id is not None
    assert selections.size(second.selection_id) == 3


def test_people_who_were_known_are_in_the_selection_too() -> None:
    bring(PEOPLE, "First")
    second = bring(PEOPLE, "Second")
    assert second.unchanged == 2
    assert second.selection_id is not None
    assert selections.size(second.selection_id) == 2


def test_no_selection_is_made_for_nobody() -> None:
    import_ = bring("Name;E-mail\nBo;\n")
    assert import_.state == ImportState.DONE
    assert import_.selection_id is None
    assert db.session.scalar(select(func.count()).select_from(Selection)) == 0


def test_an_import_that_waits_for_its_dry_run_gets_just_that() -> None:
    import_ = upload(PEOPLE)
    dry_run.ask(import_, uploads.columns(import_))
    db.session.commit()
    imports.take_up(import_.id)
    assert import_.state == ImportState.CHECKED
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 0
