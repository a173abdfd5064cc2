"""The terminal: the headline, then tables, the losses first."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.markup import escape
from rich.table import Table

from pulumi_veza.access.comparison import Effect
from pulumi_veza.errors import one_line
from pulumi_veza.impact.document import JUDGED, Document, MemberImpact, Person, ProfileImpact
from pulumi_veza.impact.rendering import rehearsed
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.headline import consequence, title
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.removals import capital, refusals, removed, sentences
from pulumi_veza.impact.rendering.wording import (
    Line,
    about,
    as_if_not_refused,
    changed,
    heading,
    lines,
    members_after,
    moves,
    of_nothing_done,
    offline,
    replaced,
    requests_opened,
    stacks,
    state,
    tenants,
    unread,
)
from pulumi_veza.reports import glossary
from pulumi_veza.reports.console import Printed, printed
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import listed
from pulumi_veza.rules.removal_guard import GuardLevel

_ROWS: Final = 15
"""How many rows of a table are shown unless ``full`` is set."""

_NAMED: Final = 4
"""How many people of one row are listed unless ``full`` is set."""

_LONGEST_REMOVAL: Final = 1500
"""Characters of one removal with the people whom it concerns."""


def render(document: Document, options: RenderOptions) -> str:
    """Render tables as wide as the terminal is."""
    document = as_if_not_refused(document)
    shown = printed(options)
    rows = None if options.full else _ROWS
    names = ProfileNames(document)
    _print_head(shown, document, names)
    _print_rehearsal(shown, document, rows)
    who = _Who(document)
    for effect in STYLES:
        if effect is not Effect.UNKNOWN:
            _print_people(shown, who, heading(document, effect), effect, lines(document, effect, names), rows)
    _print_profiles(shown, document, rows)
    _print_requests(shown, document)
    _print_unknowns(shown, document, rows)
    if not document.empty:
        shown.console.print()
        shown.paragraph(glossary.POINTER, style="dim")
    return shown.text


def _print_head(shown: Printed, document: Document, names: ProfileNames) -> None:
    shown.paragraph(_clean(title(document)), style="bold")
    people = PersonNames(document)
    _print_refusals(shown, document, people)
    seen = ", with what the tenant holds now" if document.live else ""
    shown.paragraph(f"{stacks(document)}{seen}", style="dim")
    if document.tenants:
        shown.paragraph(_clean(tenants(document)), style="dim")
    for said in filter(None, [unread(document), offline(document)]):
        shown.paragraph(said, style="dim")
    for conflict in document.conflicts:
        if not conflict.refused:
            said = ". ".join(filter(None, [conflict.what, capital(conflict.instead or "")]))
            shown.paragraph(f"Conflict: {_clean(said, longest=_LONGEST_REMOVAL)}", style="red")
    for type_ in document.types:
        shown.paragraph(f"{_clean(replaced(type_))}.", style="yellow")
    for hint in document.hints:
        shown.paragraph(f"To check: {_clean(hint.what)}: {_clean(hint.reason)}", style="yellow")
    judged = [each for each in document.removals if each.level in JUDGED and each.level is not GuardLevel.OVER]
    for removal in sorted(judged, key=lambda each: JUDGED.index(each.level)):
        said = ". ".join(sentences(removed(removal, names), _listed(removal.people, people)))
        shown.paragraph(f"Removal: {_clean(said, longest=_LONGEST_REMOVAL)}", style="yellow")


def _print_refusals(shown: Printed, document: Document, people: PersonNames) -> None:
    for each in refusals(document):
        what, *after = sentences(each, _listed(each.people, people))
        shown.paragraph(f"Refused: {_clean(what, longest=_LONGEST_REMOVAL)}", style="red")
        if after:
            # A value that confirms is of use only as a whole.
            shown.paragraph(_clean(". ".join(after), longest=sys.maxsize), style="red", indent=2)
    if said := consequence(document):
        shown.paragraph(said, style="red")


def _listed(ids: Iterable[str], people: PersonNames) -> str:
    return listed(map(people.__getitem__, ids))


def _print_rehearsal(shown: Printed, document: Document, rows: int | None) -> None:
    found = document.rehearsal
    if found is None:
        return
    for sentence in rehearsed.sentences(document):
        shown.paragraph(f"{sentence}.", style="bold")
    for what, texts, style in (
        ("Refused", found.refusals, "red"),
        ("Difference", found.differences, "red"),
        ("Not known to the twin", found.notes, "yellow"),
    ):
        for text in texts[:rows]:
            shown.paragraph(f"{what}: {_clean(text)}", style=style)
        if rows is not None and len(texts) > rows:
            shown.paragraph(f"... and {len(texts) - rows:,} more; --full shows them all", style="dim")


class _Who:
    """People in the tables' rows: what the tenant says of them beside the name stands in their first row alone."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._told: set[str] = set()

    def __call__(self, person: Person) -> str:
        told = person.id in self._told
        self._told.add(person.id)
        aside = [person.id if person.name else "", "" if told else about(self._document, person.id)]
        said = ", ".join(filter(None, aside))
        return f"{person.name or person.id} ({said})" if said else person.id


def _print_people(
    shown: Printed, who: _Who, title: str, effect: Effect, found: Sequence[Line], rows: int | None
) -> None:
    why = ["Why"] if any(line.reason for line in found) else []
    table = _table(title, "Who", "What", "By", *why)
    for line in found[:rows]:
        named = line.people if rows is None else line.people[:_NAMED]
        people = [_clean(who(each)) for each in named]
        if more := len(line.people) - len(named):
            people.append(f"and {more:,} more (--full)")
        cells = ["\n".join(people), "\n".join(map(_clean, line.entitlements)), " > ".join(map(_clean, line.path))]
        if why:
            cells.append(_clean(line.reason or ""))
        table.add_row(*map(escape, cells), style=STYLES[effect].color)
    _print_table(shown, table, len(found), rows)


def _print_profiles(shown: Printed, document: Document, rows: int | None) -> None:
    def named(members: Sequence[MemberImpact]) -> str:
        names = [_clean(each.name or each.id) for each in members]
        return listed(names, most=len(names) if rows is None else _NAMED)

    changing = [each for each in document.profiles if each.changes]
    table = _table(f"Profiles{of_nothing_done(document)}", "Profile", "Change", "State", "Members", "Entitlements")
    for each in changing[:rows]:
        after, before = members_after(each), f"{each.members_before:,}"
        compared = each.members_known and each.members_before and before != after
        members = "\n".join([f"{after} ({before} before)" if compared else after, *moves(each, named)])
        held = "\n".join(map(_clean, _held(each, rows)))
        table.add_row(*map(escape, [_clean(each.name), changed(each), state(each), members, held]))
    _print_table(shown, table, len(changing), rows)


def _held(profile: ProfileImpact, rows: int | None) -> Iterator[str]:
    """Yield what a profile holds and no longer holds, a line each."""
    for sign, keys in (("+", profile.entitlements_added), ("-", profile.entitlements_removed)):
        shown = keys if rows is None else keys[:_NAMED]
        yield from (f"{sign} {key}" for key in shown)
        if len(keys) > len(shown):
            yield f"{sign} {len(keys) - len(shown):,} more (--full)"


def _print_requests(shown: Printed, document: Document) -> None:
    summary = document.summary
    if summary.provisions or summary.deprovisions:
        opened = f"{summary.provisions:,} to provision and {summary.deprovisions:,} to de-provision"
        shown.console.print()
        shown.paragraph(f"{requests_opened(document, opened)}.")


def _print_unknowns(shown: Printed, document: Document, rows: int | None) -> None:
    table = _table("Could not be known", "What", "Why", "People")
    for each in document.unknowns[:rows]:
        concerned = f"{each.people:,}" if each.people else ""
        table.add_row(escape(_clean(each.what)), escape(_clean(each.reason)), concerned)
    _print_table(shown, table, len(document.unknowns), rows)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, expand=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _print_table(shown: Printed, table: Table, total: int, rows: int | None) -> None:
    if not total:
        return
    shown.console.print()
    shown.table(table)
    if rows is not None and total > rows:
        shown.paragraph(f"... and {total - rows:,} more; --full shows them all", style="dim")


def _clean(text: str, *, longest: int = 500) -> str:
    """Remove what would control the terminal."""
    return one_line(text, longest=longest)
