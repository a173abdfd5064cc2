"""Markdown for an issue or a comment: the headline and the coverage always, then the rows with their next steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_veza.drift.document import DriftDocument, DriftRow
from pulumi_veza.drift.rendering.wording import coverage_cells, covered, headline, message, place, steps
from pulumi_veza.policies.drift_rules import DESCRIPTIONS, DriftRule
from pulumi_veza.reports.markdown import MarkdownSection, code, code_or_text, escape, fitted, size, words_of
from pulumi_veza.reports.options import RenderOptions

_COMMAND: Final = "pulumi-veza diff --format json"
_FOLDED: Final = frozenset({DriftRule.UNMANAGED_PROFILE, DriftRule.UNMANAGED_TYPE, DriftRule.NOT_APPLIED})


def render(document: DriftDocument, options: RenderOptions) -> str:
    """Render for GitHub, GitLab and other forges that fold details."""
    return _page(document, options.budget, folding=True)


def render_plain(document: DriftDocument, options: RenderOptions) -> str:
    """Render for forges that show HTML as it is."""
    return _page(document, options.budget, folding=False)


def _page(document: DriftDocument, budget: int, *, folding: bool) -> str:
    text = _head(document)
    sections = [*_sections(document)]
    if document.counting():
        sections.append(words_of(text, sections))
    return text + fitted(sections, budget - size(text), folding=folding)


def _head(document: DriftDocument) -> str:
    return f"### Drift: {escape(headline(document))}\n\n{escape(place(document))}.\n\n"


def _sections(document: DriftDocument) -> Iterator[MarkdownSection]:
    for rule in DriftRule:
        lines = [_line(row) for row in document.counting(rule)]
        title = f"{DESCRIPTIONS[rule]}: {len(lines):,}"
        yield MarkdownSection(title, lines, "rows", _COMMAND, folded=rule in _FOLDED)
    if document.counting():
        rows_ = [" | ".join(code_or_text(cell) for cell in coverage_cells(each)) for each in covered(document)]
        table = ["| Type | Profiles | Memberships |", "|---|---|---|", *(f"| {each} |" for each in rows_)]
        yield MarkdownSection("Managed", table if rows_ else [], "types", _COMMAND, folded=False)
    ignored = [f"- {code_or_text(message(row))}" for row in document.rows if not row.counts]
    yield MarkdownSection(f"Ignored by exceptions: {len(ignored):,}", ignored, "rows", _COMMAND)
    notes = [f"- {code_or_text(note)}" for note in document.notes]
    yield MarkdownSection(f"Exceptions to look at: {len(notes):,}", notes, "exceptions", _COMMAND)


def _line(row: DriftRow) -> str:
    at = f" ({code(row.source.words)})" if row.source else ""
    return "\n".join(
        [f"- {code_or_text(message(row))}{at}", *(f"  - {name}: {code_step(step)}" for name, step in steps(row))]
    )


def code_step(step: str) -> str:
    """Return a step, in which a command stands as code already, as code as a whole."""
    return code(step.replace("`", ""))
