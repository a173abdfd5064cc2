"""Markdown for a comment on a pull request: the headline and the counts always, the losses first, the rest folded.

Every long section is cut to a budget of bytes, and says how much it left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact.document import (
    JUDGED,
    LOSSES,
    Document,
    EntitlementImpact,
    MemberImpact,
    ProfileImpact,
    RemovalImpact,
    RequestImpact,
)
from pulumi_veza.impact.rendering import marks, rehearsed
from pulumi_veza.impact.rendering.counting import counts, meaning_of_counts, share
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.headline import consequence, title
from pulumi_veza.impact.rendering.persons import PersonNames
from pulumi_veza.impact.rendering.profile_names import ProfileNames
from pulumi_veza.impact.rendering.removals import RemovalText, capital, refusals, removed
from pulumi_veza.impact.rendering.wording import (
    Line,
    about,
    as_if_not_refused,
    heading,
    holders,
    lines,
    members_after,
    moves,
    of_nothing_done,
    offline,
    operation,
    replaced,
    requests_opened,
    stacks,
    state,
    tenants,
    unread,
    why,
    without_holding,
)
from pulumi_veza.reports.markdown import MarkdownSection, code, code_or_text, escape, fitted, prose, size, words_of
from pulumi_veza.reports.options import RenderOptions
from pulumi_veza.reports.words import counted, people
from pulumi_veza.rules.removal_guard import GuardLevel

_LONGEST_LIST: Final = 4_000
"""Bytes of the names in one line, so that no line eats up the comment."""

_LONGEST_NAMES: Final = 400
"""The same for who joins or leaves one profile."""

_Section: Final = partial(MarkdownSection, command="pulumi-veza impact --format json")
_Rehearsed: Final = partial(MarkdownSection, command="pulumi-veza rehearse --format json")


def render(document: Document, options: RenderOptions) -> str:
    """Render for GitHub, GitLab and other forges that fold details."""
    return _comment(document, options.budget, folding=True)


def render_plain(document: Document, options: RenderOptions) -> str:
    """Render for forges that show HTML as it is."""
    return _comment(document, options.budget, folding=False)


def _comment(document: Document, budget: int, *, folding: bool) -> str:
    """Return the headline and the counts, whatever the budget is, then what fits of the sections."""
    document = as_if_not_refused(document)
    first, about_it = _first(document, folding=folding), _head(document)
    refused = fitted(_refusals(document), budget - size(first) - size(about_it), folding=folding)
    text = f"{first}{refused}{about_it}"
    sections = [*_sections(document)]
    if not document.empty:
        sections.append(words_of(text, sections))
    return text + fitted(sections, budget - size(text), folding=folding)


def _first(document: Document, *, folding: bool) -> str:
    mark = marks.write(document) if folding else marks.write_plain(document)
    return f"{mark}\n\n### Access impact: {escape(title(document))}\n\n"


def _refusals(document: Document) -> Iterator[MarkdownSection]:
    """Yield what will be refused, which comes before everything else."""
    names = PersonNames(document)
    found = [_removal(document, each, names) for each in refusals(document)]
    heading_ = f"Refused: {len(found):,}"
    found += [f"\n{prose(said)}" for said in [consequence(document)] if said]
    yield _Section(heading_, found, "refusals", folded=False)


def _removal(document: Document, each: RemovalText, names: PersonNames) -> str:
    who = _shortened([_person(document, id_, names.get(id_)) for id_ in each.people], _LONGEST_LIST)
    said = [
        f"{code_or_text(capital(each.what))}{f': {who}' if who else ''}",
        *(prose(capital(text)) for text in (each.limit, each.way_out) if text),
    ]
    # No full stop: the last is a value to copy.
    return f"- {'. '.join(said)}"


def _head(document: Document) -> str:
    head: list[str] = []
    tenant = f" {escape(tenants(document))}." if document.tenants else ""
    head += [f"{escape(stacks(document))}.{tenant}", ""]
    for sentence in rehearsed.sentences(document):
        head += [f"{sentence}.", ""]
    for said in filter(None, [unread(document), offline(document)]):
        head += [prose(said), ""]
    if not document.empty and not document.stopped:
        head += [f"{said}:", ""] if (said := meaning_of_counts(document)) else []
        head += ["| | |", "|---|---:|", *(f"| {each.title} | {each.number:,} |" for each in counts(document)), ""]
        if concerned := share(document):
            head += [f"This concerns {concerned}.", ""]
    return "\n".join(head) + "\n"


def _sections(document: Document) -> Iterator[MarkdownSection]:
    names = ProfileNames(document)
    passing = [each for each in document.removals if each.level in JUDGED and each.level is not GuardLevel.OVER]
    confirmed = [each for each in passing if each.level is GuardLevel.CONFIRMED]
    said = _removals(document, confirmed)
    yield _Section(f"Removals that somebody confirmed: {len(said):,}", said, "removals", folded=False)
    yield from _rehearsal(document)
    conflicts = [
        f"- {'. '.join([code_or_text(each.what), *([prose(capital(each.instead))] if each.instead else [])])}"
        for each in document.conflicts
        if not each.refused
    ]
    yield _Section(f"Conflicts: {len(conflicts):,}", conflicts, "conflicts", folded=False)
    hints = [f"- {code_or_text(each.what)}: {code_or_text(each.reason)}" for each in document.hints]
    yield _Section(f"To check: {counted(len(hints), 'thing')}", hints, "things", folded=False)
    for effect in STYLES:
        if effect is not Effect.UNKNOWN:
            rows = [_line(document, each) for each in lines(document, effect, names)]
            yield _Section(heading(document, effect), rows, "lines", folded=effect not in LOSSES)
    unknowns = [
        f"- {code_or_text(each.what)}: {code_or_text(each.reason)}{_concerning(each.people)}"
        for each in document.unknowns
    ]
    yield _Section(f"{counted(len(unknowns), 'thing')} could not be known", unknowns, "things")
    near = [each for each in passing if each.level is not GuardLevel.CONFIRMED]
    yield _Section(f"Removals that the guard lets pass: {len(near):,}", _removals(document, near), "removals")
    others = without_holding(document)
    entitlements = [_entitlement(each, others[each.key]) for each in document.entitlements]
    yield _Section(f"Entitlements: {len(entitlements):,}{of_nothing_done(document)}", entitlements, "entitlements")
    profiles = [line for each in document.profiles if (line := _profile(each, names))]
    yield _Section(f"Profiles: {len(profiles):,}{of_nothing_done(document)}", profiles, "profiles")
    types = [f"- {code_or_text(replaced(each))}" for each in document.types]
    yield _Section(f"Types that are replaced: {len(types):,}", types, "types")
    requests = [
        f"- {operation(each.operation)} {_person(document, each.identity_id, each.name)} in "
        f"{code_or_text(names[each.profile])}{_doubt(document, each)}"
        for each in document.requests
    ]
    yield _Section(requests_opened(document, f"{len(requests):,}"), requests, "access requests")


def _rehearsal(document: Document) -> Iterator[MarkdownSection]:
    found = document.rehearsal
    if found is None:
        return
    for heading_, texts, what in (
        ("Refused in the rehearsal", found.refusals, "refusals"),
        ("Differences between the prediction and the rehearsal", found.differences, "differences"),
    ):
        yield _Rehearsed(
            f"{heading_}: {len(texts):,}", [f"- {code_or_text(each)}" for each in texts], what, folded=False
        )
    notes = [f"- {code_or_text(each)}" for each in found.notes]
    yield _Rehearsed(f"Not known to the twin: {counted(len(notes), 'thing')}", notes, "things")
    rows = [
        f"- {_person(document, each.identity_id, each.name)} {how} {code(each.entitlement)} by profile "
        f"{' → '.join(map(code_or_text, each.path))}"
        for how, each in rehearsed.moved(found)
    ]
    yield _Rehearsed(f"Access that changed in the rehearsal: {len(rows):,}", rows, "lines")
    opened = [
        f"- {operation(each.operation)} {_person(document, each.identity_id, each.name)} in "
        f"{code_or_text(each.profile)}"
        for each in found.requests
    ]
    yield _Rehearsed(f"Access requests that the rehearsal opened: {len(opened):,}", opened, "access requests")


def _line(document: Document, line: Line) -> str:
    who = _shortened([_person(document, each.id, each.name) for each in line.people], _LONGEST_LIST)
    what = _shortened([code(key) for key in line.entitlements], _LONGEST_LIST)
    path = " → ".join(code_or_text(name) for name in line.path)
    count = f"{people(len(line.people))}: " if len(line.people) > 1 else ""
    return f"- {count}{who}: {what} by profile {path}" + (f" ({code_or_text(line.reason)})" if line.reason else "")


def _person(document: Document, id_: str, name: str | None) -> str:
    details = about(document, id_)
    aside = ", ".join([*([code(id_)] if name else []), *([code_or_text(details)] if details else [])])
    return f"{code_or_text(name) if name else code(id_)}{f' ({aside})' if aside else ''}"


def _profile(each: ProfileImpact, names: ProfileNames) -> str | None:
    parts = []
    if each.action == "adopt":
        parts.append("exists and is taken over")
    elif each.action in {"create", "replace"}:
        made = "is new, or exists and is taken over" if each.may_exist else "is new"
        parts.append(made if each.action == "create" else "is replaced")
    elif each.action == "delete":
        parts.append("leaves the stack")
    if each.state_before != each.state_after and each.state_before and each.state_after:
        parts.append(f"is {state(each)}")
    if moved := moves(each, _members):
        count = f"{counted(each.members_before, 'member')} before, {members_after(each)} after"
        parts += [*moved[:-1], f"{moved[-1]} ({count})"]
    for keys, verb in ((each.entitlements_added, "holds"), (each.entitlements_removed, "no longer holds")):
        if keys:
            parts.append(f"{verb} {_shortened([code(key) for key in keys], _LONGEST_LIST)}")
    gone = sorted(set(each.inherited_before) - set(each.inherits))
    new = sorted(set(each.inherits) - set(each.inherited_before))
    for refs, verb in ((new, "now inherits"), (gone, "no longer inherits")):
        if refs:
            parts.append(f"{verb} {', '.join(code_or_text(names[ref]) for ref in refs)}")
    return f"- {code_or_text(each.name)}: {'; '.join(parts)}" if parts else None


def _members(members: Sequence[MemberImpact]) -> str:
    return _shortened([code_or_text(each.name) if each.name else code(each.id) for each in members], _LONGEST_NAMES)


def _concerning(count: int) -> str:
    return f" ({people(count)})" if count else ""


def _doubt(document: Document, request: RequestImpact) -> str:
    said = why(document, request)
    return f" ({code_or_text(said if request.undone else f'not certain: {said}')})" if said else ""


def _entitlement(each: EntitlementImpact, others: Sequence[str]) -> str:
    parts = [
        f"{sign}{count:,}{mark}"
        for sign, count, mark in (
            ("-", each.lost, ""),
            ("-", each.potentially_lost, "?"),
            ("+", each.gained, ""),
            ("+", each.potentially_gained, "?"),
        )
        if count
    ]
    before, after = holders(each)
    noun = "person" if before == "1" else "people"
    moved = ", ".join([*([" ".join(parts)] if parts else []), *others])
    return f"- {code(each.key)}: {moved} ({before} {noun} before, {after} after)"


def _removals(document: Document, removals: Iterable[RemovalImpact]) -> list[str]:
    names, people_names = ProfileNames(document), PersonNames(document)
    return [_removal(document, removed(each, names), people_names) for each in removals]


def _shortened(names: Sequence[str], room: int) -> str:
    """List as many names as there is room for, and count the rest."""
    shown = 0
    for name in names:
        room -= size(name) + 2
        if room < 0 and shown:
            break
        shown += 1
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest:,} more" if rest else "")
