"""A stack and its tenant that can be put back to where an operation begins: every crash starts from the same point.

The requests of an operation are those that it really sends: it runs once without a fault, and the tenant's log is the
list of the places where it can be killed.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tests.support.comparison import Fingerprint, fingerprint
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Result, Running, Stack
from tests.support.tenant import MUTATING, FaultHandle, Tenant

Json = dict[str, Any]
Boundary = Literal["before_commit", "after_commit"]
Checkpoints = Literal["ordinary", "skipped"]

IDENTITIES = [f"m{number:03}" for number in range(230)]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEFT_BY_A_REPLACEMENT = "Role"
CONFIRMATION = re.compile(r'allow_removals="([^"]+)"')


def kinds(
    *,
    instructions: str = "",
    description: str = "Sells",
    desk: tuple[str, ...] = ("00G1",),
    content: dict[str, Any] | None = None,
    members: dict[str, Any] | None = None,
) -> str:
    """Return a program with every kind of resource, the profiles with what their POST carries and what it cannot."""
    written = {"version": "current", "entitlements": [entitlement("00G2")], "on_destroy": "clear", **(content or {})}
    listed = {"profile_id": Code("sales.id"), "identity_ids": IDENTITIES[:120], **(members or {})}
    return program(
        resource(
            "AccessProfileType",
            "role",
            name="Role",
            allow_create_relationships=True,
            allow_inherit_entities=True,
            instructions=instructions,
        ),
        resource(
            "AccessProfile",
            "sales",
            name="Sales",
            profile_type=Code("role.id"),
            description=description,
            require_approval_to_start=True,
        ),
        resource(
            "AccessProfile",
            "desk",
            name="Desk",
            profile_type=Code("role.id"),
            description=description,
            entitlements=[entitlement(each) for each in desk],
        ),
        resource(
            "AccessProfileVersion", "content", profile_id=Code("sales.id"), inherits_from=[Code("desk.id")], **written
        ),
        resource("MembershipSet", "team", **listed),
    )


CHANGED_MEMBERS = [*IDENTITIES[:10], *IDENTITIES[120:221]]
"""Two batches to remove, which needs a confirmation (and so does the second one alone), and two to add."""

PROGRAMS = {
    "create": kinds(),
    "update": kinds(
        description="Sells more",
        desk=("00G3", "00G4"),
        content={"entitlements": [entitlement("00G5")]},
        members={"identity_ids": CHANGED_MEMBERS, "max_removal_percent": 5, "allow_removals": Code("CONFIRMED")},
    ),
    "replace": kinds(
        instructions="Ask first",
        content={"version": 1, "entitlements": [entitlement("00G6")], "adopt": "always"},
        # The members lose the profile that the set leaves, and nobody is left there.
        members={"profile_id": Code("desk.id"), "max_removal_percent": 100, "allow_emptying": True},
    ),
    "destroy": kinds(),
}
OPERATIONS = list(PROGRAMS)


@dataclass(frozen=True)
class Place:
    """One request of an operation, as a fault finds it again: ids that differ from run to run left open."""

    method: str
    path: str
    body: str
    occurrence: int

    @classmethod
    def all_of(cls, requests: list[Json]) -> list[Place]:
        """Return the places of these requests, in their order."""
        seen: Counter[tuple[str, str, str]] = Counter()
        places = []
        for each in requests:
            body = "" if each["body"] is None else json.dumps(each["body"], ensure_ascii=False, separators=(",", ":"))
            key = (each["method"], f"^{_pattern(each['path'])}$", body and f"^{_pattern(body)}$")
            places.append(cls(*key, occurrence=seen[key]))
            seen[key] += 1
        return places

    def hold(self, tenant: Tenant, boundary: Boundary) -> FaultHandle:
        """Hold the request when it comes."""
        return tenant.fault(method=self.method, path=self.path, body=self.body, skip=self.occurrence, hold=boundary)

    def __str__(self) -> str:
        path = self.path.removesuffix("$").rpartition("lifecycle_management")[2]
        return f"{self.method} {path} {self.body[:60]} #{self.occurrence}"


def _pattern(text: str) -> str:
    return "[0-9a-f-]{36}".join(re.escape(each) for each in UUID.sub("\0", text).split("\0"))


class Laboratory:
    """One tenant, and stacks that are copies of the one at an operation's starting point."""

    def __init__(self, tenant: Tenant, database: Path, folder: Path) -> None:
        self.tenant = tenant
        self._database = database
        self._folder = folder
        self._points: dict[str, Point] = {}
        self._places: dict[str, list[Json]] = {}
        self._stacks: list[Stack] = []
        tenant.reset()
        tenant.seed(
            identities=IDENTITIES,
            datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
            types=[{"name": "Foreign", "id": "t-foreign"}],
            profiles=[{"name": "Foreign", "id": "p-foreign", "profile_type": "t-foreign", "members": IDENTITIES[:3]}],
        )
        self.foreign: Fingerprint = fingerprint(tenant)

    def close(self) -> None:
        """End what the stacks' commands left running."""
        for stack in self._stacks:
            stack.close()

    def start_of(self, operation: str) -> Crash:
        """Put the tenant to where the operation begins, and give a stack of its own that stands there."""
        point = self._point("empty" if operation == "create" else "built")
        _copy(point.database, self._database)
        self.tenant.clear_faults()
        self.tenant.clear_requests()
        stack = self._copied(point.stack)
        stack.write(PROGRAMS[operation].replace("CONFIRMED", repr(point.confirmation)))
        return Crash(operation, stack, self.tenant)

    def requests_of(self, operation: str) -> list[Json]:
        """Return the requests that the operation sends where nothing disturbs it."""
        if operation not in self._places:
            self.start_of(operation).again()
            self._places[operation] = self.tenant.requests()
        return self._places[operation]

    def mutating(self, operation: str) -> list[Place]:
        """Return the places of the operation's changing requests."""
        return Place.all_of([each for each in self.requests_of(operation) if each["method"] in MUTATING])

    def reading(self, operation: str) -> list[Place]:
        """Return the places of the operation's reading requests."""
        return Place.all_of([each for each in self.requests_of(operation) if each["method"] not in MUTATING])

    def _point(self, name: str) -> Point:
        if name not in self._points:
            self._points[name] = self._built() if name == "built" else self._empty()
        return self._points[name]

    def _empty(self) -> Point:
        stack = Stack.create(self._folder / "empty", environment={**self.tenant.env()})
        self._stacks.append(stack)
        return Point(stack, self._saved("empty"))

    def _built(self) -> Point:
        stack = self._copied(self._point("empty").stack)
        _copy(self._point("empty").database, self._database)
        stack.write(PROGRAMS["create"])
        stack.up(skip_preview=True)
        saved = self._saved("built")
        stack.write(PROGRAMS["update"].replace("CONFIRMED", repr("none yet")))
        refused = CONFIRMATION.search(str(stack.preview(check=False)))
        assert refused, "the removal of most members was not refused"
        return Point(stack, saved, refused[1])

    def _saved(self, name: str) -> Path:
        file = self._folder / f"{name}.db"
        _copy(self._database, file)
        return file

    def _copied(self, stack: Stack) -> Stack:
        root = self._folder / f"stack-{len(self._stacks)}"
        shutil.copytree(stack.root, root)
        shutil.rmtree(root / "output", ignore_errors=True)
        copy = Stack(root, stack.name, {**stack.environment})
        self._stacks.append(copy)
        return copy


@dataclass(frozen=True)
class Point:
    """A stack and a tenant that stay as they are."""

    stack: Stack
    database: Path
    confirmation: str = ""


@dataclass
class Crash:
    """One operation on one stack that is killed and then run again, as a user would."""

    operation: str
    stack: Stack
    tenant: Tenant
    killed: list[Running] = field(default_factory=list)

    @property
    def command(self) -> tuple[str, ...]:
        """The CLI's command for the operation."""
        return ("destroy" if self.operation == "destroy" else "up", "--yes", "--skip-preview")

    @property
    def explained(self) -> set[str]:
        """What the operation leaves in the tenant by design."""
        return {
            "replace": {LEFT_BY_A_REPLACEMENT},
            "destroy": {LEFT_BY_A_REPLACEMENT, "Sales", "Desk"},
        }.get(self.operation, set())

    def skip_checkpoints(self) -> None:
        """Let the engine write the state only at the end."""
        self.stack.environment["PULUMI_SKIP_CHECKPOINTS"] = "true"

    def start(self) -> Running:
        """Start the operation."""
        return self.stack.start(*self.command)

    def kill_at(self, place: Place, boundary: Boundary) -> None:
        """Run the operation until that request is there (or has been carried out), and kill all of it."""
        fault = place.hold(self.tenant, boundary)
        running = self.start()
        fault.kill(running)
        self.killed.append(running)

    @property
    def locked(self) -> bool:
        """Whether the file backend holds a lock on the stack."""
        return any((self.stack.backend / ".pulumi" / "locks").rglob("*.json"))

    def spoilt(self) -> list[Path]:
        """Return the files of the file backend that a kill left empty.

        The backend replaces a state as a whole, but writes its checksum, in a file beside it, in place.
        """
        return [file for file in self.stack.backend.rglob("*.attrs") if not file.stat().st_size]

    def again(self) -> Result:
        """Do what a user does after a crash: mend the backend, take the lock away, and run the operation again."""
        for file in self.spoilt():
            file.unlink()
        if self.locked:
            self.stack.cancel()
        return self.stack.run(*self.command)


def _copy(source: Path, target: Path) -> None:
    """Copy a database while its owner has it open."""
    with closing(sqlite3.connect(source)) as from_, closing(sqlite3.connect(target, timeout=10)) as to:
        from_.backup(to)
