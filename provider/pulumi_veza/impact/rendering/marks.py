"""The mark of a comment: its stacks and how new it is, so that no older run overwrites a newer one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from pulumi_veza.impact.document import Document

_MARK = re.compile(r"pulumi-veza-impact (\{[^{}]*\})")


def write(document: Document) -> str:
    """Write the mark, an HTML comment of one line: `<!-- pulumi-veza-impact {"stacks": [...], "valid_at": ...} -->`."""
    return f"<!-- {_mark(document)} -->"


def write_plain(document: Document) -> str:
    """Write the mark where HTML would show: a link's definition, which every Markdown leaves out of the page."""
    return f"[//]: # ({_mark(document)})"


def _mark(document: Document) -> str:
    def plain(text: str) -> str:
        # Nothing that a stack is called may end the mark.
        return quote(text, safe=" /:").replace("--", "-%2D")

    said = {
        "stacks": [plain(stack.name) for stack in document.stacks],
        "valid_at": plain(document.valid_at) if document.valid_at else None,
    }
    return f"pulumi-veza-impact {json.dumps(said, sort_keys=True)}"


def read(comment: str) -> Mapping[str, Any] | None:
    """Give what the mark of a comment says, or None where it has none."""
    found = _MARK.search(comment)
    if found is None:
        return None
    try:
        said = json.loads(found[1])
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def is_newer(comment: str, document: Document) -> bool:
    """Tell whether a comment that is there already is about the same stacks and newer than the document."""
    said, here = read(comment), read(write(document))
    if said is None or here is None or said.get("stacks") != here["stacks"]:
        return False
    there, now = said.get("valid_at"), here["valid_at"]
    return isinstance(there, str) and isinstance(now, str) and _order(unquote(there)) > _order(unquote(now))


def _order(mark: str) -> tuple[int, float, str]:
    """Order marks: numbers as numbers, times as times, anything else as text."""
    if mark.isascii() and mark.isdecimal():
        return (1, float(mark), "")
    try:
        # Python 3.10 knows neither the letter Z nor nanoseconds.
        whole = re.sub(r"\.(\d+)", lambda found: f".{found[1][:6]:0<6}", mark.replace("Z", "+00:00"))
        return (1, datetime.fromisoformat(whole).timestamp(), "")
    except ValueError:
        return (0, 0.0, mark)
