"""The installed pack on a stack of the real engine, and what its policies said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_veza.plan.records import OURS, TYPE
from pulumi_veza.policies import catalogue
from pulumi_veza.policies.engine import STATE_VARIABLE
from tests.policies.cases import CASES
from tests.policies.declared import DEFAULTS, urn
from tests.support.stack import Result, Stack

PACK = Path(catalogue.__file__).parent / "pack"


def policy_pack(stack: Stack, level: str | None = None) -> list[str]:
    """Return the flags of a run with the pack, every rule configured and, where it is said, at one level."""
    levels = {"enforcementLevel": level} if level else {}
    return configured(stack, {name: {**case.config, **levels} for name, case in CASES.items()})


def configured(stack: Stack, config: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the flags of a run with the pack and this configuration."""
    file = stack.root / "policy.json"
    file.write_text(json.dumps(config))
    return ["--policy-pack", str(PACK), "--policy-pack-config", str(file)]


def preview(stack: Stack, text: str, level: str | None = None) -> Result:
    """Preview a program with the pack."""
    stack.write(text)
    result = stack.preview(*policy_pack(stack, level), check=False)
    assert "Traceback" not in result
    return result


def with_deployed_types(stack: Stack) -> None:
    """Give the pack a state that has the types which the cases say to be deployed, for nothing of them is."""
    state = stack.root / "deployed.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"resources": _deployed()}}))
    stack.environment[STATE_VARIABLE] = str(state)


def _deployed() -> list[dict[str, Any]]:
    found = {name: inputs for case in CASES.values() for name, inputs in case.deployed.items()}
    return [
        {
            "urn": urn(TYPE, name),
            "type": OURS + TYPE,
            "id": f"t-{name}",
            "custom": True,
            "inputs": {**DEFAULTS[TYPE], **inputs},
            "outputs": {**DEFAULTS[TYPE], **inputs},
        }
        for name, inputs in found.items()
    ]


def said(result: Result, level: str) -> dict[str, str]:
    """Return what each policy said at a level, by name."""
    blocks = re.split(r"\n\s+- (?=\[)", f"\n{str(result).partition('Policies:')[2]}")
    found: dict[str, str] = {}
    for block in blocks:
        match = re.match(r"\[(\w+)\]\s+(\S+)", block)
        if match and match[1] == level:
            found[match[2]] = found.get(match[2], "") + block
    return found
