"""The chaos test by itself, for as long as one likes: see ``make chaos``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos.run import Outcome, Plan, any_seed, take
from tests.support.tenant import Tenant


def main() -> int:
    """Take one seed, or fresh ones until the time is up; give the exit code."""
    options = _options()
    with Tenant.start() as tenant, tempfile.TemporaryDirectory() as folder:
        if options.seed is None:
            return _many(options.seconds, tenant, Path(folder))
        plan = Plan.of(options.seed)
        plan = Plan(plan.seed, options.steps or plan.steps, frozenset(options.calm))
        outcome = take(plan, tenant, Path(folder) / "run")
        print(outcome)
        if outcome.broken and options.shrink:
            _shrink(plan, tenant, Path(folder))
    return 1 if outcome.broken else 0


def _many(seconds: float, tenant: Tenant, folder: Path) -> int:
    began, counts, broken = time.monotonic(), Counter[str](), list[Plan]()
    while time.monotonic() - began < seconds:
        plan = Plan.of(any_seed())
        started = time.monotonic()
        outcome = take(plan, tenant, folder / "run")
        counts.update(_counted(outcome))
        print(f"{plan.command}: {_line(outcome)}, {time.monotonic() - started:.0f} s", flush=True)
        if outcome.broken:
            broken.append(plan)
            print(f"{outcome}\n", flush=True)
    print(f"{counts['runs']} runs in {time.monotonic() - began:.0f} s: " + ", ".join(_ratios(counts)))
    for plan in broken:
        print(f"broken: {plan.command}")
    return 1 if broken else 0


def _counted(outcome: Outcome) -> dict[str, int]:
    return {
        "runs": 1,
        "steps": outcome.steps,
        "failed steps": outcome.failed_steps,
        "faults": outcome.faults,
        "kills": outcome.kills,
        "lost": len(outcome.found.lost),
        "duplicated": len(outcome.found.duplicated),
        "broken": int(outcome.broken is not None),
    }


def _ratios(counts: Counter[str]) -> list[str]:
    runs = max(counts["runs"], 1)
    return [
        f"{counts[name]} {name} ({counts[name] / runs:.2f} a run)" for name in _counted(Outcome(0)) if name != "runs"
    ]


def _line(outcome: Outcome) -> str:
    counted = _counted(outcome)
    said = ", ".join(f"{counted[name]} {name}" for name in ("steps", "failed steps", "faults", "kills"))
    return f"{'BROKEN' if outcome.broken else 'the laws hold'}, {said}"


def _shrink(plan: Plan, tenant: Tenant, folder: Path) -> None:
    """Leave out what is not needed for the failure, and print the smallest run that still breaks a law."""
    smallest, outcome = plan, Outcome(plan.seed)
    candidates = smallest.smaller()
    while (smaller := next(candidates, None)) is not None:
        tried = take(smaller, tenant, folder / "run")
        print(f"{smaller.command}: {_line(tried)}", flush=True)
        if tried.broken:
            smallest, outcome, candidates = smaller, tried, smaller.smaller()
    print(f"\nThe smallest: {smallest.command}\n{outcome}")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(",") if each)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long fresh seeds are taken")
    parser.add_argument("--seed", type=int, help="take this seed alone")
    parser.add_argument("--steps", type=_numbers, default=(), help="take only these steps of it, as 1,3,4")
    parser.add_argument("--calm", type=_numbers, default=(), help="take these steps without their faults")
    parser.add_argument("--shrink", action="store_true", help="leave out what a failure does not need")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
