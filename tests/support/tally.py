"""What the tests of reliability did, summed over all workers and printed as one table at the end of a run.

::

    def test_a_lost_answer_is_found_again(tally, ...):
        ...
        tally.add(scenarios=1, faults=1, lost=len(missing), duplicated=len(doubles))
        assert not missing

What was measured is counted before it is judged, so a test that fails is in the table too. Nothing is printed where
nothing was counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

COLUMNS = {
    "scenarios": "scenarios",
    "faults": "faults injected",
    "kills": "kills",
    "chaos_runs": "chaos runs",
    "bad_inputs": "bad inputs tried",
    "lost": "lost",
    "duplicated": "duplicated",
}

_PROPERTY = "tally"


class Tally:
    """The counts of one test."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(
        self,
        *,
        scenarios: int = 0,
        faults: int = 0,
        kills: int = 0,
        chaos_runs: int = 0,
        bad_inputs: int = 0,
        lost: int = 0,
        duplicated: int = 0,
    ) -> None:
        """Count what was done, and how many objects or members were found lost or there twice."""
        self.counts.update(
            scenarios=scenarios,
            faults=faults,
            kills=kills,
            chaos_runs=chaos_runs,
            bad_inputs=bad_inputs,
            lost=lost,
            duplicated=duplicated,
        )


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count what the test does, for the table."""
    counted = Tally()
    yield counted
    # A property of the test travels with its report, from a worker as well.
    request.node.user_properties.append((_PROPERTY, dict(counted.counts)))


class Table:
    """The sums of a whole run, by test file."""

    def __init__(self) -> None:
        self._sums: dict[str, Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown":
            return
        for name, counts in report.user_properties:
            if name == _PROPERTY and isinstance(counts, Mapping):
                file = PurePosixPath(report.nodeid.partition("::")[0]).stem.removeprefix("test_")
                self._sums.setdefault(file, Counter()).update(counts)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._sums:
            return
        terminalreporter.section("reliability")
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> list[str]:
        """Give the table as Markdown, aligned."""
        total: Counter[str] = Counter()
        for counts in self._sums.values():
            total.update(counts)
        counted = [*sorted(self._sums.items()), ("in all", total)]
        rows = [[name, *(f"{counts[column]:,}" for column in COLUMNS)] for name, counts in counted]
        header = ["test file", *COLUMNS.values()]
        widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        return [
            "| " + " | ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) + " |"
            for row in [header, rule, *rows]
        ]


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Table(), "reliability-table")
