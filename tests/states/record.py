"""Record the state that the release in the making leaves behind: ``python -m tests.states.record VERSION``.

The folder ``tests/states/VERSION`` holds its program and what the tenant has before. What a release that is out wrote
is never recorded again.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from packaging.version import Version

import pulumi_veza
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


def in_the_making() -> str:
    """Return the version that the next release will have, or that this one has."""
    return Version(pulumi_veza.__version__).base_version


if __name__ == "__main__":
    if sys.argv[1:] != [in_the_making()]:
        sys.exit(f"Only what is in the making can be recorded: python -m tests.states.record {in_the_making()}")
    record(Release(sys.argv[1]))
