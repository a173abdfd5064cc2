"""The chaos test by itself, for as long as one likes: see ``make chaos``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis.errors import FlakyFailure

from tests.reliability.chaos.plans import LONGEST, Plan, hold_many
from tests.reliability.chaos.run import LawBrokenError, Outcome, hold, take
from tests.support.tenant import Tenant


def main() -> int:
    """Run one seed, or fresh ones until the time is up; return the exit code."""
    options = _options()
    with Tenant.start() as tenant, tempfile.TemporaryDirectory() as folder:
        if options.seed is None:
            return _many(options.seconds, tenant, Path(folder))
        outcome = take(Plan(options.seed, options.steps, frozenset(options.calm)), tenant, Path(folder) / "run")
        print(outcome)
    return 1 if outcome.broken else 0


def _many(seconds: float, tenant: Tenant, folder: Path) -> int:
    began, counts = time.monotonic(), Counter[str]()

    def one(plan: Plan) -> None:
        started = time.monotonic()

        def seen(outcome: Outcome) -> None:
            counts.update(_counted(outcome))
            print(f"{plan.command}: {_line(outcome)}, {time.monotonic() - started:.0f} s", flush=True)

        hold(plan, tenant, folder, seen)

    broken = 0
    while time.monotonic() - began < seconds:
        try:
            hold_many(one, until=lambda: time.monotonic() - began > seconds)
        except (LawBrokenError, FlakyFailure) as error:  # noqa: PERF203  (a run takes half a minute)
            broken += 1
            print(f"\n{error}\n{''.join(getattr(error, '__notes__', ()))}\n", flush=True)
    said = ", ".join(f"{counts[name]} {name}" for name in _counted(Outcome(0)))
    print(f"{time.monotonic() - began:.0f} s: {said}")
    return 1 if broken else 0


def _counted(outcome: Outcome) -> dict[str, int]:
    return {
        "runs": 1,
        "steps": outcome.steps,
        "failed steps": outcome.failed_steps,
        "faults": outcome.faults,
        "kills": outcome.kills,
        "broken laws": int(outcome.broken is not None),
    }


def _line(outcome: Outcome) -> str:
    counted = _counted(outcome)
    said = ", ".join(f"{counted[name]} {name}" for name in ("steps", "failed steps", "faults", "kills"))
    return f"{'BROKEN' if outcome.broken else 'the laws hold'}, {said}"


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long fresh seeds are taken")
    parser.add_argument("--seed", type=int, help="take this seed alone")
    every = tuple(range(1, LONGEST + 1))
    parser.add_argument("--steps", type=_numbers, default=every, help="take only these steps of it, as 1,3,4")
    parser.add_argument("--calm", type=_numbers, default=(), help="take these steps without their faults")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
