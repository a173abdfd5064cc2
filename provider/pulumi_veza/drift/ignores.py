"""The exceptions that allow rows, and a file of them for a team to start from."""

from __future__ import annotations

import datetime
import glob
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from pulumi_veza.drift.document import DriftRow
from pulumi_veza.drift.steps import quoted
from pulumi_veza.errors import UnusableFileError
from pulumi_veza.policies import drift_rules
from pulumi_veza.policies.drift_rules import DriftRule
from pulumi_veza.policies.exceptions import Entry, Ledger, load
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.reports.files import read_text, writing
from pulumi_veza.reports.words import counted

NEVER_IN_A_BASELINE: Final = frozenset({DriftRule.NOT_APPLIED, DriftRule.UNREADABLE})
"""What a baseline leaves open: what the next `pulumi up` does, and what nobody has seen."""


def applied(
    rows: Iterable[DriftRow], entries: Sequence[Entry], today: datetime.date, *, ran: frozenset[DriftRule]
) -> tuple[list[DriftRow], list[str]]:
    """Return the rows with what exceptions say of them, and a note for each exception that has expired or is unused.

    Args:
        rows: The rows.
        entries: The exceptions; those from rules of the policies are left aside.
        today: The date by which they expire.
        ran: The rules that looked, so that an exception from them that allows nothing is not needed.

    """
    ledger = Ledger([each for each in entries if each.rule in drift_rules.NAMES], today)
    index = _Index(ledger.entries)
    found = [_judged(row, index, ledger) for row in rows]
    return found, [finding.message for finding in ledger.audit(rule.value for rule in ran)]


@dataclass
class _Index:
    """The exceptions by the resource that they name, as a tenant may need thousands of them."""

    entries: Sequence[Entry]
    exact: defaultdict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list), init=False)
    patterns: list[Entry] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if glob.has_magic(entry.resource):
                self.patterns.append(entry)
            else:
                self.exact[entry.resource].append(entry)

    def covering(self, finding: Finding) -> list[Entry]:
        """Return the exceptions that cover a finding."""
        candidates = [*(entry for name in finding.names for entry in self.exact.get(name, ())), *self.patterns]
        return [entry for entry in dict.fromkeys(candidates) if entry.covers(finding)]


def _judged(row: DriftRow, index: _Index, ledger: Ledger) -> DriftRow:
    finding = _finding(row)
    covering = index.covering(finding)
    if not covering:
        return row
    one = Ledger(covering, ledger.today)
    (judged,) = one.apply([finding])
    ledger.used.update(one.used)
    if judged.outcome is Outcome.EXCEPTED:
        return row.model_copy(update={"status": "ignored", "exception": judged.excepted_by})
    ended = f"{covering[0]} expired on {covering[0].expires}"
    return row.model_copy(update={"status": "expired", "exception": ended})


def _finding(row: DriftRow) -> Finding:
    """Return a row as exceptions see it: they name the resource, the object in the tenant, or one field or element."""
    of_field = f"{row.resource or row.id}.{row.field}" if row.field else None
    return Finding(
        Outcome.VIOLATION,
        "",
        urn=row.urn or row.id or row.target,
        people=(row.member.id,) if row.member else (),
        rule=row.rule.value,
        others=tuple(each for each in (row.id, row.name, row.target, of_field) if each),
    )


@dataclass(frozen=True)
class BaselineAnswers:
    """What the entries of a baseline say alike."""

    owner: str
    reason: str
    ticket: str
    expires: datetime.date


def in_baseline(row: DriftRow) -> bool:
    """Return whether a baseline gets an entry for a row: whose exception has expired is decided anew by somebody."""
    return row.status == "open" and row.rule not in NEVER_IN_A_BASELINE


def left_open(rows: Iterable[DriftRow]) -> Iterator[str]:
    """Yield in words what still counts after a baseline, by the reason why it got no entry."""
    left = [row for row in rows if row.counts and not in_baseline(row)]
    expired = sum(row.status == "expired" for row in left)
    if others := len(left) - expired:
        yield f"{counted(others, 'finding')} {_stays(others)}, which no baseline allows"
    if expired:
        yield (
            f"{counted(expired, 'finding')} {_stays(expired)} whose exception has expired: write a later day in it, or "
            "take it out and run this again"
        )


def _stays(count: int) -> str:
    return "stays" if count == 1 else "stay"


def write_baseline(file: Path, rows: Iterable[DriftRow], answers: BaselineAnswers) -> int:
    """Add an entry to a file of exceptions for each open row, and return how many were added.

    Entries that exist stay as they are, with their comments; the file is replaced as a whole, or not at all.

    Raises:
        UnusableFileError: the file exists, and is no file of exceptions to which entries can be added.
        UnwritableFileError: it cannot be written.

    """
    people: defaultdict[tuple[DriftRule, str], set[str]] = defaultdict(set)
    names: dict[tuple[DriftRule, str], str | None] = {}
    for row in rows:
        if in_baseline(row):
            key = (row.rule, row.target)
            people[key] |= {row.member.id} if row.member else set()
            names[key] = row.name if row.name != row.target else None
    if not people:
        return 0
    before = load(file) if file.exists() else ()
    text, indent = _opened(file) if before else ("exceptions:\n", "  ")
    entries = (_entry(rule, target, who, names[rule, target], answers) for (rule, target), who in people.items())
    text += "".join(f"{indent}{line}\n" for lines in entries for line in lines)
    _replace(file, text, [entry.model_dump() for entry in before], len(people))
    return len(people)


def _entry(
    rule: DriftRule, target: str, people: Iterable[str], name: str | None, answers: BaselineAnswers
) -> Iterator[str]:
    yield f"- rule: {rule.value}"
    comment = f"  # {name}" if name and name.isprintable() else ""
    yield f"  resource: {quoted(glob.escape(target))}{comment}"
    if people:
        yield f"  people: [{', '.join(map(quoted, sorted(people)))}]"
    yield f"  owner: {quoted(answers.owner)}"
    yield f"  reason: {quoted(answers.reason)}"
    yield f"  ticket: {quoted(answers.ticket)}"
    yield f"  expires: {answers.expires}"


def _opened(file: Path) -> tuple[str, str]:
    """Return the text of a file of exceptions, ready for more entries, and the indentation of an entry."""
    text = read_text(file)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    listed = node.value[0][1] if isinstance(node, yaml.MappingNode) else None
    if listed is None or listed.flow_style:
        raise UnusableFileError(f"{file} lists its exceptions in brackets; write each in lines of its own below a dash")
    return text if text.endswith("\n") else f"{text}\n", " " * listed.start_mark.column


def _replace(file: Path, text: str, before: Sequence[Mapping[str, object]], more: int) -> None:
    new = file.with_name(f"{file.name}.new")
    try:
        with writing(file):
            new.write_text(text, encoding="utf-8")
        found = [entry.model_dump() for entry in load(new)]
        if found[: len(before)] != list(before) or len(found) != len(before) + more:
            raise UnusableFileError(f"{file} cannot take more entries as it is written; end it with its last entry")
        with writing(file):
            os.replace(new, file)
    finally:
        # Where it could not be written, it cannot be removed either.
        with suppress(OSError):
            new.unlink(missing_ok=True)
