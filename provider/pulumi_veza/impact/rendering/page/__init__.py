"""One HTML page to read, search and sort, that needs nothing beside itself: no server, no network, no font.

``tables``
    rows of cells, which the page shows at once and which its script reads;
``sections``
    what the tables hold;
``attention``
    what somebody should look at first;
``inheritance``
    who inherits from whom, as a picture and as a table.

What people and the tenant wrote reaches the page in two ways only: through the template, which escapes all of it, and
as JSON that no browser runs. The policy in the page lets its own style and script work, by their hashes, and nothing
else.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timezone
from functools import cache
from importlib import resources
from typing import Final

import jinja2
from markupsafe import Markup

from pulumi_veza.impact.document import Document
from pulumi_veza.impact.rendering.counting import counts, meaning_of_counts, share
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.headline import title
from pulumi_veza.impact.rendering.page import attention, inheritance, sections
from pulumi_veza.impact.rendering.page.tables import FIRST, Cells, clean
from pulumi_veza.impact.rendering.wording import stacks
from pulumi_veza.reports import glossary
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.prose import parts


def render(document: Document, options: RenderOptions) -> str:
    """Render the page; the same document gives the same bytes."""
    cells = Cells()
    shown = sections.sections(document, options, cells)
    drawn = inheritance.section(document, cells)
    style, script = _source("page.css"), _source("page.js")
    return _template().render(
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'",
        # The two files are ours, and neither holds a "</".
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        headline=clean(title(document)),
        empty=document.empty,
        stacks=document.stacks,
        stacks_said=clean(stacks(document)),
        tenants=document.tenants,
        valid_at=_readable(document.valid_at),
        live=document.live,
        share=share(document),
        # Where nothing could be checked, a 0 would be taken for the answer.
        tiles=[
            (each.title, f"{each.number:,}", each.look if each.number else "none")
            for each in (() if document.stopped else counts(document))
        ],
        meaning_of_tiles=meaning_of_counts(document),
        notices=attention.notices(document, options),
        sections=shown,
        inheritance=drawn,
        meanings=[_plain(each.term) for each in STYLES.values()],
        words=[_plain(each) for each in glossary.TERMS if each not in _EFFECTS],
        first=FIRST,
        # Nothing in it can end the element that holds it.
        data=Markup(cells.dump([*(each.table for each in shown), *([drawn.table] if drawn else [])])),  # noqa: S704
    )


_EFFECTS: Final = frozenset(each.term for each in STYLES.values())


def _plain(term: glossary.Term) -> tuple[str, str]:
    """Return a word and what it means, without the marks of code."""
    return term.word.replace("`", ""), term.meaning.replace("`", "")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["clean"] = clean
    environment.filters["parts"] = parts
    return environment.from_string(_source("page.html.jinja"))


@cache
def _source(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _readable(valid_at: str | None) -> str | None:
    """Format a time; any other mark stays as it is."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", valid_at or "")
    if not found:
        return clean(valid_at) if valid_at else None
    try:
        moment = datetime.fromisoformat(found[1] + found[2].replace("Z", "+00:00")).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return valid_at
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
