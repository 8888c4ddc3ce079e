"""From a block document to MJML: the e-mail as a whole, its rows and columns.

MJML is compiled by a strict XML parser, for which one bare `<` spoils the whole e-mail: everything
a person typed goes through `element` or comes out of an XML serialiser.
"""

from html import escape
from typing import Any

from webapp.content.document.blocks import (
    BLOCK_TYPES,
    BODY,
    NOWHERE,
    ONLY_DESKTOP,
    ONLY_MOBILE,
    ROW,
    Block,
    is_whole,
)
from webapp.content.document.fields import all_fit, values
from webapp.content.document.opening import Column, Document, Row
from webapp.content.email.mjml_blocks import SHAPES, Box, Page, element, raw
from webapp.content.html.branches import around
from webapp.content.tags.problems import broken_block, broken_document, shown_nowhere
from webapp.content.tags.words import Words
from webapp.platform.locales import _

# Clients show the beginning of the text after a short preheader; these take its place.
PREHEADER_PADDING = "&#847;&#8204;&#160;" * 80

_GUTTER = 16
_COLOUR_SCHEMES = (
    '<meta name="color-scheme" content="light dark"/>'
    '<meta name="supported-color-schemes" content="light dark"/>'
)
_PHONES = "@media only screen and (max-width:479px)"
_OTHERS = "@media only screen and (min-width:480px)"
_HIDDEN = "{display:none!important}"
# What the canvas shows of what is hidden, so that it can still be chosen.
_FADED = "{opacity:.35}"
# A column that nothing stands in yet; its colour can be seen on any background.
_PLACE = "#767676"
_PLACES = f".empty-column{{outline:1px dashed {_PLACE};outline-offset:-4px}}"
# Outlook on the computer knows no media queries.
_OUTLOOK = f"<!--[if mso]><style>.{ONLY_MOBILE}{{display:none;mso-hide:all}}</style><![endif]-->"


class MjmlWriter:
    """Writes one document (opened, of blocks); `page.problems` gathers what was found."""

    def __init__(self, document: Document, words: Words, *, public_url: str, marked: bool) -> None:
        self.document = document
        self.page = Page(values(BODY, document["body"]), words, public_url, marked)
        if "original" in document:
            self.page.problems.append(broken_document())

    def write(self, title: str, preheader: str) -> str:
        body = self.page.body
        rows = "".join(self._row(row) for row in self.document["rows"])
        margin = self._margin()
        content = element(
            "mj-body",
            margin + rows + margin,
            background_color=body["background"],
            width=f"{body['width']}px",
        )
        head = self._head(title, preheader)
        return element("mjml", element("mj-head", head) + content, lang=body["language"])

    def _head(self, title: str, preheader: str) -> str:
        preview = f"{escape(preheader)} {PREHEADER_PADDING}" if preheader.strip() else ""
        hidden = _FADED if self.page.marked else _HIDDEN
        styles = (
            ":root{color-scheme:light dark}"
            f"{_PHONES}{{.{ONLY_DESKTOP}{hidden}}}{_OTHERS}{{.{ONLY_MOBILE}{hidden}}}"
            f".{NOWHERE}{hidden}"
            f"{_PLACES if self.page.marked else ''}"
            f"{self.page.dark.css(self.page.body['background'])}"
        )
        return (
            element("mj-title", escape(title))
            + (element("mj-preview", preview) if preview else "")
            + element("mj-attributes", element("mj-all", "", font_family=self.page.font()))
            + element("mj-style", styles)
            + element("mj-raw", _COLOUR_SCHEMES + _OUTLOOK)
        )

    def _margin(self) -> str:
        height = self.page.body["margin"]
        return element("mj-section", "", padding=f"{height}px 0 0") if height else ""

    def _row(self, row: Row) -> str:
        """A choice around all of the one column is around the row."""
        chosen = values(ROW, row) if all_fit(ROW, row) else values(ROW, {})
        shown = self._shown_on(row["id"], chosen)
        if shown is None:
            return ""
        background = chosen["background"] or self.page.body["surface"]
        box = _RowBox(self.page, row, chosen, background)
        contents = [self._blocks(column, box) for column in row["columns"]]
        before, after = "", ""
        if len(contents) == 1:
            before, contents[0], after = around(contents[0], self.page.words)
        if (before or after) and not contents[0]:
            return raw(before + after)
        columns = "".join(self._column(box, *each) for each in enumerate(contents))
        if not chosen["stack"] and len(contents) > 1:
            columns = element("mj-group", columns)
        section = element(
            "mj-section",
            columns,
            background_color=background,
            padding=f"{chosen['space_top']}px {box.gutter}px {chosen['space_bottom']}px",
            full_width="full-width" if chosen["full_width"] else None,
            css_class=_classes(
                self.page.mark("row", row["id"]), self.page.dark.background(background), shown
            ),
            **self._picture(row["id"], chosen),
        )
        return raw(before) + section + raw(after)

    def _picture(self, row_id: str, chosen: dict[str, Any]) -> dict[str, str]:
        """The attributes of a background image, if there is one."""
        address = self.page.picture(chosen["picture"], row_id)
        if address is None:
            return {}
        size = chosen["picture_size"]
        return {
            "background_url": address,
            "background_size": size,
            "background_repeat": "repeat" if size == "auto" else "no-repeat",
            "background_position": "center center",
        }

    def _column(self, box: "_RowBox", number: int, content: str) -> str:
        return element(
            "mj-column",
            content or self._empty_column(),
            width=f"{box.row['columns'][number]['width']}%",
            vertical_align=box.chosen["vertical"],
            css_class=self.page.mark("column", f"{box.row['id']}-{number}"),
        )

    def _blocks(self, column: Column, box: "_RowBox") -> str:
        return "".join(self._block(block, box, column) for block in column["blocks"])

    def _empty_column(self) -> str:
        """On the canvas, where something can be put."""
        if not self.page.marked:
            return ""
        words = escape(_("Drop a block here"))
        look = {"align": "center", "color": _PLACE, "padding": "24px 4px", "font_size": "13px"}
        return element("mj-text", words, css_class="empty-column", **look)

    def _block(self, block: Block, of: "_RowBox", column: Column) -> str:
        mark = self.page.mark("block", block["id"])
        if not is_whole(block):
            self.page.problems.append(broken_block(block["id"]))
            padding = f"10px {of.side}px"
            return self.page.note(_("This block cannot be shown"), padding=padding, css_class=mark)
        chosen = values(BLOCK_TYPES[block["type"]].fields, block)
        shown = self._shown_on(block["id"], chosen)
        if shown is None:
            return ""
        box = of.box_for(block["id"], chosen, column["width"])
        behind = chosen["background"]
        dark = self.page.dark.background(behind) if behind else None
        box.common["css_class"] = _classes(mark, shown, dark)
        return SHAPES[block["type"]](self.page, chosen, box)

    def _shown_on(self, where: str, chosen: dict[str, Any]) -> str | None:
        """The class that hides it where it is not to be seen; None when it is left out."""
        match bool(chosen["on_desktop"]), bool(chosen["on_mobile"]):
            case True, True:
                return ""
            case True, False:
                return ONLY_DESKTOP
            case False, True:
                return ONLY_MOBILE
            case _:
                self.page.problems.append(shown_nowhere(where))
                return NOWHERE if self.page.marked else None


class _RowBox:
    """A row under way: how wide it is, and where its blocks stand.

    Columns are a gutter apart, and what stands in them is in line with the rows of one.
    """

    def __init__(self, page: Page, row: Row, chosen: dict[str, Any], background: str) -> None:
        siblings = len(row["columns"])
        edge = bool(chosen["edge"])
        self.row, self.chosen, self.background = row, chosen, background
        self.gutter = 0 if edge or siblings == 1 else _GUTTER
        self.side = 0 if edge else 2 * _GUTTER if siblings == 1 else _GUTTER
        self._width = page.body["width"] - 2 * self.gutter
        self._stacks = siblings > 1 and bool(chosen["stack"])

    def box_for(self, where: str, chosen: dict[str, Any], width: float) -> Box:
        """`width` is that of the column, in percent."""
        left, right = (self.side + chosen[f"space_{side}"] for side in ("left", "right"))
        padding = f"{chosen['space_top']}px {right}px {chosen['space_bottom']}px {left}px"
        behind = chosen["background"]
        return Box(
            where,
            max(1, round(self._width * width / 100) - left - right),
            self._stacks,
            str(behind or self.background),
            {"padding": padding, "container_background_color": str(behind) or None},
        )


def _classes(*names: str | None) -> str | None:
    return " ".join(filter(None, names)) or None
