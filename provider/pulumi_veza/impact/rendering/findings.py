"""What a change has to say about lines of a program: the common ground of SARIF and workflow annotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pulumi_veza.impact.document import Cause, Document, Effect, Place
from pulumi_veza.impact.rendering.wording import counted, people

Level = Literal["error", "warning", "note"]

RULES: dict[str, tuple[Level, str]] = {
    "access-conflict": ("error", "Two resources want different things of one object."),
    "removal-above-guard": ("error", "A membership set removes more members than its guard allows."),
    "access-lost": ("warning", "People lose entitlements."),
    "access-potentially-lost": ("warning", "People may lose entitlements."),
    "removal-near-guard": ("warning", "A membership set removes half of what its guard allows, or more."),
    "access-ungoverned": ("warning", "People keep entitlements that are no longer governed."),
    "access-gained": ("note", "People gain entitlements."),
    "access-potentially-gained": ("note", "People may gain entitlements."),
    "access-without-effect": ("note", "People are given entitlements that have no effect yet."),
    "access-unknown": ("note", "What changes for people cannot be known before it is done."),
}
"""Every rule with its level and its description, the gravest first."""

_OF_EFFECT: dict[Effect, tuple[str, str, str]] = {
    "lost": ("access-lost", "loses", "lose"),
    "potentially lost": ("access-potentially-lost", "may lose", "may lose"),
    "gained": ("access-gained", "gains", "gain"),
    "potentially gained": ("access-potentially-gained", "may gain", "may gain"),
    "kept, no longer governed": ("access-ungoverned", "keeps, ungoverned,", "keep, ungoverned,"),
    "no effect yet": ("access-without-effect", "will, once it takes effect, gain", "will, once it takes effect, gain"),
}
_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One thing to say about one line."""

    rule: str
    message: str
    place: Place | None
    key: str
    """The same for the same finding of a later run."""

    @property
    def level(self) -> Level:
        """How grave it is."""
        return RULES[self.rule][0]


def findings(document: Document) -> list[Finding]:
    """Give what there is to say, the gravest first."""
    order = list(RULES)
    found = [*_obstacles(document), *_effects(document), *_unknowns(document)]
    return sorted(found, key=lambda each: (order.index(each.rule), each.key))


def _effects(document: Document) -> Iterator[Finding]:
    causes = {cause.urn: cause for cause in document.causes}
    who: defaultdict[tuple[str, Effect], dict[str, str]] = defaultdict(dict)
    what: defaultdict[tuple[str, Effect], set[str]] = defaultdict(set)
    for person in document.people:
        for row in person.rows:
            if row.effect in _OF_EFFECT:
                who[row.cause or "", row.effect][person.id] = person.name or person.id
                what[row.cause or "", row.effect].add(row.entitlement or "")
    for (urn, effect), concerned in who.items():
        rule, one, many = _OF_EFFECT[effect]
        cause = causes.get(urn)
        keys = sorted(what[urn, effect])
        named = ", ".join(keys[:_NAMED]) + (f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else "")
        first = ", ".join(list(concerned.values())[:_NAMED]) + (", ..." if len(concerned) > _NAMED else "")
        message = (
            f"{_said(cause)}{people(len(concerned))} ({first}) {one if len(concerned) == 1 else many} "
            f"{counted(len(keys), 'entitlement')}: {named}"
        )
        yield Finding(rule, message, cause.source if cause else None, f"{urn} {effect}")


def _said(cause: Cause | None) -> str:
    return f"{cause.kind} {cause.name!r}: " if cause else ""


def _obstacles(document: Document) -> Iterator[Finding]:
    for conflict in document.conflicts:
        yield Finding("access-conflict", conflict.what, conflict.source, " ".join(conflict.urns) + conflict.what)
    for removal in document.removals:
        rule = {"over": "removal-above-guard", "near": "removal-near-guard"}.get(removal.level)
        if rule:
            message = f"removes {removal.removed} of {counted(removal.managed, 'member')}; {removal.limit}"
            yield Finding(rule, message, removal.source, removal.urn)


def _unknowns(document: Document) -> Iterator[Finding]:
    for unknown in document.unknowns:
        concerned = f" ({people(unknown.people)})" if unknown.people else ""
        message = f"{unknown.what}: {unknown.reason}{concerned}"
        yield Finding("access-unknown", message, unknown.source, message)
