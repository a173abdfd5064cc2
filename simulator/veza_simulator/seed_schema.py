"""The JSON schema of a seed: ``python -m veza_simulator.seed_schema`` writes the published file anew.

The file is what is served, so that a client reads what was released and reviewed.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from veza_simulator.seeding import FORMAT_VERSION, Seed

FILE = f"seed-v{FORMAT_VERSION}.schema.json"


class _WithoutTitles(GenerateJsonSchema):
    """Leave out the titles of fields, which repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature of the base class
        return False


def generated() -> dict[str, Any]:
    """Generate the schema from the classes that read a seed."""
    schema = Seed.model_json_schema(schema_generator=_WithoutTitles)
    identity = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:veza-simulator:seed-v{FORMAT_VERSION}"}
    return {**identity, **schema}


def published() -> dict[str, Any]:
    """Return the schema as it is published with the package."""
    schema: dict[str, Any] = json.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return schema


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(json.dumps(generated(), indent=2) + "\n", encoding="utf-8")
