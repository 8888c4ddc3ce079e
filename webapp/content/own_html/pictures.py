"""The images that came with HTML of one's own, put into the library."""

from webapp.content import folders
from webapp.content.addresses import is_ours
from webapp.content.folders import MAX_NAME
from webapp.content.images import library
from webapp.content.models import Folder
from webapp.content.own_html.archives import Companions, is_local
from webapp.content.own_html.message import Note
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, ngettext

NAMED = 6
"""How many files a note names; the rest are counted."""


class Pictures:
    """Puts each file that the HTML names into the library, once."""

    def __init__(self, companions: Companions, folder_name: str, by: int | None) -> None:
        self._companions, self._by = companions, by
        self._folder_name = folder_name[:MAX_NAME]
        self._folder: Folder | None = None
        self._addresses: dict[str, str | None] = {}
        self._faults: list[str] = []
        self._missing: dict[str, None] = {}

    def address(self, old: str, loaded: bool) -> str:
        """That in the library, where there is one."""
        if not is_local(old) or is_ours(old):
            return old
        path = self._companions.find(old)
        if path is None and loaded:
            self._missing[old] = None
        return (self._taken(path) if path else None) or old

    def notes(self) -> list[Note]:
        notes: list[Note] = []
        if self._missing:
            names = ", ".join(name[-60:] for name in [*self._missing][:NAMED])
            count = len(self._missing)
            notes.append(
                ngettext(
                    "%(num)d image is not there, and nobody will see it: %(names)s",
                    "%(num)d images are not there, and nobody will see them: %(names)s",
                    count,
                    names=names if count <= NAMED else f"{names} …",
                )
            )
        notes += self._faults[:NAMED]
        if (more := len(self._faults) - NAMED) > 0:
            notes.append(ngettext("And %(num)d more file.", "And %(num)d more files.", more))
        return notes

    def _taken(self, path: str) -> str | None:
        if path not in self._addresses:
            self._addresses[path] = self._stored(path)
        return self._addresses[path]

    def _stored(self, path: str) -> str | None:
        name = self._companions.name(path)
        if path.endswith(".css"):
            self._faults.append(
                _(
                    "“%(name)s” is a style sheet of its own, which mail programs do not load. Put"
                    " its rules into a <style> of the HTML.",
                    name=name,
                )
            )
            return None
        try:
            content = self._companions.read(path)
            image = library.add_or_find(content, name, self._in_folder(), by=self._by)
        except DomainError as error:
            self._faults.append(str(error))
            return None
        return image.address

    def _in_folder(self) -> Folder:
        """Called like the mailing; made when the first image comes."""
        if self._folder is None:
            called = self._folder_name.casefold()
            at_top = (each.folder for each in folders.tree(library.OF) if each.depth == 1)
            known = next((each for each in at_top if each.name.casefold() == called), None)
            self._folder = known or folders.create(library.OF, self._folder_name, None, by=self._by)
        return self._folder
