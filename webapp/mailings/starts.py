"""Documents to begin an e-mail from. They come with the program and hold no pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import LazyString

from webapp.accounts.organisation import organisation
from webapp.content.document import (
    add_block,
    all_blocks,
    delete,
    new_document,
    update_part,
)
from webapp.content.opening import Document
from webapp.platform.locales import _, _l, speaking

Blocks = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True)
class Start:
    label: LazyString | str
    note: LazyString | str
    blocks: Callable[[], Blocks]

    def document(self) -> Document:
        """In the organisation's language, as its recipients are likely to read it."""
        language = organisation().language
        with speaking(language):
            document = new_document(language=language)
            return _filled(document, self.blocks())


def _filled(document: Document, blocks: Blocks) -> Document:
    """`document` with these blocks above its footer, in place of its own."""
    if not blocks:
        return document
    *own, _footer = [block["id"] for block in all_blocks(document)]
    for block_id in own:
        document = delete(document, block_id)
    for kind, values in blocks:
        document, block_id = add_block(document, kind)
        document = update_part(document, block_id, values)
    return document


def _greeting() -> str:
    somebody = _("there")
    return _("Hi %(name)s,", name=f'[[customer.firstname|"{somebody}"]]')


def _heading(text: str, level: int = 1) -> tuple[str, dict[str, object]]:
    return "heading", {"text": text, "level": level}


def _text(*paragraphs: str) -> tuple[str, dict[str, object]]:
    return "text", {"html": "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)}


def _button(label: str) -> tuple[str, dict[str, object]]:
    return "button", {"label": label}


def _divider() -> tuple[str, dict[str, object]]:
    return "divider", {}


def _letter() -> Blocks:
    return [
        _text(
            _greeting(),
            _("Write as you would to one person: what you have to tell, and why it matters."),
            _("Kind regards"),
            "[[config.companyName]]",
        )
    ]


def _newsletter() -> Blocks:
    return [
        _heading(_("What is new at [[config.companyName]]")),
        _text(_greeting(), _("Say in two lines what this newsletter is about.")),
        _divider(),
        _heading(_("The first story"), 2),
        _text(_("Tell it in a few lines, and let the button lead to the rest.")),
        _button(_("Read more")),
        _divider(),
        _heading(_("The second story"), 2),
        _text(_("Two or three stories are read to the end; ten are not.")),
        _button(_("Read more")),
    ]


def _invitation() -> Blocks:
    return [
        _heading(_("You are invited")),
        _text(_greeting(), _("Say what it is, and why it is worth an evening.")),
        _text(
            _("<strong>When:</strong> day and time"),
            _("<strong>Where:</strong> place and address"),
        ),
        _button(_("Save my place")),
        _text(_("See you there,"), "[[config.companyName]]"),
    ]


STARTS = {
    "blank": Start(_l("Blank"), _l("A heading, a greeting and the footer"), list),
    "letter": Start(_l("Plain letter"), _l("Just words, as to one person"), _letter),
    "newsletter": Start(_l("Newsletter"), _l("An introduction and two stories"), _newsletter),
    "invitation": Start(_l("Invitation"), _l("When, where and a button"), _invitation),
}
