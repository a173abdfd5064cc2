"""The catalogue of docs/reliability.md, and the tests that say by a mark which of its lines they show.

``python -m tests.support.catalogue`` writes the names of the marked tests into the page.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
Marked = dict[int, dict[str, list[str]]]
"""The names of the tests by the line they show and by their file."""


def marked() -> Marked:
    """Find every test that bears ``@pytest.mark.catalogue(NUMBER)``, without importing any."""
    found: Marked = defaultdict(lambda: defaultdict(list))
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                for number in _numbers(node):
                    found[number][str(file.relative_to(ROOT / "tests"))].append(node.name)
    return found


def _numbers(test: ast.FunctionDef) -> list[int]:
    return [
        argument.value
        for each in test.decorator_list
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.catalogue"
        for argument in each.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, int)
    ]


def cell(tests: dict[str, list[str]]) -> str:
    """Write the tests of one line as the page names them: a link to the file, and what each proves."""
    return "; ".join(
        f"[{file}](../tests/{file}): {', '.join(name.removeprefix('test_').replace('_', ' ') for name in names)}"
        for file, names in sorted(tests.items())
    )


def current(page: str) -> str:
    """Return the page with the tests as they are marked now."""
    found = marked()
    return ROW.sub(lambda row: f"| {row[1]} | {row[2]} | {cell(found.get(int(row[1]), {}))} |", page)


if __name__ == "__main__":
    PAGE.write_text(current(PAGE.read_text()))
