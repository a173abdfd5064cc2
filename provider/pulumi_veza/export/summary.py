"""What an export prints: what it wrote, what changed since the last one, and what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pulumi_veza.export.folder import FileChanges
from pulumi_veza.export.manifest import Manifest
from pulumi_veza.export.objects import Walk
from pulumi_veza.export.project import LEFT_OUT_FILE
from pulumi_veza.reports.words import LISTED, counted, listed, people


def summary(walk: Walk, known: Manifest | None, now: Manifest, done: FileChanges, folder: Path) -> str:
    """Return the report.

    Args:
        walk: What was read of the tenant.
        known: The record of the last export; None for the first one.
        now: The record of this one.
        done: What was done to the files.
        folder: Where they are.

    """
    lines = [f"Exported {_counts(walk)} of {walk.tenant} to {folder}."]
    if known is not None:
        lines += _changes(walk, known, now)
        if not (done.write or done.remove):
            lines.append("No file was changed.")
        lines += _edited(done)
        lines += _overruled(done)
    if walk.left_out:
        lines.append(f"{len(walk.left_out):,} not exported (all are in {LEFT_OUT_FILE}):")
        lines += [f"  {each.line}" for each in walk.left_out[:LISTED]]
        if more := len(walk.left_out) - LISTED:
            lines += [f"  and {more:,} more"] if more > 0 else []
    return "\n".join(lines) + "\n"


def _counts(walk: Walk) -> str:
    sets = [each.members for each in walk.profiles if each.members]
    members = sum(len(each.arguments["identity_ids"]) for each in sets)
    parts = [counted(len(walk.types), "type"), counted(len(walk.profiles), "profile")]
    if members:
        parts.append(f"{counted(members, 'membership')} of {people(len(walk.people))}")
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _changes(walk: Walk, known: Manifest, now: Manifest) -> Iterator[str]:
    old, new = known.contents, now.contents
    lives = {each["id"] for each in [*walk.all_types, *walk.all_profiles]}
    # The program's names for all of them, as the tenant's is not known any more of what is gone.
    names = {**known.types, **known.profiles, **now.types, **now.profiles}
    gone = old.keys() - new.keys()
    groups: Mapping[str, Iterable[str]] = {
        "new": new.keys() - old.keys(),
        "changed": {each for each in new.keys() & old.keys() if old[each] != new[each]},
        "gone from the tenant": gone - lives,
        "no longer exported": gone & lives,
    }
    for what, ids in groups.items():
        if found := sorted(names.get(each, each) for each in ids):
            yield f"{len(found):,} {what}: {listed(found)}."


def _edited(done: FileChanges) -> Iterator[str]:
    current = done.edited - done.outdated
    if current:
        stays = "stays as it is" if len(current) == 1 else "stay as they are"
        yield f"{counted(len(current), 'file')} edited by hand {stays}: {listed(current)}."
    if done.outdated:
        yield (
            f"{counted(len(done.outdated), 'file')} edited by hand would be written otherwise now, and nothing was "
            f"overwritten: {listed(done.outdated)}. To merge: commit, run this again with --force, and choose with "
            "`git checkout --patch`."
        )


def _overruled(done: FileChanges) -> Iterator[str]:
    for what, paths in {"overwritten": done.overruled - done.remove, "removed": done.overruled & done.remove}.items():
        if paths:
            verb = "was" if len(paths) == 1 else "were"
            yield f"{counted(len(paths), 'file')} edited by hand {verb} {what}: {listed(paths)}."
