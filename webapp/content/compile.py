"""From a document to what delivery sends and the editor shows."""

from dataclasses import dataclass

from mjml import mjml2html

from webapp.content.html_addresses import with_absolute_addresses
from webapp.content.html_mail import without_active_parts
from webapp.content.markup import (
    Marker,
    TrackedLink,
    hidden_preheader,
    insert_after_body_start,
    insert_before_body_end,
)
from webapp.content.mjml import PREHEADER_PADDING, MjmlWriter
from webapp.content.opening import Document, open_document
from webapp.content.plain_text import plain_text
from webapp.content.problems import Problem
from webapp.content.segments import Escape, Segments, slots, without_controls
from webapp.content.words import Words

UNSUBSCRIBE = "link.unsubscribe"
_ADDRESS_BYTES = 90
"""About what a click or open address takes."""


@dataclass(frozen=True)
class CompiledContent:
    subject: Segments
    preheader: Segments
    html: Segments
    text: Segments
    links: tuple[TrackedLink, ...]
    problems: tuple[Problem, ...]


def compile_content(
    document: object,
    *,
    subject: str,
    preheader: str,
    track_links: bool,
    track_opens: bool,
    marked: bool = False,
) -> CompiledContent:
    """Compiles any stored document, broken ones included: what is wrong is in `problems`.

    `marked` is for the canvas: blocks, rows and columns carry the classes `block-<id>`,
    `row-<id>` and `column-<row id>-<number>`, and links keep their addresses.
    """
    opened = open_document(document)
    words = Words(repr((opened, subject, preheader)))
    title = words.of_text(without_controls(subject).strip(), "subject")
    preview = words.of_text(without_controls(preheader).strip(), "preheader")
    source, problems = _source(opened, words, title, preview, marked)
    final = Marker(source, words, track_links=track_links and not marked)
    pixel = _pixel(words) if track_opens and not marked else ""
    return CompiledContent(
        subject=words.segments(title, plain=Escape.HEADER),
        preheader=words.segments(preview, plain=Escape.TEXT),
        html=words.segments(insert_before_body_end(final.html, pixel)),
        text=words.segments(plain_text(final.html), plain=Escape.TEXT),
        links=tuple(final.links),
        problems=(*words.problems, *problems),
    )


def _source(
    document: Document, words: Words, title: str, preview: str, marked: bool
) -> tuple[str, list[Problem]]:
    """The HTML with words for its tags, and what else is wrong with it."""
    if document["kind"] == "html":
        html = without_active_parts(words.of_html(document["html"], "html"))
        html = with_absolute_addresses(html)
        if preview:
            html = insert_after_body_start(html, hidden_preheader(preview, PREHEADER_PADDING))
        return html, []
    writer = MjmlWriter(document, words, marked)
    html = mjml2html(writer.write(title, preview), fonts={})
    return html, writer.problems


def _pixel(words: Words) -> str:
    src = words.of_slot("open")
    return (
        f'<img src="{src}" width="1" height="1" alt="" '
        'style="display:block;width:1px;height:1px;border:0">'
    )


def unsubscribe_present(compiled: CompiledContent) -> bool:
    return any(slot.name == UNSUBSCRIBE for slot in slots(compiled.html))


def size(compiled: CompiledContent) -> int:
    """About how many bytes of HTML a recipient gets (Gmail cuts a message above 102 KB)."""
    return sum(
        len(part.encode()) if isinstance(part, str) else _ADDRESS_BYTES for part in compiled.html
    )
