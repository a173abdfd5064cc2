"""What only the tenant can tell, asked for with ``--live``."""

from __future__ import annotations

from pulumi_veza.client.client import Client
from pulumi_veza.impact import building, looking
from pulumi_veza.plan import preview_json
from tests.impact.small_engine import Engine
from tests.support.generation.programs import Declared
from tests.support.programs import entitlement
from tests.support.runs import Runs


def test_whoever_is_a_member_of_a_paused_profile_that_is_taken_over_is_seen_to_gain_its_access(runs: Runs) -> None:
    tenant = runs.tenant
    tenant.reset()
    tenant.seed(
        identities=["tara"],
        types=[{"id": "open", "name": "Open", "allow_create_relationships": True}],
        profiles=[
            {
                "id": "desk",
                "name": "Desk",
                "profile_type": "open",
                "state": "PAUSED",
                "entities_to_create_relationships_to": [entitlement("g0")],
                "members": ["tara"],
            }
        ],
    )
    desk = Declared(
        "AccessProfile", "desk", {"name": "Desk", "profile_type": "open", "entitlements": [entitlement("g0")]}
    )
    engine = Engine(runs)
    records = preview_json.preview(engine.preview([desk]))
    with Client(tenant.url, tenant.token) as client:
        found = building.build(records, looking.live_organisation(records, client))
    assert [(each.id, [row.effect for row in each.rows]) for each in found.people] == [("tara", ["gained"])]
    engine.up([desk])
    assert tenant.profile("Desk")["state"] == "RUNNING"


def test_what_up_will_not_take_over_is_said_and_not_called_taken_over(runs: Runs) -> None:
    tenant = runs.tenant
    tenant.reset()
    tenant.seed(
        types=[{"id": "open", "name": "Open"}],
        profiles=[
            {"id": "desk", "name": "Desk", "profile_type": "open", "description": "By hand"},
            # What a tenant makes of what is declared is taken over.
            {"id": "crew", "name": "crew", "profile_type": "open", "description": "the crew"},
        ],
    )
    engine = Engine(runs)
    declared = [
        Declared("AccessProfile", "desk", {"name": "Desk", "profile_type": "open", "description": "By Pulumi"}),
        Declared("AccessProfile", "crew", {"name": "Crew", "profile_type": "open", "description": "The crew "}),
    ]
    records = preview_json.preview(engine.preview(declared))
    with Client(tenant.url, tenant.token) as client:
        found = building.build(records, looking.live_organisation(records, client))
    assert {each.name: each.action for each in found.profiles} == {"Desk": "same", "Crew": "adopt"}
    assert [each.what for each in found.conflicts] == [
        "profile Desk exists in Veza already and is not as the program says; its description is 'By hand' in Veza and "
        "'By Pulumi' in the program"
    ]
