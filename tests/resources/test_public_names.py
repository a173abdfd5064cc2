"""The names that programs rely on, what an import costs, and what the wheel carries."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import textwrap
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
from tests.support import kinds

ROOT = Path(__file__).resolve().parents[2]

every_kind = pytest.mark.parametrize("resource", KINDS, ids=lambda resource: resource.__name__)

NAMES = {
    *(resource.__name__ for resource in kinds.FIXED),
    "AttributeTransformer",
    "AttributeTransformers",
    "CatalogItemInfo",
    "Client",
    "Condition",
    "CreateEntitlement",
    "Entitlement",
    "People",
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
    "get_identity",
    "get_lifecycle_manager_datasources",
}


def test_the_package_exports_exactly_these_names() -> None:
    exported = set(pulumi_veza.__all__)
    assert exported >= NAMES, f"provider/pulumi_veza/__init__.py does not export {', '.join(NAMES - exported)}"
    assert exported == NAMES, "a name that is exported is kept for ever: list it in NAMES"
    assert sorted(pulumi_veza.__all__) == list(pulumi_veza.__all__)
    for name in NAMES:
        assert getattr(pulumi_veza, name) is not None
        assert name in dir(pulumi_veza)
    with pytest.raises(AttributeError, match="no attribute 'AccesProfile'"):
        pulumi_veza.AccesProfile  # noqa: B018


def outputs(resource: type[Resource]) -> type:
    """Return the class that declares the attributes of a resource."""
    found: type = sys.modules[resource.__module__].Outputs
    assert issubclass(resource, found)
    return found


def attributes(resource: type[Resource]) -> set[str]:
    listed = {name for name, value in vars(outputs(resource)).items() if isinstance(value, shell.Listed)}
    return listed | set(inspect.get_annotations(outputs(resource)))


@every_kind
def test_the_arguments_and_outputs_of_a_resource_are_exactly_these(resource: type[Resource]) -> None:
    schema, fixed = resource.kind().schema, kinds.fixed(resource)
    for what, written, found in (
        ("arguments", fixed.arguments, schema.fields),
        ("outputs", fixed.outputs, schema.outputs),
    ):
        expected = set(written.split())
        lacking = ", ".join(sorted(found.keys() - expected))
        assert found.keys() <= expected, f"{kinds.PLACE}: add {lacking} to {what} of {resource.__name__}"
        lost = ", ".join(sorted(expected - found.keys()))
        assert found.keys() >= expected, f"{resource.__name__} has lost {lost}, which programs may use"


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
    place = f"provider/{resource.__module__.replace('.', '/')}.py: class Outputs"
    lacking = unwritten(resource, schema)
    assert not lacking, f"{place} lacks an attribute for type checkers; write in it:\n" + "\n".join(lacking)
    hidden = {name for name in attributes(resource) if hasattr(Resource, name)}
    assert not hidden, f"{place} has attributes that the base of all resources has: {', '.join(sorted(hidden))}"
    strange = attributes(resource) - {*schema.fields, *schema.outputs}
    assert not strange, f"{place} has attributes that no argument or output is behind: {', '.join(sorted(strange))}"
    for field in schema:
        said = f"{place}: {field.name} is {'a' if field.is_set else 'no'} set, write it as the other ones are"
        assert isinstance(vars(outputs(resource)).get(field.name), shell.Listed) == field.is_set, said


def test_an_attribute_that_was_forgotten_is_named_with_the_line_to_write() -> None:
    class More(profile.Args, total=False):
        remark: Annotated[pulumi.Input[str], InputField("A remark.", SentIn.UPDATE)]
        tags: Annotated[pulumi.Input[Sequence[pulumi.Input[str]]], InputField("Tags.", SentIn.UPDATE, key=identity)]

    lines = unwritten(pulumi_veza.AccessProfile, Schema(More, profile.State))
    assert lines == ["    remark: Output[...]", "    tags = shell.Listed[...]()"]


@every_kind
def test_the_names_of_the_fields_are_known_without_their_types(resource: type[Resource]) -> None:
    schema = resource.kind().schema
    assert schema.arguments == schema.fields.keys()
    assert sorted(schema.properties) == sorted((*schema.outputs, *schema.fields))


@every_kind
def test_whole_numbers_are_declared_as_such(resource: type[Resource]) -> None:
    hints = typing.get_type_hints(outputs(resource))
    assert {name for name, hint in hints.items() if hint == pulumi.Output[int]} == resource.kind().schema.whole_numbers


@every_kind
def test_the_sdk_finds_no_attributes_to_evaluate_at_each_response(resource: type[Resource]) -> None:
    assert inspect.get_annotations(resource) == {}, "declare attributes in Outputs: the SDK compiles them each time"


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
    with pytest.raises(TypeError, match=said) as refused:
        kind("it", on_destory="x")
    # What ends a program with its message alone.
    assert isinstance(refused.value, pulumi.RunError)


@every_kind
@pytest.mark.parametrize(
    ("positional", "named", "said"),
    [
        (("it", None, "id"), {}, "'it': only the resource's name and its options may be written by their place"),
        (("it", "Sales"), {}, r"'it': opts must be pulumi.ResourceOptions\(...\), got a text; write every other"),
        ((5,), {}, 'name in the program, a text in quotes such as "sales", and this is a number'),
        ((None,), {}, "and this is nothing"),
        (("",), {}, "and this is an empty text"),
        ((), {"name": "Sales"}, "the first argument is the resource's name in the program.*, and there is none"),
        (("it",), {"resource_name": "it"}, "multiple values for argument 'resource_name'"),
    ],
)
def test_a_call_that_does_not_fit_is_a_type_error_that_ends_a_program_in_one_line(
    resource: type[Resource], positional: tuple[Any, ...], named: dict[str, Any], said: str
) -> None:
    kind: Any = resource
    with pytest.raises(TypeError, match=f"^{resource.__name__}.*{said}") as refused:
        kind(*positional, **named)
    assert isinstance(refused.value, pulumi.RunError)
    assert "\n" not in str(refused.value)


def loaded(program: str) -> set[str]:
    """Return the modules that a program has loaded in the end."""
    command = [sys.executable, "-c", f"{program}; import json, sys; print(json.dumps(sorted(sys.modules)))"]
    return set(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.mark.parametrize(
    "uses",
    [
        "import pulumi_veza",
        "import pulumi_veza; pulumi_veza.filters.eq('labels', 'x'), pulumi_veza.errors.VezaError",
        "import pulumi_veza; pulumi_veza.People, pulumi_veza.get_access_profile, pulumi_veza.Settings",
        "from pulumi_veza import AccessProfile, AccessProfileType, AccessProfileVersion, MembershipSet",
        "import pulumi_veza; pulumi_veza.MembershipSet.__doc__",
    ],
)
def test_what_declares_resources_loads_neither_the_client_nor_the_models(uses: str) -> None:
    heavy = {"httpx", "pydantic", "tenacity", "starlette", "uvicorn", "typer", "rich", "jinja2", "networkx", "yaml"}
    found = loaded(uses)
    assert "pulumi_veza" in found
    # What the SDK itself loads is no cost of ours.
    heavy = heavy & {name.partition(".")[0] for name in found - loaded("import pulumi")}
    assert not heavy, f"a program that declares resources loads {heavy}: a module of resources/ imports client.models"


def test_an_import_loads_only_what_a_program_uses() -> None:
    def ours(program: str) -> set[str]:
        return {name for name in loaded(program) if name.startswith("pulumi_veza")}

    assert ours("import pulumi_veza") == {"pulumi_veza", "pulumi_veza.errors"}
    declaring = ours("from pulumi_veza import AccessProfile, AccessProfileType")
    assert "pulumi_veza.resources.profile" in declaring
    assert not {name for name in declaring if name.rpartition(".")[2] in {"membership", "version", "lookups", "people"}}
    # They are needed where something is misspelt, or compared with what a tenant keeps.
    assert not loaded("from pulumi_veza import MembershipSet") - loaded("import pulumi") & {"difflib", "html"}


def test_a_docstring_is_composed_where_it_is_read_and_the_fields_are_not_evaluated_before() -> None:
    program = """
        from pulumi_veza import AccessProfile
        schema = vars(AccessProfile.kind().schema)
        assert "fields" not in schema
        assert len(AccessProfile.__doc__) > 1000
        assert "fields" in schema
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_the_wheel_carries_the_package_its_types_and_the_command(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"pulumi_veza-{pulumi_veza.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
        (entry_points,) = (name for name in carried if name.endswith("entry_points.txt"))
        assert "pulumi-veza = pulumi_veza_cli:main" in archive.read(entry_points).decode()
    sources = ROOT / "provider"
    expected = {
        str(file.relative_to(sources))
        for file in (sources / "pulumi_veza_cli.py", *(sources / "pulumi_veza").rglob("*"))
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
