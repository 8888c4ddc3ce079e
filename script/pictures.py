"""Draws the pictures that are made from other files; see `script/pictures`."""

from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.support.chromium import FLAGS, find

IMAGES = Path("static/img")
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


if __name__ == "__main__":
    chromium = find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        draw_networks(browser.new_page())
        browser.close()
