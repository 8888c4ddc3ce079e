import pytest
from sqlalchemy import select

from tests.factories import make_folder, make_mailing
from webapp.accounts.models import AuditEntry
from webapp.content import folders, shelf
from webapp.content.folders import NameTaken, NoSuchFolder, TooDeep, WithinItself
from webapp.content.models import Folder, FolderOf
from webapp.mailings.models import Mailing
from webapp.platform.database import db


def labels() -> list[str]:
    return [branch.label for branch in folders.tree(FolderOf.MAILING)]


def chain(length: int) -> list[Folder]:
    """Folders each within the one before."""
    made: list[Folder] = []
    for number in range(length):
        made.append(make_folder(f"{number}", made[-1] if made else None))
    return made


def test_the_tree_reads_from_the_top_down_in_danish_order() -> None:
    events = make_folder("Ærinder")
    newsletters = make_folder("newsletters")
    make_folder("English", newsletters)
    make_folder("Dansk", newsletters)
    make_folder("Archive")
    make_folder("Pictures", of=FolderOf.IMAGE)
    assert labels() == [
        "Archive",
        "newsletters",
        "newsletters / Dansk",
        "newsletters / English",
        events.name,
    ]


def test_a_folder_counts_what_lies_in_it_and_below() -> None:
    top = make_folder("Newsletters")
    below = make_folder("Danish", top)
    for folder in (top, below, below, None):
        make_mailing(folder=folder)
    counts = folders.count(Mailing.folder_id)
    tree = folders.tree(FolderOf.MAILING, counts)
    assert [(branch.folder, branch.count, branch.depth) for branch in tree] == [
        (top, 3, 1),
        (below, 2, 2),
    ]
    assert folders.within(top) == {top.id, below.id}
    assert folders.count(Mailing.folder_id, Mailing.folder_id == top.id) == {top.id: 1}


def test_a_name_stands_once_in_a_place_whatever_its_case() -> None:
    top = make_folder("Ældre")
    with pytest.raises(NameTaken):
        make_folder("ÆLDRE")
    below = make_folder("ældre", top)
    with pytest.raises(NameTaken):
        folders.move(below, None, by=None)
    make_folder("Ældre", of=FolderOf.LINK)
    assert labels() == ["Ældre", "Ældre / ældre"]


def test_a_folder_is_renamed_but_not_to_another_beside_it() -> None:
    folder = make_folder("Dealers")
    make_folder("Events")
    folders.rename(folder, "dealers", by=None)
    with pytest.raises(NameTaken):
        folders.rename(folder, "events", by=None)
    assert labels() == ["dealers", "Events"]


def test_folders_go_five_deep() -> None:
    deep = chain(5)
    with pytest.raises(TooDeep):
        make_folder("one more", deep[-1])
    pair = make_folder("pair")
    make_folder("child", pair)
    folders.move(pair, deep[2], by=None)
    with pytest.raises(TooDeep):
        folders.move(pair, deep[3], by=None)


def test_a_folder_never_lies_within_itself() -> None:
    top, middle, bottom = chain(3)
    for place in (top, middle, bottom):
        with pytest.raises(WithinItself):
            folders.move(top, place, by=None)
    folders.move(bottom, top, by=None)
    assert labels() == ["0", "0 / 1", "0 / 2"]


def test_what_was_in_a_deleted_folder_is_where_the_folder_was() -> None:
    top = make_folder("Newsletters")
    gone = make_folder("Danish", top)
    make_folder("2026", gone)
    make_folder("2026", top)
    mailing = make_mailing(folder=gone)
    changed = mailing.updated_at
    folders.remove(gone, Mailing.folder_id, by=None)
    db.session.refresh(mailing)
    assert labels() == ["Newsletters", "Newsletters / 2026", "Newsletters / 2026 (2)"]
    assert mailing.folder_id == top.id
    assert mailing.updated_at == changed
    folders.remove(top, Mailing.folder_id, by=None)
    db.session.refresh(mailing)
    assert labels() == ["2026", "2026 (2)"]
    assert mailing.folder_id is None


def test_things_are_put_into_a_folder_and_to_the_top_without_being_changed() -> None:
    folder = make_folder()
    mailings = [make_mailing(), make_mailing()]
    changed = [mailing.updated_at for mailing in mailings]
    for place in (folder, None):
        shelf.move(Mailing, [mailing.id for mailing in mailings], place, by=None)
        db.session.expire_all()
        assert [mailing.folder for mailing in mailings] == [place, place]
        assert [mailing.updated_at for mailing in mailings] == changed


def test_a_folder_of_something_else_is_none_here() -> None:
    picture = make_folder("Pictures", of=FolderOf.IMAGE)
    with pytest.raises(NoSuchFolder):
        folders.get(FolderOf.MAILING, picture.id)


def test_what_is_done_to_folders_is_audited() -> None:
    folder = make_folder("Dealers")
    folders.rename(folder, "Shops", by=None)
    folders.move(folder, make_folder("Archive"), by=None)
    folders.remove(folder, Mailing.folder_id, by=None)
    done = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in done if action != "folder created"] == [
        "folder renamed",
        "folder moved",
        "folder deleted",
    ]
