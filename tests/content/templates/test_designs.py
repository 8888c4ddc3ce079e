"""The templates that come with the program."""

from pathlib import Path

import pytest

from tests.content.compiling import compiled
from webapp.content.document.fields import changed
from webapp.content.document.parts import all_blocks, fields_of
from webapp.content.email.compile import CompiledContent, size, unsubscribe_present
from webapp.content.tags.problems import ProblemKind
from webapp.content.tags.segments import render
from webapp.content.templates.designs import DESIGNS
from webapp.platform.locales import LANGUAGES

STATIC = Path("static")
LARGEST = 40_000
"""Bytes of HTML: two fifths of what mail programs show."""
LARGEST_PICTURE = 40_000
NO_FIELDS = {"id", "type", "html", "columns", "footer"}
TO_FILL_IN = {ProblemKind.NO_ADDRESS, ProblemKind.BAD_ADDRESS}

every_design = pytest.mark.parametrize(
    ("name", "language"), [(name, language) for name in DESIGNS for language in LANGUAGES]
)


@pytest.fixture
def content(app: object, name: str, language: str) -> CompiledContent:
    return compiled(DESIGNS[name].document(language))


@every_design
def test_a_supplied_template_lacks_nothing_but_the_addresses_of_its_links(
    content: CompiledContent,
) -> None:
    faults = [each for each in content.problems if each.kind not in TO_FILL_IN]
    assert faults == []
    assert {each.text for each in content.problems} <= {"", "#"}
    assert unsubscribe_present(content)
    assert size(content) < LARGEST
    assert len(render(content.text, {})) > 300


@every_design
def test_its_pictures_are_ours_and_say_what_they_show_unless_they_only_decorate(
    app: object, name: str, language: str
) -> None:
    document = DESIGNS[name].document(language)
    assert document["body"]["language"] == language
    for block in all_blocks(document):
        if block["type"] == "image":
            picture = Path(block["src"].removeprefix("/"))
            assert picture.stat().st_size < LARGEST_PICTURE
            assert picture.with_suffix(".svg").exists()
            assert block["alt"] or block.get("width", 100) < 100 or block["align"] == "left"


@every_design
def test_it_has_a_thumbnail(name: str, language: str) -> None:
    thumbnail = STATIC / f"{DESIGNS[name].thumbnail}.{language}.webp"
    assert thumbnail.exists(), "script/pictures draws it"
    assert thumbnail.stat().st_size < LARGEST_PICTURE


@pytest.mark.parametrize("name", DESIGNS)
def test_its_values_are_those_that_the_editor_keeps(app: object, name: str) -> None:
    """Nothing in it is misspelt, or would change with the first press of a key."""
    document = DESIGNS[name].document("en")
    for part in [*document["rows"], *all_blocks(document)]:
        chosen = {key: value for key, value in part.items() if key not in NO_FIELDS}
        assert changed(fields_of(part), {}, chosen) == chosen


def test_a_template_speaks_its_own_language_only(app: object) -> None:
    english, danish = (DESIGNS["welcome"].document(language) for language in ("en", "da"))
    assert "Come in, and welcome" in str(english)
    assert "Come in, and welcome" not in str(danish)
