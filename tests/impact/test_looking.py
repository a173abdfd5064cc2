"""What a look at the tenant finds before `pulumi up`, held against what `pulumi up` then does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from pulumi_veza.client.client import Client
from pulumi_veza.errors import VezaError
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document
from pulumi_veza.impact.identities import with_identities
from pulumi_veza.impact.looking import look
from pulumi_veza.impact.rendering.counting import share
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.plan import preview_json
from tests.impact.small_engine import Engine
from tests.support.generation.programs import Declared, Ref
from tests.support.programs import entitlement
from tests.support.runs import Runs
from tests.support.tenant import Tenant

OPEN = {"id": "open", "name": "Open", "allow_create_relationships": True, "allow_inherit_entities": True}
DATASOURCES = [{"id": "sf-prod", "name": "Salesforce", "integration": "SALESFORCE"}]


def held(name: str, *groups: str, members: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    content = [entitlement(each) for each in groups]
    common = {"id": name, "name": name, "profile_type": "open", "members": list(members)}
    return {**common, "entities_to_create_relationships_to": content, **more}


def profile(name: str, *groups: str, **more: Any) -> Declared:
    content = [entitlement(each) for each in groups]
    return Declared("AccessProfile", name, {"name": name, "profile_type": "open", "entitlements": content, **more})


def members(of: str | Ref, *ids: str, **more: Any) -> Declared:
    return Declared("MembershipSet", "team", {"profile_id": of, "identity_ids": list(ids), **more})


def looked(engine: Engine, program: list[Declared]) -> Document:
    records = preview_json.preview(engine.preview(program))
    tenant = engine.runs.tenant
    with Client(tenant.url, tenant.token, max_retries=0) as client:
        seen = look(records, client)
        found = building.build(records, seen.organisation, found=seen.findings)
        return with_identities(found, client, seen.identities)


def rows(document: Document) -> list[str]:
    return [f"{who.id} {row.effect.value} {row.entitlement}" for who in document.people for row in who.rows]


@pytest.fixture
def engine(runs: Runs) -> Engine:
    runs.tenant.reset()
    return Engine(runs)


def seed(engine: Engine, *profiles: dict[str, Any], types: Sequence[Any] = (), **more: Any) -> Tenant:
    engine.runs.tenant.seed(types=[OPEN, *types], profiles=list(profiles), **more)
    return engine.runs.tenant


def test_who_has_it_already_gains_nothing_by_being_taken_over(engine: Engine) -> None:
    tenant = seed(engine, held("desk", "g0", members=("tara", "tim")))
    program = [profile("desk", "g0"), members(Ref("desk"), "tara", "tim")]
    found = looked(engine, program)
    assert (rows(found), found.requests, found.conflicts, found.unknowns) == ([], [], [], [])
    assert [each.action for each in found.profiles] == ["adopt"]
    engine.up(program)
    assert tenant.access_requests() == []


def test_members_are_read_of_profiles_without_a_set_and_of_heirs_outside_of_the_stack(engine: Engine) -> None:
    seed(
        engine,
        held("desk", "g0", "g1", members=("tara",)),
        held("heir", members=("ula",), inherit_entities_from_access_profiles=["desk"]),
        held("far-heir", members=("vic",), inherit_entities_from_access_profiles=["heir"]),
        held("other", "g1", members=("wes",)),
    )
    engine.up([profile("desk", "g0", "g1")])
    found = looked(engine, [profile("desk", "g0")])
    kept = "kept, no longer governed SalesforceGroup sf-prod/g1"
    assert rows(found) == [f"{who} {kept}" for who in ("tara", "ula", "vic")]
    assert found.unknowns == []


def test_a_datasource_that_does_not_exist_is_a_conflict_and_gives_nothing_for_certain(engine: Engine) -> None:
    seed(engine, datasources=DATASOURCES, identities=["tara"])
    wrong = {**entitlement("g1"), "datasource_id": "sf-rpod"}
    program = [
        profile("desk", entitlements=[wrong]),
        profile("till", entitlements=[wrong]),
        members(Ref("desk"), "tara"),
    ]
    found = looked(engine, program)
    assert [each.what for each in found.conflicts] == [
        "AccessProfile 'desk', AccessProfile 'till' name the datasource 'sf-rpod', which Veza does not have; write the "
        "id of a datasource of Lifecycle Management"
    ]
    assert headline(found).startswith(
        "`pulumi up` will fail at a part of this change and not finish it: AccessProfile 'desk', AccessProfile 'till' "
        "name the datasource"
    )
    assert rows(found) == ["tara potentially gained SalesforceGroup sf-rpod/g1"]
    assert found.people[0].rows[0].reason == "Veza has no datasource sf-rpod"
    with pytest.raises(VezaError, match="sf-rpod"):
        engine.up(program)


def test_datasources_that_cannot_be_read_are_a_hint(engine: Engine) -> None:
    tenant = seed(engine, datasources=DATASOURCES)
    tenant.fault(path="/datasources/", status=403, count=None)
    found = looked(engine, [profile("desk", "g0")])
    assert [each.what for each in found.hints] == ["sf-prod"]
    assert "whether there are these datasources is not known: " in found.hints[0].reason
    assert found.conflicts == []


def test_an_entity_that_no_profile_holds_so_far_is_a_hint_once(engine: Engine) -> None:
    seed(engine, held("other", "g0"))
    found = looked(engine, [profile("desk", "g0", "g1"), profile("till", "g1", "g2")])
    assert [each.what for each in found.hints] == ["SalesforceGroup sf-prod/g1, SalesforceGroup sf-prod/g2"]
    assert found.hints[0].reason == (
        "no profile of the tenant holds these entitlements so far: make sure that their ids are right"
    )
    assert looked(engine, [profile("desk", "g0")]).hints == []


def test_an_identity_that_is_unknown_or_inactive_is_said_and_gains_nothing_for_certain(engine: Engine) -> None:
    tara = {"id": "tara", "name": "Tara T", "title": "Clerk", "email": "t@example.com"}
    tenant = seed(engine, held("desk", "g0"), identities=[tara, {"id": "ula", "name": "Ula", "active": False}])
    program = [profile("desk", "g0"), members(Ref("desk"), "tara", "ula", "tara@example.com")]
    found = looked(engine, program)
    gained = [f"{who} gained SalesforceGroup sf-prod/g0" for who in ("tara", "ula")]
    # Whom Veza does not know is added nowhere, so nothing is counted of them.
    assert rows(found) == gained
    assert (found.summary.people, found.summary.people_known, found.summary.provisions) == (2, 2, 2)
    assert share(found) == "2 people who are not yet members of any profile that was looked at"
    assert [(each.what, each.reason.partition(":")[0]) for each in found.hints] == [
        ("tara@example.com", "Veza knows no such identity, so this person is not added ('team')"),
        ("Ula (ula)", "this person joins and is inactive in Veza"),
    ]
    assert found.identities["tara"].model_dump() == {
        "name": "Tara T",
        "title": "Clerk",
        "department": None,
        "email": "t@example.com",
        "active": True,
    }
    assert {each.id: each.name for each in found.people}["tara"] == "Tara T"
    assert {each.identity_id: each.reason for each in found.requests} == {"tara": None, "ula": None}
    (desk,) = found.profiles
    assert (desk.members_after, [each.id for each in desk.joining]) == (2, ["tara", "ula"])
    strict = [program[0], members(Ref("desk"), "tara@example.com", on_member_failure="error")]
    assert [each.what for each in looked(engine, strict).conflicts] == [
        "the set 'team' lists tara@example.com, and Veza knows no such identity; write the id that identities have in "
        "Lifecycle Management, a UUID"
    ]
    engine.up(program)
    assert tenant.members("desk").keys() == {"tara", "ula"}
    again = looked(engine, program)
    assert (rows(again), again.requests, headline(again)) == ([], [], "No change of access.")
    assert [each.what for each in again.hints] == ["tara@example.com"]


def test_each_identity_is_asked_for_once(engine: Engine) -> None:
    tenant = seed(engine, held("desk", "g0"), identities=["tara", "ula"])
    looked(engine, [profile("desk", "g0"), members(Ref("desk"), "tara", "ula", "nobody")])
    asked = [each["path"].rpartition("/")[2] for each in tenant.requests(path="/identities/")]
    assert sorted(asked) == ["nobody", "tara", "ula"]


def test_a_profile_of_the_stack_that_somebody_deleted_is_said(engine: Engine) -> None:
    tenant = seed(engine, identities=["tara"])
    program = [profile("desk", "g0"), profile("shop", "g1"), members(Ref("desk"), "tara")]
    engine.up(program)
    assert looked(engine, program).hints == []
    desk = tenant.profile("desk")["id"]
    tenant.delete_profile("desk")
    (hint,) = looked(engine, program).hints
    assert hint.what == f"AccessProfile 'desk' ({desk})"
    assert hint.reason == (
        "Veza does not list this one any more, so what it gives is lost already: run `pulumi refresh`, and the next "
        "`pulumi up` makes it anew"
    )
    assert len(hint.urns) == 1


def test_what_the_type_does_not_allow_is_a_conflict(engine: Engine) -> None:
    seed(engine, types=[{"id": "shut", "name": "Shut"}])
    program = [profile("desk", "g0", profile_type="shut"), profile("till", inherits_from=[Ref("desk")])]
    found = looked(engine, program)
    assert [each.what for each in found.conflicts] == [
        "profile desk holds entitlements, and its type 'Shut' allows none; move them to a profile of a type with "
        "allow_create_relationships=True and inherit from it"
    ]
    with pytest.raises(VezaError, match="cannot have entities_to_create_relationships_to"):
        engine.up(program)


def test_an_id_that_the_tenant_does_not_list_is_a_conflict(engine: Engine) -> None:
    seed(engine)
    program = [
        profile("desk", "g0", profile_type="opne"),
        profile("heir", inherits_from=["p-nowhere"]),
        members("p-elsewhere", "tara"),
    ]
    assert [each.what for each in looked(engine, program).conflicts] == [
        "MembershipSet 'team' names the access profile 'p-elsewhere', which Veza does not have; write the id of one "
        "that exists",
        "AccessProfile 'heir' names the access profile 'p-nowhere', which Veza does not have; write the id of one "
        "that exists",
        "AccessProfile 'desk' names the access profile type 'opne', which Veza does not have; write the id of one "
        "that exists",
    ]
    for each in program:
        with pytest.raises(VezaError):
            engine.up([each])


def test_what_a_create_finds_under_its_name_is_said(engine: Engine) -> None:
    same, other = ({"id": name, "name": name, "max_entitlements": 3} for name in ("same", "other"))
    seed(engine, held("desk", "g0"), types=[same, other])
    program = [
        Declared("AccessProfileType", "same", {"name": "same", "max_entitlements": 3}),
        Declared("AccessProfileType", "other", {"name": "other", "max_entitlements": 4}),
        profile("desk", profile_type=Ref("other"), entitlements=[]),
    ]
    found = looked(engine, program)
    assert [(each.what, each.reason) for each in found.hints] == [
        (
            "desk (desk), other (other)",
            "one of this name exists already and is not the same, so another one is made beside it",
        ),
    ]
    engine.up(program)
    assert sorted(each["name"] for each in engine.runs.tenant.state()["types"]) == ["Open", "other", "other", "same"]
