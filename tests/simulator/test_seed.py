"""The published format of a seed, and what reads it, agree."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from tests.simulator.local import LocalTenant, entity
from tests.simulator.test_control import MODEL_COMPANY
from veza_simulator.demo import DEMO
from veza_simulator.seed_schema import FILE, generated, published
from veza_simulator.seeding import FORMAT_VERSION, Seed

ROOT = Path(__file__).resolve().parents[2]
RECORDED = json.loads((ROOT / "tests" / "states" / "0.1.0" / "tenant.json").read_text())
ACCEPTED: dict[str, dict[str, Any]] = {
    "nothing": {},
    "version": {"version": 1},
    "demo": DEMO.model_dump(),
    "company": MODEL_COMPANY,
    "recorded": RECORDED,
    "numbers": {
        "types": [{"name": "T", "on_create_behavior": 0, "time_before_sync_check_in_seconds": "0"}],
        "profiles": [
            {"name": "P", "profile_type": "T", "state": 1, "labels": ["a"], "custom_properties": {"k": [None, 1.5]}},
        ],
    },
}


def accepts(schema: dict[str, Any], seed: Any) -> bool:
    return bool(Draft202012Validator(schema).is_valid(seed))


def reads(seed: Any) -> bool:
    try:
        Seed.model_validate(seed)
    except ValidationError:
        return False
    return True


def test_the_published_schema_is_the_one_of_the_code() -> None:
    stale = f"simulator/veza_simulator/{FILE} is out of date: run `python -m veza_simulator.seed_schema`"
    assert published() == json.loads(json.dumps(generated())), stale


def test_the_schema_is_valid_names_its_version_and_describes_every_field() -> None:
    schema = published()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:veza-simulator:seed-v{FORMAT_VERSION}"
    assert schema["properties"]["version"]["const"] == FORMAT_VERSION
    for name, part in {"Seed": schema, **schema["$defs"]}.items():
        assert part["description"], name
        assert part["additionalProperties"] is False, name
        for field, declared in part["properties"].items():
            assert declared.get("description", "").endswith("."), f"{name}.{field}"


@pytest.mark.parametrize("seed", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted_is_valid(local: LocalTenant, seed: dict[str, Any]) -> None:
    assert accepts(published(), seed)
    assert reads(seed)
    local.control("POST", "seed", seed)


LISTS = {"Identity": "identities", "Datasource": "datasources", "Type": "types", "Profile": "profiles"}


def wrong_seeds() -> dict[str, Any]:
    """Return seeds that hold, in each place of the format, something that does not belong there."""
    wrong: dict[str, Any] = {"integrations": {"integrations": "X"}, "unknown": {"people": []}}
    for kind, part in LISTS.items():
        fields = published()["$defs"][kind]["properties"]
        example = {"id": "x", "integration": "X", "name": "X", "profile_type": "x"}
        valid = {name: value for name, value in example.items() if name in fields}
        assert reads({part: [valid]})
        wrong |= {f"{part}.{name}": {part: [{**valid, name: [["x"]]}]} for name in [*fields, "unknown"]}
        wrong |= {part: {part: {}}, f"{part}.missing": {part: [{}]}}
    wrong["entity"] = {"profiles": [{"name": "P", "profile_type": "x", "entities_to_create_relationships_to": [{}]}]}
    return wrong


WRONG = wrong_seeds()


@pytest.mark.parametrize("seed", WRONG.values(), ids=WRONG)
def test_what_is_not_valid_is_refused_in_one_line_that_names_the_place(
    local: LocalTenant, seed: dict[str, Any]
) -> None:
    assert not accepts(published(), seed)
    answer = local._http.post(f"{local.url}/_simulator/seed", json=seed)
    assert answer.status_code == 400
    message = answer.json()["message"]
    assert "\n" not in message
    assert next(iter(seed)) in message


@pytest.mark.parametrize("version", [2, 0, "1", 1.5, None, True])
def test_another_version_is_refused_in_one_line(local: LocalTenant, version: Any) -> None:
    answer = local._http.post(f"{local.url}/_simulator/seed", json={"version": version, "of_later": [entity()]})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        f"the request was not accepted: version: {json.dumps(version)} is not supported, only 1"
    )


def test_the_schema_is_served(local: LocalTenant) -> None:
    assert local.control("GET", "seed-schema") == published()
    remote = LocalTenant(host="10.0.0.7")
    assert remote._http.get(f"{remote.url}/_simulator/seed-schema").status_code == 403
    remote.close()


def test_the_seed_in_the_documentation_is_accepted(local: LocalTenant) -> None:
    (block,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "simulator.md").read_text(), re.DOTALL)
    assert accepts(published(), json.loads(block))
    local.control("POST", "seed", json.loads(block))
    assert local.members("Seller") == {"id-ben": "ACCESS_PROFILE_MEMBERSHIP", "id-ana": "BIRTHRIGHT_POLICY"}
