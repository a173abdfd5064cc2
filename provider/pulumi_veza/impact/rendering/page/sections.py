"""What the tables of the page hold: people, entitlements, profiles and access requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_veza.impact.document import Cause, Document, Effect, MemberImpact, Person, Place, ProfileImpact
from pulumi_veza.impact.rendering.options import Options
from pulumi_veza.impact.rendering.page.tables import MINUS, Cells, Choice, Column, Part, Table, clean, table
from pulumi_veza.impact.rendering.wording import SECTIONS, Words, changes, counted

SIGNS: Final[Mapping[Effect, tuple[str, str]]] = {
    "lost": ("lost", MINUS),
    "potentially lost": ("maybe-lost", f"{MINUS}?"),
    "gained": ("gained", "+"),
    "potentially gained": ("maybe-gained", "+?"),
    "kept, no longer governed": ("warning", "="),
    "no effect yet": ("quiet", "○"),
    "unknown": ("warning", "?"),
}
"""How each effect looks, and its sign: no effect is told from another by its colour alone."""

MEANINGS: Final[Mapping[Effect, str]] = {
    "lost": "The access ends, for certain: no other path gives the same.",
    "potentially lost": "It may end: it has a condition, a value is known only once the change is made, or a profile "
    "that was not looked at may give the same.",
    "gained": "The access begins, for certain.",
    "potentially gained": "It may begin; the reason is said.",
    "kept, no longer governed": "It is taken out of a profile whose type lets members keep it: they have it on, and no "
    "profile says so.",
    "no effect yet": "It is given by a profile that is not running, or by a version that is not the live one.",
    "unknown": "Access begins or ends, and which cannot be known before it is done.",
}

_ORDER: Final = {effect: place for place, (effect, _) in enumerate(SECTIONS)}
_TITLES: Final = dict(SECTIONS)
_NAMED: Final = 5
"""Names in one cell; the whole list has a table of its own, or the number that is left out is said."""

_ACTIONS: Final = {
    "create": "Created",
    "update": "Updated",
    "replace": "Replaced",
    "delete": "Leaves the stack",
    "adopt": "Exists, is taken over",
}


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


def sections(document: Document, options: Options, cells: Cells) -> list[Section]:
    """Give those that have something to show."""
    return [each for each in _Sections(document, options, cells).all() if each.table.rows or each.notes]


def at(place: Place | None, options: Options) -> str | None:
    """Say where a program declares something."""
    return clean(f"{options.path(place)}:{place.line}") if place else None


class _Sections:
    def __init__(self, document: Document, options: Options, cells: Cells) -> None:
        self.document, self.options, self.cells = document, options, cells
        self.words = Words(document)

    def all(self) -> Iterator[Section]:
        document = self.document
        yield Section(
            "People", document.summary.people, "For whom access changes, or may. Losses come first.", self._people()
        )
        yield Section(
            "Entitlements", len(document.entitlements), "How many people hold each, before and after.", self._held()
        )
        profiles = [each for each in document.profiles if changes(each)]
        said = "What changes about the access profiles, and about who is a member."
        yield Section("Profiles", len(profiles), said, self._profiles(profiles), notes=self._types())
        moving = [each for each in profiles if max(len(each.joining), len(each.leaving)) > _NAMED]
        if moving:
            members = self._members(profiles)
            yield Section(
                "Who joins and who leaves", len(members.rows), "Everybody, profile by profile.", members, below=True
            )
        requests = self._requests()
        yield Section("Access requests", len(requests.rows), "What Veza opens to bring the change about.", requests)

    def _people(self) -> Table:
        what = {each.key: self.cells.add(*_held(each.entity_id, each.entity_type, each.datasource_id))
                for each in self.document.entitlements}  # fmt: skip
        causes = {each.urn: self.cells.add(*self._cause(each)) for each in self.document.causes}
        effects = {effect: self.cells.add((f"effect {look}", f"{sign} {_TITLES[effect]}"), key=_ORDER[effect])
                   for effect, (look, sign) in SIGNS.items()}  # fmt: skip
        paths: dict[tuple[str, ...], int] = {}
        rows: list[list[int]] = []
        for person in sorted(self.document.people, key=_gravest):
            who = self._who(person.id, person.name)
            for row in sorted(person.rows, key=lambda each: _ORDER[each.effect]):
                refs = tuple(row.path)
                if refs not in paths:
                    paths[refs] = self.cells.add(*_steps(self.words.path(refs)))
                given = what.get(row.entitlement or "")
                if given is None:
                    given = self.cells.add(("name", row.entitlement) if row.entitlement else ("quiet", "not known"))
                reason = self.cells.add(("text", row.reason or ""))
                cause = causes[row.cause] if row.cause in causes else self.cells.add()
                rows.append([who, effects[row.effect], given, paths[refs], reason, cause])
        found = Counter(row[1] for row in rows)
        choices = [
            Choice(title, effects[effect], found[effects[effect]])
            for effect, title in SECTIONS
            if found[effects[effect]]
        ]
        columns = [
            Column("Person", "who"),
            Column("Effect", "what"),
            Column("Entitlement", "which"),
            Column("By profile", "path"),
            Column("Why it is not certain", "why", always=False),
            Column("Caused by", "cause", always=False),
        ]
        about = ("person", "people")
        return table(
            "people", "Who gains or loses what", columns, rows, self.cells, grouped=True, about=about, choices=choices
        )

    def _held(self) -> Table:
        held = self.document.entitlements
        counts = [
            ("Holders before", "", [each.holders_before for each in held]),
            ("Holders after", "", [each.holders_after for each in held]),
            ("Lose it", MINUS, [each.lost for each in held]),
            ("May lose it", MINUS, [each.potentially_lost for each in held]),
            ("Gain it", "+", [each.gained for each in held]),
            ("May gain it", "+", [each.potentially_gained for each in held]),
            ("Ungoverned, or not yet", "", [each.other for each in held]),
        ]
        # The holders and what is certain are always said; of the rest, what occurs.
        counts = [each for place, each in enumerate(counts) if any(each[2]) or place in {0, 1, 2, 4}]
        what = [self.cells.add(*_held(each.entity_id, each.entity_type, each.datasource_id)) for each in held]
        numbers = [[self.cells.count(value, sign) for value in values] for _, sign, values in counts]
        columns = [Column("Entitlement", "which"), *(Column(title, "count") for title, _, _ in counts)]
        rows = list(map(list, zip(what, *numbers, strict=True)))
        return table("entitlements", "Entitlements that somebody gains or loses", columns, rows, self.cells)

    def _profiles(self, profiles: Iterable[ProfileImpact]) -> Table:
        rows = []
        several = len(self.document.stacks) > 1
        for each in profiles:
            place = at(each.source, self.options)
            rows.append(
                [
                    self.cells.add(
                        ("name", each.name), ("detail", (several and each.stack) or ""), ("code", place or "")
                    ),
                    self.cells.add(("text", _action(each))),
                    self.cells.add(*_state(each)),
                    self.cells.add(*_moved(each), key=each.members_after),
                    self.cells.add(*_members(each.joining, "+"), *_members(each.leaving, MINUS)),
                    self.cells.add(*self._content(each)),
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
        return table("profiles", "Access profiles that change", columns, rows, self.cells)

    def _content(self, each: ProfileImpact) -> Iterator[Part]:
        yield from _list(each.entitlements_added, "gained", "+")
        yield from _list(each.entitlements_removed, "lost", MINUS)
        before, after = set(each.inherited_before), set(each.inherits)
        for ref in sorted(after - before, key=self.words.profile):
            yield "line gained", f"+ inherits {self.words.profile(ref)}"
        for ref in sorted(before - after, key=self.words.profile):
            yield "line lost", f"{MINUS} inherits {self.words.profile(ref)}"

    def _members(self, profiles: Iterable[ProfileImpact]) -> Table:
        joins = self.cells.add(("effect gained", "+ Joins"), key=1)
        leaves = self.cells.add(("effect lost", f"{MINUS} Leaves"), key=0)
        rows = []
        for each in profiles:
            name = self.cells.add(("name", each.name))
            for way, members in ((leaves, each.leaving), (joins, each.joining)):
                rows += [
                    [self._who(who.id, who.name), way, name, self.cells.add(("text", who.reason or ""))]
                    for who in members
                ]
        columns = [
            Column("Person", "who"),
            Column("Change", "what"),
            Column("Profile", "which"),
            Column("Why it is not certain", "why", always=False),
        ]
        return table("members", "Who joins and who leaves a profile", columns, rows, self.cells)

    def _requests(self) -> Table:
        provision = self.cells.add(("effect gained", "+ Provision"), key=1)
        withdraw = self.cells.add(("effect lost", f"{MINUS} De-provision"), key=0)
        rows = [
            [
                self._who(each.identity_id, each.name),
                provision if each.operation == "PROVISION" else withdraw,
                self.cells.add(("name", self.words.profile(each.profile))),
                self.cells.add(("text", each.reason or "")),
            ]
            for each in self.document.requests
        ]
        columns = [
            Column("Person", "who"),
            Column("Operation", "what"),
            Column("Profile", "which"),
            Column("Why it is not certain", "why", always=False),
        ]
        return table("requests", "Access requests that Veza opens", columns, rows, self.cells)

    def _types(self) -> Sequence[tuple[str, str, str | None]]:
        return [
            (
                clean(each.name),
                f"{counted(len(each.profiles), 'profile')} of this type get the new one, and the old one stays behind.",
                at(each.source, self.options),
            )
            for each in self.document.types
        ]

    def _who(self, id_: str, name: str | None) -> int:
        return self.cells.add(("name", name or id_), ("detail", id_ if name else ""))

    def _cause(self, cause: Cause) -> Sequence[Part]:
        place = at(cause.source, self.options)
        return ("name", cause.name), ("detail", f"{cause.kind}, {cause.action}"), ("code", place or "")


def _gravest(person: Person) -> int:
    return min((_ORDER[row.effect] for row in person.rows), default=len(_ORDER))


def _held(entity_id: str, entity_type: str, datasource_id: str) -> Sequence[Part]:
    return ("name", entity_id), ("detail", f"{entity_type} in {datasource_id}")


def _steps(names: Sequence[str]) -> Iterator[Part]:
    for place, name in enumerate(names):
        if place:
            yield "arrow", "→"
        yield "step", name or "(no name)"


def _action(each: ProfileImpact) -> str:
    """Say what is done to it; other resources can change its members and what it holds without a change of its own."""
    if each.action != "same":
        return _ACTIONS[each.action]
    holds = each.entitlements_added or each.entitlements_removed
    moved = each.joining or each.leaving
    return (
        "Its members"
        if moved and not holds
        else "What it holds"
        if holds and not moved
        else "Its members, what it holds"
    )


def _state(each: ProfileImpact) -> Iterator[Part]:
    if each.state_before and each.state_after and each.state_before != each.state_after:
        yield "step", each.state_before
        yield "arrow", "→"
    yield "step", each.state_after or each.state_before or ""


def _moved(each: ProfileImpact) -> Iterator[Part]:
    if each.members_before != each.members_after:
        yield "number", f"{each.members_before:,}"
        yield "arrow", "→"
    yield "number", f"{each.members_after:,}"


def _members(members: Sequence[MemberImpact], sign: str) -> Iterator[Part]:
    look = "line gained" if sign == "+" else "line lost"
    if len(members) > _NAMED:
        yield look, f"{sign} {counted(len(members), 'person', 'people')}"
        return
    for each in members:
        doubt = f" (not certain: {each.reason})" if each.reason else ""
        yield look, f"{sign} {each.name or each.id}{doubt}"


def _list(keys: Sequence[str], look: str, sign: str) -> Iterator[Part]:
    for key in keys[:_NAMED]:
        yield f"line {look}", f"{sign} {key}"
    if len(keys) > _NAMED:
        yield f"line {look}", f"{sign} {len(keys) - _NAMED:,} more, which --format json lists"
