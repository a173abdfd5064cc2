"""Everything in one program, where ids are unknown before they exist: previews stay readable, one `up` is enough."""

from __future__ import annotations

import re

import pytest

from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

PEOPLE = """
from pulumi import Output
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("id-" + props["name"], props)


class Person(Resource, module="people", name="Person"):
    name: Output[str]

    def __init__(self, name):
        super().__init__(Provider(), name, {"name": name})
"""

ROLE = resource("AccessProfileType", "role", name="Role", allow_create_relationships=True, allow_inherit_entities=True)
BASE = resource(
    "AccessProfile", "base", name="Base", profile_type=Code("role.id"), entitlements=[entitlement("00G-all")]
)
SALES = resource("AccessProfile", "sales", name="Sales", profile_type=Code("role.id"))
CONTENT = resource(
    "AccessProfileVersion",
    "content",
    profile_id=Code("sales.id"),
    entitlements=[entitlement("00G-sales"), entitlement("00G-more")],
    inherits_from=[Code("base.id")],
)
TEAM = resource("MembershipSet", "team", profile_id=Code("sales.id"), identity_ids=["ana", Code("eve.id")])


@pytest.mark.catalogue(1)
@pytest.mark.catalogue(5)
def test_a_whole_organisation_is_previewed_created_and_then_unchanged(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(identities=["ana", "id-eve"])
    (veza_stack.project / "people.py").write_text(PEOPLE)
    veza_stack.write(program("from people import Person", "eve = Person('eve')", ROLE, BASE, SALES, CONTENT, TEAM))
    preview = veza_stack.preview("--diff")
    assert "7 to create" in preview
    assert re.search(r'ana *: "ana"', str(preview))
    assert re.search(r"\(unknown 1\) *: (output<string>|\[unknown\])", str(preview))
    assert re.search(r"SalesforceGroup sf-prod/00G-more", str(preview))
    assert "warning" not in preview
    assert tenant.requests() == []

    veza_stack.up(skip_preview=True)
    assert set(tenant.members("Sales")) == {"ana", "id-eve"}
    version = tenant.version("Sales")
    assert [each["entity_id"] for each in version["entities_to_create_relationships_to"]] == ["00G-more", "00G-sales"]
    assert version["inherit_entities_from_access_profiles"] == [tenant.profile("Base")["id"]]
    tenant.clear_requests()
    veza_stack.preview("--expect-no-changes")
    assert tenant.requests() == []
    veza_stack.refresh("--expect-no-changes", skip_preview=True)


@pytest.mark.catalogue(5)
@pytest.mark.slow
def test_an_unknown_element_joins_known_ones_and_leaves_them_readable(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(
        identities=["ana", "bob", "id-eve", "id-finn"],
        types=[{"name": "Role", "id": "t-role"}],
        profiles=[{"name": "Team", "id": "p-team", "profile_type": "t-role"}],
    )
    (veza_stack.project / "people.py").write_text(PEOPLE)
    people = "from people import Person"
    team = resource("MembershipSet", "team", profile_id="p-team", identity_ids=["ana", "bob"])
    veza_stack.write(program(people, team))
    veza_stack.up(skip_preview=True)
    more = resource(
        "MembershipSet",
        "team",
        profile_id="p-team",
        identity_ids=[Code("eve.id"), "bob", Code("finn.id")],
        max_removal_percent=50,
    )
    veza_stack.write(program(people, "eve = Person('eve')", "finn = Person('finn')", more))
    preview = str(veza_stack.preview("--diff"))
    assert re.search(r'^ *- ana *: "ana"$', preview, re.MULTILINE)
    assert re.search(r'^ *bob *: "bob"$', preview, re.MULTILINE)
    assert re.search(r"^ *\+ \(unknown 1\) *: ", preview, re.MULTILINE)
    assert re.search(r"^ *\+ \(unknown 2\) *: ", preview, re.MULTILINE)
    assert "replace" not in preview
    veza_stack.up(skip_preview=True)
    assert set(tenant.members("p-team")) == {"bob", "id-eve", "id-finn"}
    veza_stack.preview("--expect-no-changes")


def test_too_many_removals_that_only_the_update_can_count_are_refused_there(veza_stack: Stack, tenant: Tenant) -> None:
    tenant.seed(
        identities=["ana", "bob", "carl", "id-eve"],
        types=[{"name": "Role", "id": "t-role"}],
        profiles=[{"name": "Team", "id": "p-team", "profile_type": "t-role"}],
    )
    (veza_stack.project / "people.py").write_text(PEOPLE)
    veza_stack.write(
        program(resource("MembershipSet", "team", profile_id="p-team", identity_ids=["ana", "bob", "carl"]))
    )
    veza_stack.up(skip_preview=True)
    with_eve = resource("MembershipSet", "team", profile_id="p-team", identity_ids=[Code("eve.id")])
    veza_stack.write(program("from people import Person", "eve = Person('eve')", with_eve))
    up = veza_stack.up(skip_preview=True, check=False)
    assert up.returncode != 0
    assert "would remove 3 of 3 members of access profile " in up
    assert "Traceback" not in up
    assert set(tenant.members("p-team")) == {"ana", "bob", "carl"}
