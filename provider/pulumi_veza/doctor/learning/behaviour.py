"""The file of what was learned of a tenant: versioned YAML, without a name, an id or an address in it.

Within a version fields are only added, and a reader ignores unknown fields and switches. The simulator declares the
same format for itself (``pulumi-veza simulate --like``) and publishes its JSON schema.
"""

from __future__ import annotations

import json
from enum import Enum
from textwrap import indent
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

FORMAT: Final = "veza-tenant-behaviour"

Value = bool | int | str | list[str] | None

_HEAD: Final = """\
# How a Veza tenant answers what the documents of its API leave open, as `pulumi-veza doctor --learn` found by reads
# alone. No name, id or address is in here. `pulumi-veza simulate --like FILE` runs an offline tenant that answers
# alike: it obeys every switch that is certain or likely.
"""


class Sure(str, Enum):
    """How sure an answer is."""

    CERTAIN = "certain"
    """What was seen allows no other value."""
    LIKELY = "likely"
    """What was seen speaks for the value, and could have another reason."""
    UNKNOWN = "unknown"
    """Reads have not told."""


class Learned(BaseModel):
    """The answer to one question about the tenant."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    value: Annotated[Value, Field(description="The value; null where it is unknown.")] = None
    sure: Sure
    why: Annotated[str, Field(description="What was seen, as counts.")]
    needs: Annotated[str | None, Field(description="What would tell, where it is unknown.")] = None


class Behaviour(BaseModel):
    """Everything that was learned of a tenant."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal["veza-tenant-behaviour"] = "veza-tenant-behaviour"
    version: Literal[1] = 1
    made_by: str
    seen: Annotated[dict[str, int], Field(description="How many objects of each kind were looked at.")]
    switches: Annotated[dict[str, Learned], Field(description="By the name that the simulator's switch has.")]
    observations: Annotated[dict[str, Learned], Field(description="What has no switch; nothing obeys it.")]


def dump(behaviour: Behaviour, questions: dict[str, str]) -> str:
    """Serialize what was learned as YAML; equal behaviours have equal bytes.

    Args:
        behaviour: What was learned.
        questions: By name, what a value means: the comment above it.

    """
    plain = behaviour.model_dump(mode="json", exclude_none=False)
    head = {name: plain[name] for name in ("format", "version", "made_by", "seen")}
    parts = [_HEAD, _yaml(head)]
    for section in ("switches", "observations"):
        parts.append(f"\n{section}:\n")
        for name, learned in plain[section].items():
            said = {key: value for key, value in learned.items() if key == "value" or value is not None}
            parts.append(indent(f"# {questions[name]}\n{_yaml({name: said})}", "  "))
    return "".join(parts)


def _yaml(value: Any) -> str:
    # Through JSON, as an enumeration's value is a text of its own class.
    return yaml.safe_dump(json.loads(json.dumps(value)), sort_keys=False, allow_unicode=True, width=1000)
