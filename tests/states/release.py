"""One release's recorded program, tenant and state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.tenant import Tenant

FOLDER = Path(__file__).parent
TIMES = ("created_at", "updated_at", "published_at")


@dataclass(frozen=True)
class Release:
    """What one release left behind."""

    version: str

    @property
    def folder(self) -> Path:
        """Where it is recorded."""
        return FOLDER / self.version

    @property
    def program(self) -> str:
        """The program, as text."""
        return (self.folder / "__main__.py").read_text()

    @property
    def state_file(self) -> Path:
        """What ``pulumi stack export`` gave."""
        return self.folder / "state.json"

    def seed(self, tenant: Tenant) -> None:
        """Fill a tenant with what the program found."""
        tenant.seed(**json.loads((self.folder / "tenant.json").read_text()))
        quirks = self.folder / "quirks.json"
        if quirks.exists():
            tenant.quirks(**json.loads(quirks.read_text()))
        # What a profile's POST does not carry.
        tenant.edit_profile("profile-crm", require_approval_to_start=True, datasource_ids=["sf-prod"])

    def state_at(self, tenant: Tenant) -> dict[str, Any]:
        """Return the state with the address and the times of this tenant, which is not the one it was recorded with."""
        state: dict[str, Any] = json.loads(self.state_file.read_text())
        for resource in state["deployment"]["resources"]:
            if "__tenant" in resource.get("outputs", {}):
                resource["outputs"]["__tenant"] = tenant.url
            kind = resource["type"].rpartition(":")[2]
            if kind == "AccessProfileType":
                live = tenant.type(resource["id"])
            elif kind == "AccessProfile":
                live = tenant.profile(resource["id"])
            elif kind == "AccessProfileVersion":
                live = tenant.version(resource["id"].partition("/")[0])
            else:
                continue
            resource["outputs"] |= {name: live[name] for name in TIMES if name in resource["outputs"]}
        return state


RELEASES = [Release(each.name) for each in sorted(FOLDER.iterdir()) if (each / "state.json").exists()]
