"""Compare the state of a stack with the tenant: what holds after every operation.

::

    foreign = fingerprint(tenant)  # before the stack does anything
    stack.up()
    assert findings(stack, tenant, foreign=foreign).in_words() == []
    assert_quiet(stack, tenant)

The state is compared with the tenant field by field, by names written down here and not taken from the provider.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.stack import Stack
from tests.support.tenant import P, Tenant

Json = dict[str, Any]

API_NAMES = {
    "entitlements": "entities_to_create_relationships_to",
    "inherits_from": "inherit_entities_from_access_profiles",
}
SETS = frozenset(
    {"entitlements", "inherits_from", "labels", "datasource_ids", "allow_inherited_from_types", "create_entitlements"}
)
"""The fields that the state holds as a map and the API as a list."""

CONTENT = frozenset(
    {
        "entities_to_create_relationships_to",
        "inherit_entities_from_access_profiles",
        "access_request_policy_id",
        "application_datasource_id",
        "application_sync_identity_action",
    }
)
OPTIONS = frozenset({"adopt", "on_destroy", "profile_id", "version"})
"""What a resource says to the provider, not to the API."""

ADDED_BY_HAND = "ACCESS_PROFILE_MEMBERSHIP"
SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105 - how the engine marks a secret
DOCUMENTED = [
    (method, re.compile(path))
    for method, path in (
        ("GET|POST", f"{P}/access_profiles_types"),
        ("GET|POST", f"{P}/access_profiles"),
        ("PATCH", f"{P}/access_profiles/[^/]+"),
        ("PATCH", rf"{P}/access_profiles/[^/]+/versions/\d+"),
        ("GET|PUT", rf"{P}/access_profiles/[^/]+/versions/\d+/members"),
        ("GET", f"{P}/access_profiles:available_integrations"),
        ("GET", f"{P}/identities/[^/]+"),
        ("GET", "/api/v1/providers/datasources/lifecycle_managers"),
    )
]


# What the stack wants


@dataclass
class Desired:
    """What a stack's state says that the tenant must hold: resources by kind, each with its id and its inputs."""

    types: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)
    versions: list[Json] = field(default_factory=list)
    members: list[Json] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    """Operations and deletions that the state says are still to be made.

    Without the creates that a kill interrupted: the engine names them in every later run, also when that has made them,
    until somebody runs ``pulumi refresh --clear-pending-creates``.
    """


def desired(stack: Stack) -> Desired:
    """Read what the stack wants from its exported state."""
    deployment = stack.export("--show-secrets")["deployment"]
    wanted = Desired()
    wanted.unsettled = [
        f"a pending operation: {each['type']} {each['resource']['urn']}"
        for each in deployment.get("pending_operations") or ()
        if each["type"] != "creating"
    ]
    for resource in deployment.get("resources") or ():
        kind = resource["type"].rpartition("veza:")[2]
        inputs = _plain(resource.get("inputs") or {})
        if resource.get("delete"):
            wanted.unsettled.append(f"a pending deletion: {resource['urn']}")
        elif kind == "AccessProfileType":
            wanted.types[resource["id"]] = inputs
        elif kind == "AccessProfile":
            wanted.profiles[resource["id"]] = inputs
        elif kind == "AccessProfileVersion":
            wanted.versions.append(inputs)
        elif kind == "MembershipSet":
            wanted.members.append(inputs)
    return wanted


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if SECRET in value:
            return _plain(json.loads(value["plaintext"]))
        return {name: _plain(each) for name, each in value.items() if not name.startswith("__")}
    return [_plain(each) for each in value] if isinstance(value, list) else value


# What is found


@dataclass
class Findings:
    """What breaks a law, in words; empty lists where all is well."""

    lost: list[str] = field(default_factory=list)
    """Wanted and not there, or not as it is wanted."""
    duplicated: list[str] = field(default_factory=list)
    """There twice."""
    orphaned: list[str] = field(default_factory=list)
    """Made by the stack, and nobody knows of it any more."""
    touched: list[str] = field(default_factory=list)
    """Somebody else's, and not as it was."""
    unsettled: list[str] = field(default_factory=list)
    """Left over in the state."""

    def in_words(self) -> list[str]:
        """Return all of it, each with the law that it breaks."""
        return [f"{law}: {each}" for law, found in vars(self).items() for each in found]


def findings(
    stack: Stack, tenant: Tenant, *, foreign: Fingerprint | None = None, explained: Collection[str] = ()
) -> Findings:
    """Compare the stack's state with the tenant.

    Args:
        stack: the stack, after an operation that should have brought the tenant to what it wants.
        tenant: the tenant.
        foreign: what was there before the stack; without it everything is the stack's.
        explained: names or ids of what a ``retain``, a ``pause``, a replaced type or the test itself left there, and
            identities whose membership it changed.

    """
    wanted, held = desired(stack), tenant.state()
    before = foreign or Fingerprint()
    return Findings(
        lost=list(_lost(wanted, held)),
        duplicated=list(_duplicated(held, before)),
        orphaned=list(_orphaned(wanted, held, before, explained)),
        touched=list(_touched(wanted, held, before, explained)),
        unsettled=wanted.unsettled,
    )


def assert_quiet(stack: Stack, tenant: Tenant) -> None:
    """Fail unless a preview finds nothing to do and sends nothing that changes something."""
    before = {each["sequence"] for each in tenant.requests()}
    preview = stack.preview("--expect-no-changes", "--diff", check=False)
    assert preview.returncode == 0, f"the preview is not empty:\n{preview}"
    sent = [each for each in tenant.requests(mutating=True) if each["sequence"] not in before]
    assert sent == [], "a preview has sent these requests"


def undocumented(requests: Iterable[Json]) -> list[str]:
    """List the requests that are not of the documented API."""
    called = {(each["method"], each["path"]) for each in requests}
    return [
        f"{method} {path}"
        for method, path in sorted(called)
        if not any(re.fullmatch(allowed, method) and where.fullmatch(path) for allowed, where in DOCUMENTED)
    ]


def repeated_access_requests(tenant: Tenant) -> list[str]:
    """List access requests that repeat the one before; there are none where nobody else interferes."""
    last: dict[tuple[str, str], str] = {}
    repeated = []
    for each in tenant.access_requests():
        key = each["access_profile_id"], each["identity_id"]
        if last.get(key) == each["type"]:
            repeated.append(f"{each['type']} of {each['access_profile_name']!r} for {each['identity_id']}")
        last[key] = each["type"]
    return repeated


# Wanted and not there


def _lost(wanted: Desired, held: Json) -> Iterator[str]:
    types = {each["id"]: each for each in held["types"]}
    profiles = {each["id"]: each for each in held["profiles"]}
    for id_, inputs in wanted.types.items():
        yield from _differing(f"type {inputs['name']!r} ({id_})", inputs, types.get(id_))
    for id_, inputs in wanted.profiles.items():
        profile = profiles.get(id_)
        flat = profile and {**profile, **{name: profile["current_version"][name] for name in CONTENT}}
        if flat and _prefixed(flat, types) and flat["name"].endswith(inputs["name"]):
            flat["name"] = inputs["name"]
        yield from _differing(f"profile {inputs['name']!r} ({id_})", inputs, flat)
    for inputs in wanted.versions:
        what = f"version {inputs['version']} of {inputs['profile_id']}"
        yield from _differing(what, inputs, _version(profiles, inputs))
    for inputs in wanted.members:
        yield from _lost_members(inputs, _version(profiles, inputs))


def _prefixed(profile: Json, types: Mapping[str, Json]) -> bool:
    of_type = types.get(profile["profile_type"]) or {}
    return bool(of_type.get("add_integration_prefix_to_access_profile_names"))


def _version(profiles: Mapping[str, Json], inputs: Json) -> Json | None:
    """Return the version that a resource's selector means."""
    profile = profiles.get(inputs["profile_id"]) or {}
    selector = str(inputs["version"])
    number = profile.get(f"{selector}_version_number") or (int(selector) if selector.isdecimal() else 0)
    return next((each for each in profile.get("versions") or () if each["version_number"] == number), None)


def _differing(what: str, inputs: Json, held: Json | None) -> Iterator[str]:
    if held is None:
        yield f"{what} is not there"
        return
    for name, value in inputs.items():
        if name in OPTIONS:
            continue
        wanted = list(value.values()) if name in SETS and isinstance(value, dict) else value
        found = held.get(API_NAMES.get(name, name))
        if not _covers(found, wanted, as_set=name in SETS):
            yield f"{what}: {name} is {found!r}, not {wanted!r}"


def _covers(held: Any, wanted: Any, *, as_set: bool = False) -> bool:
    """Return whether ``held`` is what is ``wanted``, apart from what the server adds inside of it."""
    if not wanted and wanted != 0:
        return not held
    if isinstance(wanted, dict):
        return isinstance(held, dict) and all(_covers(held.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(held, list) or len(held) != len(wanted):
            return False
        if as_set:
            return all(any(_covers(one, each) for one in held) for each in wanted)
        return all(_covers(one, each) for one, each in zip(held, wanted, strict=True))
    return bool(held == wanted)


def _lost_members(inputs: Json, version: Json | None) -> Iterator[str]:
    what = f"the members of version {inputs['version']} of {inputs['profile_id']}"
    if inputs.get("mode") == "audit":
        return
    if version is None:
        yield f"{what} are not there"
        return
    listed = set(inputs["identity_ids"].values())
    members = {each["identity_id"]: each["created_from"] for each in version["member_details"]}
    for who in sorted(listed - members.keys()):
        yield f"{what} lack {who}"
    if inputs.get("mode") == "authoritative":
        for who, source in sorted(members.items()):
            if who not in listed and source == ADDED_BY_HAND:
                yield f"{what} have {who}, who is not listed"


# There twice


def _duplicated(held: Json, before: Fingerprint) -> Iterator[str]:
    profiles = Counter((each["name"], each["profile_type"]) for each in held["profiles"])
    ours = {(each["name"], each["profile_type"]) for each in held["profiles"] if each["id"] not in before.profiles}
    for name, of_type in sorted(ours):
        if (count := profiles[name, of_type]) > 1:
            yield f"{count} profiles of type {of_type} are named {name!r}"
    types = Counter(map(_as_written, held["types"]))
    for written in sorted({_as_written(each) for each in held["types"] if each["id"] not in before.types}):
        if (count := types[written]) > 1:
            yield f"{count} identical types are named {json.loads(written)['name']!r}"
    for profile in held["profiles"]:
        for version in profile["versions"]:
            for who, count in Counter(version["members"]).items():
                if count > 1:
                    yield f"{who} is a member of {profile['name']!r} {count} times"


GIVEN_BY_THE_SERVER = frozenset(
    {"id", "rbac_id", "enabled", "created_at", "updated_at", "profiles_count", "integrations"}
)


def _as_written(type_: Json) -> str:
    """Return a type's fields but for what the server adds, comparable."""
    fields = {name: value for name, value in type_.items() if name not in GIVEN_BY_THE_SERVER}
    fields["create_entitlements"] = [
        {name: value for name, value in each.items() if name != "id"} for each in type_["create_entitlements"]
    ]
    return json.dumps(fields, sort_keys=True)


# Made by the stack, and nobody knows of it


def _orphaned(wanted: Desired, held: Json, before: Fingerprint, explained: Collection[str]) -> Iterator[str]:
    known = {*wanted.types, *wanted.profiles, *before.types, *before.profiles, *explained}
    for kind in ("types", "profiles"):
        for each in held[kind]:
            if not {each["id"], each["name"]} & known:
                yield f"{kind[:-1]} {each['name']!r} ({each['id']}) is in no state"
    yield from _orphaned_members(wanted, held, before, explained)


def _orphaned_members(wanted: Desired, held: Json, before: Fingerprint, explained: Collection[str]) -> Iterator[str]:
    profiles = {each["id"]: each for each in held["profiles"]}
    listed: dict[tuple[str, int], set[str]] = {}
    for inputs in wanted.members:
        if version := _version(profiles, inputs):
            key = (inputs["profile_id"], version["version_number"])
            listed.setdefault(key, set()).update(inputs["identity_ids"].values())
    for profile in held["profiles"]:
        if {profile["id"], profile["name"]} & {*explained}:
            continue
        # Who was a member of a version that another one has replaced gets nothing by it.
        for version in (each for each in profile["versions"] if each["state"] != "RETIRED"):
            number = version["version_number"]
            foreign = before.members(profile["id"], number)
            for each in version["member_details"]:
                who = each["identity_id"]
                ours = listed.get((profile["id"], number), set()) | foreign.keys() | {*explained}
                if who not in ours and each["created_from"] == ADDED_BY_HAND:
                    yield f"{who} is a member of {profile['name']!r} version {number}, and nothing lists them"


# Somebody else's

DERIVED = frozenset(
    {
        "profiles_count",
        "integrations",
        "access_profiles_inherited_by",
        "inherited_by_other_profiles",
        "versions",
        "current_version",
        "member_details",
    }
)
"""What follows from other objects, and what is compared by itself."""


@dataclass
class Fingerprint:
    """What was in a tenant before the stack: types and profiles by id."""

    types: dict[str, Json] = field(default_factory=dict)
    profiles: dict[str, Json] = field(default_factory=dict)

    def members(self, profile_id: str, number: int) -> dict[str, str]:
        """Return who was a member of a version, with the source."""
        versions = (self.profiles.get(profile_id) or {}).get("versions") or ()
        return next((_members(each) for each in versions if each["version_number"] == number), {})


def fingerprint(tenant: Tenant) -> Fingerprint:
    """Note everything that a tenant holds, as not the stack's."""
    held = tenant.state()
    return Fingerprint({each["id"]: each for each in held["types"]}, {each["id"]: each for each in held["profiles"]})


def _members(version: Json) -> dict[str, str]:
    return {each["identity_id"]: each["created_from"] for each in version["member_details"]}


def _touched(wanted: Desired, held: Json, before: Fingerprint, explained: Collection[str]) -> Iterator[str]:
    now = {each["id"]: each for each in [*held["types"], *held["profiles"]]}
    for id_, was in {**before.types, **before.profiles}.items():
        if {id_, was["name"]} & {*explained}:
            continue
        if id_ not in now:
            yield f"{was['name']!r} ({id_}) is gone"
            continue
        managed = id_ in wanted.types or id_ in wanted.profiles
        if not managed:
            # The time of the last change of a profile whose content or members are managed moves with them.
            beside = any(each["profile_id"] == id_ for each in [*wanted.versions, *wanted.members])
            yield from _changed(was, now[id_], f"{was['name']!r} ({id_})", {"updated_at"} if beside else set())
        yield from _touched_versions(wanted, was, now[id_], explained, managed=managed)


def _touched_versions(
    wanted: Desired, was: Json, is_: Json, explained: Collection[str], *, managed: bool
) -> Iterator[str]:
    versions = {each["version_number"]: each for each in is_.get("versions") or ()}
    for old in was.get("versions") or ():
        number = old["version_number"]
        what = f"version {number} of {was['name']!r} ({was['id']})"
        if number not in versions:
            yield f"{what} is gone"
            continue

        def means_it(inputs: Json, number: int = number) -> bool:
            version = _version({is_["id"]: is_}, inputs)
            return version is not None and version["version_number"] == number

        if not managed and not any(map(means_it, wanted.versions)):
            sets = any(map(means_it, wanted.members))
            yield from _changed(old, versions[number], what, {"members", *(["updated_at"] if sets else [])})
        sets_of_it = [each for each in wanted.members if means_it(each)]
        ours = {who for each in sets_of_it for who in each["identity_ids"].values()} | {*explained}
        all_of_them = any(each.get("mode") == "authoritative" for each in sets_of_it)
        members = _members(versions[number])
        for who, source in _members(old).items():
            if who in ours or (all_of_them and source == ADDED_BY_HAND):
                continue
            if members.get(who) != source:
                yield f"{what}: {who} was a member by {source} and is one by {members.get(who)}"


def _changed(was: Json, is_: Json, what: str, but: Collection[str]) -> Iterator[str]:
    for name in sorted(was.keys() - DERIVED - {*but}):
        if is_.get(name) != was[name]:
            yield f"{what}: {name} was {was[name]!r} and is {is_.get(name)!r}"
