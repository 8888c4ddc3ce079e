"""From a document to what delivery sends and the editor shows."""

from dataclasses import dataclass

from mjml import mjml2html

from webapp.content.document.blocks import BODY
from webapp.content.document.fields import values
from webapp.content.document.opening import Document, open_document
from webapp.content.email.mjml import PREHEADER_PADDING, MjmlWriter
from webapp.content.email.plain_text import plain_text
from webapp.content.html.addresses import with_absolute_addresses
from webapp.content.html.branches import closed_up, whole_choices
from webapp.content.html.markup import (
    CompiledLink,
    Marker,
    hidden_preheader,
    insert_after_body_start,
    insert_before_body_end,
)
from webapp.content.links.link_tracking import CampaignTags, LinkTracking
from webapp.content.own_html.message import without_active_parts
from webapp.content.tags.problems import Problem
from webapp.content.tags.segments import Choice, Escape, Segments, in_all
from webapp.content.tags.words import Words
from webapp.content.texts import without_controls

UNSUBSCRIBES = ("link.unsubscribe", "link.subscription")
TEXT = "text"
"""Of a document: the plain text that was written instead of the generated one."""
_ADDRESS_BYTES = 90
"""About what a click or open address takes."""


@dataclass(frozen=True)
class CompiledContent:
    subject: Segments
    preheader: Segments
    html: Segments
    text: Segments
    links: tuple[CompiledLink, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class _Work:
    """A content on its way: texts with words for their tags."""

    words: Words
    title: str
    preview: str
    final: Marker
    text: str
    problems: list[Problem]


def compile_content(
    document: object,
    *,
    subject: str,
    preheader: str,
    track_links: LinkTracking,
    track_opens: bool,
    public_url: str,
    language: str = "en",
    campaign: CampaignTags | None = None,
    marked: bool = False,
) -> CompiledContent:
    """Compiles any stored document, broken ones included: what is wrong is in `problems`.

    `public_url` goes before the addresses of pictures that are kept without a host; `language` is
    for dates in words, where the document does not say its own.
    `marked` is for the canvas: blocks, rows and columns carry the classes `block-<id>`,
    `row-<id>` and `column-<row id>-<number>`, and links keep their addresses.
    """
    opened = open_document(document)
    work = _work(
        *(opened, subject, preheader, public_url, language),
        track=LinkTracking.NONE if marked else track_links,
        campaign=None if marked else campaign,
        marked=marked,
    )
    words = work.words
    pixel = _pixel(words) if track_opens and not marked else ""
    return CompiledContent(
        subject=words.segments(work.title, plain=Escape.HEADER),
        preheader=words.segments(work.preview, plain=Escape.TEXT),
        html=words.segments(insert_before_body_end(work.final.html, pixel)),
        text=words.segments(work.text, plain=Escape.TEXT),
        links=tuple(work.final.links),
        problems=(*words.problems, *work.problems),
    )


def as_typed(document: object, public_url: str) -> tuple[str, str]:
    """The HTML and the text of it for people to read and change: with the tags as they typed
    them."""
    work = _work(open_document(document), "", "", public_url, "en")
    return work.words.as_typed(work.final.html), work.words.as_typed(work.text)


def compile_line(text: str) -> Segments:
    """A subject or preheader alone."""
    words = Words(text)
    typed = words.of_line(without_controls(text).strip(), "")
    return words.segments(typed, plain=Escape.TEXT)


def _work(
    document: Document,
    subject: str,
    preheader: str,
    public_url: str,
    language: str,
    *,
    track: LinkTracking = LinkTracking.NONE,
    campaign: CampaignTags | None = None,
    marked: bool = False,
) -> _Work:
    words = Words(repr((document, subject, preheader)), _language(document) or language)
    title = words.of_line(without_controls(subject).strip(), "subject")
    preview = words.of_line(without_controls(preheader).strip(), "preheader")
    if document["kind"] == "html":
        source, problems = _finished(document, words, preview, public_url), []
    else:
        writer = MjmlWriter(document, words, public_url=public_url, marked=marked)
        source, problems = mjml2html(writer.write(title, preview), fonts={}), writer.page.problems
    source = whole_choices(source, words)
    if document["kind"] == "html" and words.has_marks:
        # A choice that was taken out may leave an address that begins with code.
        source = without_active_parts(source)
    words.settle(source)
    final = Marker(source, words, track, campaign)
    return _Work(words, title, preview, final, _text(document, words, final), problems)


def _finished(document: Document, words: Words, preview: str, public_url: str) -> str:
    """HTML of one's own with words for its tags."""
    html = without_active_parts(words.of_html(document["html"], "html"))
    html = with_absolute_addresses(html, public_url)
    if preview:
        html = insert_after_body_start(html, hidden_preheader(preview, PREHEADER_PADDING))
    return html


def _text(document: Document, words: Words, final: Marker) -> str:
    """The text part: the marketer's own words, or what the HTML says."""
    own = document.get(TEXT)
    if not isinstance(own, str):
        return closed_up(plain_text(final.html), words)
    return final.in_text(words.of_line(own, TEXT))


def _language(document: Document) -> str:
    """What the document says of itself; HTML of one's own need not."""
    if document["kind"] == "html":
        return ""
    return str(values(BODY, document["body"])["language"])


def _pixel(words: Words) -> str:
    src = words.of_slot("open")
    return (
        f'<img src="{src}" width="1" height="1" alt="" '
        'style="display:block;width:1px;height:1px;border:0">'
    )


def unsubscribe_present(compiled: CompiledContent) -> bool:
    """Whether everybody can leave: a link in one branch alone is not there for all."""
    return in_all(compiled.html, UNSUBSCRIBES)


def size(compiled: CompiledContent) -> int:
    """About how many bytes of HTML a recipient gets at most (Gmail cuts a message above 102 KB)."""
    return _size(compiled.html)


def _size(segments: Segments) -> int:
    return sum(
        len(part.encode())
        if isinstance(part, str)
        else max(_size(inner) for _condition, inner in part.branches)
        if isinstance(part, Choice)
        else _ADDRESS_BYTES
        for part in segments
    )
