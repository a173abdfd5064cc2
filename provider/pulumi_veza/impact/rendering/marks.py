"""The mark of a comment: its stacks and its age, so that no older run overwrites a newer one."""

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
    """Return the mark as an HTML comment of one line."""
    return f"<!-- {_mark(document)} -->"


def write_plain(document: Document) -> str:
    """Return the mark for forges that show HTML: a link's definition, which no Markdown renders."""
    return f"[//]: # ({_mark(document)})"


def _mark(document: Document) -> str:
    def plain(text: str) -> str:
        # Nothing that a stack is called may end the mark.
        return quote(text, safe=" /:").replace("--", "-%2D")

    mark = {
        "stacks": [plain(stack.name) for stack in document.stacks],
        "valid_at": plain(document.valid_at) if document.valid_at else None,
    }
    return f"pulumi-veza-impact {json.dumps(mark, sort_keys=True)}"


def read(comment: str) -> Mapping[str, Any] | None:
    """Parse the mark of a comment; None where it has none."""
    found = _MARK.search(comment)
    if found is None:
        return None
    try:
        mark = json.loads(found[1])
    except ValueError:
        return None
    return mark if isinstance(mark, dict) else None


def is_newer(comment: str, document: Document) -> bool:
    """Return whether an existing comment is about the same stacks and newer than the document."""
    existing, new = read(comment), read(write(document))
    if existing is None or new is None or existing.get("stacks") != new["stacks"]:
        return False
    there, here = existing.get("valid_at"), new["valid_at"]
    return isinstance(there, str) and isinstance(here, str) and _age(unquote(there)) > _age(unquote(here))


def _age(mark: str) -> tuple[int, float, str]:
    """Return the sort key of a mark: numbers as numbers, times as times, anything else as text."""
    if mark.isascii() and mark.isdecimal():
        return (1, float(mark), "")
    try:
        # Python 3.10 knows neither the letter Z nor nanoseconds.
        whole = re.sub(r"\.(\d+)", lambda found: f".{found[1][:6]:0<6}", mark.replace("Z", "+00:00"))
        return (1, datetime.fromisoformat(whole).timestamp(), "")
    except ValueError:
        return (0, 0.0, mark)
