"""The pictures of Fjordlys, drawn for the demo, in the library of images."""

from pathlib import Path

from flask import current_app
from sqlalchemy import select

from webapp.commands.fjordlys.story import Story
from webapp.content import folders
from webapp.content.images import library
from webapp.content.images.models import Image
from webapp.platform.database import db

SHOWING = {
    "lumo": ("Lumo over the table", "Lumo, a green pendant over a table"),
    "table": ("Lumo for the table", "A small table lamp"),
    "floor": ("Lumo for the floor", "A floor lamp beside a chair"),
}


def hang(story: Story) -> None:
    folder = folders.create(library.OF, "Lumo", None, by=story.owner_id)
    for name, (title, alt) in SHOWING.items():
        file = Path(current_app.static_folder or "") / "img" / "demo" / f"{name}.png"
        image = library.add(file.read_bytes(), file.name, folder, by=story.owner_id)
        image.name, image.alt = title, alt
    story.happened(story.workday(40, 10, 40))


def address(name: str) -> str:
    image = db.session.scalars(select(Image).where(Image.name == SHOWING[name][0])).one()
    return image.address
