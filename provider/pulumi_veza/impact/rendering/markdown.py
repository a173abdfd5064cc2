"""Markdown for a comment on a pull request: the headline and the counts always, the losses first, the rest folded.

Everything that is long is filled up to a budget of bytes, and says how much it left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_veza.impact.document import Document, EntitlementImpact, ProfileImpact, RemovalImpact
from pulumi_veza.impact.rendering import marks
from pulumi_veza.impact.rendering.options import Options
from pulumi_veza.impact.rendering.wording import (
    SECTIONS,
    Line,
    Words,
    counted,
    counts,
    headline,
    people,
    share,
    stacks,
)

_LONGEST_LIST = 4_000
"""Bytes of the names in one line, so that no line eats up the comment."""


def render(document: Document, options: Options) -> str:
    """Write it for GitHub, GitLab and others that fold details."""
    return _Comment(document, folding=True).within(options.budget)


def render_plain(document: Document, options: Options) -> str:
    """Write it for forges that show HTML as it is."""
    return _Comment(document, folding=False).within(options.budget)


@dataclass(frozen=True)
class _Section:
    title: str
    """With the whole count in it."""
    lines: Sequence[str]
    what: str
    """What a line stands for, in the plural, to say how many were left out."""
    folded: bool = True


class _Comment:
    def __init__(self, document: Document, *, folding: bool) -> None:
        self.document, self.folding = document, folding
        self.words = Words(document)

    def within(self, budget: int) -> str:
        """Write the comment; the headline and the counts whatever the budget is, then what fits of the rest."""
        text = self._head()
        left = budget - _size(text)
        sections = [each for each in self._sections() if each.lines]
        for place, section in enumerate(sections):
            # Every later section keeps what its title takes.
            reserved = sum(_size(self._write(each, 0)) for each in sections[place + 1 :])
            written = self._fill(section, left - reserved)
            text += written
            left -= _size(written)
        return text

    def _head(self) -> str:
        document = self.document
        lines = [marks.write(document), ""] if self.folding else [marks.write_plain(document), ""]
        lines += [f"### Access impact: {escape(headline(document))}", ""]
        lines += [f"{escape(stacks(document))}.", ""]
        if not document.empty:
            lines += ["| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in counts(document)), ""]
            said = share(document)
            lines += [*([said, ""] if said else [])]
        return "\n".join(lines) + "\n"

    def _fill(self, section: _Section, room: int) -> str:
        """Write as many lines of a section as there is room for; not even its title where there is none."""
        low, high = 0, len(section.lines)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _size(self._write(section, middle)) <= room else (low, middle - 1)
        written = self._write(section, low)
        return written if _size(written) <= room else ""

    def _write(self, section: _Section, shown: int) -> str:
        lines = list(section.lines[:shown])
        rest = len(section.lines) - shown
        if rest:
            lines.append(f"- ... and {rest:,} more {section.what}: `pulumi-veza impact --format json` lists them all")
        body = "\n".join(lines)
        if not self.folding or not section.folded:
            return f"#### {section.title}\n\n{body}\n\n"
        return f"<details><summary>{section.title}</summary>\n\n{body}\n\n</details>\n\n"

    def _sections(self) -> Iterator[_Section]:
        document = self.document
        removals = [each for each in document.removals if each.level in {"over", "near", "confirmed"}]
        conflicts = [f"- {code_or_text(each.what)}" for each in document.conflicts]
        yield _Section(f"Conflicts: {len(conflicts):,}", conflicts, "conflicts", folded=False)
        over = [_removal(each, self.words) for each in removals if each.level == "over"]
        yield _Section(f"Removals above their guard: {len(over):,}", over, "removals", folded=False)
        for effect, title in SECTIONS:
            if effect == "unknown":
                continue
            lines = [self._line(each) for each in self.words.lines(effect)]
            heading = f"{title}: {people(self.words.concerned(effect))}"
            yield _Section(heading, lines, "lines", folded=not effect.endswith("lost"))
        unknowns = [
            f"- {code_or_text(each.what)}: {code_or_text(each.reason)}{_concerning(each.people)}"
            for each in document.unknowns
        ]
        yield _Section(f"Could not be known: {counted(len(unknowns), 'thing')}", unknowns, "things")
        near = [_removal(each, self.words) for each in removals if each.level != "over"]
        yield _Section(f"Removals near their guard: {counted(len(near), 'set')}", near, "removals")
        entitlements = [_entitlement(each) for each in document.entitlements]
        yield _Section(f"Entitlements: {len(entitlements):,}", entitlements, "entitlements")
        profiles = [line for each in document.profiles if (line := self._profile(each))]
        yield _Section(f"Profiles: {len(profiles):,}", profiles, "profiles")
        types = [
            f"- {code_or_text(each.name)} is replaced; the old type stays behind in Veza "
            f"({counted(len(each.profiles), 'profile')} get the new one)"
            for each in document.types
        ]
        yield _Section(f"Types that are replaced: {len(types):,}", types, "types")
        requests = [
            f"- {each.operation.lower()} {self._who(each.identity_id, each.name)} in "
            f"{code_or_text(self.words.profile(each.profile))}{_doubt(each.reason)}"
            for each in document.requests
        ]
        yield _Section(f"Access requests that Veza opens: {len(requests):,}", requests, "access requests")

    def _line(self, line: Line) -> str:
        who = _shortened([self._who(each.id, each.name) for each in line.people], _LONGEST_LIST)
        what = _shortened([code(key) for key in line.entitlements], _LONGEST_LIST)
        path = " → ".join(code_or_text(name) for name in line.path)
        count = f"{people(len(line.people))}: " if len(line.people) > 1 else ""
        return f"- {count}{who}: {what} by {path}" + (f" ({code_or_text(line.reason)})" if line.reason else "")

    def _who(self, id_: str, name: str | None) -> str:
        return f"{code_or_text(name)} ({code(id_)})" if name else code(id_)

    def _profile(self, each: ProfileImpact) -> str | None:
        said = []
        if each.action == "adopt":
            said.append("exists and is taken over")
        elif each.action in {"create", "replace"}:
            said.append("is new" if each.action == "create" else "is replaced")
        elif each.action == "delete":
            said.append("leaves the stack")
        if each.state_before != each.state_after and each.state_before and each.state_after:
            said.append(f"{each.state_before} becomes {each.state_after}")
        if each.joining or each.leaving:
            moved = f"{len(each.joining):,} joining, {len(each.leaving):,} leaving"
            said.append(f"{each.members_before:,} members become {each.members_after:,} ({moved})")
        changed = len(each.entitlements_added), len(each.entitlements_removed)
        if any(changed):
            said.append(f"{counted(changed[0], 'entitlement')} more, {changed[1]:,} fewer")
        gone = sorted(set(each.inherited_before) - set(each.inherits))
        new = sorted(set(each.inherits) - set(each.inherited_before))
        for refs, verb in ((new, "now inherits"), (gone, "no longer inherits")):
            if refs:
                said.append(f"{verb} {', '.join(code_or_text(self.words.profile(ref)) for ref in refs)}")
        return f"- {code_or_text(each.name)}: {'; '.join(said)}" if said else None


def _concerning(count: int) -> str:
    return f" ({people(count)})" if count else ""


def _doubt(reason: str | None) -> str:
    return f" (not certain: {code_or_text(reason)})" if reason else ""


def _entitlement(each: EntitlementImpact) -> str:
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
    moved = " ".join(parts) or f"{each.other:,} without effect or ungoverned"
    return f"- {code(each.key)}: {moved} ({people(each.holders_before)} before, {each.holders_after:,} after)"


def _removal(each: RemovalImpact, words: Words) -> str:
    said = {"over": "is above the guard", "near": "is near the guard", "confirmed": "is above the guard and confirmed"}
    where = code_or_text(words.profile(each.profile))
    return (
        f"- {where}: removing {each.removed:,} of {counted(each.managed, 'member')} {said[each.level]} ({each.limit})"
    )


def _shortened(names: Sequence[str], room: int) -> str:
    """List names, as many as there is room for, and say how many more there are."""
    shown = 0
    for name in names:
        room -= _size(name) + 2
        if room < 0 and shown:
            break
        shown += 1
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest:,} more" if rest else "")


def _size(text: str) -> int:
    return len(text.encode())


def code(text: str) -> str:
    """Write text that is somebody else's so that it can be nothing but text: no mention, link or markup."""
    line = " ".join(text.split()) or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def escape(text: str) -> str:
    """Write text so that none of it is markup."""
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|~$])", r"\\\1", line)


def code_or_text(text: str) -> str:
    """Write somebody else's text as text where it is plain words, and as code where a forge might see more in it."""
    plain = re.fullmatch(r"[^@#\\`*_\[\]|~$<>&]*", text) and "://" not in text and not re.search(r"www\.|\bGH-\d", text)
    return " ".join(text.split()) if plain else code(text)
