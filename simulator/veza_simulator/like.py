"""The file that ``simulate --like`` obeys: how a real tenant answers, as ``pulumi-veza doctor --learn`` writes it.

``behaviour-v1.schema.json`` publishes the format; ``python -m veza_simulator.like`` writes it from these classes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from veza_simulator.quirks import Quirks

FORMAT_VERSION: Final = 1
"""The version of the format; within a version fields are only added."""
SCHEMA: Final = f"behaviour-v{FORMAT_VERSION}.schema.json"


class UnusableBehaviourError(Exception):
    """The file cannot be used; the text is one line that says where and why."""


class BehaviourPart(BaseModel):
    """Part of the file: unknown fields, of a later one, are ignored."""

    model_config = ConfigDict(extra="ignore", use_attribute_docstrings=True)


class LearnedValue(BehaviourPart):
    """What was learned of one switch, or observed."""

    value: bool | int | str | list[str] | None = None
    """The value; null where it is unknown."""
    sure: Literal["certain", "likely", "unknown"]
    """How sure it is: what is unknown is left at its default."""
    why: str = ""
    """What was seen."""
    needs: str | None = None
    """What would tell, where it is unknown."""


class TenantBehaviour(BehaviourPart):
    """How a tenant answers."""

    format: Literal["veza-tenant-behaviour"]
    """The name of this format."""
    version: Literal[1]
    """The version of this format."""
    made_by: str = ""
    """The program that wrote the file."""
    seen: dict[str, int] = {}
    """How many objects of each kind were looked at."""
    switches: dict[str, LearnedValue]
    """By the name of the switch; unknown names, of a later file, are left aside."""
    observations: dict[str, LearnedValue] = {}
    """What has no switch; nothing obeys it."""

    def chosen(self) -> dict[str, Any]:
        """Return the value of every known switch that the file is sure enough of."""
        return {
            name: each.value
            for name, each in self.switches.items()
            if name in Quirks.model_fields and each.sure != "unknown"
        }

    def unknown(self) -> list[str]:
        """Return the switches that this simulator does not have."""
        return sorted(self.switches.keys() - Quirks.model_fields.keys())


def read(path: Path) -> TenantBehaviour:
    """Read a file.

    Raises:
        UnusableBehaviourError: it cannot be read, or does not hold what is expected of it.

    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
        behaviour = TenantBehaviour.model_validate(content)
        Quirks.model_validate(behaviour.chosen())
    except OSError as error:
        raise UnusableBehaviourError(f"it cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UnusableBehaviourError(f"it is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise UnusableBehaviourError("; ".join(_problems(error))) from None
    return behaviour


def applied(behaviour: TenantBehaviour, quirks: Quirks) -> Quirks:
    """Return switches that are set as the file says, and else as they are."""
    return Quirks.model_validate({**quirks.model_dump(), **behaviour.chosen()})


def generated() -> dict[str, Any]:
    """Generate the schema of the file from these classes."""
    identity = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:veza-simulator:behaviour-v{FORMAT_VERSION}"}
    return {**identity, **TenantBehaviour.model_json_schema()}


def published() -> dict[str, Any]:
    """Return the schema as it is published with the package."""
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath(SCHEMA).read_text(encoding="utf-8"))
    return schema


def _problems(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(map(str, each["loc"])) or "the whole"
        yield f"{place}: {each['msg']}"


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA).write_text(json.dumps(generated(), indent=2) + "\n", encoding="utf-8")
