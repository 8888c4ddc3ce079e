"""From a block document to MJML.

MJML is compiled by a strict XML parser, for which one bare `<` spoils the whole e-mail: everything
a person typed goes through `_element` or comes out of an XML serialiser.
"""

from dataclasses import dataclass, field
from html import escape
from typing import Any

from webapp.content.addresses import encoded, is_link, is_web
from webapp.content.blocks import BLOCK_TYPES, BODY, FONTS, ROW, Block, is_whole, values
from webapp.content.logic.branches import around, without_bare_elements
from webapp.content.logic.grammar import StepKind
from webapp.content.opening import Column, Document, Row
from webapp.content.problems import (
    Problem,
    bad_address,
    broken_block,
    broken_document,
    no_address,
    no_picture,
)
from webapp.content.sanitize import rich_text, to_xml
from webapp.content.words import Words
from webapp.platform.locales import _

# Clients show the beginning of the text after a short preheader; these take its place.
PREHEADER_PADDING = "&#847;&#8204;&#160;" * 80

_GUTTER = 16
_HEADING_SIZES = {1: 30, 2: 24, 3: 19}
_COLOUR_SCHEMES = (
    '<meta name="color-scheme" content="light dark"/>'
    '<meta name="supported-color-schemes" content="light dark"/>'
)


@dataclass
class MjmlWriter:
    """Writes one document (opened, of blocks); `problems` gathers what was found on the way."""

    document: Document
    words: Words
    marked: bool
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.body = values(BODY, self.document["body"])
        if "original" in self.document:
            self.problems.append(broken_document())

    def write(self, title: str, preheader: str) -> str:
        rows = "".join(self._row(row) for row in self.document["rows"])
        preview = f"{escape(preheader)} {PREHEADER_PADDING}" if preheader.strip() else ""
        head = (
            _element("mj-title", escape(title))
            + (_element("mj-preview", preview) if preview else "")
            + _element("mj-attributes", _element("mj-all", "", font_family=self._font()))
            + _element("mj-style", ":root{color-scheme:light dark}")
            + _element("mj-raw", _COLOUR_SCHEMES)
        )
        body = _element(
            "mj-body",
            rows,
            background_color=self.body["background"],
            width=f"{self.body['width']}px",
        )
        return _element("mjml", _element("mj-head", head) + body, lang=self.body["language"])

    def _font(self) -> str:
        return FONTS[self.body["font"]]

    def _row(self, row: Row) -> str:
        """A choice around all of the one column is around the row."""
        columns = row["columns"]
        contents = [self._blocks(column, len(columns)) for column in columns]
        before, after = "", ""
        if len(columns) == 1:
            before, contents[0], after = around(contents[0], self.words)
        if (before or after) and not contents[0]:
            return _raw(before + after)
        section = _element(
            "mj-section",
            "".join(
                self._column(row, number, column, content)
                for number, (column, content) in enumerate(zip(columns, contents, strict=True))
            ),
            background_color=values(ROW, row)["background"] or self.body["surface"],
            padding="6px 0" if len(columns) == 1 else f"6px {_GUTTER}px",
            css_class=self._mark("row", row["id"]),
        )
        return _raw(before) + section + _raw(after)

    def _column(self, row: Row, number: int, column: Column, content: str) -> str:
        return _element(
            "mj-column",
            content or self._empty_column(),
            width=f"{column['width']}%",
            css_class=self._mark("column", f"{row['id']}-{number}"),
        )

    def _blocks(self, column: Column, siblings: int) -> str:
        # Columns are a gutter apart, and what stands in them is in line with the rows of one.
        row_width = self.body["width"] - (0 if siblings == 1 else 2 * _GUTTER)
        side = 2 * _GUTTER if siblings == 1 else _GUTTER
        inner = round(row_width * column["width"] / 100) - 2 * side
        return "".join(
            self._block(block, f"10px {side}px", inner, siblings > 1) for block in column["blocks"]
        )

    def _empty_column(self) -> str:
        return _element("mj-spacer", "", height="48px") if self.marked else ""

    def _block(self, block: Block, padding: str, inner: int, stacks: bool) -> str:
        common = {"padding": padding, "css_class": self._mark("block", block["id"])}
        if not is_whole(block):
            self.problems.append(broken_block(block["id"]))
            return self._box(_("This block cannot be shown"), common)
        chosen = values(BLOCK_TYPES[block["type"]].fields, block)
        match block["type"]:
            case "heading":
                return self._heading(block["id"], chosen, common)
            case "text":
                return self._text(block["id"], chosen, common)
            case "image":
                return self._image(block["id"], chosen, common, inner, stacks)
            case "button":
                return self._button(block["id"], chosen, common)
            case _:
                return _divider(chosen, common)

    def _heading(self, where: str, chosen: dict[str, Any], common: dict[str, Any]) -> str:
        level = chosen["level"]
        words = escape(self.words.of_text(chosen["text"], where))
        size = _HEADING_SIZES[level]
        style = f"margin:0;font-size:{size}px;line-height:1.25;font-weight:700;"
        return _element(
            "mj-text",
            f'<h{level} style="{style}">{words}</h{level}>',
            align=chosen["align"],
            color=chosen["color"] or self.body["text_color"],
            font_size=f"{size}px",
            line_height="1.25",
            **common,
        )

    def _text(self, where: str, chosen: dict[str, Any], common: dict[str, Any]) -> str:
        typed = without_bare_elements(self.words.of_html(chosen["html"], where), self.words)
        before, typed, after = around(typed, self.words)
        if (before or after) and not typed:
            return self._logic(before + after, common)
        tree = rich_text(typed)
        for link in list(tree.iter("a")):
            self._finish_link(link, where)
        _space_paragraphs(tree)
        text = _element(
            "mj-text",
            to_xml(tree),
            align=chosen["align"],
            color=chosen["color"] or self.body["text_color"],
            font_size=f"{chosen['size']}px",
            line_height="1.5",
            **common,
        )
        return _raw(before) + text + _raw(after)

    def _logic(self, marks: str, common: dict[str, Any]) -> str:
        """A block of nothing else; on the canvas it can be seen, whatever is chosen."""
        box = self._box(self.words.as_typed(marks), common)
        ends = self.words.step_of(self.words.marks.findall(marks)[-1]).kind is StepKind.ENDIF
        return _raw(marks) + box if ends else box + _raw(marks)

    def _finish_link(self, link: Any, where: str) -> None:
        address = self._address(self.words.whole(link.get("href", "")), where)
        if address is None:
            link.drop_tag()
        else:
            link.set("href", address)
            link.set("style", f"color:{self.body['link_color']};text-decoration:underline")

    def _image(
        self, where: str, chosen: dict[str, Any], common: dict[str, Any], inner: int, stacks: bool
    ) -> str:
        """`stacks`: its column goes below the other on a phone, and is as wide as the phone."""
        src = self.words.of_text(chosen["src"], where)
        if not all(map(is_web, self.words.variants(src))):
            self.problems.append(bad_address(where, chosen["src"]) if src else no_picture(where))
            return self._box(_("No image yet"), common)
        return _element(
            "mj-image",
            "",
            src=encoded(src),
            alt=self.words.of_text(chosen["alt"], where),
            width=f"{max(1, inner * chosen['width'] // 100)}px",
            fluid_on_mobile="true" if stacks and chosen["width"] == 100 else None,
            align=chosen["align"],
            href=self._address(self.words.of_text(chosen["link"], where), where),
            **common,
        )

    def _button(self, where: str, chosen: dict[str, Any], common: dict[str, Any]) -> str:
        url = self.words.of_text(chosen["url"], where)
        if not url:
            self.problems.append(no_address(where))
        return _element(
            "mj-button",
            escape(self.words.of_text(chosen["label"], where)),
            href=self._address(url, where),
            background_color=chosen["color"],
            color=chosen["text_color"],
            align=chosen["align"],
            border_radius=f"{chosen['radius']}px",
            width="100%" if chosen["full_width"] else None,
            inner_padding="13px 26px",
            font_size="16px",
            font_weight="600",
            **common,
        )

    def _address(self, address: str, where: str) -> str | None:
        """The address as it may stand in a link; None, and a problem, when it leads nowhere."""
        if not address:
            return None
        if special := self.words.special(address):
            return special
        if all(map(is_link, self.words.variants(address))):
            return encoded(address)
        self.problems.append(bad_address(where, self.words.as_typed(address)))
        return None

    def _box(self, words: str, common: dict[str, Any]) -> str:
        """What stands on the canvas for a block that the e-mail leaves out."""
        if not self.marked:
            return ""
        return _element(
            "mj-text",
            escape(words),
            align="center",
            color="#52525b",
            container_background_color="#e4e4e7",
            **common,
        )

    def _mark(self, kind: str, name: str) -> str | None:
        return f"{kind}-{name}" if self.marked else None


def _divider(chosen: dict[str, Any], common: dict[str, Any]) -> str:
    return _element(
        "mj-divider",
        "",
        border_color=chosen["color"],
        border_width=f"{chosen['thickness']}px",
        **common,
    )


def _space_paragraphs(tree: Any) -> None:
    """Mail clients disagree about margins unless each paragraph states its own."""
    for element in tree.iter("p", "ul", "ol"):
        is_last = element is tree[-1] and not element.tail
        margin = "margin:0" if is_last else "margin:0 0 12px"
        indent = "" if element.tag == "p" else "padding-left:24px"
        styles = (margin, indent, element.get("style"))
        element.set("style", ";".join(style for style in styles if style))


def _raw(marks: str) -> str:
    """Between rows and blocks, whatever is chosen by the marks is whole."""
    return f"<mj-raw>{marks}</mj-raw>" if marks else ""


def _element(name: str, content: str, **attributes: str | None) -> str:
    """`content` is XML already; the attributes are escaped, and left out when None."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>"
