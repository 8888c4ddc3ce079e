"""The library of images: adding, finding, changing and removing them."""

from collections.abc import Collection
from pathlib import PurePath

from sqlalchemy import Select, or_, select

from webapp.accounts.audit import audit
from webapp.content import shelf
from webapp.content.images import files
from webapp.content.images.models import Image
from webapp.content.images.pictures import WIDEST, Drawn, cut, drawn
from webapp.content.models import Folder, FolderOf
from webapp.people.search import Orders, ordered
from webapp.people.texts import file_name
from webapp.platform.database import db
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _, _l

OF = FolderOf.IMAGE
ORDERS: Orders = {
    "-added": (Image.id.desc(),),
    "added": (Image.id,),
    "name": (Image.sort_key, Image.id),
    "size": (Image.size, Image.id),
}

Box = tuple[int, int, int, int]
"""Left, top, width and height, in pixels."""


class NoSuchImage(NotFound):
    message = _l("This image is not in the library any more.")


class AlreadyThere(DomainError):
    message = _l("“%(name)s” is in this folder already.")


class NothingLeft(DomainError):
    message = _l("Choose a part that lies within the image.")


def get(image_id: int) -> Image:
    """Raises NoSuchImage."""
    image = db.session.get(Image, image_id)
    if image is None or image.deleted_at is not None:
        raise NoSuchImage
    return image


def add(content: bytes, filename: str, folder: Folder | None, *, by: int | None) -> Image:
    """Raises an UnusableImage, or AlreadyThere."""
    image, is_new = _added(content, filename, folder, by)
    if not is_new:
        raise AlreadyThere(name=image.name)
    return image


def add_or_find(content: bytes, filename: str, folder: Folder | None, *, by: int | None) -> Image:
    """The one in the folder that looks the same, if there is. Raises an UnusableImage."""
    return _added(content, filename, folder, by)[0]


def cropped(image: Image, box: Box, width: int, *, by: int | None) -> Image:
    """A new image of that part, `width` pixels wide but no wider than the part is; the old one
    stays. Raises NothingLeft, or AlreadyThere."""
    left, top = max(0, box[0]), max(0, box[1])
    right, bottom = min(image.width, box[0] + box[2]), min(image.height, box[1] + box[3])
    if right <= left or bottom <= top:
        raise NothingLeft
    content = files.read(image.key, image.ending)
    wide = max(1, min(width, right - left, WIDEST))
    picture = cut(content, image.name, (left, top, right, bottom), wide)
    name = _("%(name)s, part", name=image.name)
    new, is_new = _kept(picture, name, image.folder, by)
    if not is_new:
        raise AlreadyThere(name=new.name)
    new.alt = image.alt
    return new


def find(
    text: str = "", within: Collection[int] | None = None, *, sort: str = "-added"
) -> Select[Image]:
    """`within` are the folders to look in, everywhere when there are none. `sort` is a key of
    ORDERS, after a hyphen for the other way round."""
    words = text.strip()
    matches = or_(
        Image.name.icontains(words, autoescape=True), Image.alt.icontains(words, autoescape=True)
    )
    found = select(Image).where(shelf.there(Image), matches)
    if within is not None:
        found = found.where(Image.folder_id.in_(within))
    return ordered(found, ORDERS, sort)


def change(image: Image, *, name: str, alt: str, folder: Folder | None, by: int | None) -> None:
    if name != image.name:
        audit("image renamed", by=by, image=image.id, name=name, old=image.name)
    image.name, image.alt = name, alt
    if folder != image.folder:
        shelf.move(Image, [image.id], folder, by=by)


def _added(
    content: bytes, filename: str, folder: Folder | None, by: int | None
) -> tuple[Image, bool]:
    name = file_name(filename)
    return _kept(drawn(content, name), PurePath(name).stem or name, folder, by)


def _kept(picture: Drawn, name: str, folder: Folder | None, by: int | None) -> tuple[Image, bool]:
    """The image, and whether it is a new one."""
    key = files.keep(picture)
    if known := _alike(key, folder):
        return known, False
    image = Image(
        name=name,
        folder=folder,
        key=key,
        ending=picture.ending,
        width=picture.width,
        height=picture.height,
        given_width=picture.given_width,
        given_height=picture.given_height,
        size=len(picture.content),
        created_by_id=by,
    )
    db.session.add(image)
    db.session.flush()
    return image, True


def _alike(key: str, folder: Folder | None) -> Image | None:
    in_folder = Image.folder_id.is_not_distinct_from(folder.id if folder else None)
    same = select(Image).where(Image.key == key, shelf.there(Image), in_folder)
    return db.session.scalar(same.limit(1))
