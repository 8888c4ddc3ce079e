"""What a check before sending looks at, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from webapp.content.document.blocks import Block
from webapp.content.document.opening import Document, open_document
from webapp.content.document.parts import all_blocks
from webapp.content.email.compile import CompiledContent
from webapp.content.tags.segments import names
from webapp.mailings import preview
from webapp.mailings.audience import Audience
from webapp.mailings.models import Mailing


class Level(StrEnum):
    ERROR = "error"
    """It must not be sent like this."""
    WARNING = "warning"
    """Most people would mend it first."""
    HINT = "hint"
    """Worth knowing."""
    FINE = "fine"


class Place(StrEnum):
    """Where something is mended."""

    SETUP = "setup"
    TEMPLATE = "template"
    CONTENT = "content"
    TEXT = "text"
    """The text part."""
    RECIPIENTS = "recipients"
    TEST = "test"
    """Where a test is sent."""
    SERVERS = "servers"
    ELSEWHERE = "elsewhere"
    """Not here at all."""


class FixKind(StrEnum):
    TEXT = "text"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBE_IN_TEXT = "unsubscribe_in_text"


@dataclass(frozen=True)
class Fix:
    """A mend that one click makes."""

    kind: FixKind
    label: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Finding:
    level: Level
    text: str
    detail: str = ""
    place: Place = Place.CONTENT
    at: str = ""
    """Where in that place: a block's id, or the name of a field of Setup."""
    fix: Fix | None = None
    tag: str = ""
    """The merge tag that some recipients have no value for."""


@dataclass(frozen=True)
class Draft:
    """What the checks look at."""

    mailing: Mailing
    content: CompiledContent
    audience: Audience
    viewer: int | None = None
    """The user who looks; nobody when the clock or a command does."""

    @cached_property
    def document(self) -> Document:
        return open_document(self.mailing.content)

    @property
    def blocks(self) -> list[Block]:
        return list(all_blocks(self.document)) if self.document["kind"] == "blocks" else []

    @cached_property
    def subject(self) -> str:
        """As a made-up person reads it."""
        return preview.inbox_line(self.mailing, None)[0]

    @cached_property
    def words(self) -> str:
        """What there is to read in it with pictures off."""
        return preview.words(self.mailing)

    @cached_property
    def tags(self) -> set[str]:
        """The names of all merge tags that are written in it."""
        content = self.content
        return {
            name for text in (content.subject, content.html, content.text) for name in names(text)
        }

    @cached_property
    def links(self) -> list[tuple[str, str]]:
        """The words and the address of each link to a page."""
        return preview.link_addresses(self.mailing)

    def block_with(self, text: str) -> str:
        """The id of the first block in which somebody typed this."""
        found = (block["id"] for block in self.blocks if _says(block, text))
        return str(next(found, ""))


Findings: TypeAlias = Iterator[Finding]
Check: TypeAlias = Callable[[Draft], Findings]


def fine(text: str) -> Finding:
    return Finding(Level.FINE, text)


def _says(value: object, text: str) -> bool:
    if isinstance(value, dict):
        return any(_says(each, text) for each in value.values())
    if isinstance(value, list):
        return any(_says(each, text) for each in value)
    return isinstance(value, str) and text in value
