"""Photograph the page of an impact for the documentation: the quickstart on the real engine, in a browser.

``.venv/bin/python -m tools.photograph`` does; ``--page impact.html`` keeps the page as well. It needs the engine
of ``make engine`` and a chromium on the PATH.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright
from tests.impact.test_impact_engine import QUICKSTART, change, predicted
from tests.support.stack import Stack
from tests.support.tenant import Tenant

from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.reports.options import RenderOptions
from veza_simulator.demo import DEMO

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
WIDTH = 1180


def quickstart_page(folder: Path) -> str:
    """Return the HTML page of the change that docs/impact.md describes."""
    with closing(Tenant.start()) as tenant:
        tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
        with closing(Stack.create(folder, QUICKSTART, environment=tenant.env())) as stack:
            stack.up(skip_preview=True)
            change(stack)
            return FORMATS["html"](predicted(stack), RenderOptions())


def photograph(page: Path, picture: Path, chromium: str) -> None:
    """Write a screenshot of a page, from its top to the end of the first people."""
    # Letters are smoothed in grey alone, so that the picture is smaller and the same on every kind of screen.
    options = ["--disable-lcd-text", "--font-render-hinting=none"]
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium, args=options) as browser:
        shown = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        shown.goto(page.as_uri())
        end = shown.locator("#people tbody").nth(1).evaluate("each => each.getBoundingClientRect().bottom")
        shown.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": end})


def main() -> None:
    """Photograph the page into the folder of the documentation's pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--page", type=Path, help="keep the page in this file")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "impact.html"
        page.write_text(quickstart_page(Path(folder) / "stack"), encoding="utf-8")
        photograph(page, PICTURES / "impact-page.png", chromium)
        if arguments.page:
            shutil.copy(page, arguments.page)


if __name__ == "__main__":
    main()
