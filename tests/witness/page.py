"""The text of a page of HTML."""

from __future__ import annotations

import html
import re


def page_text(page: str) -> str:
    """Return what a page says, without its styles, scripts and tags."""
    body = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page)
    lines = (" ".join(line.split()) for line in html.unescape(re.sub(r"<[^>]+>", "\n", body)).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
