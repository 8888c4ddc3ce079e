"""A mailing as somebody will read it. Nothing in a preview counts."""

import re
from dataclasses import dataclass

from webapp.content.document.blocks import Block
from webapp.content.document.opening import Document
from webapp.content.email.compile import compile_line
from webapp.content.email.dark import seen_in
from webapp.content.email.plain_text import plain_text
from webapp.content.html.sanitize import rich_text, to_xml
from webapp.content.tags.segments import render
from webapp.content.tags.tag_parsing import named
from webapp.mailings import values
from webapp.mailings.compiling import compiled, with_every_link
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing
from webapp.people.models import Contact

EXCERPT = 60
_ADDRESS = re.compile(r":?\s*https?://\S+")


@dataclass(frozen=True)
class Message:
    subject: str
    preheader: str
    html: str


def link_addresses(mailing: Mailing) -> list[tuple[str, str]]:
    """The words and the address of each link that a reader follows to a page."""
    content = with_every_link(mailing)
    known = values.for_preview(mailing, None)
    return [(link.label, render(link.url, known)) for link in content.links]


def inbox_line(mailing: Mailing, contact: Contact | None) -> tuple[str, str]:
    """Subject and preheader, as a list of messages shows them."""
    known = values.for_preview(mailing, contact)
    subject, preheader = (compile_line(text) for text in (mailing.subject, mailing.preheader))
    return render(subject, known), render(preheader, known)


def message(
    mailing: Mailing, contact: Contact | None, *, marked: bool = False, dark: bool | None = None
) -> Message:
    """As `contact` would read it, or a made-up person; `marked` as the editor's canvas needs it.

    `dark` says how it is seen; otherwise as the looker's own screen asks for.
    """
    content = compiled(mailing, tracked=False, marked=marked)
    known = values.for_preview(mailing, contact)
    html = render(content.html, known)
    return Message(
        subject=render(content.subject, known),
        preheader=render(content.preheader, known),
        html=html if dark is None else seen_in(html, dark=dark),
    )


def words(mailing: Mailing) -> str:
    """What there is to read with pictures off, without the addresses of its links."""
    return _ADDRESS.sub("", plain_text(message(mailing, None).html)).strip()


def of_document(document: Document, *, subject: str = "", preheader: str = "") -> str:
    """The HTML of what is no mailing yet, as a made-up person would read it."""
    sample = Mailing(id=PREVIEW, name="", subject=subject, preheader=preheader, content=document)
    return message(sample, None).html


def excerpt(block: Block) -> str:
    """The first words of a block, by which people recognise it."""
    words = str(block.get("text") or block.get("label") or block.get("alt") or "")
    if block["type"] == "text":
        words = _words_alone(str(block.get("html", "")))
    # A block of logic alone is known by that.
    return (named(words) if named(words).strip(" /") else words)[:EXCERPT]


def _words_alone(html: str) -> str:
    """Without the addresses that a text part shows beside its links."""
    tree = rich_text(html)
    for link in list(tree.iter("a")):
        link.drop_tag()
    return " ".join(plain_text(to_xml(tree)).split())
