"""The names that programs rely on, what an import costs, and what the wheel carries."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import typing
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pulumi
import pytest
import typing_extensions

import pulumi_veza
from pulumi_veza.fields.field_types import identity
from pulumi_veza.fields.schema import InputField, Schema, SentIn
from pulumi_veza.provider import shell
from pulumi_veza.provider.shell import Resource
from pulumi_veza.resources import KINDS, profile

ROOT = Path(__file__).resolve().parents[2]

every_kind = pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)

NAMES = {
    "AccessProfile",
    "AccessProfileType",
    "AccessProfileVersion",
    "AttributeTransformer",
    "AttributeTransformers",
    "CatalogItemInfo",
    "Client",
    "Condition",
    "CreateEntitlement",
    "Entitlement",
    "MembershipSet",
    "Settings",
    "SyncIdentityAction",
    "errors",
    "filters",
    "get_access_profile",
    "get_access_profile_members",
    "get_access_profile_type",
    "get_access_profile_types",
    "get_access_profiles",
    "get_available_integrations",
    "get_lifecycle_manager_datasources",
}

ARGUMENTS = {
    "AccessProfileType": (
        "name description allow_inherit_entities allow_inherited_from_types allow_create_relationships "
        "require_single_datasource require_single_integration add_integration_prefix_to_access_profile_names "
        "max_entitlements create_entitlement_based_on_profile create_entitlements no_entitlements on_create_behavior "
        "instructions time_before_sync_check_in_seconds access_request_policy_id "
        "allow_overwrite_of_access_request_policy name_transformer remove_entitlement_on_member_upon_update "
        "adopt on_destroy"
    ),
    "AccessProfile": (
        "name profile_type state description labels custom_properties datasource_ids require_approval_to_start "
        "catalog_item_info profile_type_rbac_id access_request_policy_id application_datasource_id "
        "application_sync_identity_action entitlements inherits_from adopt on_destroy"
    ),
    "AccessProfileVersion": (
        "profile_id version entitlements inherits_from state access_request_policy_id application_datasource_id "
        "application_sync_identity_action adopt on_destroy"
    ),
    "MembershipSet": (
        "profile_id identity_ids version mode max_removal_percent max_removals allow_emptying allow_removals "
        "on_member_failure on_destroy"
    ),
}

OUTPUTS = {
    "AccessProfileType": "integrations profiles_count enabled created_at updated_at",
    "AccessProfile": (
        "current_version_number draft_version_number integrations provider_ids requestable created_at updated_at "
        "adopted"
    ),
    "AccessProfileVersion": "version_number published_at updated_at",
    "MembershipSet": "version_number members unmanaged_identity_ids access_request_ids failures",
}


def test_the_package_exports_exactly_these_names() -> None:
    assert set(pulumi_veza.__all__) == NAMES
    assert sorted(pulumi_veza.__all__) == list(pulumi_veza.__all__)
    for name in NAMES:
        assert getattr(pulumi_veza, name) is not None
        assert name in dir(pulumi_veza)
    with pytest.raises(AttributeError, match="no attribute 'AccesProfile'"):
        pulumi_veza.AccesProfile  # noqa: B018


HERE = "tests/resources/test_public_names.py"


def attributes(resource: type[Resource]) -> set[str]:
    listed = {name for name, value in vars(resource).items() if isinstance(value, shell.Listed)}
    return listed | set(inspect.get_annotations(resource))


@every_kind
def test_the_arguments_and_outputs_of_a_resource_are_exactly_these(resource: type[Resource]) -> None:
    schema, name = resource.kind().schema, resource.__name__
    for listed, found in (("ARGUMENTS", schema.fields), ("OUTPUTS", schema.outputs)):
        expected = set(globals()[listed][name].split())
        assert found.keys() <= expected, f"{HERE}: add {', '.join(found.keys() - expected)} to {listed}[{name!r}]"
        assert found.keys() >= expected, f"{name} has lost {', '.join(expected - found.keys())}, which programs may use"


def unwritten(resource: type[Resource], schema: Schema) -> list[str]:
    """List the lines that the class of a resource lacks, one for each argument and output without an attribute."""
    lines = []
    for name in sorted({*schema.fields, *schema.outputs} - attributes(resource)):
        is_set = name in schema.fields and schema[name].is_set
        lines.append(f"    {name} = shell.Listed[...]()" if is_set else f"    {name}: Output[...]")
    return lines


@every_kind
def test_a_resource_has_an_attribute_for_every_argument_and_output(resource: type[Resource]) -> None:
    schema = resource.kind().schema
    place = f"provider/{resource.__module__.replace('.', '/')}.py: class {resource.__name__}"
    lacking = unwritten(resource, schema)
    assert not lacking, f"{place} lacks an attribute for type checkers; write in it:\n" + "\n".join(lacking)
    strange = attributes(resource) - {*schema.fields, *schema.outputs}
    assert not strange, f"{place} has attributes that no argument or output is behind: {', '.join(sorted(strange))}"
    for field in schema:
        said = f"{place}: {field.name} is {'a' if field.is_set else 'no'} set, write it as the other ones are"
        assert isinstance(vars(resource).get(field.name), shell.Listed) == field.is_set, said


def test_an_attribute_that_was_forgotten_is_named_with_the_line_to_write() -> None:
    class More(profile.Args, total=False):
        remark: Annotated[pulumi.Input[str], InputField("A remark.", SentIn.UPDATE)]
        tags: Annotated[pulumi.Input[Sequence[pulumi.Input[str]]], InputField("Tags.", SentIn.UPDATE, key=identity)]

    lines = unwritten(pulumi_veza.AccessProfile, Schema(More, profile.State))
    assert lines == ["    remark: Output[...]", "    tags = shell.Listed[...]()"]


@every_kind
def test_a_constructor_takes_the_name_the_options_and_keywords(resource: type[Resource]) -> None:
    parameters = inspect.signature(resource.__init__).parameters
    assert list(parameters) == ["self", "resource_name", "opts", "args"]
    assert parameters["args"].kind is inspect.Parameter.VAR_KEYWORD
    declared = typing_extensions.get_type_hints(resource.__init__, include_extras=True)["args"]
    (arguments,) = typing.get_args(declared)
    schema = resource._provider_class.lifecycle.kind.schema
    assert arguments.__required_keys__ | arguments.__optional_keys__ == set(schema.fields)


@every_kind
def test_every_argument_and_output_is_documented(resource: type[Resource]) -> None:
    schema = resource._provider_class.lifecycle.kind.schema
    assert resource.__doc__
    for field in schema:
        assert field.input.doc.endswith("."), field.name
        assert f"- ``{field.name}``" in resource.__doc__
        if field.input.api:
            assert f"``{field.input.api}``" in resource.__doc__
    for name, out in schema.outputs.items():
        assert f"- ``{name}``: {out.doc}" in resource.__doc__


@every_kind
def test_an_argument_that_does_not_exist_is_refused_where_it_is_written(resource: type[Resource]) -> None:
    kind: Any = resource
    said = (
        rf"{resource.__name__} has no argument on_destory \(did you mean on_destroy\?\); its arguments are .*on_destroy"
    )
    with pytest.raises(TypeError, match=said):
        kind("it", on_destory="x")


def test_an_import_loads_neither_the_client_nor_the_models() -> None:
    program = "import json, sys, pulumi_veza; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(ran.stdout)}
    assert "pulumi" in loaded
    assert not loaded & {"httpx", "pydantic", "tenacity", "starlette", "uvicorn", "typer", "rich"}
    # A program declares resources without any of what the plugin needs.
    declares = "pulumi_veza.MembershipSet.__doc__, pulumi_veza.filters.eq('labels', 'x'), pulumi_veza.errors.VezaError"
    subprocess.run([sys.executable, "-c", f"import pulumi_veza; {declares}"], check=True)


def test_the_wheel_carries_the_package_its_types_and_the_command(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"pulumi_veza-{pulumi_veza.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
        (entry_points,) = (name for name in carried if name.endswith("entry_points.txt"))
        assert "pulumi-veza = pulumi_veza.cli:main" in archive.read(entry_points).decode()
    sources = ROOT / "provider"
    expected = {
        str(file.relative_to(sources))
        for file in (sources / "pulumi_veza").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    }
    assert {name for name in carried if ".dist-info/" not in name} == expected
    assert "pulumi_veza/py.typed" in carried

    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target)]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    program = "import pulumi_veza; print(pulumi_veza.__version__, pulumi_veza.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(target)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [pulumi_veza.__version__, str(target / "pulumi_veza" / "__init__.py")]
    assert (target / "bin" / "pulumi-veza").exists()
