"""What the tables of the page hold: people, entitlements, profiles and access requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import Cause, Document, MemberImpact, Person, ProfileImpact
from pulumi_veza.impact.rendering.effects import MINUS, RANKS, STYLES
from pulumi_veza.impact.rendering.page.tables import Cells, Choice, Column, Part, Table, clean, table
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.wording import (
    about,
    as_if_not_refused,
    changed,
    holders,
    members_after,
    of_nothing_done,
    replaced,
    state,
    why,
)
from pulumi_veza.reports.findings import Source
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import people

_NAMED: Final = 5
"""Names in one cell; the whole list has a table of its own, or the number that is left out is said."""


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: str
    count: int
    said: str
    """What it shows, in a sentence."""
    table: Table
    below: bool = False
    """Whether it belongs to the one before."""
    notes: Sequence[tuple[str, str, str | None]] = ()
    """What is said below the table: of what, the sentence, and the place in the program."""


def sections(document: Document, options: RenderOptions, cells: Cells) -> list[Section]:
    """Return the sections that have something to show."""
    document = as_if_not_refused(document)
    return [each for each in _sections(document, options, cells) if each.table.rows or each.notes]


def at(source: Source | None, options: RenderOptions) -> str | None:
    """Format the place where a program declares something."""
    if source is None:
        return None
    return clean(options.locate(source).words)


def _lines(source: Source | None, options: RenderOptions) -> Iterator[Part]:
    """Yield the place where a program declares something, and the place inside of a component on a line of its own."""
    if source:
        found = options.locate(source)
        yield "code", f"{found.file}:{found.line}"
        if found.declared_at:
            yield "code", f"declared in {found.declared_at.words}"


def _sections(document: Document, options: RenderOptions, cells: Cells) -> Iterator[Section]:
    names, nothing = ProfileNames(document), of_nothing_done(document)
    concerned = _people_table(document, options, cells, names)
    yield Section("People", len(document.people), "For whom access changes, or may. Losses come first.", concerned)
    held = _entitlements_table(document, cells)
    yield Section(f"Entitlements{nothing}", len(held.rows), "How many people have each, before and after.", held)
    profiles = [each for each in document.profiles if each.changes]
    yield Section(
        f"Profiles{nothing}",
        len(profiles),
        "What changes about the access profiles, and about who is a member.",
        _profiles_table(document, profiles, options, cells, names),
        notes=_types(document, options),
    )
    if any(max(len(each.joining), len(each.leaving)) > _NAMED for each in profiles):
        members = _members_table(document, profiles, cells)
        yield Section(
            "Who joins and who leaves", len(members.rows), "Everybody, profile by profile.", members, below=True
        )
    requests = _requests_table(document, cells, names)
    opens = "would open" if nothing else "opens"
    said = f"What Veza {opens} to bring the change about."
    yield Section(f"Access requests{nothing}", len(requests.rows), said, requests)


def _people_table(document: Document, options: RenderOptions, cells: Cells, names: ProfileNames) -> Table:
    what = {each.key: cells.add(*_held(each.entity_id, each.entity_type, each.datasource_id))
            for each in document.entitlements}  # fmt: skip
    causes = {each.urn: cells.add(*_cause(each, options)) for each in document.causes}
    effects: dict[tuple[Effect, str], int] = {}
    for effect, style in STYLES.items():
        for undone, said in _NOT_DONE.items():
            shown = (f"effect {style.look}", f"{style.sign} {style.title}{said}")
            effects[effect, undone] = cells.add(shown, key=RANKS[effect])
    paths: dict[tuple[str, ...], int] = {}
    rows: list[list[int]] = []
    for person in sorted(document.people, key=_most_severe):
        who = cells.add(*_person(document, person.id, person.name))
        for row in sorted(person.rows, key=lambda each: RANKS[each.effect]):
            refs = tuple(row.path)
            if refs not in paths:
                paths[refs] = cells.add(*_steps(names.path(refs)))
            given = what.get(row.entitlement or "")
            if given is None:
                given = cells.add(("name", row.entitlement) if row.entitlement else ("quiet", "not known"))
            reason = cells.add(("text", why(document, row)))
            cause = causes[row.cause] if row.cause in causes else cells.add()
            rows.append([who, effects[row.effect, row.undone or ""], given, paths[refs], reason, cause])
    found = Counter(row[1] for row in rows)
    choices = [
        Choice(f"{STYLES[effect].title}{_NOT_DONE[undone]}", cell, found[cell])
        for (effect, undone), cell in effects.items()
        if found[cell]
    ]
    columns = [
        Column("Person", "who"),
        Column("Effect", "what"),
        Column("Entitlement", "which"),
        Column("By profile", "path"),
        Column("Why", "why", always=False),
        Column("Caused by", "cause", always=False),
    ]
    about = ("person", "people")
    return table("people", "Who gains or loses what", columns, rows, cells, grouped=True, about=about, choices=choices)


_NOT_DONE: Final = {"": "", "certain": ", not done", "possible": ", perhaps not done"}
"""By the mark of something that `pulumi up` leaves undone, what is added to its effect."""


def _entitlements_table(document: Document, cells: Cells) -> Table:
    held = document.entitlements
    moved = [
        ("Lose it", MINUS, [each.lost for each in held]),
        ("May lose it", MINUS, [each.potentially_lost for each in held]),
        ("Gain it", "+", [each.gained for each in held]),
        ("May gain it", "+", [each.potentially_gained for each in held]),
        ("No longer governed, or not yet", "", [each.other for each in held]),
    ]
    # What is certain is always said; of the rest, what occurs.
    moved = [each for place, each in enumerate(moved) if any(each[2]) or place in {0, 2}]
    what = [cells.add(*_held(each.entity_id, each.entity_type, each.datasource_id)) for each in held]
    had, has = zip(*(holders(each) for each in held), strict=True) if held else ((), ())
    numbers = [
        [cells.add(("number", text), key=each.holders_before) for text, each in zip(had, held, strict=True)],
        [cells.add(("number", text), key=each.holders_after) for text, each in zip(has, held, strict=True)],
    ]
    numbers += [[cells.count(value, sign) for value in values] for _, sign, values in moved]
    titles = ["People before", "People after", *(title for title, _, _ in moved)]
    columns = [Column("Entitlement", "which"), *(Column(title, "count") for title in titles)]
    rows = list(map(list, zip(what, *numbers, strict=True)))
    return table("entitlements", "Entitlements that somebody gains or loses", columns, rows, cells)


def _profiles_table(
    document: Document, profiles: Iterable[ProfileImpact], options: RenderOptions, cells: Cells, names: ProfileNames
) -> Table:
    rows = []
    several = len(document.stacks) > 1
    for each in profiles:
        stack = (several and each.stack) or ""
        rows.append(
            [
                cells.add(("name", each.name), ("detail", stack), *_lines(each.source, options)),
                cells.add(("text", changed(each))),
                cells.add(("text", state(each))),
                cells.add(*_moved(each), key=each.members_after),
                cells.add(*_members(document, each.joining, "+"), *_members(document, each.leaving, MINUS)),
                cells.add(*_content(each, names)),
            ]
        )
    columns = [
        Column("Profile", "who"),
        Column("Action", "what"),
        Column("State", "state", always=False),
        Column("Members", "count"),
        Column("Joining and leaving", "moved", always=False),
        Column("Holds and inherits", "content", always=False),
    ]
    return table("profiles", "Access profiles that change", columns, rows, cells)


def _content(each: ProfileImpact, names: ProfileNames) -> Iterator[Part]:
    yield from _list(each.entitlements_added, "gained", "+")
    yield from _list(each.entitlements_removed, "lost", MINUS)
    before, after = set(each.inherited_before), set(each.inherits)
    for ref in sorted(after - before, key=names.__getitem__):
        yield "line gained", f"+ inherits {names[ref]}"
    for ref in sorted(before - after, key=names.__getitem__):
        yield "line lost", f"{MINUS} inherits {names[ref]}"


def _members_table(document: Document, profiles: Iterable[ProfileImpact], cells: Cells) -> Table:
    joins = cells.add(("effect gained", "+ Joins"), key=1)
    leaves = cells.add(("effect lost", f"{MINUS} Leaves"), key=0)
    rows = []
    for each in profiles:
        name = cells.add(("name", each.name))
        for way, members in ((leaves, each.leaving), (joins, each.joining)):
            rows += [
                [cells.add(*_person(document, who.id, who.name)), way, name, cells.add(("text", why(document, who)))]
                for who in members
            ]
    columns = [
        Column("Person", "who"),
        Column("Change", "what"),
        Column("Profile", "which"),
        Column("Why", "why", always=False),
    ]
    return table("members", "Who joins and who leaves a profile", columns, rows, cells)


def _requests_table(document: Document, cells: Cells, names: ProfileNames) -> Table:
    provision = cells.add(("effect gained", "+ Provision"), key=1)
    withdraw = cells.add(("effect lost", f"{MINUS} De-provision"), key=0)
    rows = [
        [
            cells.add(*_person(document, each.identity_id, each.name)),
            provision if each.operation == "PROVISION" else withdraw,
            cells.add(("name", names[each.profile])),
            cells.add(("text", why(document, each))),
        ]
        for each in document.requests
    ]
    columns = [
        Column("Person", "who"),
        Column("Operation", "what"),
        Column("Profile", "which"),
        Column("Why", "why", always=False),
    ]
    opens = "would open" if document.refused_at == "preview" else "opens"
    return table("requests", f"Access requests that Veza {opens}", columns, rows, cells)


def _types(document: Document, options: RenderOptions) -> Sequence[tuple[str, str, str | None]]:
    return [
        (
            clean(f"{replaced(each)}."),
            "",
            at(each.source, options),
        )
        for each in document.types
    ]


def _person(document: Document, id_: str, name: str | None) -> Sequence[Part]:
    details = ", ".join(filter(None, [id_ if name else "", about(document, id_)]))
    return ("name", name or id_), ("detail", details)


def _cause(cause: Cause, options: RenderOptions) -> Sequence[Part]:
    return ("name", cause.name), ("detail", f"{cause.kind}, {cause.action}"), *_lines(cause.source, options)


def _most_severe(person: Person) -> int:
    return min((RANKS[row.effect] for row in person.rows), default=len(RANKS))


def _held(entity_id: str, entity_type: str, datasource_id: str) -> Sequence[Part]:
    return ("name", entity_id), ("detail", f"{entity_type} in {datasource_id}")


def _steps(names: Sequence[str]) -> Iterator[Part]:
    for place, name in enumerate(names):
        if place:
            yield "arrow", "→"
        yield "step", name or "(no name)"


def _moved(each: ProfileImpact) -> Iterator[Part]:
    after = members_after(each)
    if f"{each.members_before:,}" != after:
        yield "number", f"{each.members_before:,}"
        yield "arrow", "→"
    yield "number", after


def _members(document: Document, members: Sequence[MemberImpact], sign: str) -> Iterator[Part]:
    look = "line gained" if sign == "+" else "line lost"
    if len(members) > _NAMED:
        yield look, f"{sign} {people(len(members))}"
        return
    for each in members:
        said = why(document, each)
        doubt = f" ({said if each.undone else f'not certain: {said}'})" if said else ""
        yield look, f"{sign} {each.name or each.id}{doubt}"


def _list(keys: Sequence[str], look: str, sign: str) -> Iterator[Part]:
    for key in keys[:_NAMED]:
        yield f"line {look}", f"{sign} {key}"
    if len(keys) > _NAMED:
        yield f"line {look}", f"{sign} {len(keys) - _NAMED:,} more, which --format json lists"
