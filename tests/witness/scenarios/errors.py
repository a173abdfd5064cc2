"""What the API answers when something is wrong, and what becomes of a request whose answer is lost."""

from __future__ import annotations

from typing import Any

from tests.witness.calls import calls
from tests.witness.recorder import Recorder, scenario
from tests.witness.supported import Tenant, entitlement

ONCE = {"VEZA_MAX_RETRIES": "0"}
TWICE = {"VEZA_MAX_RETRIES": "1"}

HTML = {"Content-Type": "text/html"}

ANSWERS: dict[str, dict[str, Any]] = {
    "400": {"status": 400},
    "400 with details": {
        "status": 400,
        "answer": {"code": "InvalidArgument", "message": "no", "details": ["one", {"two": 2}], "request_id": "r-1"},
    },
    "400 within an error": {"status": 400, "answer": {"error": {"message": "said in another place"}}},
    "400 that echoes the key": {"status": 400, "answer": "Bearer test-key is not welcome"},
    "403": {"status": 403},
    "404": {"status": 404},
    "409": {"status": 409},
    "418": {"status": 418, "answer": "short and stout"},
    "422": {"status": 422, "answer": {"error": "unprocessable"}},
    "429": {"status": 429, "retry_after": 1},
    "500": {"status": 500},
    "503 as a page": {"status": 503, "answer": "<html><title>Busy &amp; tired</title></html>", "headers": HTML},
    "502 as a page without a title": {"status": 502, "answer": "<html></html>", "headers": HTML},
    "a redirect": {"status": 302, "headers": {"Location": "https://login.example.com/?secret=1"}},
    "a redirect to nowhere": {"status": 307},
    "a page": {"status": 200, "answer": "<html>Log in</html>", "headers": HTML},
    "not JSON": {"body_fault": "not_json"},
    "another content type": {"body_fault": "wrong_content_type"},
    "nothing": {"body_fault": "empty"},
    "half an answer": {"body_fault": "truncated"},
    "a list": {"status": 200, "answer": []},
    "another shape": {"status": 200, "answer": {"values": [{"id": 5}], "value": {"id": 5}}},
    "no id": {"status": 200, "answer": {"values": [{"name": "x"}], "value": {"name": "x"}}},
    "a reset connection": {"reset": "before_commit"},
    "a reset connection afterwards": {"reset": "after_commit"},
    "a reset within the answer": {"reset": "mid_body"},
}

LISTINGS: dict[str, dict[str, Any]] = {
    "a list without end": {"endless": True},
    "a next page without a name": {"status": 200, "answer": {"values": [], "has_more": True}},
    "the same page again": {
        "status": 200,
        "answer": {"values": [{"id": "a", "name": "a"}], "has_more": True, "next_page_token": "t"},
    },
}

CLIENT = """
import pulumi_veza as veza

def tried(what, call):
    try:
        print(f"{what}: {call()!r}")
    except veza.errors.VezaError as error:
        print(f"{what}: {type(error).__name__}: {error}")

with veza.Client() as client:
    tried("a page of 0", lambda: list(client.list_access_profiles(page_size=0)))
    tried("an empty id", lambda: client.update_access_profile("", {"name": "x"}))
    tried("a dot", lambda: client.update_access_profile("..", {"name": "x"}))
    tried("half a character", lambda: client.update_access_profile("\\ud83d", {"name": "x"}))
    tried("version 0", lambda: list(client.list_access_profile_members("p", 0)))
    tried("a NaN", lambda: client.update_access_profile("p", {"name": float("nan")}))
    tried("half a text", lambda: client.update_access_profile("p", {"name": "\\ud83d"}))
    tried("an object", lambda: client.update_access_profile("p", {"name": object()}))
    tried("no profile", lambda: client.update_access_profile("p-none", {"name": "x"}))
    tried("no version", lambda: client.update_access_profile_version("p-none", 2, {}))
    tried("no members", lambda: client.update_access_profile_members("p-none", 2, "ADD", ["ana"]))
    tried("a wrong filter", lambda: list(client.list_access_profiles(filter="(")))
tried("an unknown setting", lambda: veza.Client(maxretries=1))
tried("a wrong setting", lambda: veza.Client(timeout=0))
"""

LOOKUPS = """
import pulumi_veza as veza

def tried(what, call):
    try:
        print(f"{what}: {call()!r}")
    except veza.errors.LookupFailed as error:
        print(f"{what}: {error}")

tried("misspelt", lambda: veza.get_access_profile(name="Taem"))
tried("twice", lambda: veza.get_access_profile(name="Twin"))
tried("of one type", lambda: veza.get_access_profile(name="Twin", profile_type="t-app").id)
tried("nothing like it", lambda: veza.get_access_profile(name="Zzz"))
tried("of a type without profiles", lambda: veza.get_access_profile(name="Zzz", profile_type="t-none"))
tried("a type", lambda: veza.get_access_profile_type(name="Rolle"))
tried("twice the same type", lambda: veza.get_access_profile_type(name="Double"))
tried("integrations", lambda: veza.get_available_integrations())
tried("datasources", lambda: [each.id for each in veza.get_lifecycle_manager_datasources()])
tried("members", lambda: [each.identity_id for each in veza.get_access_profile_members("p-team", 1)])
tried("profiles", lambda: sorted(each.name for each in veza.get_access_profiles()))
for bad in (
    lambda: veza.filters.eq("na me", 1),
    lambda: veza.filters.eq("labels", 1),
    lambda: veza.filters.eq("labels", "\\ud83d"),
    lambda: veza.filters.and_(),
    lambda: veza.filters.or_("labels"),
):
    try:
        print(bad())
    except (TypeError, ValueError) as error:
        print(f"filters: {error}")
"""


def _seed(tenant: Tenant) -> None:
    tenant.seed(
        integrations=["AWS", "OKTA"],
        identities=["ana"],
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
        types=[
            {"name": "Role", "id": "t-role", "allow_create_relationships": True},
            {"name": "App", "id": "t-app", "allow_create_relationships": True, "max_entitlements": 1},
            {"name": "Double", "id": "t-1"},
            {"name": "Double", "id": "t-2"},
        ],
        profiles=[
            {"name": "Team", "id": "p-team", "profile_type": "t-role", "members": ["ana"]},
            {"name": "Twin", "id": "p-twin-role", "profile_type": "t-role"},
            {"name": "Twin", "id": "p-twin-app", "profile_type": "t-app"},
            *({"name": f"Many {number:02}", "profile_type": "t-role"} for number in range(12)),
        ],
    )


@scenario
def api_errors(recorder: Recorder) -> None:
    """Read from and write to a tenant that answers in every way that it should not."""
    tenant = recorder.tenant
    _seed(tenant)
    tenant.fault(method="GET", path="none")  # so that every answer is a fault's own
    for what, fault in {**ANSWERS, **LISTINGS}.items():
        recorder.section(f"a listing is answered with {what}")
        tenant.fault(method="GET", path="access_profiles$", count=None, **fault)
        settings = TWICE if what in {"429", "500"} else ONCE
        recorder.live("graph", "--live", **settings)
        tenant.clear_faults()
    recorder.section("no tenant, or another key")
    recorder.command("graph", "--live", VEZA_URL="http://127.0.0.1:1", VEZA_API_KEY="key", **ONCE)
    recorder.command("graph", "--live", VEZA_URL=tenant.url, VEZA_API_KEY="another-key")
    recorder.command("graph", "--live", VEZA_URL=f"https://127.0.0.1:{tenant.port}", VEZA_API_KEY="key", **ONCE)

    recorder.section("a create")
    with calls(recorder, **ONCE) as run:
        for number, (what, fault) in enumerate(ANSWERS.items()):
            tenant.fault(method="POST", path="access_profiles$", count=None, **fault)
            run.create("AccessProfile", what, name=f"New {number}", profile_type="t-role", description="new")
            tenant.clear_faults()

    recorder.section("a create whose answer is lost, and what is found then")
    with calls(recorder, **ONCE) as run:
        tenant.fault(method="POST", status=500, status_when="after_commit")
        run.create("AccessProfile", "found again", name="Found", profile_type="t-role")
        tenant.fault(method="POST", status=500)
        tenant.fault(method="GET", status=500, count=None, path="access_profiles$", skip=0)
        run.create("AccessProfile", "not looked for", name="Unfound", profile_type="t-role")
        tenant.clear_faults()
        tenant.fault(method="POST", status=500)
        run.create("AccessProfileType", "not created", name="New type")

    _changes(recorder)
    _readings(recorder)


def _changes(recorder: Recorder) -> None:
    tenant = recorder.tenant
    recorder.section("a change, and members")
    with calls(recorder, **ONCE) as run:
        id_, held = run.create("AccessProfile", "team", name="Team", profile_type="t-role")
        version, content = run.create(
            "AccessProfileVersion", "content", profile_id="p-twin-app", entitlements=[entitlement("00G1")]
        )
        members, listed = run.create("MembershipSet", "team", profile_id="p-team", identity_ids=["ana"])
        for what in ("400", "404", "409", "500", "a reset connection"):
            tenant.fault(method="PATCH", count=None, **ANSWERS[what])
            tenant.fault(method="PUT", count=None, **ANSWERS[what])
            run.update("AccessProfile", "team", id_, held, name="Team", profile_type="t-role", description=what)
            run.update(
                "AccessProfileVersion",
                "content",
                version,
                content,
                profile_id="p-twin-app",
                entitlements=[entitlement(f"00G-{what}")],
            )
            run.update("MembershipSet", "team", members, listed, profile_id="p-team", identity_ids=["ana", "bob"])
            run.delete("AccessProfile", "team", id_, held)
            run.delete("MembershipSet", "team", members, listed)
            tenant.clear_faults()
        run.update(
            "AccessProfileVersion",
            "content",
            version,
            content,
            profile_id="p-twin-app",
            entitlements=[entitlement("00G1"), entitlement("00G2")],
        )

    recorder.section("types of which the list tells little, and several that have appeared")
    tenant.quirks(minimal_types=True)
    with calls(recorder) as run:
        run.create("AccessProfileType", "short", name="Role", allow_create_relationships=True)
    tenant.quirks(minimal_types=False)
    with calls(recorder, **ONCE) as run:
        run.create("AccessProfileType", "app", name="App", max_entitlements=1, allow_create_relationships=True)
        tenant.fault(method="POST", status=500)
        tenant.seed(types=[{"name": "Since", "id": f"t-since-{number}"} for number in (1, 2)])
        run.create("AccessProfileType", "since", name="Since")
        tenant.clear_faults()

    recorder.section("what is asked for after the key was refused, or the tenant not reached")
    for settings in ({"VEZA_API_KEY": "another-key"}, {"VEZA_URL": "http://127.0.0.1:1", **ONCE}):
        with calls(recorder, **settings) as run:
            run.create("AccessProfile", "first", name="First", profile_type="t-role")
            run.create("AccessProfileType", "second", name="Second")


def _readings(recorder: Recorder) -> None:
    tenant = recorder.tenant
    recorder.section("ids that nothing has, and that are none")
    with calls(recorder) as run:
        run.read("AccessProfileType", "missing", "t-none", {})
        run.read("AccessProfile", "missing", "p-none", {})
        run.read("AccessProfileVersion", "missing", "p-team", {})
        run.read("AccessProfileVersion", "missing", "p-none/versions/current", {})
        run.read("MembershipSet", "missing", "p-team/versions/latest/members", {})
        run.read("MembershipSet", "missing", "p-none/versions/2/members", {})
    tenant.edit_profile("p-team", custom_properties={"number": 2**60 + 1})
    with calls(recorder) as run:
        run.read("AccessProfile", "large", "p-team", {})


@scenario
def client(recorder: Recorder) -> None:
    """Use the client and the lookups from scripts, with what they refuse or do not find."""
    _seed(recorder.tenant)
    recorder.python("-c", CLIENT, shown="a script with a client", environment=recorder.tenant.env())
    recorder.python("-c", LOOKUPS, shown="a script with lookups", environment=recorder.tenant.env())
    recorder.section("in a program")
    stack = recorder.stack("import pulumi_veza as veza\nveza.get_access_profile_type(name='Rolle')\n")
    recorder.preview(stack)
    stack.write("import pulumi_veza as veza\nveza.AccessProfile.get('missing', 'p-none')\n")
    recorder.preview(stack)
