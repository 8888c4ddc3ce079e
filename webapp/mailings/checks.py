"""What is looked at before a mailing is sent: each check is a function, with its own findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

import flask_babel
from lxml import html as lxml_html

from webapp.content.blocks import BLOCK_TYPES, Block
from webapp.content.compile import UNSUBSCRIBES, CompiledContent, size, unsubscribe_present
from webapp.content.document import all_blocks
from webapp.content.merge_tags import known_tag, suggestion
from webapp.content.opening import Document, open_document
from webapp.content.problems import Problem, ProblemKind
from webapp.content.segments import names
from webapp.mailings import attachments, gathering, preview
from webapp.mailings.audience import Audience
from webapp.mailings.gaps import gaps, read_instead
from webapp.mailings.models import Mailing
from webapp.mailings.preview import excerpt
from webapp.mailings.steps import Step
from webapp.people.addresses import AddressError, parse_address
from webapp.people.subscriptions import name_of
from webapp.platform.locales import _, file_size, ngettext

GMAIL_CUTS_AT = 100_000
"""Bytes of HTML; Gmail hides what comes after about 102 KB."""

HEAVY_ATTACHMENTS = 5_000_000
"""Bytes; a message is a third larger than what it carries, and 10 MB is a common limit."""

TAG_KINDS = {
    ProblemKind.UNKNOWN_TAG,
    ProblemKind.RETIRED_TAG,
    ProblemKind.UNCLOSED_TAG,
    ProblemKind.MISPLACED_TAG,
    ProblemKind.BAD_LOGIC,
}


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    FINE = "fine"


class FixKind(StrEnum):
    TEXT = "text"
    UNSUBSCRIBE = "unsubscribe"


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
    step: Step = Step.CONTENT
    block: str = ""
    fix: Fix | None = None
    tag: str = ""
    """The merge tag that some recipients have no value for."""


@dataclass(frozen=True)
class Draft:
    """What the checks look at."""

    mailing: Mailing
    content: CompiledContent
    audience: Audience

    @cached_property
    def document(self) -> Document:
        return open_document(self.mailing.content)

    @property
    def blocks(self) -> list[Block]:
        return list(all_blocks(self.document)) if self.document["kind"] == "blocks" else []


def recipients(draft: Draft) -> Iterator[Finding]:
    mailed = draft.audience.mailed
    under_way = gathering.of(draft.mailing)
    if under_way and under_way.cancelled:
        text = _("The list of recipients is not up to date.")
        yield Finding(Level.ERROR, text, _("Its update was given up."), Step.RECIPIENTS)
    elif under_way:
        text = _("The recipients are being gathered.")
        yield Finding(Level.ERROR, text, _("Look again in a moment."), Step.RECIPIENTS)
    elif mailed:
        number = flask_babel.format_number(mailed)
        text = ngettext("%(number)s recipient", "%(number)s recipients", mailed, number=number)
        yield _fine(text, Step.RECIPIENTS)
    elif draft.audience.total:
        detail = _("See at the recipients why each of them is left out.")
        yield Finding(Level.ERROR, _("Nobody can be mailed."), detail, Step.RECIPIENTS)
    else:
        yield Finding(Level.ERROR, _("There are no recipients yet."), step=Step.RECIPIENTS)


def override(draft: Draft) -> Iterator[Finding]:
    reason = draft.mailing.override_reason
    if reason:
        text = _("It goes to people without consent or subscription, too")
        yield Finding(Level.WARNING, text, f"“{reason}”", Step.RECIPIENTS)


def subject(draft: Draft) -> Iterator[Finding]:
    if draft.mailing.subject.strip():
        yield _fine(_("Subject written"), Step.SETUP)
    else:
        yield Finding(Level.ERROR, _("There is no subject."), step=Step.SETUP)


def sender(draft: Draft) -> Iterator[Finding]:
    try:
        address = parse_address(draft.mailing.from_address)
        yield _fine(_("Sent from %(address)s", address=address.text), Step.SETUP)
    except AddressError as error:
        text = _("The address that it comes from is missing or wrong.")
        yield Finding(Level.ERROR, text, str(error), step=Step.SETUP)


def subscription_type(draft: Draft) -> Iterator[Finding]:
    type_ = draft.mailing.subscription_type
    if type_ is not None and not type_.active:
        yield Finding(
            Level.WARNING,
            _("The subscription type “%(name)s” is not active any more", name=name_of(type_)),
            _("It still goes to those who subscribe to it. Nobody is offered it any longer."),
            Step.SETUP,
        )


def preheader(draft: Draft) -> Iterator[Finding]:
    if draft.mailing.preheader.strip():
        yield _fine(_("Preheader written"), Step.SETUP)
    else:
        detail = _("Inboxes show it beside the subject; without one, the first words of the text.")
        yield Finding(Level.WARNING, _("There is no preheader"), detail, Step.SETUP)


def something_written(draft: Draft) -> Iterator[Finding]:
    if draft.mailing.content is None:
        detail = _("Choose a template to begin with.")
        yield Finding(Level.ERROR, _("Nothing is written yet."), detail, Step.TEMPLATE)


def tags_and_blocks(draft: Draft) -> Iterator[Finding]:
    """What compiling the content found."""
    found = {(each.kind, each.where, each.text): each for each in draft.content.problems}
    for problem in found.values():
        yield _of_problem(draft, problem)
    kinds = {problem.kind for problem in found.values()}
    if not kinds & TAG_KINDS:
        yield _fine(_("Every merge tag is known"))
    if ProblemKind.BROKEN_BLOCK not in kinds:
        yield _fine(_("No broken blocks"))


def unsubscribe_link(draft: Draft) -> Iterator[Finding]:
    if unsubscribe_present(draft.content):
        yield _fine(_("Unsubscribe link is there"))
        return
    text = _("There is no unsubscribe link.")
    detail = _("Whoever gets an e-mail like this must be able to leave.")
    if any(name in UNSUBSCRIBES for name in names(draft.content.html)):
        text = _("Not everybody gets an unsubscribe link.")
        detail = _(
            "It stands inside an IF. Whoever reads the other text must be able to leave, too."
        )
    yield Finding(Level.ERROR, text, detail, fix=Fix(FixKind.UNSUBSCRIBE, _("Add it")))


def links(draft: Draft) -> Iterator[Finding]:
    addresses = preview.link_addresses(draft.mailing)
    local = {label: address for label, address in addresses if _is_local(address)}
    for label, address in local.items():
        yield Finding(
            Level.WARNING,
            _("A link points to a test address"),
            _("“%(label)s” opens %(address)s", label=label, address=address),
            block=_block_with(draft, address),
        )
    if addresses and not local:
        number = len(addresses)
        yield _fine(
            ngettext("%(num)s link, no test address", "%(num)s links, no test address", number)
        )


def pictures(draft: Draft) -> Iterator[Finding]:
    without = list(_pictures_without_alt(draft))
    for name, block in without:
        yield Finding(
            Level.WARNING,
            _("The picture “%(name)s” has no alt text", name=name),
            _("Readers with pictures off, or with a screen reader, find nothing there."),
            block=block,
        )
    if not without:
        yield _fine(_("No picture without alt text"))


def weight(draft: Draft) -> Iterator[Finding]:
    kilobytes = -(-size(draft.content) // 1000)
    if size(draft.content) > GMAIL_CUTS_AT:
        yield Finding(
            Level.WARNING,
            _("The message is %(size)d KB", size=kilobytes),
            _("Gmail cuts it after 100 KB, and with it the unsubscribe link at its end."),
        )
    else:
        yield _fine(_("%(size)d KB, under Gmail’s 100 KB", size=kilobytes))


def attached_files(draft: Draft) -> Iterator[Finding]:
    files = attachments.of(draft.mailing)
    total = sum(file.size for file in files)
    if total > HEAVY_ATTACHMENTS:
        yield Finding(
            Level.WARNING,
            _("The attachments take %(size)s", size=file_size(total)),
            _("Many servers refuse more than 10 MB. Put large files behind a link instead."),
            Step.SETUP,
        )
    elif files:
        yield _fine(
            ngettext(
                "%(num)d attachment, %(size)s",
                "%(num)d attachments, %(size)s",
                len(files),
                size=file_size(total),
            ),
            Step.SETUP,
        )


def empty_values(draft: Draft) -> Iterator[Finding]:
    for gap in gaps(draft.mailing, draft.content):
        number = flask_babel.format_number(gap.people)
        yield Finding(
            Level.WARNING,
            ngettext(
                "%(number)s recipient has no value for “%(tag)s”",
                "%(number)s recipients have no value for “%(tag)s”",
                gap.people,
                number=number,
                tag=gap.tag.label,
            ),
            read_instead(gap),
            block=_block_with(draft, f"[[{gap.tag.name}"),
            tag=gap.tag.name,
        )


Check = Callable[[Draft], Iterator[Finding]]

WITHOUT_CONTENT: tuple[Check, ...] = (
    recipients,
    subject,
    sender,
    subscription_type,
    something_written,
    preheader,
)

CHECKS: tuple[Check, ...] = (
    recipients,
    override,
    subject,
    sender,
    subscription_type,
    tags_and_blocks,
    unsubscribe_link,
    preheader,
    links,
    pictures,
    weight,
    attached_files,
    empty_values,
)


def _fine(text: str, step: Step = Step.CONTENT) -> Finding:
    return Finding(Level.FINE, text, step=step)


def _of_problem(draft: Draft, problem: Problem) -> Finding:
    in_head = problem.where in {"subject", "preheader"}
    return Finding(
        Level.ERROR if problem.blocking else Level.WARNING,
        str(problem.message),
        " ".join(filter(None, (_place(draft, problem.where), str(problem.hint)))),
        step=Step.SETUP if in_head else Step.CONTENT,
        block=problem.where if problem.where in {block["id"] for block in draft.blocks} else "",
        fix=_tag_fix(problem) if problem.kind == ProblemKind.UNKNOWN_TAG else None,
    )


def _tag_fix(problem: Problem) -> Fix | None:
    name, meant = problem.name, suggestion(problem.name)
    if not meant or known_tag(name):
        return None
    new = problem.text.replace(name, meant, 1)
    label = _("Use %(name)s", name=meant.rpartition(".")[2])
    return Fix(FixKind.TEXT, label, problem.text, new)


def _place(draft: Draft, where: str) -> str:
    if where == "subject":
        return _("In the subject.")
    if where == "preheader":
        return _("In the preheader.")
    for block in draft.blocks:
        if block["id"] == where and block["type"] in BLOCK_TYPES:
            kind, words = BLOCK_TYPES[block["type"]].label, excerpt(block)
            return f"{kind}: “{words}”." if words else f"{kind}."
    return ""


def _block_with(draft: Draft, text: str) -> str:
    """The first block in which somebody typed this."""
    for block in draft.blocks:
        if any(isinstance(value, str) and text in value for value in block.values()):
            return str(block["id"])
    return ""


def _pictures_without_alt(draft: Draft) -> Iterator[tuple[str, str]]:
    for block in draft.blocks:
        if block["type"] == "image" and block.get("src") and not str(block.get("alt")).strip():
            yield _file_name(str(block["src"])), str(block["id"])
    if draft.document["kind"] == "html" and draft.document["html"].strip():
        for image in lxml_html.fromstring(draft.document["html"]).iter("img"):
            if image.get("alt") is None:
                yield _file_name(image.get("src", "")), ""


def _file_name(address: str) -> str:
    return address.split("?")[0].rstrip("/").rpartition("/")[2][:60]


def _is_local(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host.rpartition(".")[2] in {"localhost", "local", "test", "internal"}:
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
