"""The terminal: the headline, then tables, the losses first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from pulumi_veza.access.comparison import Effect
from pulumi_veza.errors import one_line
from pulumi_veza.impact.document import JUDGED, Document, Person
from pulumi_veza.impact.rendering import rehearsed
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.refusals import consequence, headline, refusals
from pulumi_veza.impact.rendering.wording import (
    Line,
    ProfileNames,
    about,
    changed,
    heading,
    lines,
    members_after,
    moves,
    offline,
    removed,
    replaced,
    stacks,
    tenants,
    unread,
)
from pulumi_veza.reports import glossary
from pulumi_veza.reports.console import printed
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import listed
from pulumi_veza.rules.removal_guard import GuardLevel

_ROWS: Final = 15
"""How many rows of a table are shown unless ``full`` is set."""

_NAMED: Final = 4
"""How many people of one row are listed unless ``full`` is set."""

_LONGEST_REFUSAL: Final = 1500
"""Characters of one refusal with the people whom it concerns."""


def render(document: Document, options: RenderOptions) -> str:
    """Render tables as wide as the terminal is."""
    shown = printed(options)
    console = shown.console
    rows = None if options.full else _ROWS
    names = ProfileNames(document)
    _print_head(console, document, names)
    _print_rehearsal(console, document, rows)
    for effect in STYLES:
        if effect is not Effect.UNKNOWN:
            _print_people(console, document, effect, lines(document, effect, names), rows)
    _print_profiles(console, document, rows)
    _print_requests(console, document)
    _print_unknowns(console, document, rows)
    if not document.empty:
        console.print(Text(f"\n{glossary.POINTER}", style="dim"))
    return shown.text


def _print_head(console: Console, document: Document, names: ProfileNames) -> None:
    console.print(Text(_clean(headline(document)), style="bold"))
    _print_refusals(console, document)
    seen = ", with what the tenant holds now" if document.live else ""
    console.print(Text(f"{stacks(document)}{seen}", style="dim"))
    if document.tenants:
        console.print(Text(_clean(tenants(document)), style="dim"))
    for said in filter(None, [unread(document), offline(document)]):
        console.print(Text(said, style="dim"))
    for conflict in document.conflicts:
        if not conflict.refused:
            console.print(Text(f"Conflict: {_clean(conflict.what)}", style="red"))
    for type_ in document.types:
        console.print(Text(f"Type: {_clean(replaced(type_))}.", style="yellow"))
    for hint in document.hints:
        console.print(Text(f"To check: {_clean(hint.what)}: {_clean(hint.reason)}", style="yellow"))
    judged = [each for each in document.removals if each.level in JUDGED and each.level is not GuardLevel.OVER]
    for removal in sorted(judged, key=lambda each: JUDGED.index(each.level)):
        console.print(Text(f"Removal: {_clean(removed(removal, names))}", style="yellow"))


def _print_refusals(console: Console, document: Document) -> None:
    names = PersonNames(document)
    for each in refusals(document):
        who = f": {listed(map(names.__getitem__, each.people))}" if each.people else ""
        after = "; ".join(filter(None, [each.limit, each.way_out]))
        console.print(Text(f"Refused: {_clean(each.what + who, longest=_LONGEST_REFUSAL)}", style="red"))
        if after:
            console.print(Text(f"  {_clean(after)}", style="red"))
    if said := consequence(document):
        console.print(Text(said, style="red"))


def _print_rehearsal(console: Console, document: Document, rows: int | None) -> None:
    found = document.rehearsal
    if found is None:
        return
    for sentence in rehearsed.sentences(document):
        console.print(Text(f"{sentence}.", style="bold"))
    for what, texts, style in (
        ("Refused", found.refusals, "red"),
        ("Difference", found.differences, "red"),
        ("Not known to the twin", found.notes, "yellow"),
    ):
        for text in texts[:rows]:
            console.print(Text(f"{what}: {_clean(text)}", style=style))
        if rows is not None and len(texts) > rows:
            console.print(Text(f"... and {len(texts) - rows:,} more; --full shows them all", style="dim"))


def _print_people(
    console: Console, document: Document, effect: Effect, shown: Sequence[Line], rows: int | None
) -> None:
    why = ["Why"] if any(line.reason for line in shown) else []
    table = _table(heading(document, effect), "Who", "What", "By", *why)
    for line in shown[:rows]:
        who = [_clean(_person(document, each)) for each in line.people]
        if rows is not None and len(who) > _NAMED:
            who = [*who[:_NAMED], f"and {len(who) - _NAMED:,} more"]
        cells = ["\n".join(who), "\n".join(map(_clean, line.entitlements)), " > ".join(map(_clean, line.path))]
        if why:
            cells.append(_clean(line.reason or ""))
        table.add_row(*map(escape, cells), style=STYLES[effect].color)
    _print_table(console, table, len(shown), rows)


def _person(document: Document, person: Person) -> str:
    aside = ", ".join(filter(None, [person.id if person.name else "", about(document, person.id)]))
    return f"{person.name or person.id} ({aside})" if aside else person.id


def _print_profiles(console: Console, document: Document, rows: int | None) -> None:
    changing = [each for each in document.profiles if each.changes]
    table = _table("Profiles", "Profile", "Change", "State", "Members", "Entitlements")
    for each in changing[:rows]:
        state = each.state_after or each.state_before or ""
        if each.state_before and each.state_after and each.state_before != each.state_after:
            state = f"{each.state_before} > {each.state_after}"
        moved = f" ({', '.join(moves(each))})" if moves(each) else ""
        signs = (("+", each.entitlements_added), ("-", each.entitlements_removed))
        held = " ".join(f"{sign}{len(keys):,}" for sign, keys in signs if keys)
        table.add_row(escape(_clean(each.name)), changed(each), state, f"{members_after(each)}{moved}", held)
    _print_table(console, table, len(changing), rows)


def _print_requests(console: Console, document: Document) -> None:
    summary = document.summary
    if summary.provisions or summary.deprovisions:
        undone = Counter(each.undone for each in document.requests)
        doubt = "".join(
            f", {count:,} of them {said}"
            for count, said in (
                (summary.requests_in_doubt, "not certain"),
                (undone["certain"], "for what is not done"),
                (undone["possible"], "for what may be left undone"),
            )
            if count
        )
        opened = f"{summary.provisions:,} to provision and {summary.deprovisions:,} to de-provision"
        console.print(f"\nAccess requests that Veza opens: {opened}{doubt}.")


def _print_unknowns(console: Console, document: Document, rows: int | None) -> None:
    table = _table("Could not be known", "What", "Why", "People")
    for each in document.unknowns[:rows]:
        concerned = f"{each.people:,}" if each.people else ""
        table.add_row(escape(_clean(each.what)), escape(_clean(each.reason)), concerned)
    _print_table(console, table, len(document.unknowns), rows)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print_table(console: Console, table: Table, total: int, rows: int | None) -> None:
    if not total:
        return
    console.print()
    console.print(table)
    if rows is not None and total > rows:
        console.print(Text(f"... and {total - rows:,} more; --full shows them all", style="dim"))


def _clean(text: str, *, longest: int = 500) -> str:
    """Remove what would control the terminal."""
    return one_line(text, longest=longest)
