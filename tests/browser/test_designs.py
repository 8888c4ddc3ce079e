"""The supplied templates as mail programs show them: on a phone, in the dark, without styles."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.content.compiling import compiled, shown
from webapp.content.templates.designs import DESIGNS
from webapp.platform.locales import LANGUAGES

in_every_language = pytest.mark.parametrize("language", LANGUAGES)

PHONE, DESK = 360, 640
LEAST_CONTRAST = 4.5
"""WCAG 2.2 AA, for words of any size."""

HARD_TO_READ = """
(least) => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => channels(colour).slice(0, 3)
    .map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    const clear = channels(colour)[3] === 0 && element.parentElement;
    return clear ? behind(element.parentElement) : colour;
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const hard = [];
  while (texts.nextNode()) {
    const words = texts.currentNode.data.trim();
    const element = texts.currentNode.parentElement;
    if (!words || !element.checkVisibility()) continue;
    const [dark, light] = [getComputedStyle(element).color, behind(element)]
      .map(luminance).sort((one, other) => one - other);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < least) hard.push(`${words.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return hard;
}
"""


def messages(language: str, live_server: str) -> Iterator[tuple[str, str]]:
    for name, design in DESIGNS.items():
        content = compiled(design.document(language), public_url=live_server)
        yield name, shown(content, **{"config.companyName": "Fjordlys", "date.today": "12 May"})


def without_styles(html: str) -> str:
    """As programs show it that take out what stands in the head."""
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


def show(page: Page, html: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)


def too_wide(page: Page, width: int) -> bool:
    seen: int = page.evaluate("document.documentElement.scrollWidth")
    return seen > width


def words(page: Page) -> str:
    return " ".join(page.locator("body").inner_text().split())


@in_every_language
def test_every_template_fits_a_phone_and_is_read_without_media_queries(
    app: Flask, page: Page, live_server: str, language: str
) -> None:
    for name, html in messages(language, live_server):
        show(page, html, PHONE)
        assert not too_wide(page, PHONE), name
        said = words(page)
        for width in (PHONE, DESK):
            show(page, without_styles(html), width)
            assert not too_wide(page, width), name
            assert words(page) == said, name


@in_every_language
def test_every_template_is_easy_to_read_by_day_and_in_the_dark(
    app: Flask, page: Page, live_server: str, language: str
) -> None:
    hard = {}
    for name, html in messages(language, live_server):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            show(page, html, DESK)
            hard[name, scheme] = page.evaluate(HARD_TO_READ, LEAST_CONTRAST)
    assert {key: found for key, found in hard.items() if found} == {}
