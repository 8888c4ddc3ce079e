"""What is written: whether it can be sent, and whether it can be read."""

import re
from collections.abc import Iterator

from webapp.content.document.blocks import BLOCK_TYPES
from webapp.content.document.unwritten import unwritten_words
from webapp.content.email.compile import TEXT, UNSUBSCRIBES, size, unsubscribe_present
from webapp.content.html.reading import tree_of
from webapp.content.tags.merge_tags import known_tag, suggestion
from webapp.content.tags.problems import Problem, ProblemKind
from webapp.content.tags.segments import in_all, names
from webapp.mailings.checks.finding import (
    Draft,
    Finding,
    Findings,
    Fix,
    FixKind,
    Level,
    Place,
    fine,
)
from webapp.mailings.preview import excerpt
from webapp.platform.locales import _

GMAIL_CUTS_AT = 100_000
"""Bytes of HTML; Gmail hides what comes after about 102 KB."""
NEAR_THE_CUT = 80_000

FEWEST_WORDS = 5
"""In a text part that somebody is to read."""
WORDS_FOR_A_PICTURE = 8
"""Two short lines: with fewer, the pictures say it all."""
WORDS_ENOUGH = 30
"""A few sentences, however many logos and icons there are."""

_FOREIGN_TAG = re.compile(
    r"\*\|[A-Z][\w:]{1,40}\|\*|\{\{\{?[ \w.|]{1,60}\}?\}\}|%%[\w ]{1,40}%%", re.IGNORECASE
)
"""`*|FNAME|*`, `{{ first_name }}`, `%%emailaddr%%`."""

TAG_KINDS = {
    ProblemKind.UNKNOWN_TAG,
    ProblemKind.RETIRED_TAG,
    ProblemKind.UNCLOSED_TAG,
    ProblemKind.MISPLACED_TAG,
    ProblemKind.BAD_LOGIC,
}

HEAD = {"subject", "preheader"}
"""Of what is written, the parts that stand in Setup."""
NO_PART = {TEXT, "html", "document"}
"""Where a problem can be without there being a part to choose."""


def something_written(draft: Draft) -> Findings:
    if draft.mailing.content is None:
        detail = _("Choose a template to begin with.")
        yield Finding(Level.ERROR, _("Nothing is written yet."), detail, Place.TEMPLATE)
    elif not draft.words and not list(_images(draft)):
        yield Finding(Level.ERROR, _("The e-mail is empty."), _("There is nothing to read in it."))


def tags_and_blocks(draft: Draft) -> Findings:
    """What compiling the content found."""
    found = {(each.kind, each.where, each.text): each for each in draft.content.problems}
    for problem in found.values():
        yield _of_problem(draft, problem)
    kinds = {problem.kind for problem in found.values()}
    if not kinds & TAG_KINDS:
        yield fine(_("Every merge tag is known"))
    if ProblemKind.BROKEN_BLOCK not in kinds:
        yield fine(_("No broken blocks"))


def unsubscribe_link(draft: Draft) -> Findings:
    if unsubscribe_present(draft.content):
        yield fine(_("Unsubscribe link is there"))
        return
    text = _("There is no unsubscribe link.")
    detail = _("Whoever gets an e-mail like this must be able to leave.")
    if not set(names(draft.content.html)).isdisjoint(UNSUBSCRIBES):
        text = _("Not everybody gets an unsubscribe link.")
        detail = _(
            "It stands inside an IF. Whoever reads the other text must be able to leave, too."
        )
    yield Finding(Level.ERROR, text, detail, fix=Fix(FixKind.UNSUBSCRIBE, _("Add it")))


def unsubscribe_in_text(draft: Draft) -> Findings:
    """A generated text has what the HTML has."""
    if TEXT in draft.document and not in_all(draft.content.text, UNSUBSCRIBES):
        yield Finding(
            Level.WARNING,
            _("The plain text has no unsubscribe link"),
            _("You wrote it yourself. Who reads it in place of the e-mail cannot leave."),
            Place.TEXT,
            fix=Fix(FixKind.UNSUBSCRIBE_IN_TEXT, _("Add it")),
        )


def text_part(draft: Draft) -> Findings:
    own = draft.document.get(TEXT)
    if isinstance(own, str) and len(own.split()) < FEWEST_WORDS:
        yield Finding(
            Level.WARNING,
            _("The plain text says next to nothing"),
            _("Some programs and watches show it in place of the e-mail. Spam filters read it."),
            Place.TEXT,
        )


def pictures(draft: Draft) -> Findings:
    without = [(name, block) for name, alt, block in _images(draft) if not alt]
    for name, block in without:
        yield Finding(
            Level.WARNING,
            _("The picture “%(name)s” has no alt text", name=name),
            _("Readers with pictures off, or with a screen reader, find nothing there."),
            at=block,
        )
    if not without:
        yield fine(_("No picture without alt text"))


def unwritten(draft: Draft) -> Findings:
    for block in draft.blocks:
        if words := unwritten_words(block):
            yield Finding(
                Level.WARNING,
                _("A block still says “%(words)s”", words=words),
                _("That is only there to be written over."),
                at=str(block["id"]),
            )


def weight(draft: Draft) -> Findings:
    kilobytes = -(-size(draft.content) // 1000)
    if size(draft.content) > GMAIL_CUTS_AT:
        yield Finding(
            Level.WARNING,
            _("The message is %(size)d KB", size=kilobytes),
            _("Gmail cuts it after 100 KB, and with it the unsubscribe link at its end."),
        )
    elif size(draft.content) > NEAR_THE_CUT:
        yield Finding(
            Level.HINT,
            _("The message is %(size)d KB", size=kilobytes),
            _("Gmail cuts messages after 100 KB; this one is not far from it."),
        )
    else:
        yield fine(_("%(size)d KB, under Gmail’s 100 KB", size=kilobytes))


def foreign_tags(draft: Draft) -> Findings:
    """What other programs would have filled in, in an e-mail that was made for them."""
    for name in ("subject", "preheader"):
        for tag in _foreign_in(getattr(draft.mailing, name)):
            yield _foreign(tag, Place.SETUP, name)
    is_html = draft.document["kind"] == "html"
    for tag in _foreign_in(draft.document["html"] if is_html else draft.words):
        yield _foreign(tag, Place.CONTENT, draft.block_with(tag))


def pictures_alone(draft: Draft) -> Findings:
    pictures = len(list(_images(draft)))
    if len(draft.words.split()) < min(WORDS_FOR_A_PICTURE * pictures, WORDS_ENOUGH):
        yield Finding(
            Level.HINT,
            _("Nearly all of it is pictures"),
            _("Many see no pictures at first, and spam filters trust words more. Write some."),
        )


def _foreign_in(text: str) -> list[str]:
    return list(dict.fromkeys(_FOREIGN_TAG.findall(text)))


def _foreign(tag: str, place: Place, at: str) -> Finding:
    return Finding(
        Level.WARNING,
        _("“%(tag)s” looks like a tag of another program", tag=tag),
        _("Readers would see it as it stands. Put a merge tag of Brevdue in its place."),
        place,
        at,
    )


def _of_problem(draft: Draft, problem: Problem) -> Finding:
    place = {**dict.fromkeys(HEAD, Place.SETUP), TEXT: Place.TEXT}.get(problem.where, Place.CONTENT)
    return Finding(
        Level.ERROR if problem.blocking else Level.WARNING,
        str(problem.message),
        " ".join(filter(None, (_where(draft, problem.where), str(problem.hint)))),
        place,
        "" if problem.where in NO_PART else problem.where,
        fix=_tag_fix(problem) if problem.kind == ProblemKind.UNKNOWN_TAG else None,
    )


def _tag_fix(problem: Problem) -> Fix | None:
    name, meant = problem.name, suggestion(problem.name)
    if not meant or known_tag(name):
        return None
    new = problem.text.replace(name, meant, 1)
    label = _("Use %(name)s", name=meant.rpartition(".")[2])
    return Fix(FixKind.TEXT, label, problem.text, new)


def _where(draft: Draft, where: str) -> str:
    places = {
        "subject": _("In the subject."),
        "preheader": _("In the preheader."),
        TEXT: _("In the plain text."),
    }
    for block in draft.blocks:
        if block["id"] == where and block["type"] in BLOCK_TYPES:
            kind, words = BLOCK_TYPES[block["type"]].label, excerpt(block)
            return f"{kind}: “{words}”." if words else f"{kind}."
    return places.get(where, "")


def _images(draft: Draft) -> Iterator[tuple[str, bool, str]]:
    """The file name of each picture, whether it has words in its place, and its block's id."""
    for block in draft.blocks:
        if block["type"] == "image" and block.get("src"):
            alt = bool(str(block.get("alt", "")).strip())
            yield _file_name(str(block["src"])), alt, str(block["id"])
        elif block["type"] == "html":
            yield from _images_in(str(block.get("html", "")), str(block["id"]))
    if draft.document["kind"] == "html":
        yield from _images_in(draft.document["html"], "")


def _images_in(html: str, block: str) -> Iterator[tuple[str, bool, str]]:
    """In HTML of one's own an empty alt text is meant: the picture is decoration."""
    tree = tree_of(html)
    if tree is not None:
        for image in tree.iter("img"):
            yield _file_name(image.get("src", "")), image.get("alt") is not None, block


def _file_name(address: str) -> str:
    return address.split("?")[0].rstrip("/").rpartition("/")[2][:60]
