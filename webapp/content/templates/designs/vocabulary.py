"""The words that supplied templates are written in: each makes a block or a row as a document
keeps it, and `design` makes a function that answers rows into a template.

What a block looks like beyond its words is named as in webapp/content/blocks.py; `top`, `right`,
`bottom` and `left` are the space around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from webapp.content.document.blocks import BODY, Block
from webapp.content.document.fields import Label, values
from webapp.content.document.opening import Document, Row, open_document
from webapp.content.document.operations import new_document
from webapp.content.document.parts import LAYOUTS
from webapp.platform.locales import _, speaking

PICTURES = "/static/img/templates"

Rows = list[Row]

_SIDES = ("top", "right", "bottom", "left")


@dataclass(frozen=True)
class Design:
    """A template that comes with the program."""

    name: str
    label: Label
    note: Label
    body: dict[str, Any]
    rows: Callable[[], Rows]

    @property
    def thumbnail(self) -> str:
        """Made by script/pictures, for each language."""
        return f"img/templates/thumbnails/{self.name}"

    def document(self, language: str) -> Document:
        with speaking(language):
            body = values(BODY, self.body | {"language": language})
            return open_document({"kind": "blocks", "body": body, "rows": self.rows()})


def design(label: Label, note: Label, **body: Any) -> Callable[[Callable[[], Rows]], Design]:
    """Makes a function the template of its name; `body` is what the whole e-mail looks like."""

    def made(rows: Callable[[], Rows]) -> Design:
        return Design(rows.__name__, label, note, body, rows)

    return made


def blank(language: str) -> Document:
    """A heading, a greeting and the footer."""
    with speaking(language):
        return new_document(language=language)


def row(*blocks: Block, **look: Any) -> Row:
    """Of one column."""
    return columns("1", blocks, **look)


def columns(layout: str | tuple[int, ...], *blocks: tuple[Block, ...], **look: Any) -> Row:
    """`layout` is the name of one, or the widths in percent; then the blocks of each column."""
    widths = LAYOUTS[layout] if isinstance(layout, str) else layout
    made = [
        {"width": width, "blocks": list(each)} for width, each in zip(widths, blocks, strict=True)
    ]
    return {"columns": made, **_spaced(look)}


def heading(words: str, level: int = 2, **look: Any) -> Block:
    return _block("heading", text=words, level=level, **look)


def text(*paragraphs: str, **look: Any) -> Block:
    """Of HTML."""
    return _block("text", html="".join(f"<p>{each}</p>" for each in paragraphs), **look)


def points(*items: str, **look: Any) -> Block:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return _block("text", html=f"<ul>{listed}</ul>", **look)


def label(words: str, color: str, **look: Any) -> Block:
    """A few words above a heading, that say what it belongs to."""
    return text(strong(words), **{"size": 13, "color": color, "bottom": 0} | look)


def figure(words: str, size: int, color: str, **look: Any) -> Block:
    """A number, or a few words, as large as `size` says."""
    html = f'<p><strong><span style="font-size:{size}px">{words}</span></strong></p>'
    return _block("text", html=html, color=color, **look)


def image(name: str, alt: str, **look: Any) -> Block:
    """One of ours, drawn twice as large as it is shown."""
    return _block("image", src=f"{PICTURES}/{name}.png", alt=alt, **look)


def button(words: str, **look: Any) -> Block:
    """It leads nowhere until somebody says where to."""
    return _block("button", label=words, **look)


def quote(words: str, author: str, **look: Any) -> Block:
    return _block("quote", html=f"<p>{words}</p>", author=author, **look)


def line(color: str, **look: Any) -> Block:
    return _block("divider", color=color, **look)


def space(height: int) -> Block:
    return _block("spacer", height=height, top=0, bottom=0)


def strong(words: str) -> str:
    return f"<strong>{words}</strong>"


def linked(words: str, color: str) -> str:
    """A link that leads nowhere until somebody says where to; Confirm reminds of it."""
    return f'<a href="#"><span style="color:{color}"><u>{words}</u></span></a>'


def company(**look: Any) -> Block:
    """Whose e-mail it is, where others have a logo."""
    return heading("[[config.companyName]]", 3, **look)


def greeting() -> str:
    somebody = _("there")
    return _("Hi %(name)s,", name=f'[[customer.firstname|"{somebody}"]]')


def sender() -> str:
    return "[[config.companyName]]"


def footer(color: str, *, why: str = "", **look: Any) -> Row:
    """Who writes, why, and the way out."""
    why = why or _("You get this e-mail because you said yes to hearing from us.")
    unsubscribe, online = _("Unsubscribe"), _("View online")
    block = text(
        "[[config.companyName]]<br>[[config.companyAddress]]",
        why,
        f'<a href="[[link.unsubscribe]]">{unsubscribe}</a> &nbsp;·&nbsp; '
        f'<a href="[[link.viewShipmentMessage]]">{online}</a>',
        **{"size": 13, "color": color, "align": "center"}
        | {key: look.pop(key) for key in ("align",) if key in look},
    )
    return row(block, **{"footer": True, "top": 18, "bottom": 22} | look)


def _block(block_type: str, **look: Any) -> Block:
    return {"type": block_type, **_spaced(look)}


def _spaced(look: dict[str, Any]) -> dict[str, Any]:
    return {f"space_{key}" if key in _SIDES else key: value for key, value in look.items()}
