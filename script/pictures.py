"""Draws the pictures that are made from other files; see `script/pictures`."""

from io import BytesIO
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import FLAGS, find
from webapp.content.email.compile import compile_content
from webapp.content.tags.merge_tags import KNOWN_TAGS
from webapp.content.tags.segments import render
from webapp.content.templates.designs import DESIGNS, Design
from webapp.platform import locales

IMAGES = Path("static/img")
TEMPLATES = IMAGES / "templates"
BRANDS = Path("static/vendor/tabler-icons/brands.svg")

NETWORKS = {
    "facebook": ("brand-facebook", "#1877f2"),
    "instagram": ("brand-instagram", "#c13584"),
    "linkedin": ("brand-linkedin", "#0a66c2"),
    "youtube": ("brand-youtube", "#d90000"),
    "x": ("brand-x", "#0f1419"),
    "tiktok": ("brand-tiktok", "#121212"),
    "pinterest": ("brand-pinterest", "#bd081c"),
    "bluesky": ("brand-bluesky", "#0a7aff"),
    "website": ("world", "#0f766e"),
    "mail": ("mail", "#0f766e"),
}
SIDE = 96
"""Pixels: twice what is ever shown."""
COLOURS = 96
"""Of an illustration: flat areas and their edges need no more, and the file gets small."""
DESK = {"width": 640, "height": 800}
"""What a thumbnail shows of a template, in pixels of its own."""
THUMBNAIL = (440, 550)
SENDERS = {"en": "Oak & Sons", "da": "Eg & Sønner"}
"""Who writes the templates in the thumbnails."""
HERE = "http://here"
"""Where the templates find their pictures, which are this folder's."""


def draw_networks(page: Page) -> None:
    """A round icon of each, in its own colour, dark and light."""
    symbols = BRANDS.read_text()
    page.set_viewport_size({"width": SIDE, "height": SIDE})
    for network, (symbol, colour) in NETWORKS.items():
        looks = {
            "colour": (colour, "#fff"),
            "dark": ("#27272a", "#fff"),
            "light": ("#fff", "#27272a"),
        }
        for look, (round_, lines) in looks.items():
            page.set_content(
                f"<style>body{{margin:0}}</style><div hidden>{symbols}</div>"
                f'<svg width="{SIDE}" height="{SIDE}" viewBox="0 0 48 48">'
                f'<circle cx="24" cy="24" r="24" fill="{round_}"/>'
                f'<use href="#{symbol}" x="11" y="11" width="26" height="26" fill="none"'
                f' stroke="{lines}" stroke-width="1.75" stroke-linecap="round"'
                ' stroke-linejoin="round"/></svg>'
            )
            path = IMAGES / "social" / f"{network}-{look}.png"
            page.screenshot(path=path, omit_background=True)


def draw_illustrations(page: Page) -> None:
    """Of the supplied templates: beside each SVG, twice as large as it says."""
    for source in sorted(TEMPLATES.glob("*.svg")):
        page.set_content(f"<style>body{{margin:0;line-height:0}}</style>{source.read_text()}")
        drawn = page.locator("svg").screenshot(omit_background=True)
        picture = Image.open(BytesIO(drawn)).quantize(COLOURS, Image.Quantize.FASTOCTREE)
        picture.save(source.with_suffix(".png"), optimize=True)


def draw_thumbnails(page: Page) -> None:
    """The beginning of every supplied template, in every language."""
    page.route(f"{HERE}/**", lambda route: route.fulfill(path=route.request.url[len(HERE) + 1 :]))
    for language in locales.LANGUAGES:
        for design in DESIGNS.values():
            page.set_content(_written(design, language), wait_until="networkidle")
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
            picture.resize(THUMBNAIL, Image.Resampling.LANCZOS).save(
                TEMPLATES / "thumbnails" / f"{design.name}.{language}.webp", quality=72, method=6
            )


def _written(design: Design, language: str) -> str:
    """The template as somebody would get it."""
    content = compile_content(
        design.document(language),
        subject="",
        preheader="",
        track_links=False,
        track_opens=False,
        public_url=HERE,
    )
    known = {tag.name: tag.sample for tag in KNOWN_TAGS.values()}
    return render(content.html, known | {"config.companyName": SENDERS[language]})


def _drawn_large(browser: Browser, **viewport: int) -> Page:
    size = viewport or {"width": 640, "height": 400}
    return browser.new_page(viewport=size, device_scale_factor=2)  # type: ignore[arg-type]


if __name__ == "__main__":
    chromium = find()
    app = Flask("webapp")
    locales.init_app(app, locale=lambda: None, timezone=lambda: "UTC")
    with sync_playwright() as playwright, app.app_context():
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        draw_networks(browser.new_page())
        draw_illustrations(_drawn_large(browser))
        draw_thumbnails(_drawn_large(browser, **DESK))
        browser.close()
