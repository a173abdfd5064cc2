"""Record the state that a release leaves behind: ``python -m tests.states.record VERSION``."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.states.release import Release
from tests.support.stack import Stack
from tests.support.tenant import Tenant


def record(release: Release) -> None:
    """Run the release's program on the real engine and keep the state."""
    with Tenant.start() as tenant, tempfile.TemporaryDirectory() as folder:
        release.seed(tenant)
        stack = Stack.create(Path(folder) / "stack", release.program, environment=dict(tenant.env()))
        stack.up()
        release.state_file.write_text(json.dumps(_portable(stack.export()), indent=1, ensure_ascii=False) + "\n")


def _portable(state: dict[str, Any]) -> dict[str, Any]:
    """Leave out where on the recording machine the sources lay."""
    for resource in state["deployment"]["resources"]:
        for name in ("sourcePosition", "stackTrace"):
            resource.pop(name, None)
    return state


if __name__ == "__main__":
    record(Release(sys.argv[1]))
