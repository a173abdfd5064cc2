"""A real Chromium, without a window, and the page in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.reports.options import RenderOptions

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SECONDS_TO_WAIT = 5

expect.set_options(timeout=SECONDS_TO_WAIT * 1000)


@dataclass
class Opened:
    """A page that is open, and what the browser had to say about it."""

    page: Page
    said: list[str] = field(default_factory=list)
    """Messages of the console, and errors that nobody caught."""
    requested: list[str] = field(default_factory=list)

    def rows(self, table: str = "people") -> list[list[str]]:
        """Return the texts of the rows that are shown; what is put together is read as it is for the eye."""
        return self.page.locator(f"#{table} tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )

    def status(self, table: str = "people") -> Locator:
        """Return the sentence that says how many rows there are."""
        return self.page.locator(f"#{table}-status")


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def open_(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a document; at the end nothing has been requested but it, and the console is empty."""
    contexts: list[BrowserContext] = []
    opened: list[Opened] = []

    def show(document: Document, *, width: int = 1280, height: int = 900, **options: Any) -> Opened:
        file = tmp_path / f"page-{len(opened)}.html"
        file.write_text(FORMATS["html"](document, RenderOptions()), encoding="utf-8")
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        found = Opened(context.new_page())
        opened.append(found)
        found.page.on("console", lambda message: found.said.append(message.text))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("request", lambda request: found.requested.append(request.url))
        found.page.goto(file.as_uri())
        return found

    yield show
    for context in contexts:
        context.close()
    assert [each.said for each in opened] == [[]] * len(opened)
    assert [len(each.requested) for each in opened] == [1] * len(opened)
    assert all(each.requested[0].startswith("file:///") for each in opened)
