"""What the real engine does of a change of which the provider refuses a part, held against what was foretold."""

from __future__ import annotations

import pytest

from tests.impact.test_impact_engine import predicted
from tests.impact.truth import Prediction, access_of, opened_since
from tests.support.fixtures import StackFactory
from tests.support.programs import entitlement
from tests.support.stack import Stack
from tests.support.tenant import Tenant

HEAD = "import pulumi\nimport pulumi_veza as veza\n"


def members(name: str, profile: str, *ids: str) -> str:
    return f"veza.MembershipSet({name!r}, profile_id={profile}, identity_ids={list(ids)!r})\n"


LONE = f'veza.AccessProfile("lone", name="Lone", profile_type="t-role", entitlements=[{entitlement("g-lone")!r}])\n'
DESK = (
    'desk = veza.AccessProfile("desk", name="Desk", profile_type="t-role", description="By Pulumi", '
    f"entitlements=[{entitlement('g-desk')!r}])\n" + members("of-desk", "desk.id", "dora")
)


def assert_foretold(stack: Stack, tenant: Tenant, at: str, undone: dict[tuple[str, str], str | None]) -> None:
    """Predict, run `up`, which fails, and hold one against the other.

    Args:
        stack: The stack with the changed program.
        tenant: The tenant.
        at: Where the change is refused.
        undone: By person and profile, the mark of each row.

    """
    document = predicted(stack)
    before, asked = access_of(tenant), len(tenant.access_requests())
    assert document.refused_at == at
    names = {each.ref: each.name for each in document.profiles}
    marks = {(who.id, names[row.path[0]]): row.undone for who in document.people for row in who.rows}
    assert marks == undone
    done = stack.run("up", "--yes", "--skip-preview", check=False)
    assert done.returncode == 1
    assert "error: update failed" in done.stdout
    prediction = Prediction(document)
    prediction.assert_true(before, access_of(tenant))
    prediction.assert_requests(opened_since(tenant, asked))


@pytest.mark.slow
def test_what_is_left_undone_beside_a_refused_part_is_marked(stack_factory: StackFactory, tenant: Tenant) -> None:
    tenant.seed(
        types=[{"name": "Role", "id": "t-role", "allow_create_relationships": True}],
        profiles=[
            {
                "name": name.title(),
                "id": f"p-{name}",
                "profile_type": "t-role",
                "description": "By hand",
                "entities_to_create_relationships_to": [entitlement(f"g-{name}")],
            }
            for name in ("team", "gone", "desk")
        ],
        identities=["ana", "bob", "carl", "dora"],
    )
    gone = members("gone", "'p-gone'", "ana", "bob")
    stack = stack_factory(HEAD + members("team", "'p-team'", "ana") + gone + LONE, environment=tenant.env())
    stack.up(skip_preview=True)
    lone = tenant.profile("Lone")["id"]
    tenant.change_members(lone, add=["carl"])

    # What vanishes comes last, in any order: after a refusal the rest of it may be left undone.
    stack.write(HEAD + members("team", "'p-team'", "ana", "bob"))
    marks = {("ana", "Gone"): "certain", ("bob", "Gone"): "certain", ("carl", "Lone"): "possible"}
    assert_foretold(stack, tenant, "end", {**marks, ("bob", "Team"): None})
    assert set(tenant.members("p-gone")) == {"ana", "bob"}

    # A create that is refused ends the run: nothing that needs it is done, and nothing is removed.
    stack.write(HEAD + members("team", "'p-team'", "ana", "bob", "dora") + gone + DESK)
    kept = tenant.profile("Lone")["state"] == "RUNNING"
    marks = {("dora", "Desk"): "certain", ("dora", "Team"): "possible"}
    assert_foretold(stack, tenant, "run", {**marks, **({("carl", "Lone"): "certain"} if kept else {})})
    assert tenant.members("p-desk") == {}
    assert tenant.profile("Desk")["description"] == "By hand"
