"""Renderings of a document of access requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pulumi_veza.access_requests.document import PersonReference, PlanReport, RequestReport, RequestsDocument
from pulumi_veza.access_requests.outcomes import RequestOutcome
from pulumi_veza.errors import one_line
from pulumi_veza.reports.console import printed
from pulumi_veza.reports.documents import dump
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted

_ROWS: Final = 30
"""How many rows are shown unless ``full`` is set."""
_LINES: Final = 4
"""How many people or plans of one request are listed unless ``full`` is set."""

_COLORS: Final[Mapping[RequestOutcome, str]] = {
    RequestOutcome.FAILED: "red",
    RequestOutcome.WAITING: "yellow",
    RequestOutcome.UNDECIDED: "yellow",
    RequestOutcome.GONE: "dim",
    RequestOutcome.DONE: "green",
}
_NOTES: Final[Mapping[RequestOutcome, str]] = {
    RequestOutcome.WAITING: "What is waiting gives no access yet; --wait looks again until nothing is waiting.",
    RequestOutcome.UNDECIDED: "Of an undecided one this pulumi-veza does not know the state: look at it in Veza.",
    RequestOutcome.GONE: "What is gone is not known to the tenant (any more).",
}


def headline(document: RequestsDocument) -> str:
    """Return in one sentence how many requests there are, by outcome."""
    if not document.requests:
        return "The last changes of the stack opened no access request."
    parts = ", ".join(f"{count:,} {outcome}" for outcome, count in document.counts.items())
    return f"{counted(len(document.requests), 'access request')}: {parts}."


def terminal(document: RequestsDocument, options: RenderOptions) -> str:
    """Render a table as wide as the terminal is, what needs a look first."""
    shown = printed(options)
    console = shown.console
    console.print(Text(headline(document), style="bold"))
    stacks = f"Stack{'s' if len(document.stacks) > 1 else ''} {', '.join(document.stacks)}, " if document.stacks else ""
    console.print(Text(_clean(f"{stacks}tenant {document.tenant}"), style="dim"))
    if document.requests:
        console.print()
        shown.table(_table(document, options))
    rest = 0 if options.full else len(document.requests) - _ROWS
    if rest > 0:
        console.print(Text(f"... and {rest:,} more; --full shows them all", style="dim"))
    notes = [note for outcome, note in _NOTES.items() if document.counts.get(outcome.value)]
    for note in notes:
        console.print(Text(note, style="dim"))
    return shown.text


def _table(document: RequestsDocument, options: RenderOptions) -> Table:
    table = Table(box=None, pad_edge=False, expand=False)
    errors = any(each.error_message for each in document.requests)
    for column in ("Request", "Who", "Profile", "Set", "Plans", *(["Error"] if errors else [])):
        # An id is there to be copied.
        table.add_column(column, overflow="fold", no_wrap=column == "Request")
    shown = document.requests if options.full else document.requests[:_ROWS]
    for each in shown:
        cells = [
            f"{_state(each)}\n{each.id}",
            _lines(map(_person, each.people), full=options.full),
            each.profile or each.profile_id,
            each.set,
            _lines(map(_plan, each.plans), full=options.full),
            *([each.error_message or ""] if errors else []),
        ]
        cleaned = ("\n".join(map(_clean, cell.split("\n"))) for cell in cells)
        table.add_row(*map(escape, cleaned), style=_COLORS[each.outcome])
    return table


def _state(request: RequestReport) -> str:
    return f"{request.outcome.value}: {request.state}" if request.state else request.outcome.value


def _person(person: PersonReference) -> str:
    named = person.name and person.name != person.id
    return f"{_clean(str(person.name))} ({_clean(person.id)})" if named else _clean(person.id)


def _plan(plan: PlanReport) -> str:
    jobs = f"({counted(plan.jobs, 'job')})" if plan.jobs else ""
    until = f"until {plan.jit_revoke_at}" if plan.jit_revoke_at else ""
    return " ".join(_clean(each) for each in (plan.request_type, plan.state, jobs, until) if each)


def _lines(texts: Iterator[str], *, full: bool) -> str:
    lines = list(texts)
    if not full and len(lines) > _LINES:
        lines = [*lines[:_LINES], f"and {len(lines) - _LINES:,} more"]
    return "\n".join(lines)


def _clean(text: str) -> str:
    """Remove what would control the terminal."""
    return one_line(text, longest=500)


FORMATS: Final[dict[str, Callable[[RequestsDocument, RenderOptions], str]]] = {
    "terminal": terminal,
    "json": lambda document, _: dump(document),
}
"""The renderings by the name that ``--format`` takes."""
