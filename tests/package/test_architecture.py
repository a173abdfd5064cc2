"""The shape of the code: one word for one class, readable modules, private names in few places, plain docstrings."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import pulumi_veza

PACKAGE = Path(pulumi_veza.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400

PER_KIND = "one of each in the module of every kind, whose path and name are in every state"

SHARED_NAMES = {
    "Args": PER_KIND,
    "Outputs": PER_KIND,
    "Provider": PER_KIND,
    "State": PER_KIND,
    "Resource": "the base of the resource classes, and a resource as a policy sees it",
}
"""The classes whose name occurs more than once, each with the reason.

An object of the API has one name, which a program writes (`resources`) and a response holds (`client.models`).
"""

UNDOCUMENTED = {
    "cli/typer_private.py",
    "client/transport/httpx_private.py",
    "policies/pulumi_policy_private.py",
    "provider/plugin_threads_private.py",
    "provider/pulumi_private.py",
}
"""The modules that may use what another package does not document."""

DOCUMENTED_MODULES = {
    "rich.console",
    "rich.markup",
    "rich.padding",
    "rich.progress",
    "rich.table",
    "rich.text",
    "rich.tree",
}
"""The modules below the top of another package that it documents as its public ones."""

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
SOURCES = [
    *MODULES,
    *sorted((ROOT / "simulator" / "veza_simulator").rglob("*.py")),
    *sorted(TOOLS.rglob("*.py")),
    TOOLS / "engine" / "pulumi-language-python",
]
"""The package, the simulator and the tools."""

VAGUE_VERBS = {
    "Give": "Return or Yield",
    "Say": "Return, Format or Print",
    "Tell": "Return whether",
    "Name": "Return or List",
    "Take": "Return, Remove or Redact",
}
"""Verbs that no docstring begins with, each with what to write instead."""


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def is_api_object(places: list[str]) -> bool:
    """Whether a class is one object of the API, as it is written and as it is received."""
    return len(places) == 2 and "client/models.py" in places and any(each.startswith("resources/") for each in places)


def test_a_class_name_occurs_once_but_for_those_that_have_a_reason() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(place(module))
    shared = {name: places for name, places in found.items() if len(places) > 1 and not is_api_object(places)}
    new = {name: places for name, places in shared.items() if name not in SHARED_NAMES}
    assert not new, f"one word, one class: rename all but one of {new}, or give the reason in SHARED_NAMES"
    old = SHARED_NAMES.keys() - shared.keys()
    assert not old, f"take {', '.join(sorted(old))} out of SHARED_NAMES: the name occurs once now"


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_a_module_can_be_read_at_once(module: Path) -> None:
    lines = len(module.read_text().splitlines())
    assert lines <= MAX_LINES, f"{place(module)} has {lines} lines, and {MAX_LINES} are enough: split it by subject"


def imported(tree: ast.AST) -> Iterator[tuple[str, str | None]]:
    """Yield every module that is imported from, with the name that is taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def undocumented(source: str) -> list[str]:
    """List what a module uses of other packages that they do not document, as far as the source tells."""
    tree = ast.parse(source)
    found = []
    for module, name in imported(tree):
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names | {"pulumi_veza", "veza_simulator"}:
            continue
        public = module == top or module in DOCUMENTED_MODULES
        if not public or (name or "").startswith("_"):
            found.append(f"{module}.{name}" if name else module)
    own = {name for module, name in imported(tree) if module.startswith("pulumi_veza") and name}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
            of = node.value
            # Its own object or class, or one of its own that it just made: ruff's SLF001 sees to those.
            if isinstance(of, ast.Name) and (of.id in {"self", "cls", "made"} or of.id in own):
                continue
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"getattr", "setattr", "hasattr"}:
            named = node.args[1] if len(node.args) > 1 else None
            if isinstance(named, ast.Constant) and str(named.value).startswith("_"):
                found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_what_other_packages_do_not_document_is_used_in_one_module_each(module: Path) -> None:
    found = undocumented(module.read_text())
    if place(module) in UNDOCUMENTED:
        assert module.read_text().startswith('"""The only module that touches what ')
    else:
        assert not found, f"{place(module)} uses {', '.join(found)}: move that to one of {sorted(UNDOCUMENTED)}"


@pytest.mark.parametrize(
    "source",
    [
        "from httpx._client import Client",
        "import httpx._client",
        "from pulumi.output import Unknown",
        "from pydantic import _internal",
        "import httpx\nhttpx.Client()._transport",
        "def f(client): return client._mounts",
        "def f(config): return getattr(config, '_props', {})",
    ],
)
def test_a_private_name_of_another_package_would_be_noticed(source: str) -> None:
    assert undocumented(source)


def test_what_other_packages_document_and_what_is_ones_own_is_no_private_name() -> None:
    method = "def f(self): return self._x, type(self).__name__"
    source = f"import json, pulumi\nfrom rich.table import Table\nclass A:\n    {method}"
    assert undocumented(source) == []


def vague(source: str) -> list[tuple[int, str]]:
    """List the line and the first word of every docstring that begins with a vague verb."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = (ast.get_docstring(node) or "").partition(" ")[0]
            if first in VAGUE_VERBS:
                found.append((node.body[0].lineno, first))
    return found


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_docstring_begins_with_a_vague_verb(file: Path) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: begins with {word}; write {VAGUE_VERBS[word]} instead"
        for line, word in vague(file.read_text())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("verb", VAGUE_VERBS)
def test_a_vague_verb_would_be_noticed_with_its_line(verb: str) -> None:
    text = f'"""{verb} the name."""'
    assert vague(text) == [(1, verb)]
    assert vague(f"class A:\n    async def f(self):\n        {text}\n") == [(3, verb)]
    assert vague('def f():\n    """Return the name."""\n') == []
