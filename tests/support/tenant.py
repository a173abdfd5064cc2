"""A simulated tenant in a process of its own, for any test that needs a Veza to talk to.

::

    with Tenant.start(seed="demo") as tenant:
        run_something(env=tenant.env())
        assert tenant.profile("Sales")["state"] == "RUNNING"
        assert tenant.requests(mutating=True) == []
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from typing_extensions import Self

from tests.support.stack import Running

Json = dict[str, Any]

P = "/api/private/lifecycle_management"
"""The prefix of most of the API's paths."""

TOKEN = "test-key"  # noqa: S105 - opens a simulator
MUTATING = frozenset({"POST", "PATCH", "PUT", "DELETE"})

_READY = re.compile(r"ready at (http://\S+)")


class Tenant:
    """A running simulator, its control API as methods. Use :meth:`start`; usable as a context manager."""

    def __init__(self, arguments: list[str], token: str) -> None:
        self.token = token
        self._arguments = arguments
        self._process: subprocess.Popen[str] | None = None
        self._http = httpx.Client(timeout=60, trust_env=False)
        self.url = ""
        self._launch("0")

    @classmethod
    def start(
        cls,
        *,
        seed: str | Json = "empty",
        token: str = TOKEN,
        read_only_token: str | None = None,
        db: Path | None = None,
        extra: Iterable[str] = (),
    ) -> Tenant:
        """Start a simulator on a free port and wait until it answers.

        ``seed`` is ``"empty"``, ``"demo"`` or what :meth:`seed` takes; ``db`` a file that outlives a restart;
        ``extra`` are more arguments of the simulator's command.
        """
        arguments = ["--seed", seed if isinstance(seed, str) else "empty", "--token", token, *extra]
        if read_only_token is not None:
            arguments += ["--read-only-token", read_only_token]
        if db is not None:
            arguments += ["--db", str(db)]
        tenant = cls(arguments, token)
        if not isinstance(seed, str):
            tenant.seed(**seed)
        return tenant

    def _launch(self, port: str) -> None:
        command = [sys.executable, "-m", "veza_simulator", "--quiet", "--port", port, *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        ready = _READY.search(line)
        if ready is None:
            self.kill()
            raise RuntimeError(f"the simulator did not start: {line!r}")
        self.url = ready[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The process

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def env(self) -> dict[str, str]:
        """Return the environment variables of a program that uses this tenant."""
        return {"VEZA_URL": self.url, "VEZA_API_KEY": self.token}

    def stop(self) -> int | None:
        """End it as an operator would; its exit status, ``None`` where it had ended already."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.terminate()
        return self._reap(process)

    def kill(self) -> None:
        """End it as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._reap(process)

    @staticmethod
    def _reap(process: subprocess.Popen[str]) -> int:
        try:
            return process.wait(timeout=20)
        finally:
            assert process.stdout is not None
            process.stdout.close()

    def restart(self) -> None:
        """Stop it and start it again on the same port; only a tenant with ``db`` remembers anything."""
        port = str(self.port)
        self.stop()
        self._launch(port)

    def close(self) -> None:
        """Stop it and release everything."""
        self.stop()
        self._http.close()

    # The documented API, as the key's owner

    def api(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Call the API itself; ``path`` is relative to the private prefix unless it starts with ``/``."""
        url = self.url + (path if path.startswith("/") else f"{P}/{path}")
        headers = {"authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self._http.request(method, url, json=json, params=params, headers=headers, **options)

    # The control API

    def control(self, method: str, path: str, json: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """Call the control API; an error where it refuses."""
        answer = self._http.request(method, f"{self.url}/_simulator/{path}", json=json, params=params)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def reset(self) -> None:
        """Empty it: no objects, no faults, default switches, an empty log."""
        self.control("POST", "reset")

    def seed(
        self,
        *,
        integrations: list[str] | None = None,
        identities: Iterable[str | Json] = (),
        datasources: Iterable[Json] = (),
        types: Iterable[Json] = (),
        profiles: Iterable[Json] = (),
    ) -> dict[str, list[str]]:
        """Add objects; the ids of the ``types`` and ``profiles``, in the given order.

        An identity is an id or ``{"id", "name", "title"}`` and more; a datasource ``{"id", "integration"}`` and more;
        types and profiles are the bodies of their POST, ``id`` may be given; a profile's ``profile_type`` may be a
        type's name, ``state`` is RUNNING by default, ``members`` are ids or ``{"identity_id", "created_from"}``.
        """
        body: Json = {
            "identities": list(identities),
            "datasources": list(datasources),
            "types": list(types),
            "profiles": list(profiles),
        }
        if integrations is not None:
            body["integrations"] = integrations
        added: dict[str, list[str]] = self.control("POST", "seed", body)
        return added

    def state(self) -> Json:
        """Everything that the tenant holds."""
        state: Json = self.control("GET", "state")
        return state

    def profiles(self) -> list[Json]:
        """Every profile as the API answers it, plus ``versions``."""
        profiles: list[Json] = self.state()["profiles"]
        return profiles

    def profile(self, name_or_id: str) -> Json:
        """Return the one profile of this name or id, plus ``versions``."""
        return _only([each for each in self.profiles() if name_or_id in {each["name"], each["id"]}], name_or_id)

    def type(self, name_or_id: str) -> Json:
        """Return the one type of this name or id."""
        types = self.state()["types"]
        return _only([each for each in types if name_or_id in {each["name"], each["id"]}], name_or_id)

    def version(self, name_or_id: str, number: int | None = None) -> Json:
        """Return a version of a profile (the current one where no number is given), plus ``member_details``."""
        profile = self.profile(name_or_id)
        wanted = number or profile["current_version_number"]
        return _only([each for each in profile["versions"] if each["version_number"] == wanted], f"version {wanted}")

    def members(self, name_or_id: str, version: int | None = None) -> dict[str, str]:
        """Return a version's members: identity id to ``created_from``."""
        details = self.version(name_or_id, version)["member_details"]
        return {each["identity_id"]: each["created_from"] for each in details}

    def access(self) -> dict[str, list[Json]]:
        """Who effectively has what: identity id to entitlements with their ``path`` of profile names."""
        access: dict[str, list[Json]] = self.control("GET", "access")
        return access

    def access_requests(self) -> list[Json]:
        """List the access requests that were opened, oldest first."""
        values: list[Json] = self.control("GET", "access_requests")["values"]
        return values

    def move_access_request(self, request_id: str, **change: str) -> None:
        """Move an access request: its ``state``, the ``plan_state`` and ``error_message`` of its plan."""
        self.control("PATCH", f"access_requests/{quote(request_id, safe='')}", change)

    def forget_access_request(self, request_id: str) -> None:
        """Delete an access request."""
        self.control("DELETE", f"access_requests/{quote(request_id, safe='')}")

    def requests(self, *, mutating: bool | None = None, path: str = "") -> list[Json]:
        """List the logged calls; optionally only changing or only reading ones, or those whose path matches."""
        entries = self.control("GET", "requests")["values"]
        return [
            entry
            for entry in entries
            if (mutating is None or (entry["method"] in MUTATING) == mutating) and re.search(path, entry["path"])
        ]

    def clear_requests(self) -> None:
        """Empty the log."""
        self.control("DELETE", "requests")

    def quirks(self, **switches: bool | int | list[str] | None) -> None:
        """Set switches by name."""
        self.control("PUT", "quirks", switches)

    def key(self, token: str | None = None, **rights: Any) -> str:
        """Accept a key with these rights (the fields of the simulator's ``Key``), by default this tenant's own.

        Return the token. ``tenant.key(hidden_profiles=["Sales"])`` takes the profile out of what the own key sees.
        """
        self.control("PUT", "keys", {"token": token or self.token, **rights})
        return token or self.token

    def clear_keys(self) -> None:
        """Accept only the keys that it was started with, which see everything."""
        self.control("DELETE", "keys")

    def edit_profile(self, name_or_id: str, *, version: int | None = None, **changes: Any) -> None:
        """Change any field of a profile, or of a version of it, behind everybody's back."""
        params = {} if version is None else {"version": str(version)}
        self.control("PATCH", f"profiles/{self._id(name_or_id)}", changes, params)

    def delete_profile(self, name_or_id: str) -> None:
        """Delete a profile behind everybody's back."""
        self.control("DELETE", f"profiles/{self._id(name_or_id)}")

    def delete_type(self, name_or_id: str) -> None:
        """Delete a type behind everybody's back."""
        self.control("DELETE", f"types/{quote(self.type(name_or_id)['id'], safe='')}")

    def approve(self, name_or_id: str) -> None:
        """Approve the start of a profile that is PENDING."""
        self.control("POST", f"profiles/{self._id(name_or_id)}/approve")

    def publish_version(self, name_or_id: str, **content: Any) -> int:
        """Publish a new version with the current one's content but for what is given; its number."""
        return int(self.control("POST", f"profiles/{self._id(name_or_id)}/versions", content)["version_number"])

    def create_draft(self, name_or_id: str, **content: Any) -> int:
        """Create a draft with the current version's content but for what is given; its number."""
        body = {**content, "state": "DRAFT"}
        return int(self.control("POST", f"profiles/{self._id(name_or_id)}/versions", body)["version_number"])

    def publish_draft(self, name_or_id: str, number: int) -> None:
        """Publish a draft that exists."""
        self.control("POST", f"profiles/{self._id(name_or_id)}/versions/{number}/publish")

    def change_members(
        self,
        name_or_id: str,
        *,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        created_from: str = "ACCESS_PROFILE_MEMBERSHIP",
        version: int | None = None,
    ) -> None:
        """Add and remove members behind everybody's back."""
        body: Json = {"add": list(add), "remove": list(remove), "created_from": created_from}
        if version is not None:
            body["version"] = version
        self.control("POST", f"profiles/{self._id(name_or_id)}/members", body)

    def _id(self, name_or_id: str) -> str:
        return quote(self.profile(name_or_id)["id"], safe="")

    # Faults

    def fault(self, **rule: Any) -> FaultHandle:
        """Put a fault into force; the fields are those of the simulator's ``FaultRule``."""
        return FaultHandle(self, int(self.control("POST", "faults", rule)["id"]))

    def faults(self) -> list[Json]:
        """List the rules with their counters."""
        values: list[Json] = self.control("GET", "faults")["values"]
        return values

    def clear_faults(self) -> None:
        """Remove every fault; the requests that they hold go on."""
        self.control("DELETE", "faults")


class FaultHandle:
    """A fault that was put into force."""

    def __init__(self, tenant: Tenant, fault_id: int) -> None:
        self._tenant = tenant
        self._path = f"faults/{fault_id}"
        self.id = fault_id

    def describe(self) -> Json:
        """Return the rule and its counters: ``seen``, ``hits``, ``holding``."""
        described: Json = self._tenant.control("GET", self._path)
        return described

    @property
    def hits(self) -> int:
        """How many calls it has hit."""
        return int(self.describe()["hits"])

    def wait_until_hit(self, hits: int = 1, timeout: float = 30) -> None:
        """Wait until it has hit so many calls."""
        self._tenant.control("POST", f"{self._path}/wait", {"hits": hits, "timeout": timeout})

    def wait_until_holding(self, holding: int = 1, timeout: float = 30) -> None:
        """Wait until it holds so many calls: they stand exactly before or after their commit."""
        self._tenant.control("POST", f"{self._path}/wait", {"holding": holding, "timeout": timeout})

    def wait_until_it_holds_up(self, running: Running) -> None:
        """Wait until that run stands at a held call; fail where it ends before."""
        running.wait_until(lambda: self.describe()["holding"], "a held request")

    def kill(self, running: Running) -> None:
        """Kill that run when it stands at a held call, and reset the call's connection."""
        self.wait_until_it_holds_up(running)
        running.kill()
        self.release(drop=True)
        self.remove()

    def release(self, *, drop: bool = False) -> None:
        """Let the held calls go on, or reset their connection."""
        self._tenant.control("POST", f"{self._path}/release", {"drop": drop})

    def remove(self) -> None:
        """Remove the fault; the requests that it holds go on."""
        self._tenant.control("DELETE", self._path)


def _only(found: list[Json], wanted: str) -> Json:
    if len(found) != 1:
        raise LookupError(f"{len(found)} objects are {wanted!r}, not one")
    return found[0]
