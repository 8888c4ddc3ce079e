"""Drafts to be checked before they are sent, and what the checks found."""

from collections.abc import Iterable
from typing import Any

from tests.factories import make_contact, make_content, make_mailing
from webapp.content.document.opening import Document
from webapp.content.document.operations import add_block, update_part
from webapp.content.document.parts import all_blocks
from webapp.mailings import audience, gathering, sources
from webapp.mailings.checks.finding import Check, Draft, Finding, Level
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, State


def make_draft(**values: Any) -> Mailing:
    """Ready to send to one person, unless the values say otherwise."""
    ready = {"preheader": "It dims by itself", "content": written()}
    mailing = make_mailing(state=State.DRAFT, **(ready | values))
    sources.add_contact(mailing, make_contact())
    return mailing


def written() -> Document:
    """With words of one's own."""
    document = make_content()
    heading, text, *_others = all_blocks(document)
    document = update_part(document, heading["id"], {"text": "Meet Lumo"})
    return update_part(document, text["id"], {"html": "<p>It dims with the day, by itself.</p>"})


def with_block(kind: str, **values: object) -> Document:
    document, block_id = add_block(make_content(), kind)
    return update_part(document, block_id, values)


def with_link(address: str, label: str = "Partners") -> Document:
    return with_block("button", label=label, url=address)


def found_by(check: Check, mailing: Mailing, viewer: int | None = None) -> list[Finding]:
    """Everything but what is fine."""
    gathering.bring_up_to_date(mailing)
    draft = Draft(mailing, compiled(mailing), audience.count(mailing), viewer)
    return [finding for finding in check(draft) if finding.level is not Level.FINE]


def the_finding(findings: Iterable[Finding], words: str) -> Finding:
    [found] = [finding for finding in findings if words in finding.text]
    return found
