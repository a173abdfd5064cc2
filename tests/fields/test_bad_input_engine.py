"""Mistakes are refused at preview, each in one line that names the property and the way out, before any request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

import pulumi_veza as veza
from tests.support.programs import entitlement, program, resource
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant

A_TYPE = resource("AccessProfileType", "sales", name="Sales")
KEY = "a-very-secret-key"
INTERNALS = ("Traceback", 'File "', "Exception", "<class", "<nil>", "None", "{}", "UNKNOWN", KEY)


@pytest.fixture(scope="module")
def module_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all of these tests: nothing ever comes into being in it."""
    stack = Stack.create(tmp_path_factory.mktemp("bad-input") / "stack")
    yield stack
    stack.close()


@pytest.fixture
def stack(module_stack: Stack, tenant: Tenant) -> Stack:
    module_stack.environment = dict(tenant.env())
    return module_stack


def refusals(result: Result) -> list[str]:
    """Return what the CLI says below "Diagnostics", one line per refusal, without what the engine puts before each."""
    assert result.returncode != 0
    assert not [each for each in INTERNALS if each in result]
    errors = [line.removeprefix("error: ") for line in result.diagnostics if line.startswith("error: ")]
    # Every line below the heading is either the name of a resource or a refusal: no refusal has a second line.
    assert len(errors) == len([line for line in result.diagnostics if line and not line.endswith("):")])
    return [each.partition("has a problem: ")[2] or each for each in errors]


def refused(stack: Stack, kind: str, **arguments: Any) -> list[str]:
    stack.write(program(resource(kind, "mistaken", **arguments)))
    return refusals(stack.preview(check=False))


@pytest.mark.catalogue(4)
def test_each_mistake_in_a_type_is_one_line_of_the_same_preview(stack: Stack, tenant: Tenant) -> None:
    transformers = {"values": [{"destination": "displayName"}]}
    assert refused(
        stack,
        "AccessProfileType",
        name="  ",
        description=["a", "list"],
        allow_inherited_from_types="another-type",
        allow_create_relationships="yes",
        max_entitlements=-1,
        create_entitlements=[{"datasource_id": "sf-prod", "attribute_transformers": transformers}],
        on_create_behavior=0,
        time_before_sync_check_in_seconds=1.5,
        name_transformer="upper",
        adopt="always",
    ) == [
        "name: must not be empty; write a text of at least one visible character",
        "description: expected a text, got a list; write a text in quotes",
        "allow_inherited_from_types: expected a list, got a text; write [...] around the elements",
        "allow_create_relationships: must be True or False, got a text",
        "must be a whole number of at least 0",
        "create_entitlements[0].entity_type: is required; add entity_type=...",
        "create_entitlements[0].attribute_transformers.values[0].destination: there is no such field; "
        "did you mean destination_attribute?",
        "on_create_behavior: expected a text, got a number; write a text in quotes "
        "(the enumeration's name, never its number)",
        "time_before_sync_check_in_seconds: expected a whole number of at least 0, got a fraction",
        "name_transformer: expected a mapping with destination_attribute, destination_value_formatter, "
        "continuous_sync, additional_value_formatter, pipeline_functions, unique_identifier, got a text",
        "must be one of identical, never",
    ]
    assert tenant.requests() == []


@pytest.mark.catalogue(4)
def test_each_mistake_in_a_profile_is_one_line_of_the_same_preview(stack: Stack, tenant: Tenant) -> None:
    said = refused(
        stack,
        "AccessProfile",
        profile_type="",
        state="RUNING",
        labels=["sales", 5, ""],
        custom_properties="owner",
        datasource_ids={"sf-prod": 1},
        require_approval_to_start=1,
        entitlements=[
            entitlement("00G1"),
            entitlement("00G1"),
            {"entity_type": "SalesforceGroup"},
            entitlement("00G2", entityid="00G2"),
            entitlement("00G3", grant_by=1),
            "00G4",
        ],
        inherits_from="another-profile",
        on_destroy="delete",
    )
    assert said == [
        "entitlements[1]: SalesforceGroup sf-prod/00G1 is listed twice; remove one of the two",
        "entitlements[2].datasource_id: is required; add datasource_id=...",
        "entitlements[2].entity_id: is required; add entity_id=...",
        "entitlements[3].entityid: there is no such field; did you mean entity_id?",
        "entitlements[4].grant_by: expected a text, got a number; write a text in quotes "
        "(the enumeration's name, never its number)",
        "entitlements[5]: expected a mapping with entity_type (required), datasource_id (required), "
        "entity_id (required), assigned_to_entity_type, assigned_to_entity_id, grant_by, created_by_access_profile, "
        "custom_properties, sync_identity_action, condition, got a text",
        "inherits_from: expected a list, got a text; write [...] around the elements",
        "name: is required; add name=...",
        "profile_type: must not be empty; write a text of at least one visible character",
        "must be one of INITIAL, RUNNING, PAUSED, DRY_RUN, PENDING; did you mean RUNNING?",
        "labels[1]: expected a text, got a number; write a text in quotes",
        "labels[2]: must not be empty; write a text of at least one visible character",
        'custom_properties: expected a mapping such as {"key": "value"}, got a text',
        "datasource_ids: expected a list, got a mapping; write [...] around the elements",
        "require_approval_to_start: must be True or False, got a number",
        "must be one of pause, retain, prevent",
    ]
    assert tenant.requests() == []


@pytest.mark.catalogue(4)
def test_each_mistake_in_a_version_is_one_line_of_the_same_preview(stack: Stack, tenant: Tenant) -> None:
    said = refused(stack, "AccessProfileVersion", profile_id="", version="latest", state=1, adopt=True)
    assert said == [
        "profile_id: must not be empty; write a text of at least one visible character",
        'must be "current", "draft" or a version number from 1 on',
        "state: expected a text, got a number; write one of PUBLISHED, DRAFT, RETIRED "
        "(the enumeration's name, never its number)",
        "adopt: expected a text, got a boolean; write one of identical, always, never",
    ]
    assert tenant.requests() == []


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        (
            "AccessProfileType",
            {"name": "Sales", "time_before_sync_check_in_seconds": 60, "create_entitlement_based_on_profile": False},
            ["needs create_entitlement_based_on_profile=True; add it, or leave the interval out"],
        ),
        (
            "AccessProfile",
            {
                "name": "CRM",
                "profile_type": "t",
                "application_datasource_id": "sf-prod",
                "entitlements": [entitlement("00G1")],
            },
            ["cannot be combined with entitlements: it assigns the application as a whole; remove one of the two"],
        ),
        (
            "AccessProfileVersion",
            {"profile_id": "p", "version": "draft", "state": "PUBLISHED"},
            [
                'cannot be set on version="draft": once it is published it is the draft no more; name it by its number '
                "(the profile's draft_version_number)"
            ],
        ),
        (
            "AccessProfileVersion",
            {"profile_id": "p", "version": "0"},
            ['must be "current", "draft" or a version number from 1 on'],
        ),
    ],
    ids=["an interval without its flag", "an application with entitlements", "a state of the draft", "version 0"],
)
@pytest.mark.catalogue(4)
def test_what_does_not_go_together_is_refused(
    stack: Stack, tenant: Tenant, kind: str, arguments: dict[str, Any], said: list[str]
) -> None:
    assert refused(stack, kind, **arguments) == said
    assert tenant.requests() == []


@pytest.mark.parametrize(
    ("environment", "config", "said"),
    [
        (
            {"VEZA_URL": None, "VEZA_API_KEY": None},
            {},
            "veza:url is not set: `pulumi config set veza:url https://TENANT.vezacloud.com` or "
            "VEZA_URL=https://TENANT.vezacloud.com; veza:apiKey is not set: `pulumi config set --secret veza:apiKey` "
            "or VEZA_API_KEY in the environment",
        ),
        (
            {"VEZA_API_KEY": KEY},
            {"veza:apikey": KEY},
            "'veza:apikey' is not a setting; did you mean veza:apiKey? There are veza:url, veza:apiKey, "
            "veza:maxRetries, veza:timeout, veza:pageSize, veza:caBundle, veza:requestsPerSecond, veza:parallelism, "
            "veza:deadline, veza:allowRemovals",
        ),
        (
            {"VEZA_URL": "http://acme.vezacloud.com", "VEZA_API_KEY": KEY},
            {},
            "VEZA_URL starts with http://, which would send the API key unencrypted (allowed only to localhost): use "
            "https://: `pulumi config set veza:url https://TENANT.vezacloud.com` or "
            "VEZA_URL=https://TENANT.vezacloud.com",
        ),
    ],
    ids=["no tenant and no key", "a misspelt setting", "plain http to somewhere else"],
)
def test_settings_that_cannot_be_used_are_refused(
    stack: Stack, tenant: Tenant, environment: dict[str, str | None], config: dict[str, str], said: str
) -> None:
    stack.environment |= environment
    stack.write(program(A_TYPE))
    stack.config_file.write_text(yaml.safe_dump({**settings(stack), "config": config}))
    assert refusals(stack.preview(check=False)) == [said]
    assert tenant.requests() == []


def settings(stack: Stack) -> dict[str, Any]:
    """Return the stack's file without its configuration: the salt of its secrets stays."""
    found: dict[str, Any] = yaml.safe_load(stack.config_file.read_text())
    found.pop("config", None)
    return found


@pytest.mark.parametrize("kind", [veza.AccessProfileType, veza.AccessProfile, veza.AccessProfileVersion])
def test_an_argument_that_does_not_exist_is_a_type_error_that_lists_those_that_do(kind: Any) -> None:
    with pytest.raises(TypeError) as refused:
        kind("mistaken", profil_type="t", on_destroys="retain")
    said = str(refused.value)
    assert said.startswith(f"{kind.__name__} has no argument on_destroys (did you mean on_destroy?), profil_type")
    assert "; its arguments are " in said
    assert "\n" not in said


UNSENDABLE = """
import datetime, decimal, enum, uuid
import pulumi
import pulumi_veza as veza

class Level(enum.Enum):
    HIGH = 1

def registered(args):
    if args.name == "imported-later":
        args.opts.import_ = "p-1"
        return pulumi.ResourceTransformationResult(args.props, args.opts)

pulumi.runtime.register_stack_transformation(registered)
"""

WRITTEN = """
veza.AccessProfile(
    "mistaken",
    name="Team",
    profile_type="t-role",
    labels={"a", "b"},
    custom_properties={
        "since": datetime.date(2026, 1, 1),
        1: "x",
        "__team": "x",
        "list": [{"__inner": 1}, decimal.Decimal("1.50")],
        "level": Level.HIGH,
    },
)
"""

IN_OUTPUTS = """
known = pulumi.Output.from_input("x").apply(lambda _: {"since": datetime.datetime(2026, 1, 1), "__team": "x", 2: "y"})
hidden = {"birthday": pulumi.Output.secret(datetime.date(1990, 1, 1))}
veza.AccessProfile("mistaken", name="Team", profile_type="t-role", labels=[hidden], custom_properties=known)
"""


def said_of_the_program(stack: Stack, text: str) -> str:
    """Return the one line with which a program ends."""
    stack.write(UNSENDABLE + text)
    refused = stack.preview(check=False)
    assert refused.returncode != 0
    assert "Traceback" not in refused
    line, engines_own = [line for line in refused.diagnostics if line.startswith("error: ")]
    assert engines_own == "error: an unhandled error occurred: Program exited with non-zero exit code: 1"
    return line.removeprefix("error: ")


def test_what_pulumi_cannot_send_or_would_not_show_is_one_line_that_names_the_property_and_what_to_write(
    stack: Stack, tenant: Tenant
) -> None:
    assert said_of_the_program(stack, WRITTEN) == (
        "AccessProfile 'mistaken': labels: Pulumi cannot send a set; write a list, which has an order: sorted(...); "
        'custom_properties.since: Pulumi cannot send a date; write a text: "2026-01-01", or .isoformat(); '
        "custom_properties: the key 1 is an int, and keys must be texts; write '1'; "
        "custom_properties: the key '__team' begins with two underscores, and Pulumi shows nothing of such a key, so "
        "that its changes would be made unseen; write 'team'; "
        "custom_properties.list[0]: the key '__inner' begins with two underscores, and Pulumi shows nothing of such a "
        "key, so that its changes would be made unseen; write 'inner'; "
        'custom_properties.list[1]: Pulumi cannot send a Decimal; write a text: "1.50", or str(...); '
        "custom_properties.level: Pulumi cannot send a Level; write its value: .value"
    )
    assert said_of_the_program(stack, IN_OUTPUTS) == (
        "AccessProfile 'mistaken': labels[0].birthday: what is in this secret has a value that Pulumi cannot send, or "
        "a key that is no text or begins with two underscores; write texts, numbers, lists and mappings alone; "
        'custom_properties.since: Pulumi cannot send a datetime; write a text: "2026-01-01T00:00:00", or .isoformat(); '
        "custom_properties: the key '__team' begins with two underscores, and Pulumi shows nothing of such a key, so "
        "that its changes would be made unseen; write 'team'; "
        "custom_properties: the key 2 is an int, and keys must be texts; write '2'"
    )
    misspelt = said_of_the_program(stack, "veza.AccessProfile('team', nam='Team', profile_type='t-role')")
    assert misspelt.startswith("AccessProfile has no argument nam (did you mean name?); its arguments are ")
    assert tenant.requests() == []


@pytest.mark.parametrize("name", ["imported", "imported-later"])
def test_import_is_one_line_that_says_what_works(stack: Stack, name: str) -> None:
    options = "opts=pulumi.ResourceOptions(import_='p-1')" if name == "imported" else ""
    text = f"veza.AccessProfile({name!r}, name='Team', profile_type='t-role', {options})"
    assert said_of_the_program(stack, text) == (
        f"AccessProfile {name!r}: import_ does not work with a dynamic provider; leave it out: `pulumi up` takes over "
        "what exists (see adopt), and `pulumi import --file` writes it into the state as it is (docs/import.md)"
    )


def test_ids_of_a_list_from_windows_are_refused_with_their_characters_escaped(stack: Stack, tenant: Tenant) -> None:
    advice = 'as no id does; write it without them (strip the lines of a file, and open it with encoding="utf-8-sig")'
    said = refused(stack, "MembershipSet", profile_id="p-team", identity_ids=["\ufeffana\r", "bob\r", "Carl", "carl"])
    assert said == [
        f"identity_ids[0]: '\\ufeffana\\r' begins with '\\ufeff' and ends with '\\r', {advice}",
        f"identity_ids[1]: 'bob\\r' ends with '\\r', {advice}",
        "identity_ids: 'Carl' and 'carl' differ only in case, and the tenant may take them for one; write it once, as "
        "it is in Veza",
    ]
    stack.write(
        program(
            resource("AccessProfile", "team", name="Team\u00a0", profile_type="t-role", labels=["crm "]),
            resource("MembershipSet", "people", profile_id="p-team", identity_ids=["ana@example.com", "bob@host"]),
        )
    )
    told = stack.preview()
    assert (
        "warning: AccessProfile 'team': name ('Team\\xa0') ends with '\\xa0', labels[0] ('crm ') ends with a blank"
        in told
    )
    assert "info: MembershipSet 'people': 1 identity id of it may be an e-mail address (ana@example.com)" in told
    assert tenant.requests() == []
