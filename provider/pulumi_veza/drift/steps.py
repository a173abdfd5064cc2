"""The next step of each row: what to write to take it over, what to run to undo it, and what to write to ignore it."""

from __future__ import annotations

import glob
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml

from pulumi_veza.drift.document import DriftRow, NextSteps
from pulumi_veza.errors import one_line
from pulumi_veza.plan.records import HIDDEN, MEMBERS, PROFILE, TYPE, VERSION
from pulumi_veza.policies.drift_rules import DriftRule

LONGEST: Final = 200
"""Characters of a value in a step."""


def with_steps(row: DriftRow) -> DriftRow:
    """Return the row with its next steps."""
    adopt, revert = _of_rule(row)
    ignore = ignore_line(row)
    return row.model_copy(update={"steps": NextSteps(adopt=adopt, revert=revert, ignore=ignore)})


def _of_rule(row: DriftRow) -> tuple[str | None, str | None]:
    """Return how to adopt and how to revert a row."""
    if row.agrees and row.rule is not DriftRule.NOT_APPLIED:
        return "`pulumi refresh`: the program says the same already", None
    if row.spared and row.refresh:
        return f"`pulumi refresh`: the program ignores changes of {row.field}", None
    if row.leaving and row.rule is not DriftRule.NOT_APPLIED:
        # A run of this resource alone would delete it, and no guard stops that.
        return None, f"declare {row.kind} {row.resource!r} in the program again, and compare once more"
    by_rule = _BY_RULE.get(row.rule, _attribute)
    return _member(row) if row.member else by_rule(row)


def _nothing(_: DriftRow) -> tuple[None, None]:
    return None, None


def _gone(row: DriftRow) -> tuple[str, str]:
    if row.kind == PROFILE:
        revert = (
            f"{_up(row, '--target-dependents')}: it is made anew with what refers to it, and whoever was a member of "
            "the old one is a member of the new one only where a set lists them"
        )
    elif row.kind in {VERSION, MEMBERS}:
        revert = (
            "as its profile, where that is gone, too; else `pulumi up --refresh`, which also reverts whatever else a "
            "refresh shows"
        )
    else:
        revert = f"{_up(row)}: it is made anew"
    return f"take {_place(row)} out of the program, and run `pulumi refresh`", revert


def _exported(row: DriftRow) -> tuple[str, None]:
    option = "--type" if row.kind == TYPE else "--name"
    name = row.name or row.id or ""
    pattern = glob.escape(name) if len(name) <= LONGEST else f"{glob.escape(name[:LONGEST])}*"
    return f"`pulumi-veza export DIR {option} {shlex.quote(pattern)}`", None


def _content(row: DriftRow) -> tuple[str, None]:
    return f"write {row.field}={_literal(row.live)} in {_place(row)}, or in an AccessProfileVersion of it", None


def _not_applied(row: DriftRow) -> tuple[str | None, str | None]:
    if row.agrees:
        return "`pulumi refresh`: the tenant has it already", None
    back = {"added": "take it out of the program", "removed": "declare it again", "changed": "undo it in the program"}
    adopt = "`pulumi up`"
    if row.refused:
        adopt += f", {_ONCE_CONFIRMED}"
    elif row.change == "added" and row.detail:
        adopt += ", which takes it over if it is as the program says: `pulumi-veza impact` says so before"
    return adopt, back[row.change]


_ONCE_CONFIRMED: Final = (
    "once what the guard of the set refuses is confirmed: `pulumi-veza impact` says who it is, and how"
)


def _attribute(row: DriftRow) -> tuple[str, str]:
    place = _place(row)
    if row.live == HIDDEN:
        adopt = f"write what the tenant holds as {row.field} in {place}"
    elif row.element is None:
        adopt = f"write {row.field}={_literal(row.live)} in {place}"
    elif row.change == "removed":
        adopt = f"take {_literal(row.state)} out of {row.field} in {place}"
    elif row.change == "added":
        adopt = f"add {_literal(row.live)} to {row.field} in {place}"
    else:
        adopt = f"write {_literal(row.live)} for it in {row.field} in {place}"
    if row.kind == TYPE:
        return adopt, "change it back in Veza: the API cannot, and `pulumi up --refresh` would make a new type"
    return adopt, _up(row)


def _member(row: DriftRow) -> tuple[str, str]:
    who = repr(row.member.id) if row.member else ""
    place = _place(row)
    if row.rule is DriftRule.MEMBER_REMOVED:
        revert = _up(row) if row.refresh else 'add them in Veza, or write mode="additive" in the set, which adds them'
        return f"take {who} out of identity_ids in {place}", revert
    if row.kind != MEMBERS:
        adopt = f"declare MembershipSet(..., profile_id={row.id!r}, identity_ids=[{who}]) for {place}"
        return adopt, "remove them in Veza"
    if row.refresh:
        confirmed = f", {_ONCE_CONFIRMED}" if row.refused else ""
        return f"add {who} to identity_ids in {place}", f"{_up(row)}{confirmed}"
    return f"add {who} to identity_ids in {place}", 'remove them in Veza, or write mode="authoritative" in the set'


def _place(row: DriftRow) -> str:
    at = f" ({row.source.words})" if row.source else ""
    return f"{row.kind} {row.resource!r}{at}"


def _up(row: DriftRow, *more: str) -> str:
    return f"`pulumi up --refresh --target {' '.join([shlex.quote(row.urn or ''), *more])}`"


def _literal(value: Any) -> str:
    return one_line(repr(value), longest=LONGEST)


_BY_RULE: Final[Mapping[DriftRule, Callable[[DriftRow], tuple[str | None, str | None]]]] = {
    DriftRule.UNREADABLE: _nothing,
    DriftRule.NOT_APPLIED: _not_applied,
    DriftRule.OBJECT_GONE: _gone,
    DriftRule.UNMANAGED_PROFILE: _exported,
    DriftRule.UNMANAGED_TYPE: _exported,
    DriftRule.UNMANAGED_CONTENT: _content,
}


def ignore_line(row: DriftRow) -> str:
    """Return an entry of the file of exceptions for this row alone; the words in capitals are to be replaced."""
    about = [f"rule: {row.rule.value}", f"resource: {quoted(glob.escape(row.target))}"]
    if row.member:
        about.append(f"people: [{quoted(row.member.id)}]")
    return f"- {{{', '.join(about)}, owner: WHO, reason: WHY, ticket: WHERE, expires: WHEN}}"


def quoted(text: str) -> str:
    """Return a text as YAML, in quotes where it needs them."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NO_TEXTS
    return text if plain else yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10**9).strip()


_PLAIN: Final = re.compile(r"[A-Za-z][\w.@-]*")
_NO_TEXTS: Final = frozenset({"y", "yes", "n", "no", "true", "false", "on", "off", "null"})
