"""Each deliberate bug of ``tools/mutants.toml`` matches one line of the package, and names a test that exists."""

from __future__ import annotations

import pytest
from tools import mutants


@pytest.mark.parametrize("mutant", mutants.mutants(), ids=lambda mutant: mutant.name)
def test_a_deliberate_bug_fits_the_code_and_names_a_test_that_exists(mutant: mutants.Mutant) -> None:
    assert (mutants.PACKAGE / mutant.file).read_text().count(mutant.old) == 1
    file, _, name = mutant.test.partition("::")
    assert f"def {name.rpartition('::')[2].partition('[')[0]}(" in (mutants.ROOT / file).read_text()
