"""HTML of one's own as it is uploaded: a file of any encoding, or a ZIP of one with its images."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass, field

from webapp.content.own_html.archives import Companions
from webapp.content.own_html.message import EmptyHtml

_ARCHIVE = b"PK"
_BOMS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*+=\s*+["']?+\s*+([\w.:-]+)""", re.IGNORECASE)
_META = re.compile(
    r"""(<meta\b[^>]{0,500}?\bcharset\s*+=\s*+["']?+\s*+)([\w.:-]+)""", re.IGNORECASE
)
_DECLARED_WITHIN = 4000


@dataclass(frozen=True)
class Given:
    html: str
    companions: Companions = field(default_factory=Companions)
    """The files that came with it."""


def read(content: bytes) -> Given:
    """Raises EmptyHtml, or an UnreadableArchive."""
    if not content.startswith(_ARCHIVE):
        return Given(decoded(content))
    companions = Companions.of_archive(content)
    path = companions.html_path()
    return Given(decoded(companions.read(path)), companions.seen_from(path.rpartition("/")[0]))


def decoded(content: bytes) -> str:
    """The text, which says that it is UTF-8, as it will be. Raises EmptyHtml for what is none."""
    text = _text(content)
    if "<" not in text or "\0" in text:
        raise EmptyHtml
    head, rest = text[:_DECLARED_WITHIN], text[_DECLARED_WITHIN:]
    return _META.sub(r"\1utf-8", head, count=1) + rest


def _text(content: bytes) -> str:
    """What is UTF-8 by its bytes is UTF-8, whatever it says: nothing is so by chance."""
    bom = next((encoding for mark, encoding in _BOMS.items() if content.startswith(mark)), None)
    declared = _DECLARED.search(content[:_DECLARED_WITHIN])
    named = declared[1].decode("ascii", "ignore") if declared else None
    for encoding in filter(None, (bom, _wide(content), "utf-8", named)):
        try:
            return content.decode(encoding)
        except (LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its markup is zero."""
    if content[:1] and content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else None
