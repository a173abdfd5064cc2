"""The digest: the same for the same change in whatever order, and another one for any difference that is approved."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Final

import pytest

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact import building
from pulumi_veza.impact.document import (
    ConflictImpact,
    Document,
    IdentityDetails,
    Rehearsal,
    Stopped,
    TypeImpact,
    dump,
    load,
)
from pulumi_veza.impact.rendering.approval import differences
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.removal_guard import GuardLevel
from tests.impact.stacks import groups, members, of_type, profile, texts, urn

APPROVED: Final = [
    "tenants[]",
    "stacks[].name",
    "people[].id",
    "people[].rows[].effect",
    "people[].rows[].entitlement",
    "people[].rows[].path[]",
    "profiles[].ref",
    "profiles[].action",
    "profiles[].state_before",
    "profiles[].state_after",
    "profiles[].inherits[]",
    "profiles[].inherited_before[]",
    "profiles[].entitlements_added[]",
    "profiles[].entitlements_removed[]",
    "profiles[].joining[].id",
    "profiles[].joining[].reason",
    "profiles[].leaving[].id",
    "profiles[].leaving[].reason",
    "types[].urn",
    "types[].old_id",
    "types[].profiles[]",
    "requests[].operation",
    "requests[].identity_id",
    "requests[].profile",
    "requests[].reason",
    "removals[].urn",
    "removals[].profile",
    "removals[].removed",
    "removals[].people[]",
    "removals[].level",
    "removals[].confirmation",
    "removals[].vanished",
    "conflicts[].what",
    "conflicts[].urns[]",
    "unknowns[].what",
    "unknowns[].reason",
    "unknowns[].people",
]
"""The fields of which a difference is another change; of most reasons only whether there is one."""

NOT_APPROVED: Final = [
    "valid_at",
    "live",
    "not_looked",
    "hints",
    "summary",
    "identities",
    "identities_unread",
    "rehearsal",
    "entitlements",
    "causes",
    "stacks[].resources",
    "stacks[].changing",
    "people[].name",
    "people[].rows[].reason",
    "people[].rows[].cause",
    "people[].rows[].undone",
    "profiles[].name",
    "profiles[].urn",
    "profiles[].stack",
    "profiles[].members_before",
    "profiles[].members_after",
    "profiles[].source",
    "profiles[].may_exist",
    "profiles[].members_known",
    "profiles[].joining[].name",
    "profiles[].joining[].undone",
    "profiles[].leaving[].name",
    "profiles[].leaving[].undone",
    "profiles[].state_undone",
    "people[].rows[].because_refused",
    "types[].name",
    "types[].old_name",
    "types[].source",
    "requests[].name",
    "requests[].undone",
    "removals[].name",
    "removals[].managed",
    "removals[].limit",
    "removals[].refused_at",
    "removals[].source",
    "conflicts[].refused",
    "conflicts[].refused_at",
    "conflicts[].instead",
    "conflicts[].source",
    "unknowns[].source",
    "unknowns[].profiles",
]
"""Where something is declared, how it is called, and what follows from the rest, such as what is left undone."""

FIXED: Final = ["format", "version", "digest", "stopped"]
"""What is the same in every document, or is tested apart."""

ONE_OF: Final[dict[str, list[Any]]] = {
    "effect": [each.value for each in Effect],
    "level": [GuardLevel.OVER.value, GuardLevel.CONFIRMED.value, GuardLevel.DESTROYED.value],
    "operation": ["PROVISION", "DEPROVISION"],
    "action": ["create", "update", "replace", "delete", "adopt"],
}


def records() -> list[Record]:
    free = {"max_removal_percent": 100, "allow_emptying": True}
    return [
        of_type(),
        profile("base", {"entitlements": groups("a", "b")}, {"entitlements": groups("a")}),
        profile("heir", {"inherits_from": texts("id-base")}, {"state": "PAUSED", "inherits_from": texts("id-more")}),
        profile("more", {"entitlements": groups("c")}),
        profile("new", None, {"entitlements": groups("d")}),
        members("heir", ["ada", "ben", "cai"], ["ada", "ben", "dee"], options=free),
        members("more", ["ada", "ben", "cai", "dee"], ["ada"]),
        members("elsewhere", ["ada"], ["ada", "ben"]),
    ]


def change() -> Document:
    """Return a change in which every field of a document is filled."""
    built = building.build(records(), valid_at="1", tenants=["https://acme.vezacloud.com"])
    source = Source("__main__.py", 3)
    replaced = TypeImpact(name="open", urn=urn("AccessProfileType", "open"), old_id="old", profiles=["id-a", "id-b"])
    conflict = ConflictImpact(what="two want one", urns=["urn:1", "urn:2"], source=source)
    return built.model_copy(
        update={
            "types": [replaced.model_copy(update={"source": source})],
            "conflicts": [conflict],
            "identities": {"ada": IdentityDetails(name="Ada", title="Analyst")},
            "rehearsal": Rehearsal(done=True),
        }
    )


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, list[str | int]]]:
    """Yield every value of a document that is no list and no object: the name of its field, and the way there."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        name = f"{path}[]" if isinstance(value, list) else f"{path}.{key}".lstrip(".")
        if name in {*NOT_APPROVED, *FIXED}:
            yield name, [key]
        elif isinstance(each, (dict, list)):
            yield from ((found, [key, *rest]) for found, rest in leaves(each, name))
        else:
            yield name, [key]


def changed(document: dict[str, Any], way: list[str | int]) -> Document:
    """Return the document with another value there."""
    copy = json.loads(json.dumps(document))
    *way_there, last = way
    place = copy
    for key in way_there:
        place = place[key]
    # What is not known has a reason, and another one is another thing; elsewhere a reason means that it is not certain.
    place[last] = "another reason" if way[0] == "unknowns" and last == "reason" else other(str(last), place[last])
    return load(json.dumps(copy))


def other(field: str, value: Any) -> Any:
    if field in ONE_OF:
        return next(each for each in ONE_OF[field] if each != value)
    if field == "reason" or value is None:
        return "another reason" if value is None else None
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value} other"


def test_any_difference_of_what_is_approved_is_another_digest_and_is_said_and_no_other_is() -> None:
    document = change()
    seen = set()
    for name, way in leaves(json.loads(dump(document))):
        if name in FIXED or name in NOT_APPROVED:
            continue
        assert name in APPROVED, f"{name} is new: say above whether it is approved"
        seen.add(name)
        unchanging = name == "profiles[].ref" and not document.profiles[int(way[1])].changes
        now = changed(json.loads(dump(document)), way)
        assert (now.digest == document.digest) is unchanging, (name, way)
        assert bool(differences(document, now)) is not unchanging, (name, way)
        assert bool(differences(now, document)) is not unchanging, (name, way)
    assert set(APPROVED) - seen == set()


@pytest.mark.parametrize(
    "update",
    [
        {"valid_at": "2"},
        {"live": True},
        {"identities": {}},
        {"identities_unread": 3},
        {"rehearsal": None},
        {"entitlements": []},
        {"causes": []},
    ],
    ids=lambda update: next(iter(update)),
)
def test_what_was_known_and_when_is_not_approved(update: dict[str, Any]) -> None:
    document = change()
    other_ = document.model_copy(update=update)
    assert other_ != document
    assert other_.digest == document.digest
    assert differences(document, other_) == []


def test_how_somebody_and_something_is_called_and_where_it_is_declared_is_not_approved() -> None:
    document = change()

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, dict):
            return {
                key: None if key in {"source", "name"} and "ref" not in value else renamed(each)
                for key, each in value.items()
            }
        return value

    said = json.loads(dump(document))
    for part in ("people", "requests", "unknowns"):
        said[part] = renamed(said[part])
    for each in said["profiles"]:
        each.update(name="Another name", source={"file": "other.py", "line": 9}, members_before=100)
    assert load(json.dumps(said)).digest == document.digest


def test_the_same_change_has_the_same_digest_in_whatever_order() -> None:
    document = change()
    shuffling = random.Random(3)  # noqa: S311 - no secret
    for _ in range(20):
        said = json.loads(dump(document))
        for part in (
            "tenants",
            "stacks",
            "people",
            "profiles",
            "types",
            "requests",
            "removals",
            "conflicts",
            "unknowns",
        ):
            shuffling.shuffle(said[part])
        for person in said["people"]:
            shuffling.shuffle(person["rows"])
        for each in [*said["profiles"], *said["removals"]]:
            for field in ("joining", "leaving", "inherits", "entitlements_added", "people"):
                shuffling.shuffle(each.get(field, []))
        found = load(json.dumps(said))
        assert found.digest == document.digest
        assert differences(document, found) == []
        some = records()
        shuffling.shuffle(some)
        assert building.build(some).digest == building.build(records()).digest


def test_a_saved_document_keeps_its_digest_and_one_that_says_nothing_has_none() -> None:
    document = change()
    assert document.digest
    assert json.loads(dump(document))["digest"] == document.digest
    assert load(dump(document)).digest == document.digest
    forged = json.loads(dump(document)) | {"digest": "sha256:0"}
    assert load(json.dumps(forged)).digest == document.digest
    assert document.model_copy(update={"stopped": Stopped(reason="no")}).digest is None
