"""Checks of versions: Python, this package, what it needs, the engine."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

import pulumi_veza
from pulumi_veza.doctor.examination import Diagnosis, ok, problem, skipped, warning
from pulumi_veza.doctor.surroundings import Surroundings

DISTRIBUTION: Final = "pulumi-veza"
OLDEST_ENGINE: Final = (3, 254)
"""The first Pulumi CLI whose dynamic providers keep what this package needs."""
OLDEST_PYTHON: Final = (3, 10)

_REQUIREMENT: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*)(;.*)?$")
_BOUND: Final = re.compile(r"(>=|<=|==|<|>|!=|~=)\s*([0-9][0-9.]*)")

Version = tuple[int, ...]


def python(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001 - every check is run alike
    """Look at the Python that runs this."""
    said = f"Python {'.'.join(map(str, sys.version_info[:3]))}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        return problem(said, f"use Python {_text(OLDEST_PYTHON)} or later")
    return ok(said)


def provider(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001
    """Look at this package: its own version against that of its installation."""
    own = pulumi_veza.__version__
    try:
        installed = metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        said = f"{DISTRIBUTION} {own} runs from its source and is not installed"
        return warning(said, "install the checkout or the wheel that it is from")
    if installed != own:
        return problem(
            f"{DISTRIBUTION} {own} runs, and {installed} is installed", "install it again, in one place only"
        )
    return ok(f"{DISTRIBUTION} {own}")


def sdk(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001
    """Look at the Pulumi SDK."""
    return _required(["pulumi"])


def packages(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001
    """Look at the other packages that this one needs."""
    return _required([name for name, _ in _requirements() if name != "pulumi"])


def engine(surroundings: Surroundings) -> Diagnosis:
    """Look at the Pulumi CLI."""
    if surroundings.pulumi is None:
        return problem("there is no `pulumi` on the PATH", "install it: https://www.pulumi.com/docs/install")
    ran = surroundings.engine("version")
    if ran.code != 0:
        return problem(f"`pulumi version` failed: {ran.error}", "install the Pulumi CLI again")
    said = f"Pulumi CLI {ran.out.strip().removeprefix('v')}"
    if _parsed(ran.out) < OLDEST_ENGINE:
        return problem(said, f"install {_text(OLDEST_ENGINE)} or later: https://www.pulumi.com/docs/install")
    return ok(said)


def policy_package(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001
    """Look at the package of policy packs."""
    return _optional("pulumi-policy", "only policy packs need it: pip install '.[policy]', in a checkout")


def simulator_package(surroundings: Surroundings) -> Diagnosis:  # noqa: ARG001
    """Look at the simulator."""
    return _optional("veza-simulator", "only `pulumi-veza simulate` needs it: pip install ./simulator, in a checkout")


def installed_at() -> Path:
    """Return the folder that this package is imported from."""
    return Path(pulumi_veza.__file__).resolve().parent


def _optional(distribution: str, remedy: str) -> Diagnosis:
    try:
        return ok(f"{distribution} {metadata.version(distribution)}")
    except metadata.PackageNotFoundError:
        return skipped(f"{distribution} is not installed", remedy)


def _required(names: list[str]) -> Diagnosis:
    wanted = dict(_requirements())
    fine: list[str] = []
    wrong: list[str] = []
    remedies: list[str] = []
    for name in names:
        supported = wanted.get(name, "")
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{name} is not installed")
        else:
            if _within(_parsed(version), supported):
                fine.append(f"{name} {version}")
                continue
            wrong.append(f"{name} {version}, and {supported} is supported")
        remedies.append(f"'{name}{supported}'")
    if wrong:
        return problem("; ".join(wrong), f"pip install {' '.join(remedies)}")
    return ok(", ".join(fine)) if fine else skipped(f"{DISTRIBUTION} is not installed, so its needs are not known")


def _requirements() -> Iterator[tuple[str, str]]:
    """Yield what is needed without any extra: the name of each distribution, and the range of its versions."""
    try:
        declared = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        declared = []
    for each in declared:
        found = _REQUIREMENT.match(each)
        if found and "extra" not in (found[3] or ""):
            yield found[1].lower(), found[2].strip()


def _within(version: Version, bounds: str) -> bool:
    tests = {
        ">=": version.__ge__,
        "<=": version.__le__,
        "==": version.__eq__,
        "<": version.__lt__,
        ">": version.__gt__,
        "!=": version.__ne__,
    }
    return all(tests[sign](_parsed(bound)) for sign, bound in _BOUND.findall(bounds) if sign in tests)


def _parsed(text: str) -> Version:
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def _text(version: Version) -> str:
    return ".".join(map(str, version))
