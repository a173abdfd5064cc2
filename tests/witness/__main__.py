"""Record anew: ``python -m tests.witness``, or only some scenarios by their names."""

from __future__ import annotations

import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

from tests.witness.recorder import RECORDED, SCENARIOS, record
from tests.witness.scenarios import MODULES
from tests.witness.supported import Tenant


def main() -> int:
    """Record the scenarios that are named, or all of them."""
    assert MODULES
    names = sys.argv[1:] or sorted(SCENARIOS)
    if unknown := [name for name in names if name not in SCENARIOS]:
        print(f"there is no scenario {', '.join(unknown)}; there are {', '.join(sorted(SCENARIOS))}", file=sys.stderr)
        return 64
    with Tenant.start() as tenant:
        for name in names:
            print(name, flush=True)
            with tempfile.TemporaryDirectory() as folder, redirect_stdout(sys.stderr):
                recorded = record(name, Path(folder), tenant)
            (RECORDED / f"{name}.txt").write_text(recorded, encoding="utf-8")
    if not sys.argv[1:]:
        for left in RECORDED.glob("*.txt"):
            if left.stem not in SCENARIOS:
                left.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
