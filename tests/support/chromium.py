"""A Chromium for the browser tests: one installed, else Playwright's, else the system packages.

python -m tests.support.chromium      (what script/test does first)
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
_MISSING = "No Chromium could be found or installed"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of a Chromium that runs here."""
    candidates = [shutil.which(name) for name in _NAMES] + [_MAC, _of_playwright()]
    return next((path for path in candidates if path and _runs(path)), None)


def _of_playwright() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _runs(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install_with_playwright() -> None:
    _try([sys.executable, "-m", "playwright", "install", "chromium"], seconds=600)


def _install_with_apt() -> None:
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    _try([*root, "apt-get", "update", "-q"], seconds=300, environ=environ)
    packages = ["chromium", "fonts-dejavu-core"]
    _try([*root, "apt-get", "install", "-q", "-y", *packages], seconds=900, environ=environ)


def _try(command: list[str], *, seconds: float, environ: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(command, capture_output=True, timeout=seconds, env=environ)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}")


def main() -> None:
    ways: list[tuple[str, Callable[[], None]]] = [
        ("Playwright's own", _install_with_playwright),
        ("the system packages", _install_with_apt),
    ]
    for name, install in ways:
        if find():
            return
        print(f"No Chromium yet: trying {name}…", flush=True)
        install()
    if find():
        return
    if os.environ.get("CI"):
        sys.exit(f"{_MISSING}, and under CI the browser tests have to run.")
    print(f"\n!!! {_MISSING}: THE BROWSER TESTS ARE SKIPPED !!!\n")


if __name__ == "__main__":
    main()
