"""A template as a file, to take it from one desk to another."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from webapp.content.document.blocks import BLOCK_TYPES, BODY, ROW, Block
from webapp.content.document.fields import Fields, changed
from webapp.content.document.opening import Document, Row, open_document, with_texts
from webapp.content.email.compile import TEXT
from webapp.content.html.sanitize import LONGEST
from webapp.content.models import Folder, Template
from webapp.content.own_html.message import from_html
from webapp.content.templates import templates
from webapp.content.texts import without_controls
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l

ENDING = ".brevdue.json"
LARGEST = 2_000_000
"""Bytes; the largest e-mail that mail programs show whole is a twentieth of it."""
LONGEST_LINE = 300
MOST_ROWS = 300

_OF_OUR_LIBRARY = re.compile(r"(^|[\"'(])/i/")
_FORMAT, _VERSION = "brevdue template", 1


class NotATemplate(DomainError):
    message = _l(
        "This is no template. Choose a file that was exported from Brevdue: its name ends with"
        " .brevdue.json."
    )


class FileTooLarge(DomainError):
    message = _l("This file is too large for a template. The largest that can be read is 2 MB.")


class FileTooNew(DomainError):
    message = _l(
        "This template comes from a newer version of Brevdue. Update first, then try again."
    )


def written(template: Template, public_url: str) -> bytes:
    """Pictures stay where they are: the file holds their whole addresses, save for those of the
    supplied templates, which every desk has."""
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "name": template.name,
        "subject": template.subject,
        "preheader": template.preheader,
        "document": with_texts(template.document, partial(_with_hosts, public_url)),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def read(content: bytes, folder: Folder | None, *, by: int | None) -> Template:
    """Nothing in the file is trusted: every value is cleaned as if somebody had typed it.

    Raises NotATemplate, FileTooLarge, FileTooNew, EmptyHtml or HtmlTooLarge.
    """
    if len(content) > LARGEST:
        raise FileTooLarge
    given = _parsed(content)
    return templates.add(
        _line(given, "name") or _("Template from a file"),
        _clean(given["document"]),
        subject=_line(given, "subject"),
        preheader=_line(given, "preheader"),
        folder=folder,
        by=by,
    )


def _with_hosts(public_url: str, text: str) -> str:
    return _OF_OUR_LIBRARY.sub(lambda found: f"{found[1]}{public_url}/i/", text)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        given = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise NotATemplate from error
    if not isinstance(given, dict) or given.get("format") != _FORMAT:
        raise NotATemplate
    version = given.get("version")
    if not isinstance(version, int) or not isinstance(given.get("document"), dict):
        raise NotATemplate
    if version > _VERSION:
        raise FileTooNew
    return given


def _line(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return without_controls(value).strip()[:LONGEST_LINE] if isinstance(value, str) else ""


def _clean(document: Document) -> Document:
    opened = open_document(document)
    own = opened.get(TEXT)
    text = {TEXT: _clean_text(own)} if isinstance(own, str) else {}
    if opened["kind"] == "html":
        return from_html(opened["html"])[0] | text
    rows = opened["rows"]
    if not rows or len(rows) > MOST_ROWS:
        raise NotATemplate
    body = changed(BODY, {}, opened["body"])
    return {"kind": "blocks", "body": body, "rows": list(map(_clean_row, rows))} | text


def _clean_row(row: Row) -> Row:
    columns = [
        {"width": column["width"], "blocks": _clean_blocks(column["blocks"])}
        for column in row["columns"]
    ]
    is_footer = {"footer": True} if row.get("footer") is True else {}
    return {"id": row["id"], **_fields(ROW, row), **is_footer, "columns": columns}


def _clean_blocks(blocks: list[Block]) -> list[Block]:
    """Without those of a kind that nobody knows here."""
    return [
        {
            "id": block["id"],
            "type": block["type"],
            **_fields(BLOCK_TYPES[block["type"]].fields, block),
        }
        for block in blocks
        if block["type"] in BLOCK_TYPES
    ]


def _fields(fields: Fields, stored: Mapping[str, Any]) -> dict[str, Any]:
    return changed(fields, {}, stored)


def _clean_text(text: str) -> str:
    return "\n".join(without_controls(line) for line in text[:LONGEST].splitlines())
