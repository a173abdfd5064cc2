"""docs/simulator.md: every control call is shown, and each is accepted as it is written."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.examples.test_documentation import ROOT, block
from tests.support.tenant import Tenant
from veza_simulator.app import CONTROL, Simulator
from veza_simulator.keys import Tokens

PAGE = (ROOT / "docs" / "simulator.md").read_text()
CALLS = block(PAGE, "calls")
# What curl refuses by itself ends the run; the page's own calls are kept short.
STRICT = 'set -eu -o pipefail\ncurl() { command curl --silent --show-error --fail-with-body "$@" && echo; }\n'


@pytest.fixture
def fresh() -> Iterator[Tenant]:
    """Start a tenant whose first fault has the id 1."""
    with Tenant.start() as running:
        yield running


def test_every_call_is_accepted_as_the_page_writes_it(fresh: Tenant, tmp_path: Path) -> None:
    (seed,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "seed.json").write_text(seed)
    environment = {"PATH": os.environ["PATH"], **fresh.env()}
    ran = subprocess.run(
        ["bash", "-c", STRICT + CALLS], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran
    assert ran.stderr == ""
    assert '"state":"RUNNING"' in ran.stdout


def test_every_call_of_the_control_api_is_on_the_page() -> None:
    shown = set()
    for line in CALLS.splitlines():
        if found := re.match(r'curl (?:-X (\w+) )?"?\$CONTROL(/[^\s"?]*)', line):
            path = re.sub(r"/versions/\d+", "/versions/{version}", found[2])
            shown.add((found[1] or "GET", re.sub(r"(?<=/)(seller|role|\$REQUEST|\d+)(?=/|$)", "{id}", path)))
    control: Any = Simulator(Tokens("key", None))._control
    offered = {
        (method, route.path.removeprefix(CONTROL)) for route in control.routes for method in route.methods - {"HEAD"}
    }
    assert shown == offered, "docs/simulator.md: show each call of the control API once, and no other"
