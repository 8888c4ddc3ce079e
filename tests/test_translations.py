"""Every visible word has its Danish."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
METHODS = [("webapp/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%%")


@pytest.fixture(scope="module")
def wanted() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(str(ROOT), METHODS, keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, *_ in found}


@pytest.fixture(scope="module")
def danish() -> Catalog:
    path = ROOT / "webapp" / "translations" / "da" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale="da")


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_nothing_is_untranslated(wanted: set[str | tuple[str, ...]], danish: Catalog) -> None:
    missing = {
        text
        for text in wanted
        if not (found := danish.get(text if isinstance(text, str) else text[0]))
        or found.fuzzy
        or not all(texts(found))
    }
    assert missing == set()


def test_nothing_is_translated_that_nobody_says_any_more(
    wanted: set[str | tuple[str, ...]], danish: Catalog
) -> None:
    spoken = {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in danish
    }
    assert spoken - wanted - {""} == set()


def test_every_translation_keeps_the_placeholders(danish: Catalog) -> None:
    for message in danish:
        if not message.id:
            continue
        original = message.id if isinstance(message.id, str) else message.id[-1]
        for text in texts(message):
            kept = Counter(PLACEHOLDER.findall(text))
            if isinstance(message.id, str):
                assert kept == Counter(PLACEHOLDER.findall(original)), message.id
            else:
                assert kept <= Counter(PLACEHOLDER.findall(original)), message.id
