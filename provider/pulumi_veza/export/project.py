"""All files of an export: the program, its data, and the file for ``pulumi import``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from pulumi_veza.errors import RefusedError
from pulumi_veza.export import people, program
from pulumi_veza.export.layout import Layout, lay_out
from pulumi_veza.export.manifest import Manifest, digest
from pulumi_veza.export.objects import LeftOut, ResourceEntry, Walk, in_words
from pulumi_veza.export.references import ProgramReferences
from pulumi_veza.export.walk import in_state

LEFT_OUT_FILE: Final = "NOT-EXPORTED.md"
IMPORT_FILE: Final = "import.json"


@dataclass(frozen=True)
class Project:
    """What an export writes."""

    files: Mapping[str, str]
    """The texts, by path."""
    manifest: Manifest


def project(walk: Walk, known: Manifest, name: str, emails: Mapping[str, str]) -> Project:
    """Return what an export writes.

    Args:
        walk: What was read of the tenant.
        known: The record of the last export, or an empty one.
        name: A name for the Pulumi project, where it has none yet.
        emails: The e-mail addresses of people that were read, by id; those of the last export stay beside them.

    Raises:
        RefusedError: a list of members of the last export cannot be read any more, and would be dropped.

    """
    layout = lay_out(walk, known.folders, one_file=known.one_file)
    _refuse_to_drop_members(walk, known, layout)
    references = ProgramReferences(walk, layout, known.existing)
    names = people.labels(walk.people, known.people)
    addresses = {who: email for who, email in {**known.emails, **emails}.items() if email and who in names}
    project_name = known.project or _project_name(name)
    files = {"Pulumi.yaml": _project_file(project_name, walk.tenant), **program.modules(walk, layout, references)}
    if names:
        files[people.PEOPLE_FILE] = people.people_file(names, addresses)
    for each in walk.profiles:
        if each.members:
            ids = each.members.arguments["identity_ids"].values()
            files[program.members_file(layout, each)] = people.members_file(ids, names)
    files[IMPORT_FILE] = _import_file(walk)
    if walk.left_out:
        files[LEFT_OUT_FILE] = _left_out_file(walk.left_out)
    manifest = Manifest(
        tenant=walk.tenant,
        project=project_name,
        one_file=layout.one_file,
        types={**known.types, **{each.resource.id: each.resource.name for each in walk.types}},
        profiles={**known.profiles, **{each.resource.id: each.resource.name for each in walk.profiles}},
        folders={**known.folders, **layout.folders},
        existing={**known.existing, **references.names},
        people={**known.people, **names},
        emails=addresses,
        contents=_contents(walk),
        files={path: digest(text) for path, text in files.items()},
    )
    return Project(files, manifest)


def _refuse_to_drop_members(walk: Walk, known: Manifest, layout: Layout) -> None:
    for each in walk.profiles:
        if each.unread and (file := program.members_file(layout, each)) in known.files:
            raise RefusedError(
                f"{file} is of the last export, and the {in_words('members of access profile', each.live)} cannot be "
                f"read now, so that their set would be dropped: {each.unread}"
            )


def _project_name(name: str) -> str:
    """Return a name that Pulumi accepts for a project."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:100] or "access-profiles"


def _project_file(name: str, tenant: str) -> str:
    settings = {"name": name, "runtime": "python", "description": f"Access profiles of {tenant}"}
    text: str = yaml.safe_dump(settings, sort_keys=False, width=1000)
    return text


def _entries(walk: Walk) -> list[ResourceEntry]:
    profiles = sorted(walk.profiles, key=lambda each: each.resource.name)
    return [
        *sorted((each.resource for each in walk.types), key=lambda each: each.name),
        *(each.resource for each in profiles),
        *(each.members for each in profiles if each.members),
    ]


def _import_file(walk: Walk) -> str:
    return json.dumps({"resources": [in_state(each) for each in _entries(walk)]}, indent=1, ensure_ascii=False) + "\n"


def _left_out_file(left_out: Sequence[LeftOut]) -> str:
    lines = ["# Not exported", "", "What this tenant has and the program does not, each with the reason.", ""]
    return "\n".join([*lines, *(f"- {each.line}" for each in left_out), ""])


def _contents(walk: Walk) -> dict[str, str]:
    found = {each.resource.id: digest(each.resource.arguments) for each in walk.types}
    for each in walk.profiles:
        ids = each.members.arguments["identity_ids"] if each.members else {}
        found[each.resource.id] = digest({**each.resource.arguments, "members": sorted(ids)})
    return found
