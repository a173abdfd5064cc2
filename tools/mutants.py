"""Apply each deliberate bug of mutants.toml to a copy of the package, and fail unless its test fails.

``python tools/mutants.py`` tries all of them, ``python tools/mutants.py guard`` those with that text in their name. The
named tests must pass on a copy without a bug first. The exit code is 1 where a bug survives, a test does not run, or
the text that a mutant replaces is not found exactly once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # pytest brings it to the Python that lacks its own

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "provider" / "pulumi_veza"
PASSED, FAILED = 0, 1
SECONDS_A_TEST_MAY_TAKE = 120


@dataclass(frozen=True)
class Mutant:
    """A deliberate bug in the package, with the test that must catch it."""

    name: str
    file: str
    old: str
    new: str
    test: str
    why: str

    def apply(self, package: Path) -> None:
        """Write the bug into a copy of the package."""
        file = package / self.file
        text = file.read_text()
        if (found := text.count(self.old)) != 1:
            raise SystemExit(f"mutant {self.name!r}: its old text is {found} times in {self.file}, not once; adapt it")
        file.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Verdict:
    """The result of one mutant."""

    mutant: Mutant
    caught: bool
    seconds: float
    output: str


def mutants(wanted: str = "") -> list[Mutant]:
    """Return the mutants of the list with this text in their name."""
    listed = tomllib.loads((ROOT / "tools" / "mutants.toml").read_text())["mutant"]
    found = [Mutant(**each) for each in listed]
    if len({each.name for each in found}) < len(found):
        raise SystemExit("two mutants have one name")
    return [each for each in found if wanted in each.name]


def run(tests: list[str], mutant: Mutant | None = None) -> tuple[int, str]:
    """Run tests against a copy of the package with the bug; return pytest's exit code and output."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        package = Path(folder) / PACKAGE.name
        shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
        if mutant:
            mutant.apply(package)
        # The plugin's process inherits it, and so both import the copy.
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        if not mutant:  # Checked once: it is the same for every mutant.
            where = [sys.executable, "-c", "import pulumi_veza; print(pulumi_veza.__file__)"]
            imported = subprocess.run(where, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
            if not Path(imported.stdout.strip()).is_relative_to(package):
                raise SystemExit(f"the copy would not be tested: {imported.stdout.strip()} is imported instead")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=line"]
        command += [f"--timeout={SECONDS_A_TEST_MAY_TAKE}", *tests]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def judge(mutant: Mutant) -> Verdict:
    """Run one mutant; only a test that ran and failed catches it."""
    started = time.monotonic()
    code, output = run([mutant.test], mutant)
    return Verdict(mutant, code == FAILED, time.monotonic() - started, output)


def main(wanted: str = "") -> int:
    """Run the mutants, print the table and return the exit code."""
    listed = mutants(wanted)
    code, output = run(sorted({each.test for each in listed}))
    if code != PASSED:
        print(output)
        print("The named tests do not pass on the package as it is.")
        return 1
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        verdicts = list(pool.map(judge, listed))
    width = max(len(each.name) for each in listed)
    print(f"| {'mutant':{width}} | caught | seconds | by")
    for verdict in verdicts:
        caught = "yes" if verdict.caught else "NO"
        print(f"| {verdict.mutant.name:{width}} | {caught:6} | {verdict.seconds:7.1f} | {verdict.mutant.test}")
    survivors = [each for each in verdicts if not each.caught]
    for verdict in survivors:
        print(f"\n{verdict.mutant.name} survived: {verdict.mutant.why}.\n{verdict.output}")
    print(f"{len(verdicts) - len(survivors)} of {len(verdicts)} deliberate bugs were caught.")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
