"""The words that the renderings share: the headline, the message of a row, the coverage."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from pulumi_veza.drift.document import DriftDocument, DriftRow, TypeCoverage
from pulumi_veza.drift.rows import LATER
from pulumi_veza.errors import one_line
from pulumi_veza.plan.records import HIDDEN
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.reports.words import are, counted, shortened, were

_LONGEST: Final = 120
"""Characters of a value in a message."""

_COUNTED: Final[Mapping[DriftRule, Callable[[int], str]]] = {
    DriftRule.OBJECT_GONE: lambda count: f"{are(count, 'object')} gone",
    DriftRule.CONTENT_DRIFT: lambda count: f"{were(count, 'change of content', 'changes of content')} made by hand",
    DriftRule.MEMBER_REMOVED: lambda count: f"{are(count, 'person', 'people')} listed and no member",
    DriftRule.MEMBER_ADDED: lambda count: f"{were(count, 'member')} added by hand",
    DriftRule.ATTRIBUTE_DRIFT: lambda count: f"{were(count, 'attribute')} changed by hand",
    DriftRule.MEMBER_OF_UNKNOWN_SOURCE: lambda count: f"{are(count, 'member')} of unknown source",
    DriftRule.UNMANAGED_CONTENT: lambda count: f"{are(count, 'list of content', 'lists of content')} unmanaged",
    DriftRule.NOT_APPLIED: lambda count: f"{are(count, 'change of the program', 'changes of the program')} not applied",
    DriftRule.UNMANAGED_PROFILE: lambda count: f"{are(count, 'profile')} unmanaged",
    DriftRule.UNMANAGED_TYPE: lambda count: f"{are(count, 'type')} unmanaged",
    DriftRule.UNREADABLE: lambda count: f"{counted(count, 'thing')} could not be read",
}


def counts(rows: Iterable[DriftRow]) -> list[str]:
    """Return how many rows there are of each rule, in words, the most pressing first."""
    found = Counter(row.rule for row in rows)
    return [in_words(found[rule]) for rule, in_words in _COUNTED.items() if found[rule]]


def headline(document: DriftDocument) -> str:
    """Return what was found in one sentence, or that nothing was."""
    counting = document.counting()
    found = "; ".join(counts(counting)) if counting else "No drift"
    parts = [found, *_aside(document)]
    if not counting:
        parts.insert(1, compared(document))
    return f"{'; '.join(parts)}."


def compared(document: DriftDocument) -> str:
    """Return what was compared, and how much of the tenant that is."""
    total = _total(document)
    return (
        f"{counted(document.summary.resources, 'resource')} compared, {total.profiles_managed:,} of "
        f"{counted(total.profiles, 'profile')} managed ({share(total.profiles_managed, total.profiles)})"
    )


def _aside(document: DriftDocument) -> list[str]:
    summary = document.summary
    ignored = f"{are(summary.ignored, 'finding')} ignored by exceptions"
    expired = f"{are(summary.expired, 'finding')} of exceptions that have expired"
    return [ignored, *([expired] if summary.expired else [])]


def share(part: int, whole: int) -> str:
    """Return a part in percent of the whole."""
    return f"{part * 100 / whole:.0f} %" if whole else "none"


def place(document: DriftDocument) -> str:
    """Return which stacks and which tenant were compared, and whether the program was among them."""
    names = ", ".join(stack.name for stack in document.stacks)
    three = "program, state and tenant" if document.program else "state and tenant"
    return f"Stack{'s' if len(document.stacks) > 1 else ''} {names}, tenant {document.tenant}: {three}"


def subject(row: DriftRow) -> str:
    """Return what a row is about: the resource, or the object in the tenant."""
    called = repr(shortened(row.name)) if row.name else ""
    if row.resource is None:
        return f"{_NOUNS.get(row.kind, row.kind)} {called} ({row.id})"
    known = f" ({called})" if row.name and row.name != row.resource else ""
    return f"{row.kind} {row.resource!r}{known}"


_NOUNS: Final = {
    "AccessProfile": "profile",
    "AccessProfileType": "profile type",
    "MembershipSet": "the members of profile",
}


def message(row: DriftRow) -> str:
    """Return a row in one line, without its next steps."""
    text = f"{subject(row)}: {_what(row)}"
    if row.detail and row.rule is not DriftRule.UNREADABLE:
        text += f" ({row.detail})"
    if row.exception:
        text += f" [{row.exception}]"
    return one_line(text, longest=1000)


def _what(row: DriftRow) -> str:
    if row.member:
        return _member(row)
    return _BY_RULE.get(row.rule, _attribute)(row)


def _unreadable(row: DriftRow) -> str:
    return f"{row.field + ' ' if row.field else ''}could not be read: {row.detail}"


def _attribute(row: DriftRow) -> str:
    if row.element is not None:
        done = {"added": "was added", "removed": "was taken out", "changed": "was changed"}[row.change]
        return f"{row.field}: {row.element!r} {done} by hand{_agreement(row)}"
    there, known = f"{row.field} is {value(row.live)} in the tenant", value(row.state)
    if row.program is None or row.agrees:
        return f"{there}, {known} in the state{_agreement(row)}"
    if row.program == row.state:
        return f"{there}, {known} in the state and in the program"
    return f"{there}, {known} in the state, and {value(row.program)} in the program"


def _not_applied(row: DriftRow) -> str:
    if row.field is None:
        verb = {"added": "is not created yet", "removed": "is not in the program any more", "changed": "is to change"}
        return verb[row.change]
    there = "; the tenant has it already" if row.agrees else ""
    return f"{row.field} is {value(row.program)} in the program, and {value(row.state)} in the state{there}"


def _member(row: DriftRow) -> str:
    who = _person(row)
    if row.rule is DriftRule.MEMBER_REMOVED:
        return f"{who} is listed, and is no member{_agreement(row)}"
    if row.rule is DriftRule.MEMBER_ADDED:
        return f"{who} was made a member by hand, and is not listed{_agreement(row)}"
    sources = ", ".join(row.member.sources) if row.member else ""
    return f"{who} is a member of source {sources}, and is not listed"


def _person(row: DriftRow) -> str:
    if row.member is None:
        return ""
    named = row.member.name and row.member.name != row.member.id
    return f"{shortened(row.member.name or '')} ({row.member.id})" if named else row.member.id


def _agreement(row: DriftRow) -> str:
    if row.agrees:
        return "; the program says the same"
    return "; the program ignores it" if row.spared else ""


_BY_RULE: Final[Mapping[DriftRule, Callable[[DriftRow], str]]] = {
    DriftRule.UNREADABLE: _unreadable,
    DriftRule.OBJECT_GONE: lambda row: f"is gone from the tenant (it was {row.id})",
    DriftRule.NOT_APPLIED: _not_applied,
    DriftRule.UNMANAGED_PROFILE: lambda _: "no resource manages it",
    DriftRule.UNMANAGED_TYPE: lambda _: "no resource manages it",
    DriftRule.UNMANAGED_CONTENT: lambda row: f"no resource manages {row.field} of its live version",
}


def value(held: Any) -> str:
    """Return a value as messages show it."""
    if held is None:
        return "nothing"
    if held in (HIDDEN, LATER):
        return str(held)
    return one_line(json.dumps(held, ensure_ascii=False, sort_keys=True), longest=_LONGEST)


def steps(row: DriftRow) -> list[tuple[str, str]]:
    """Return the next steps of a row with their names."""
    known = (("adopt", row.steps.adopt), ("revert", row.steps.revert), ("ignore", row.steps.ignore))
    return [(name, one_line(step, longest=1000)) for name, step in known if step]


def _total(document: DriftDocument) -> TypeCoverage:
    names = [name for name, field in TypeCoverage.model_fields.items() if field.annotation is int]
    return TypeCoverage(
        id=None, name="All", **{name: sum(getattr(each, name) for each in document.coverage) for name in names}
    )


def covered(document: DriftDocument) -> list[TypeCoverage]:
    """Return the coverage of each type that has profiles or is managed, and of all together."""
    shown = [each for each in document.coverage if each.profiles or each.managed]
    return [*shown, _total(document)] if len(shown) > 1 else shown


def _part(managed: int, of_all: int) -> str:
    return f"{managed:,} of {of_all:,} ({share(managed, of_all)})" if of_all else share(managed, of_all)


def coverage_cells(each: TypeCoverage) -> tuple[str, str, str]:
    """Return the coverage of one type: its name, the profiles, and the memberships with what is not known of them."""
    profiles = _part(each.profiles_managed, each.profiles)
    managed = _part(each.memberships_managed, each.memberships - each.memberships_by_policy)
    aside = [
        f"{each.memberships_by_policy:,} more by policies" if each.memberships_by_policy else "",
        f"{counted(each.members_not_asked, 'profile')} not asked" if each.members_not_asked else "",
        f"{counted(each.members_unreadable, 'profile')} unreadable" if each.members_unreadable else "",
    ]
    return shortened(each.name), profiles, ", ".join(filter(None, [managed, *aside]))
