import pytest
from sqlalchemy import select

from tests.factories import make_folder, make_image, make_mailing, make_template
from tests.support.pictures import opened, picture
from webapp.accounts.models import AuditEntry
from webapp.content import folders, shelf
from webapp.content.document import saved
from webapp.content.images import files, library, uses
from webapp.content.images.library import AlreadyThere, NoSuchImage, NothingLeft
from webapp.content.images.models import Image
from webapp.content.models import FolderOf
from webapp.mailings.models import State
from webapp.platform.database import db, utcnow


def names(*args: object, **kwargs: object) -> list[str]:
    return [image.name for image in db.session.scalars(library.find(*args, **kwargs))]


def test_an_image_is_called_like_its_file_and_has_a_readable_address() -> None:
    image = library.add(picture("JPEG"), "C:\\Billeder\\Lampe på bordet.JPG", None, by=None)
    assert (image.name, image.ending) == ("Lampe på bordet", "jpg")
    assert image.address == f"/i/{image.key}/lampe-paa-bordet.jpg"
    assert image.small_address.endswith(".webp")
    assert files.find(image.key, "jpg")


@pytest.mark.parametrize("name", ["日本.png", "...png", ".png", "/.png"])
def test_an_address_has_a_name_whatever_the_file_is_called(name: str) -> None:
    image = library.add(picture(), name, None, by=None)
    assert image.address.rpartition("/")[2].partition(".")[0] in {"image", "png"}
    assert image.name


def test_a_new_name_leaves_the_old_address_working() -> None:
    image = make_image("Lamp")
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    library.change(image, name="Lumo", alt="A lamp", folder=folder, by=None)
    assert image.address == f"/i/{image.key}/lumo.png"
    assert files.find(image.key, "png")
    assert image.folder == folder
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["image renamed", "image put into folder"]


def test_the_same_picture_stands_in_a_folder_once() -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    first = library.add(picture(), "a.png", folder, by=None)
    with pytest.raises(AlreadyThere, match="“a” is in this folder already"):
        library.add(picture(), "b.png", folder, by=None)
    assert library.add_or_find(picture(), "b.png", folder, by=None) == first
    assert library.add(picture(), "b.png", None, by=None).key == first.key
    shelf.remove(Image, [first.id], by=None)
    assert library.add(picture(), "c.png", folder, by=None).id != first.id


def test_images_are_found_by_name_and_alt_text_within_folders_in_every_order() -> None:
    lamps = make_folder("Lamps", of=FolderOf.IMAGE)
    make_image("Ålamp", folder=lamps, alt="100% light")
    make_image("Bord", folder=None)
    make_image("Zebra")
    assert names("lamp") == ["Ålamp"]
    assert names("100%") == ["Ålamp"]
    assert names("%") == ["Ålamp"]
    assert names(within=[lamps.id]) == ["Ålamp"]
    assert names(sort="name") == ["Bord", "Zebra", "Ålamp"]
    assert names() == names(sort="-added") == ["Zebra", "Bord", "Ålamp"]
    assert shelf.count_by_folder(Image) == {lamps.id: 1, None: 2}


def test_images_are_moved_and_a_deleted_folder_keeps_them() -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    image, gone = make_image(), make_image("Gone")
    shelf.remove(Image, [gone.id], by=None)
    assert shelf.move(Image, [image.id, gone.id, 0], folder, by=None) == [image]
    db.session.refresh(image)
    assert image.folder_id == folder.id
    folders.remove(folder, Image.folder_id, by=None)
    db.session.refresh(image)
    assert image.folder_id is None


def test_what_is_deleted_is_hidden_served_and_brought_back_for_a_while() -> None:
    image, old = make_image(), make_image("Old")
    assert shelf.remove(Image, [image.id, old.id, 0], by=None) == [image, old]
    old.deleted_at = utcnow() - shelf.KEPT
    with pytest.raises(NoSuchImage):
        library.get(image.id)
    assert names() == []
    assert not shelf.count_by_folder(Image)
    assert files.find(image.key, image.ending)
    assert shelf.restore(Image, [image.id, old.id], by=None) == [image]
    assert library.get(image.id) is image
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["image deleted", "image deleted", "image restored"]


def test_a_part_becomes_an_image_of_its_own_beside_the_old_one() -> None:
    folder = make_folder("Lamps", of=FolderOf.IMAGE)
    image = make_image(size=(100, 60), folder=folder, alt="A lamp")
    part = library.cropped(image, (50, 10, 400, 40), 9_999, by=None)
    assert (part.width, part.height) == (50, 40)
    assert (part.name, part.alt, part.folder) == ("Lamp, part", "A lamp", folder)
    small = library.cropped(image, (0, 0, 100, 60), 10, by=None)
    assert opened(files.read(small.key, "png")).size == (10, 6)
    assert (image.width, image.height) == (100, 60)


@pytest.mark.parametrize("box", [(100, 0, 10, 10), (0, 60, 10, 10), (0, 0, 0, 5), (0, 0, -3, 5)])
def test_a_part_outside_the_image_is_refused(box: library.Box) -> None:
    with pytest.raises(NothingLeft):
        library.cropped(make_image(size=(100, 60)), box, 10, by=None)


def test_an_image_knows_the_mailings_and_templates_that_show_it() -> None:
    image, other = make_image(), make_image("Other", colour=(1, 2, 3))
    html = {"kind": "html", "html": f'<img src="http://old.example{image.address}">'}
    draft = make_mailing("A draft", state=State.DRAFT, content=html)
    sent = make_mailing("Sent", content=html)
    make_mailing("Deleted", content=html, deleted_at=utcnow())
    make_mailing("Without")
    template = make_template(document=html)
    block = saved.save({"type": "image", "src": image.address}, "Logo", by=None)
    make_template("Deleted", document=html, deleted_at=utcnow())
    assert {(use.kind, use.id) for use in uses.of(image)} == {
        ("draft", draft.id),
        ("mailing", sent.id),
        ("template", template.id),
        ("saved block", block.id),
    }
    assert uses.of(other) == []
