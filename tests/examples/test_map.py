"""The pages for contributors name what there is: every package, layer, folder, path, module and command."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from pulumi_veza.cli.commands import COMMANDS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "provider" / "pulumi_veza"
DESIGN = (ROOT / "docs" / "design.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("simulator/*.md")])
IN_PLACE_OF_A_NAME = ("KIND", "COMMAND", "VERSION")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def rows(page: str) -> set[str]:
    """Return what stands in the first cells of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))


def folders(root: Path) -> set[str]:
    """Return every folder below one that has a module, as the tables write them."""
    return {f"{each.parent.relative_to(root)}/" for each in root.rglob("*.py") if each.parent != root}


def code(page: str) -> Iterator[str]:
    """Yield what a page writes as code, in a line and in blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    for block in blocks:
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```\w*\n.*?^```", "", page, flags=re.DOTALL | re.MULTILINE))


def test_every_package_and_module_at_the_top_is_on_the_page_of_the_design() -> None:
    modules = {each.name for each in PACKAGE.glob("*.py")} - {"__init__.py"}
    missing = (folders(PACKAGE) | modules) - rows(DESIGN)
    assert not missing, f"docs/design.md: the table of packages needs a row for {', '.join(sorted(missing))}"
    gone = {each for each in rows(DESIGN) if not (PACKAGE / each).exists()}
    assert not gone, f"docs/design.md: there is no {', '.join(sorted(gone))} any more"


def test_the_layers_on_the_page_of_the_design_are_those_that_are_kept() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    found = re.search(r"<!-- layers -->\n```\n(.*?)```", DESIGN, re.DOTALL)
    assert found
    written = [each.replace("(", "").replace(")", "") for each in layers]
    assert found[1].splitlines() == written, f"docs/design.md: write the layers of pyproject.toml: {written}"


def test_every_folder_of_tests_says_what_it_is_about() -> None:
    tests = {f"{each.parent.name}/" for each in (ROOT / "tests").glob("*/__init__.py")}
    missing = tests - rows(CONTRIBUTING)
    assert not missing, f"CONTRIBUTING.md: the table of tests needs a row for {', '.join(sorted(missing))}"


@every_page
def test_every_path_that_is_written_exists(page: Path) -> None:
    places = (ROOT, page.parent, PACKAGE)
    top = "|".join(re.escape(each.name) for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith("."))
    for written in code(page.read_text()):
        for path in re.findall(rf"(?<![\w./-])(?:{top})/[\w./*-]*", written):
            if not any(each in path for each in IN_PLACE_OF_A_NAME):
                assert any(any(place.glob(path.rstrip("/."))) for place in places), f"{page.name} names {path}"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/design.md"])
def test_every_module_that_is_written_without_its_folder_exists(page: str) -> None:
    files = {
        each.name for place in ("provider", "simulator", "tests", "tools") for each in (ROOT / place).rglob("*.py")
    }
    for written in code((ROOT / page).read_text()):
        for name in re.findall(r"(?<![\w./-])\w+\.py(?!\w)", written):
            assert name in files, f"{page} names {name}"


@every_page
def test_every_module_that_is_written_can_be_imported(page: Path) -> None:
    for written in code(page.read_text()):
        for name in re.findall(r"(?<![\w./-])(?:pulumi_veza|veza_simulator)(?:\.\w+)+", written):
            assert is_there(name), f"{page.name} names {name}"


def is_there(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, last = name.rpartition(".")
    try:
        return hasattr(importlib.import_module(module), last) or find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@every_page
def test_every_command_that_is_written_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = {words.split()[0] for words in COMMANDS} | {"simulate"}
    for written in code(page.read_text()):
        for target in re.findall(r"^(?:\$ )?make ([a-z-]+)", written):
            assert target in targets, f"{page.name} names `make {target}`"
        for command in re.findall(r"(?<![\w./-])pulumi-veza ([a-z][a-z-]*)", written):
            assert command in commands, f"{page.name} names `pulumi-veza {command}`"
        for module in re.findall(r"python3? -m ([\w.]+)", written):
            assert find_spec(module), f"{page.name} names `python -m {module}`"
