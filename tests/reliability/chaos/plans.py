"""Which random runs are taken: hypothesis chooses their steps, and makes a run that fails as small as it can.

A plan is a seed, the steps of it that are taken, and those of them that are taken without faults. Every step draws from
a generator of its own (see ``run``), so that a step can be left out, or calmed, and the others stay as they are. The
seed itself is left as it is: another one is another run, and no smaller.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

LONGEST = 8
"""The steps of the longest run."""

RUNS_OF_A_SEED = 2

_HOLDING = settings(
    max_examples=RUNS_OF_A_SEED,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Plan:
    """Which steps of a seed are taken, and which of those without faults."""

    seed: int
    steps: tuple[int, ...] = tuple(range(1, LONGEST + 1))
    calm: frozenset[int] = frozenset()

    @property
    def command(self) -> str:
        """The command that replays it."""
        parts = ["make chaos", f"SEED={self.seed}", f"STEPS={','.join(map(str, self.steps))}"]
        return " ".join([*parts, *([f"CALM={','.join(map(str, sorted(self.calm)))}"] if self.calm else [])])


@st.composite
def plans(draw: st.DrawFn, seed: int) -> Plan:
    """Draw a plan of a seed. Hypothesis tries the smallest numbers first: a step less, and one less with faults."""
    one_in_ten = st.integers(0, 9)
    steps = tuple(number for number in range(1, LONGEST + 1) if draw(one_in_ten) > 1) or (1,)
    return Plan(seed, steps, frozenset(number for number in steps if draw(one_in_ten) < 1))


def hold_many(hold: Callable[[Plan], None], until: Callable[[], bool]) -> None:
    """Let ``hold`` take runs of one fresh seed after another; raises what it raises for the smallest run that fails."""
    while not until():

        @_HOLDING
        @given(plan=plans(random.SystemRandom().randrange(1_000_000)))
        def ends_as_wanted(plan: Plan) -> None:
            hold(plan)

        ends_as_wanted()
