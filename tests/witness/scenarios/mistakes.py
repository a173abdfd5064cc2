"""What a program can get wrong, and what the settings can: refused before anything is sent."""

from __future__ import annotations

from typing import Any

from tests.witness.calls import calls
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import entitlement, program, resource

TRANSFORMERS = {"values": [{"destination": "displayName", "continuous_sync": "yes"}]}

Declared = tuple[str, str, dict[str, Any]]


def call(kind: str, resource_name: str, /, **arguments: Any) -> Declared:
    """Declare a resource for a call of the plugin."""
    return kind, resource_name, arguments


WRONG_TYPES = [
    call(
        "AccessProfileType",
        "wrong-types",
        name="  ",
        description=["a", "list"],
        allow_inherited_from_types="another-type",
        allow_create_relationships="yes",
        max_entitlements=-1,
        create_entitlements=[{"datasource_id": "sf-prod", "attribute_transformers": TRANSFORMERS}],
        on_create_behavior=0,
        time_before_sync_check_in_seconds=1.5,
        name_transformer="upper",
        adopt="always",
        on_destroy="pause",
    ),
    call("AccessProfileType", "number-for-a-name", name="T1", on_create_behavior="2"),
    call("AccessProfileType", "interval", name="T2", time_before_sync_check_in_seconds=60),
    call("AccessProfileType", "not-single", name="T3", create_entitlement_based_on_profile=True),
    call("AccessProfileType", "nameless"),
]

WRONG_PROFILES = [
    call(
        "AccessProfile",
        "wrong-profile",
        profile_type="",
        state="RUNING",
        description=5,
        labels=["sales", 5, ""],
        custom_properties="owner",
        datasource_ids={"sf-prod": 1},
        require_approval_to_start=1,
        catalog_item_info={"nam": "x", "recommended": "no"},
        application_sync_identity_action={"policy_id": ""},
        entitlements=[
            entitlement("00G1"),
            entitlement("00G1"),
            {"entity_type": "SalesforceGroup"},
            entitlement("00G2", entityid="00G2"),
            entitlement("00G3", grant_by=1),
            entitlement("00G4", something_else=1),
            "00G5",
        ],
        inherits_from="another-profile",
        adopt=True,
        on_destroy="delete",
    ),
    call("AccessProfile", "list", name="P1", profile_type="t", labels=5, custom_properties=["a"]),
    call("AccessProfile", "mapping", name="P2", profile_type="t", labels={"a": "b"}, inherits_from=None),
    call(
        "AccessProfile",
        "application",
        name="P3",
        profile_type="t",
        application_datasource_id="sf-prod",
        entitlements=[entitlement("00G1")],
        inherits_from=["p"],
    ),
    call("AccessProfile", "secret", name="P4", profile_type="t", state="a-secret", concealed="state"),
]

WRONG_VERSIONS = [
    call("AccessProfileVersion", "wrong-version", profile_id="", version="latest", state=1, adopt=True),
    call("AccessProfileVersion", "draft-state", profile_id="p", version="draft", state="PUBLISHED"),
    call("AccessProfileVersion", "zero", profile_id="p", version=0, on_destroy="remove"),
]

WRONG_SETS = [
    call(
        "MembershipSet",
        "wrong-set",
        identity_ids="ana",
        version=-1,
        mode="strict",
        max_removal_percent=101,
        max_removals=-1,
        allow_emptying="no",
        allow_removals=3,
        on_member_failure="ignore",
        on_destroy="clear",
    ),
    call("MembershipSet", "blank", profile_id="p", identity_ids=["ana", "", 5]),
    call("MembershipSet", "nobody", profile_id="p"),
]

CONFLICTS = [
    call("AccessProfileType", "first", name="Same"),
    call("AccessProfileType", "second", name="Same"),
    call("AccessProfile", "one", name="Same", profile_type="t"),
    call("AccessProfile", "other", name="Same", profile_type="t"),
    call("AccessProfileVersion", "here", profile_id="p", entitlements=[]),
    call("AccessProfileVersion", "there", profile_id="p", inherits_from=[]),
    call("MembershipSet", "strict", profile_id="p", identity_ids=["ana"], mode="authoritative"),
    call("MembershipSet", "strict-too", profile_id="p", identity_ids=["bob"], mode="authoritative"),
    call("MembershipSet", "also", profile_id="p", identity_ids=["carl"]),
]

UNSENDABLE = """
def tried(what, **arguments):
    try:
        veza.AccessProfile("unsendable", name="P", profile_type="t", **arguments)
    except (pulumi.RunError, TypeError) as error:
        print(f"{what}: {error}")

deep = "bottom"
for _ in range(30):
    deep = {"deeper": deep}
tried("deep", custom_properties=deep)
tried("large", custom_properties={"number": 2**53 + 1})
tried("half", description="\\ud83d", custom_properties={"\\ud83d": 1})
tried("signature", custom_properties={"4dabf18193072939515e22adb298388d": "x"})
tried("misspelt", profil_type="t", on_destroys="retain", colour="red")
for kind in (veza.AccessProfileType, veza.AccessProfileVersion, veza.MembershipSet):
    try:
        kind("unknown", nothing=1)
    except TypeError as error:
        print(error)
made = veza.AccessProfile("made", name="P", profile_type="t", labels=["a"])
try:
    made.labels = ["b"]
except AttributeError as error:
    print(error)
"""

SETTINGS: list[dict[str, str]] = [
    {},
    {"VEZA_URL": "https://acme.vezacloud.com"},
    {"VEZA_API_KEY": "key"},
    {"VEZA_URL": " ", "VEZA_API_KEY": "key"},
    *(
        {"VEZA_URL": url, "VEZA_API_KEY": "key"}
        for url in (
            "http://acme.vezacloud.com",
            "ftp://acme.vezacloud.com",
            "https://kay:word@acme.vezacloud.com",
            "https://acme.vezacloud.com/api",
            "https://acme vezacloud.com",
            "https://-",
            "https://acme.vezacloud.com:port",
        )
    ),
    {"VEZA_URL": "https://acme.vezacloud.com", "VEZA_API_KEY": "two words"},
    *(
        {"VEZA_URL": "https://acme.vezacloud.com", "VEZA_API_KEY": "key", **more}
        for more in (
            {"VEZA_MAX_RETRIES": "many"},
            {"VEZA_MAX_RETRIES": "-1"},
            {"VEZA_TIMEOUT": "nan"},
            {"VEZA_PAGE_SIZE": "101"},
            {"VEZA_REQUESTS_PER_SECOND": "0"},
            {"VEZA_DEADLINE": "99999"},
            {"VEZA_CA_BUNDLE": "none.pem"},
            {"VEZA_CA_BUNDLE": "empty.pem"},
            {"HTTPS_PROXY": "nonsense://there"},
        )
    ),
]


@scenario
def mistakes(recorder: Recorder) -> None:
    """Preview programs that the provider refuses."""
    kind, name, arguments = WRONG_TYPES[0]
    stack = recorder.stack(program(resource(kind, name, **arguments)))
    recorder.preview(stack)
    recorder.section("every field of the wrong type")
    with calls(recorder) as run:
        for kind, name, arguments in (*WRONG_TYPES, *WRONG_PROFILES, *WRONG_VERSIONS, *WRONG_SETS):
            run.check(kind, name, **arguments)
    recorder.section("two resources for one object")
    with calls(recorder) as run:
        for kind, name, arguments in CONFLICTS:
            run.check(kind, name, **arguments)
    recorder.section("what Pulumi cannot carry, and arguments that do not exist")
    stack.write(program(UNSENDABLE))
    recorder.preview(stack)


@scenario
def settings(recorder: Recorder) -> None:
    """Use settings that lead nowhere."""
    (recorder.folder / "empty.pem").write_text("no certificate")
    for each in SETTINGS:
        recorder.command("graph", "--live", **each)

    recorder.section("in a stack")
    text = program(resource("AccessProfile", "team", name="Team", profile_type="t-role"))
    nothing = recorder.stack(text, environment={"VEZA_URL": None, "VEZA_API_KEY": None})
    recorder.preview(nothing)
    nothing.environment |= recorder.tenant.env()
    nothing.config_set("veza:apikey", "a-key")
    recorder.preview(nothing)

    recorder.section("a key as plain text, and one that is not accepted")
    plain = recorder.stack(
        text, config={"veza:url": recorder.tenant.url, "veza:apiKey": "not-the-key"}, environment={"VEZA_API_KEY": None}
    )
    recorder.up(plain)

    recorder.section("two addresses for one run, and a state that is another tenant's")
    held = recorder.stack(program(resource("AccessProfileType", "role", name="Role")))
    recorder.up(held)
    held.environment["VEZA_URL"] = "https://other.example"
    recorder.preview(held)
    held.config_set("veza:url", recorder.tenant.url)
    recorder.preview(held)
