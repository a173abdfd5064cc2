"""What a change means for the resources of a program, as the findings that every report shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import Cause, Document, Person
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.removals import RemovalText, refused_removals, removed
from pulumi_veza.impact.rendering.wording import BECAUSE_REFUSED, UNDONE, about, offline, replaced
from pulumi_veza.plan.records import kind_in, name_in
from pulumi_veza.reports import glossary
from pulumi_veza.reports.findings import ReportedFinding, ReportedRule, Severity, Source
from pulumi_veza.reports.words import counted, listed, people
from pulumi_veza.rules.removal_guard import GuardLevel

_NAMED: Final = 5
"""How many people and entitlements a message lists."""


def _rule(name: str, severity: Severity, title: str, means: str = "") -> ReportedRule:
    return ReportedRule(name, f"{title}.", severity, title, means)


CONFLICT: Final = _rule("access-conflict", Severity.ERROR, "Two resources want different things of one object")
REFUSED: Final = _rule("rehearsal-refused", Severity.ERROR, "A rehearsal on a twin of the tenant was refused")
DIFFERENT: Final = _rule(
    "rehearsal-differs", Severity.ERROR, "A rehearsal on a twin of the tenant did something else than was predicted"
)
NOT_CHECKED: Final = _rule("not-checked", Severity.ERROR, "What would change for people could not be checked")
WILL_BE_REFUSED: Final = _rule("will-be-refused", Severity.ERROR, "`pulumi up` will refuse the change")
UNKNOWN: Final = _rule(
    "access-unknown",
    Severity.NOTE,
    "What changes for people cannot be known before it is done",
    glossary.UNKNOWN.meaning,
)
TYPE_REPLACED: Final = _rule("type-replaced", Severity.WARNING, "A profile type is replaced, and the old one stays")
HINT: Final = _rule("access-hint", Severity.WARNING, "The tenant shows what is likely to be a mistake")
OFFLINE: Final = _rule("tenant-not-read", Severity.NOTE, "The tenant was not looked at")
_OF_REMOVAL: Final[Mapping[GuardLevel, ReportedRule]] = {
    GuardLevel.OVER: _rule(
        "removal-above-guard", Severity.ERROR, "A membership set removes more members than its guard allows"
    ),
    GuardLevel.NEAR: _rule(
        "removal-near-guard", Severity.WARNING, "A membership set removes half of what its guard allows, or more"
    ),
}
_OF_EFFECT: Final[Mapping[Effect, tuple[ReportedRule, str, str]]] = {
    Effect.LOST: (
        _rule("access-lost", Severity.WARNING, "People lose entitlements", glossary.LOST.meaning),
        "loses",
        "lose",
    ),
    Effect.MAYBE_LOST: (
        _rule(
            "access-potentially-lost", Severity.WARNING, "People may lose entitlements", glossary.MAY_BE_LOST.meaning
        ),
        "may lose",
        "may lose",
    ),
    Effect.GAINED: (
        _rule("access-gained", Severity.NOTE, "People gain entitlements", glossary.GAINED.meaning),
        "gains",
        "gain",
    ),
    Effect.MAYBE_GAINED: (
        _rule(
            "access-potentially-gained", Severity.NOTE, "People may gain entitlements", glossary.MAY_BE_GAINED.meaning
        ),
        "may gain",
        "may gain",
    ),
    Effect.UNGOVERNED: (
        _rule(
            "access-ungoverned",
            Severity.WARNING,
            "People keep entitlements that are no longer governed",
            glossary.UNGOVERNED.meaning,
        ),
        "keeps, no longer governed,",
        "keep, no longer governed,",
    ),
    Effect.MAYBE_UNGOVERNED: (
        _rule(
            "access-potentially-ungoverned",
            Severity.NOTE,
            "People keep entitlements that may be no longer governed",
            glossary.MAYBE_UNGOVERNED.meaning,
        ),
        "keeps, perhaps no longer governed,",
        "keep, perhaps no longer governed,",
    ),
    Effect.NO_EFFECT: (
        _rule(
            "access-without-effect",
            Severity.NOTE,
            "People are given entitlements that have no effect yet",
            glossary.NO_EFFECT.meaning,
        ),
        "will, once it takes effect, gain",
        "will, once it takes effect, gain",
    ),
}
"""The rule of each effect, and the verb for one person and for several."""

RULES: Final = (
    NOT_CHECKED,
    WILL_BE_REFUSED,
    REFUSED,
    DIFFERENT,
    CONFLICT,
    _OF_REMOVAL[GuardLevel.OVER],
    _OF_EFFECT[Effect.LOST][0],
    _OF_EFFECT[Effect.MAYBE_LOST][0],
    _OF_REMOVAL[GuardLevel.NEAR],
    _OF_EFFECT[Effect.UNGOVERNED][0],
    TYPE_REPLACED,
    _OF_EFFECT[Effect.GAINED][0],
    _OF_EFFECT[Effect.MAYBE_GAINED][0],
    _OF_EFFECT[Effect.MAYBE_UNGOVERNED][0],
    _OF_EFFECT[Effect.NO_EFFECT][0],
    HINT,
    UNKNOWN,
    OFFLINE,
)
"""Every rule, the most severe first."""


def findings(document: Document) -> list[ReportedFinding]:
    """Return the findings of a document, the most severe first."""
    found = [
        *_stopped(document),
        *_rehearsed(document),
        *_obstacles(document),
        *_effects(document),
        *_types(document),
        *_unknowns(document),
    ]
    return sorted(found, key=lambda each: (RULES.index(each.rule), each.key))


def verb(effect: Effect, count: int) -> str:
    """Return what people do by an effect: one person ``loses``, several ``lose``."""
    if effect not in _OF_EFFECT:
        return "gains or loses" if count == 1 else "gain or lose"
    _, one, many = _OF_EFFECT[effect]
    return one if count == 1 else many


def _finding(
    rule: ReportedRule, message: str, source: Source | None, key: str, *, urns: Sequence[str] = (), name: str = ""
) -> ReportedFinding:
    """Return a finding about the first of some resources, named as the program does unless there is a better name."""
    about = name or ", ".join(f"{kind_in(urn)} {name_in(urn)!r}" for urn in urns)
    return ReportedFinding(rule, rule.severity, message, key, source, urns[0] if urns else None, about)


def _effects(document: Document) -> Iterator[ReportedFinding]:
    causes = {cause.urn: cause for cause in document.causes}
    who: defaultdict[tuple[str, Effect, str, bool], dict[str, str]] = defaultdict(dict)
    what: defaultdict[tuple[str, Effect, str, bool], set[str]] = defaultdict(set)
    for person in document.people:
        for row in person.rows:
            if row.effect in _OF_EFFECT:
                alike = (row.cause or "", row.effect, row.undone or "", row.because_refused)
                who[alike][person.id] = _person(document, person)
                what[alike].add(row.entitlement or "")
    undone_in_words = UNDONE
    if document.refused_at == "preview":
        undone_in_words = {"certain": "nothing of this is done, as `pulumi up` refuses the change"}
    for (urn, effect, undone, because), concerned in who.items():
        rule = _OF_EFFECT[effect][0]
        cause = causes.get(urn)
        keys = what[urn, effect, undone, because]
        first = ", ".join(list(concerned.values())[:_NAMED]) + (", ..." if len(concerned) > _NAMED else "")
        message = (
            f"{_prefix(cause)}{people(len(concerned))} ({first}) {verb(effect, len(concerned))} "
            f"{counted(len(keys), 'entitlement')}: {listed(keys, most=_NAMED)}"
        )
        message = "; ".join(filter(None, [message, undone_in_words.get(undone), BECAUSE_REFUSED if because else ""]))
        marks = [f"undone {undone}" if undone else "", "because refused" if because else ""]
        key = " ".join(filter(None, [urn, effect.value, *marks]))
        yield _finding(rule, message, cause.source if cause else None, key, urns=[cause.urn] if cause else ())


def _person(document: Document, person: Person) -> str:
    details = about(document, person.id)
    return f"{person.name or person.id}{f' [{details}]' if details else ''}"


def _prefix(cause: Cause | None) -> str:
    return f"{cause.kind} {cause.name!r}: " if cause else ""


def _rehearsed(document: Document) -> Iterator[ReportedFinding]:
    if document.rehearsal:
        for rule, texts in ((REFUSED, document.rehearsal.refusals), (DIFFERENT, document.rehearsal.differences)):
            yield from (_finding(rule, text, None, text) for text in texts)


def _stopped(document: Document) -> Iterator[ReportedFinding]:
    if stopped := document.stopped:
        rule = WILL_BE_REFUSED if stopped.refused else NOT_CHECKED
        yield _finding(rule, headline(document), None, stopped.reason)


def _obstacles(document: Document) -> Iterator[ReportedFinding]:
    names = ProfileNames(document)
    for conflict in document.conflicts:
        rule = WILL_BE_REFUSED if conflict.refused else CONFLICT
        key = " ".join(conflict.urns) + conflict.what
        message = "; ".join(filter(None, [conflict.what, conflict.instead]))
        yield _finding(rule, message, conflict.source, key, urns=conflict.urns)
    people_names = PersonNames(document)

    def found(text: RemovalText, level: GuardLevel, before: str = "") -> ReportedFinding:
        first, *_ = text.removals
        who = f": {listed(map(people_names.__getitem__, text.people))}" if text.people else ""
        message = "; ".join(filter(None, [f"{before}{text.what}{who}", text.limit, text.way_out]))
        urns = [each.urn for each in text.removals]
        return _finding(_OF_REMOVAL[level], message, first.source, first.urn, urns=urns)

    for text in refused_removals(document, names):
        yield found(text, GuardLevel.OVER, f"{_REFUSES[text.removals[0].refused_at or 'preview']}: ")
    for removal in document.removals:
        if removal.level is GuardLevel.NEAR:
            yield found(removed(removal, names), GuardLevel.NEAR)


_REFUSES: Final = {
    "preview": "`pulumi up` will refuse this change, and nothing is changed",
    "run": "`pulumi up` will fail at this and not finish the change",
    "end": "`pulumi up` will refuse this part of the change",
}
"""By where a removal is refused, what that means."""


def _types(document: Document) -> Iterator[ReportedFinding]:
    for type_ in document.types:
        yield _finding(TYPE_REPLACED, replaced(type_), type_.source, type_.urn, urns=[type_.urn])


def _unknowns(document: Document) -> Iterator[ReportedFinding]:
    for unknown in document.unknowns:
        concerned = f" ({people(unknown.people)})" if unknown.people else ""
        message = f"{unknown.what}: {unknown.reason}{concerned}"
        yield _finding(UNKNOWN, message, unknown.source, message, name=unknown.what)
    for hint in document.hints:
        message = f"{hint.what}: {hint.reason}"
        yield _finding(HINT, message, hint.source, message, urns=hint.urns)
    if said := offline(document):
        yield _finding(OFFLINE, said, None, "tenant-not-read")
