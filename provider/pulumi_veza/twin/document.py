"""The document of a twin: the format of the simulator's seed, `seed-v1.schema.json`, with `copy_of` for the objects."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pulumi_veza.client.models import as_received
from pulumi_veza.errors import UnusableFileError, one_line
from pulumi_veza.provider.snapshot import LISTS
from pulumi_veza.reports.files import read_text, writing

if TYPE_CHECKING:
    from pulumi_veza.client.lifecycle import Datasource
    from pulumi_veza.client.models import AccessProfile, AccessProfileVersion, Member
    from pulumi_veza.twin.reading import TenantContent

VERSION: Final = 1
"""The version of the format."""

Json: TypeAlias = "dict[str, Any]"

_OPAQUE: Final = "custom_properties"
_ENUMERATIONS: Final = frozenset({"state", "on_create_behavior", "grant_by", "type"})
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_DURATION: Final = re.compile(r"(\d+)s?")

_OF_PROFILE: Final = frozenset(
    {
        "current_version",
        "access_profiles_inherited",
        "access_profiles_inherited_by",
        "inherits_from_other_profiles",
        "inherited_by_other_profiles",
        "member_details",
        "access_request_policy_id",
    }
)
"""What a response says of a profile that follows from its versions, their members, and other profiles."""
_OF_VERSION: Final = frozenset({"access_profile_id", "members"})
_OF_TYPE: Final = frozenset({"profiles_count"})


@dataclass(frozen=True)
class TwinDocument:
    """A twin's document, with what it says of itself."""

    document: Json
    tenant: str
    """The address of the tenant; empty where it does not say."""
    anonymised: bool


def document(content: TenantContent) -> Json:
    """Return the document of what was read of a tenant."""
    found: Json = {"version": VERSION}
    if content.integrations is not None:
        found["integrations"] = content.integrations
    providers = _providers(content.profiles)
    numbers = defaultdict[str, set[int]](set)
    for profile, number in (*content.versions, *content.members):
        numbers[profile].add(number)
    types = {each.id: _written(as_received(each), _OF_TYPE) for each in content.types}
    profiles = {each.id: _profile(each, numbers[str(each.id)], content) for each in content.profiles}
    return {
        **found,
        "identities": list(_identities(content)),
        "datasources": [_datasource(each, providers) for each in content.datasources if each.id],
        "copy_of": {
            "tenant": content.tenant,
            "anonymised": False,
            "types": list(types.values()),
            "profiles": list(profiles.values()),
        },
    }


def dump(found: Json) -> str:
    """Serialize a document; equal documents have equal bytes."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def save(found: Json, file: Path) -> None:
    """Write a document to a file, whole or not at all; only its owner may read it, for it names people.

    Raises:
        UnwritableFileError: it cannot be written.

    """
    partial: str | None = None
    try:
        with writing(file):
            descriptor, partial = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as opened:
                opened.write(dump(found))
            Path(partial).replace(file)
    finally:
        if partial is not None:
            Path(partial).unlink(missing_ok=True)


def load(file: Path) -> TwinDocument:
    """Read the file of a twin; its content is checked by the simulator that serves it.

    Raises:
        UnusableFileError: it cannot be read, or holds no tenant. The message is one line.

    """
    again = "write it with `pulumi-veza export --twin`"
    try:
        found = json.loads(read_text(file))
    except OSError as error:
        raise UnusableFileError(f"{file} cannot be read: {error.strerror or error}; {again}") from None
    except (ValueError, RecursionError):
        raise UnusableFileError(f"{file} is not JSON, or is cut off; {again}") from None
    version = found.get("version", VERSION) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("copy_of"), dict):
        raise UnusableFileError(f"{file} holds no tenant: there is no copy_of in it; {again}")
    if version != VERSION:
        raise UnusableFileError(
            f"{file} is of version {one_line(json.dumps(version), longest=40)}, and this pulumi-veza reads version "
            f"{VERSION}; {again}"
        )
    copied = found["copy_of"]
    return TwinDocument(found, str(copied.get("tenant") or ""), anonymised=copied.get("anonymised") is True)


def versions_in(found: Json) -> set[tuple[str, int]]:
    """Return the versions that a document has, each by its profile's id and its number."""
    return {
        (str(profile.get("id")), version["version_number"])
        for profile in _entries(found["copy_of"].get("profiles"))
        for version in _entries(profile.get("versions"))
        if isinstance(version.get("version_number"), int)
    }


def without_members(found: Json) -> list[str]:
    """Return the names of the profiles of which the members of a version could not be read."""
    return [
        str(profile.get("name") or profile.get("id"))
        for profile in _entries(found["copy_of"].get("profiles"))
        if any("members" not in version for version in _entries(profile.get("versions")))
    ]


def _entries(value: Any) -> Iterator[Json]:
    yield from (each for each in value or () if isinstance(each, dict)) if isinstance(value, list) else ()


def _identities(content: TenantContent) -> Iterator[Json]:
    """Yield every member of whom anything is known, once."""
    names: dict[str, str] = {}
    for rows in content.members.values():
        for row in rows:
            who = str(row.identity_id)
            names[who] = names.get(who) or row.identity_name or ""
    for who, name in names.items():
        read = content.identities.get(who)
        details = _written(as_received(read), _NOT_OF_IDENTITY) if read else {}
        shown = name or (read.entity_name if read else "") or ""
        if shown or details:
            yield {**details, "id": who, "name": shown}


_NOT_OF_IDENTITY: Final = frozenset(
    {"id", "entity_name", "access_profiles", "access_profile_details", "workflows_triggered"}
)


def _datasource(each: Datasource, providers: Mapping[str, str]) -> Json:
    more: Mapping[str, Any] = each.model_extra or {}
    inner = more.get("datasource")
    named = inner.get("provider_id") if isinstance(inner, Mapping) else None
    types = [
        name
        for action in _entries(more.get("available_actions"))
        for name in action.get("supported_entity_types") or ()
    ]
    return {
        "id": each.id,
        "integration": each.provider_type or "",
        "name": each.name or "",
        "provider_id": str(more.get("provider_id") or named or providers.get(str(each.id), "")),
        "external_id": str(more.get("external_id") or ""),
        "entity_types": list(dict.fromkeys(str(name) for name in types)),
    }


def _providers(profiles: Collection[AccessProfile]) -> dict[str, str]:
    """Return the provider of each datasource that is the only one of some profile with one provider."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in profiles:
        held = each.current_version.entities_to_create_relationships_to if each.current_version else None
        datasources = {entity.datasource_id for entity in held or () if entity.datasource_id}
        if len(datasources) == 1 and len(each.provider_ids or ()) == 1:
            found[datasources.pop()][(each.provider_ids or [""])[0]] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in found.items()}


def _profile(each: AccessProfile, numbers: Collection[int], content: TenantContent) -> Json:
    key = str(each.id)
    versions = []
    for number in sorted(numbers):
        version = content.versions.get((key, number))
        # A version whose member list could not be read has none, so that whoever reads the file knows it.
        rows = content.members.get((key, number), None if number > 0 else [])
        versions.append(
            {
                **(_version(version, each) if version else {}),
                "version_number": number,
                **({} if rows is None else {"members": list(map(_member, rows))}),
            }
        )
    return {**_written(as_received(each), _OF_PROFILE), "versions": versions}


def _version(version: AccessProfileVersion, owner: AccessProfile) -> Json:
    found = _written(as_received(version), _OF_VERSION)
    for name in LISTS:
        found[name] = [each for each in found.get(name) or () if each]
    if owner.access_request_policy_id and "access_request_policy_id" not in found:
        found["access_request_policy_id"] = owner.access_request_policy_id
    return found


def _member(row: Member) -> Json:
    # An empty source is one that nobody recognises, and not that of a member who was added by hand.
    return {
        "identity_id": str(row.identity_id),
        "created_from": row.created_from or "",
        **({"workflow": row.workflow} if row.workflow else {}),
    }


def _written(received: Mapping[str, Any], left_out: Collection[str] = ()) -> Json:
    """Return what was received in the format's spelling: nothing for null, numbers for the digits of enumerations."""
    found: Json = {}
    for name, value in received.items():
        if name in left_out or value is None:
            continue
        if name == _OPAQUE:
            found[name] = value
        elif name.endswith("_at") and not (isinstance(value, str) and _TIME.fullmatch(value)):
            continue
        elif name == "time_before_sync_check_in_seconds":
            seconds = _DURATION.fullmatch(str(value))
            found[name] = int(seconds[1]) if seconds else 0
        elif name == "max_entitlements" and value < 0:
            continue
        elif name in _ENUMERATIONS and isinstance(value, str) and value.isdecimal():
            found[name] = int(value)
        else:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _written(value)
    if isinstance(value, list):
        return [_plain(each) for each in value if each is not None]
    return value
