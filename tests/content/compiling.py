"""Small documents, compiled and rendered."""

from typing import Any

from webapp.content.document.operations import Document
from webapp.content.email.compile import CompiledContent, compile_content
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.tags.segments import render

HOSTILE = "\"'><x9 onx9=1>[[customer.email]]]]{{7*7}}\r\nBcc: x@example.com\x00"


def of_blocks(*blocks: dict[str, Any], **body: Any) -> Document:
    numbered = [{"id": f"b{number}", **block} for number, block in enumerate(blocks)]
    columns = [{"width": 100, "blocks": numbered}]
    return {"kind": "blocks", "version": 1, "body": body, "rows": [{"id": "r", "columns": columns}]}


def compiled(document: Any, **options: Any) -> CompiledContent:
    chosen: dict[str, Any] = {
        "subject": "News",
        "preheader": "",
        "track_links": LinkTracking.ALL,
        "track_opens": False,
        "public_url": "https://post.example",
    }
    return compile_content(document, **{**chosen, **options})


def shown(content: CompiledContent, **values: str) -> str:
    clicks = {f"click.{link.number}": f"https://go.example/{link.number}" for link in content.links}
    return render(content.html, {"open": "https://go.example/o", **clicks, **values})
